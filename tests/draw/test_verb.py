"""`rapporteur draw`: any sentence, by the study's own model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rapporteur.cli import main
from rapporteur.core.pictures import load_picture
from rapporteur.draw.verb import names_of
from tests.draw.test_custom import GREY
from tests.stages.study import declare
from tests.stages.test_images import PARAMS


@pytest.fixture
def study(work: Path) -> Path:
    """A study whose generator gives grey pictures, and counts its calls in a file."""
    counted = GREY.replace(
        "        return [",
        '        with open("calls", "a") as calls:\n            calls.write(f"{len(captions)},")\n        return [',
    )
    assert counted != GREY
    (work / "own").mkdir()
    (work / "own/generator.py").write_text(counted, encoding="utf-8")
    (work / "vqgan").mkdir()
    declare("images", {"images": PARAMS | {"model": "own"}}, ["images"])
    return work


def test_each_sentence_is_drawn_with_its_seeds_and_a_sheet_shows_all(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["draw", "A lake,  at dusk!", "un été", "--draws", "3", "--seed", "5", "--out", "out"])
    names = [f"a-lake-at-dusk-{seed}.png" for seed in (5, 6, 7)] + [f"un-t-{seed}.png" for seed in (5, 6, 7)]
    assert sorted(path.name for path in Path("out").iterdir()) == sorted([*names, "sheet.png"])
    assert [int(np.asarray(load_picture(Path("out") / name))[0, 0, 0]) for name in names] == [5, 6, 7, 5, 6, 7]
    sheet = np.asarray(load_picture(Path("out/sheet.png")))
    assert sheet.shape == (2 * 8 + 4, 3 * 8 + 4, 3)
    assert sheet[6, [6, 14, 22], 0].tolist() == [5, 6, 7] and sheet[0, 0, 0] == 255
    assert capsys.readouterr().out.startswith("6 pictures by grey@")


def test_what_was_drawn_is_not_drawn_again(study: Path) -> None:
    main(["draw", "a lake", "--draws", "2"])
    main(["draw", "a lake", "--draws", "3"])
    assert Path("calls").read_text() == "2,1,"
    assert (study / "drawings/a-lake-2.png").is_file()


def test_one_picture_needs_no_sheet(study: Path) -> None:
    main(["draw", "a lake", "--draws", "1", "--out", "out"])
    assert [path.name for path in Path("out").iterdir()] == ["a-lake-0.png"]


def test_names_are_plain_and_never_the_same() -> None:
    texts = ["a lake", "A lake!", "../../etc/passwd", "«»", "??", "a" * 99, "a lake"]
    assert names_of(texts) == ["a-lake", "a-lake.2", "etc-passwd", "picture", "picture.2", "a" * 40, "a-lake.3"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["  "], "a sentence is empty"), (["a", "--model", "nowhere"], "nowhere")],
)
def test_what_can_t_be_drawn_is_one_line(study: Path, arguments: list[str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        main(["draw", *arguments])
    assert not Path("drawings").exists()


def test_outside_a_study_the_missing_file_is_named(work: Path) -> None:
    with pytest.raises(SystemExit, match="run from the study.s folder"):
        main(["draw", "a lake"])
