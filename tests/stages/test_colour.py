from __future__ import annotations

import functools
import sys
from pathlib import Path

import pandas as pd
import pytest

from rapporteur.colour.measures import MEASURES
from rapporteur.colour.table import COLOUR
from rapporteur.core.errors import BadInput
from rapporteur.core.keep import ItemStore, listed
from rapporteur.core.tables import read_table
from rapporteur.form import items
from rapporteur.form.items import item_of, measure
from rapporteur.stages import colour
from tests.studies import SmallStudy, square

RED, BLUE, WHITE = (210, 30, 30), (40, 80, 200), (250, 250, 250)
PIPELINE = "stages:\n  colour:\n    foreach: [shapes]\n    do:\n      cmd: x\n      params: [colour]\n"


@pytest.fixture
def study(work: Path) -> SmallStudy:
    small = SmallStudy(work, pipeline=PIPELINE, params="colour:\n  palette: 5\n")
    small.add("one", "a red square on a white background", square(RED, WHITE), draws=2)
    small.add("two", "a blue square", square(BLUE, WHITE), drawn=square(RED, WHITE), draws=1)
    small.add("two", "a square that is blue", square(BLUE, WHITE), draws=0)
    small.add("three", "a square", square(BLUE, WHITE), draws=0)
    return small


def run(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    study.write()
    monkeypatch.setattr(sys, "argv", ["colour", study.dataset])
    colour.main()
    return read_table(Path("artifacts/colour/shapes/colour.parquet"), COLOUR)


def test_each_picture_of_the_study_has_one_row(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    table = run(study, monkeypatch)
    assert table["source"].tolist() == ["gold", "gold", "generated", "generated", "generated"]
    assert table["image_id"].tolist() == ["one", "two", "one", "one", "two"]  # "three" is not drawn
    assert table["seed"].isna().tolist() == [True, True, False, False, False]
    assert table["obeyed"].tolist() == [True, True, True, True, False]
    assert table["named_colour"].tolist() == ["red", "blue", "red", "red", "blue"]
    assert table["seen_colour"].tolist() == ["red", "blue", "red", "red", "red"]
    assert table["background_obeyed"].iloc[0] == True  # noqa: E712
    assert pd.isna(table["background_obeyed"].iloc[1])
    assert all(len(colours) == 20 for colours in table["palette"])
    assert table["named_form"].tolist() == ["square"] * 5 and table["form_obeyed"].tolist() == [True] * 5
    assert table["seen_form"].eq("square").all() and table["form_overlaps"].map(len).eq(12).all()


def test_forms_are_not_looked_for_where_no_caption_names_one(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = SmallStudy(work, pipeline=PIPELINE, params="colour:\n  palette: 5\n")
    small.add("one", "two red dogs", square(RED, WHITE), draws=1)
    monkeypatch.setattr(items, "overlaps", lambda *_: pytest.fail("looked for"))
    table = run(small, monkeypatch)
    assert table["form_overlaps"].map(len).eq(0).all() and table["form_obeyed"].isna().all()


def test_a_gold_picture_answers_to_the_form_of_a_caption_that_names_one() -> None:
    captions = pd.DataFrame(
        {"caption_id": ["a", "b"], "image_id": ["i", "i"], "text": ["something", "a red star"], "draws": [1, 0]}
    )
    assert colour.asked_forms(captions) == {"a": None, "b": "star", "gold:i": "star"}


def refuse_to_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = functools.wraps(measure)(lambda *_: pytest.fail("measured again"))
    monkeypatch.setattr(colour, "measure", refusing)


def test_a_second_run_measures_nothing_and_writes_the_same_bytes(
    study: SmallStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(study, monkeypatch)
    first = Path("artifacts/colour/shapes/colour.parquet").read_bytes()
    refuse_to_measure(monkeypatch)
    run(study, monkeypatch)
    assert Path("artifacts/colour/shapes/colour.parquet").read_bytes() == first


def test_a_changed_caption_measures_no_picture_anew(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    run(study, monkeypatch)
    refuse_to_measure(monkeypatch)
    study.captions[1] = ("two", "a red square", 1)
    study.drawn["a red square"] = square(RED, WHITE)
    table = run(study, monkeypatch)
    assert table["obeyed"].tolist() == [True, False, True, True, True]


def test_an_empty_store_is_refilled_from_the_last_output(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    table = run(study, monkeypatch)
    store, keys = ItemStore("colour"), set(table["key"])
    back = dict(listed(Path("artifacts/colour/shapes/colour.parquet"), COLOUR, item_of)(keys))
    assert len(keys) == 2  # two gold pictures; the drawn ones have the same bytes
    assert back == {key: store.get(key) for key in keys}


def test_an_output_of_an_earlier_version_refills_nothing(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    table = run(study, monkeypatch)
    table.drop(columns=["hue_histogram", "entropy"]).to_parquet(old := Path("old.parquet"))
    assert list(listed(old, COLOUR, item_of)(set(table["key"]))) == []


def test_a_row_holds_every_measure_with_its_unit(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    table = run(study, monkeypatch)
    assert table["lab_histogram"].map(len).mod(4).eq(0).all()
    assert table["hue_histogram"].map(len).eq(36).all()
    assert all(COLOUR.columns[one.name].metadata["unit"] for one in MEASURES)


def test_a_truncated_gold_picture_is_named(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study.write()
    path = Path("gold/two.png")
    path.write_bytes(path.read_bytes()[:60])
    monkeypatch.setattr(sys, "argv", ["colour", "shapes"])
    with pytest.raises(BadInput, match=r"gold/two\.png.*replace the file"):
        colour.main()
    assert not Path("artifacts/colour/shapes").exists()


def test_a_missing_gold_picture_is_named(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study.write()
    Path("gold/one.png").unlink()
    monkeypatch.setattr(sys, "argv", ["colour", "shapes"])
    with pytest.raises(BadInput, match=r"gold/one\.png.*missing"):
        colour.main()


def test_a_missing_shard_is_named(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study.drawn = {text: square((10, 20, 30)) for text in study.drawn}  # the gold picture's own bytes are measured once
    study.write()
    Path("artifacts/images/shapes/shard-0000.zip").unlink()
    monkeypatch.setattr(sys, "argv", ["colour", "shapes"])
    with pytest.raises(BadInput, match=r"shard-0000\.zip.*missing"):
        colour.main()


def test_a_palette_of_no_colour_is_refused(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study.params = "colour:\n  palette: 0\n"
    with pytest.raises(BadInput, match=r"palette.*1 to 16"):
        run(study, monkeypatch)
