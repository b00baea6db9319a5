"""A study's list: what rules make where a person wrote nothing, and the first list that is written for a person."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.datasets import Caption, Picture, read_coco
from rapporteur.study import __main__, choice
from rapporteur.study.foils import KINDS, FoilLexicon, read_foil_lexicon
from rapporteur.study.listed import Entry, alternative_of, balanced, foil_of, list_text, read_study_list
from rapporteur.study.variants import variants
from tests.stages.study import captions_params, declare

ROOT = Path(__file__).resolve().parents[2]
LIST = Path("data/studies/mine.csv")


@pytest.fixture(scope="module")
def lexicon() -> FoilLexicon:
    return read_foil_lexicon(ROOT / "data/foils")


def picture(*texts: str, image_id: str = "1") -> Picture:
    captions = [Caption(f"{image_id}{place}", text) for place, text in enumerate(texts)]
    return Picture(image_id, f"{image_id}.jpg", "test", captions=captions)


def test_the_alternative_is_the_first_other_caption_that_says_something_else() -> None:
    one = picture("A red bus.", "a RED  bus", "A bus on a road.", "Another bus")
    assert alternative_of(one, one.captions[0], Entry("1")) == "A bus on a road."
    assert alternative_of(one, one.captions[0], Entry("1", alternative="Un bus")) == "Un bus"
    alone = picture("A red bus.", "A red bus")
    assert alternative_of(alone, alone.captions[0], Entry("1")) is None


def test_the_foil_is_of_the_kind_that_the_list_asks_for(lexicon: FoilLexicon) -> None:
    one = picture("Two red buses are parked on a city street.")
    for kind in KINDS:
        found = foil_of(one, one.captions[0], Entry("1", foil_kind=kind), 0, lexicon)
        assert found is not None and found[1].kind == kind


def test_a_caption_that_admits_no_foil_leaves_it_to_the_picture_s_next_one(lexicon: FoilLexicon) -> None:
    one = picture("Nothing to change here", "A red bus")
    found = foil_of(one, one.captions[0], Entry("1"), 0, lexicon)
    assert found is not None and (found[0].text, found[1].kind) == ("A red bus", "colour")
    none = picture("Nothing to change here", "Nor here")
    assert foil_of(none, none.captions[0], Entry("1"), 0, lexicon) is None


def test_a_first_list_takes_each_kind_of_foil_about_as_often(lexicon: FoilLexicon) -> None:
    texts = ["Two red buses are parked on a city street."] * 8 + ["Nothing to change here"]
    pictures = [picture(text, image_id=str(place)) for place, text in enumerate(texts)]
    entries = balanced(pictures, None, lexicon)
    assert [entry.image_id for entry in entries] == [str(place) for place in range(8)], "the last admits no foil"
    assert [[entry.foil_kind for entry in entries].count(kind) for kind in KINDS] == [2, 2, 2, 2]
    assert balanced(pictures, 3, lexicon) == entries[:3]


def test_a_list_reads_back_as_it_was_written(work: Path) -> None:
    entries = [Entry("7", "70", "Un bus, rouge", 'A "blue" bus', "other"), Entry("9", foil_kind="place")]
    LIST.parent.mkdir(parents=True)
    LIST.write_text(list_text(entries), encoding="utf-8")
    found = read_study_list(LIST)
    assert [(one.image_id, one.caption_id, one.alternative, one.foil, one.foil_kind) for one in found] == [
        ("7", "70", "Un bus, rouge", 'A "blue" bus', "other"), ("9", "", "", "", "place"),
    ]  # fmt: skip
    assert [one.line for one in found] == [2, 3]


@pytest.fixture
def dataset(work: Path) -> Path:
    """Captions without any picture on the disk, and the words of foils."""
    texts = ["Two red buses are parked on a city street.", "A dog runs on the beach.", "Nothing to change here"]
    content = {
        "images": [{"id": number, "file_name": f"{number}.jpg"} for number in range(1, 10)],
        "annotations": [
            {"id": 10 * number, "image_id": number, "caption": texts[number % 3]} for number in range(1, 10)
        ],
    }
    (work / "data").mkdir()
    (work / "data/captions.json").write_text(json.dumps(content))
    shutil.copytree(ROOT / "data/foils", work / "data/foils")
    declare("captions", captions_params(study={"pictures": 4}), ["captions"])
    return work


def _write(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["studies", *arguments])
    __main__.main()


def test_a_first_list_is_written_for_a_person_to_edit_without_any_picture(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(monkeypatch, "shapes", LIST.as_posix())
    with LIST.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 4 and all(row["foil_kind"] in KINDS for row in rows)
    assert {int(row["image_id"]) % 3 for row in rows} <= {0, 1}, "the third text admits no foil"
    assert all(int(row["caption_id"]) == 10 * int(row["image_id"]) for row in rows)
    assert capsys.readouterr().out.startswith("data/studies/mine.csv: 4 pictures; foils: ")


def test_the_same_seed_writes_the_same_list(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(monkeypatch, "shapes", LIST.as_posix())
    first = LIST.read_bytes()
    LIST.unlink()
    _write(monkeypatch, "shapes", LIST.as_posix())
    assert LIST.read_bytes() == first


def test_a_list_that_may_have_been_edited_is_not_overwritten(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LIST.parent.mkdir(parents=True)
    LIST.write_text("image_id\n1\n")
    with pytest.raises(BadInput, match=r"mine.csv: is there already, and may have been edited"):
        _write(monkeypatch, "shapes", LIST.as_posix())
    assert LIST.read_text() == "image_id\n1\n"


def test_the_verb_tells_its_arguments(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"usage: python -m rapporteur.study DATASET data/studies/NAME.csv"):
        _write(monkeypatch, "shapes")


def test_every_line_of_the_coco_list_can_be_followed(lexicon: FoilLexicon, shared_data: Path) -> None:
    path = shared_data / "coco/annotations/captions_val2017.json"
    pictures = read_coco(path, "val")
    params = choice.StudyParams(split="val", draws=1, list=(ROOT / "data/studies/coco.csv").as_posix(), variants=True)
    drawn = choice.chosen(pictures, params)
    assert len(drawn) == 100
    made = list(variants(params, drawn, lexicon))
    foils = [row for row in made if row["kind"] == "foil"]
    assert len(foils) == 100 and len(made) == 200
    wanted = {picture.image_id: entry.foil_kind for picture, _, entry in drawn}
    assert all(row["foil_kind"] == wanted[row["image_id"]] for row in foils)
