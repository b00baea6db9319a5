from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from drawn_world import sample_world
from rapporteur.colour import Obedience, obedience
from rapporteur.colour.obeyed import plurality, seen_colours
from rapporteur.core.pictures import load_picture, picture_array
from tests.studies import square

# 120 of the 360 pictures (60 of each draw, chosen by chance) as a language model saw them on contact sheets, before the
# measure was run on draw_b: 1 where the subject (the background) shows the colour of the prompt.
JUDGED = Path(__file__).with_name("judged_by_eye.csv")
# 60 of the 360, drawn by a seed over both draws, on contact sheets that bore numbers alone: the colour that a
# language model saw on the subject and on the background, written down before the program or the prompt was looked at.
BLIND = Path(__file__).with_name("judged_by_eye_blind.csv")


def test_a_red_square_on_blue_obeys_and_its_opposite_does_not() -> None:
    picture = square((210, 30, 30), (40, 80, 200), 64)
    assert obedience(picture, "a red square on a blue background") == Obedience("red", True, 1.0, "blue", True)
    assert obedience(picture, "a blue square on a red background") == Obedience("blue", False, 0.0, "red", False)


def test_the_colour_anywhere_else_than_on_the_subject_does_not_count() -> None:
    picture = square((250, 250, 250), (200, 30, 30), 64)
    seen = obedience(picture, "a red square")
    assert seen.obeyed is False
    assert seen.subject_share == 0.0


def test_a_caption_without_a_colour_asks_nothing() -> None:
    assert obedience(square((1, 2, 3)), "a square") == Obedience(None, None, None, None, None)


def test_the_share_counts_the_subjects_pixels() -> None:
    picture = square((210, 30, 30), (250, 250, 250), 128)
    picture[32:96, 32:52] = (30, 150, 50)  # 20 of 64 columns are green
    share = obedience(picture, "a red square").subject_share
    assert share is not None
    assert share == pytest.approx(44 / 64, abs=0.03)


def test_the_drawn_world_obeys_its_own_captions() -> None:
    seen = [obedience(pixels, captions[0]) for pixels, captions in sample_world(11, 150, 96, "shapes")]
    asked = [one.obeyed for one in seen if one.obeyed is not None]
    behind = [one.background_obeyed for one in seen if one.background_obeyed is not None]
    assert len(asked) == 150
    assert np.mean(asked) >= 0.97
    assert np.mean(behind) >= 0.97


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_measure_agrees_with_the_eye_on_pictures_of_dalle_mini(shared_data: Path) -> None:
    folder = shared_data / "dallemini_shapes"
    prompts = {row["file"]: row for row in rows_of(folder / "prompts.csv")}
    agreed: dict[str, list[bool]] = {"subject": [], "background": []}
    for judged in rows_of(JUDGED):
        prompt = prompts[judged["file"]]
        seen = obedience(picture_array(load_picture(folder / judged["file"])), prompt["prompt"])
        assert (seen.named_colour, seen.named_background) == (prompt["colour"], prompt["background"])
        agreed["subject"].append(seen.obeyed is (judged["subject"] == "1"))
        agreed["background"].append(seen.background_obeyed is (judged["background"] == "1"))
    assert len(agreed["subject"]) == 120
    assert np.mean(agreed["subject"]) >= 0.95
    assert np.mean(agreed["background"]) >= 0.97


def test_the_colours_seen_are_those_that_a_reader_saw_without_the_prompt(shared_data: Path) -> None:
    judged = rows_of(BLIND)
    folder = shared_data / "dallemini_shapes"
    seen = [seen_colours(picture_array(load_picture(folder / row["file"]))) for row in judged]
    assert len({row["file"] for row in judged}) == 60
    subjects = [plurality(one.subject) == row["subject"] for one, row in zip(seen, judged, strict=True)]
    backgrounds = [plurality(one.background) == row["background"] for one, row in zip(seen, judged, strict=True)]
    assert np.mean(subjects) >= 0.9
    assert np.mean(backgrounds) >= 0.9
