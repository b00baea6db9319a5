from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table
from rapporteur.schemas.captions import CAPTIONS, GOLD
from rapporteur.stages import captions as stage
from tests.stages.study import captions_params, declare, write_dataset

OUT = Path("artifacts/captions/shapes")


def _run(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    declare("captions", captions_params(**changes), ["captions"])
    monkeypatch.setattr("sys.argv", ["captions", "shapes"])
    stage.main()


def test_captions_and_gold_pictures_are_tabled(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    _run(monkeypatch)
    table = read_table(OUT / "captions.parquet", CAPTIONS)
    assert table["text"].tolist() == ["a red star", "a green circle", "a blue square"]
    assert table["draws"].tolist() == [2, 2, 2]
    gold = read_table(OUT / "gold.parquet", GOLD)
    assert gold[["file", "width", "height"]].iloc[0].tolist() == ["data/images/1.jpg", 32, 24]


def test_the_study_takes_the_pictures_and_captions_that_it_asks_for(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write_dataset()
    content["annotations"] += [
        {"id": 10 + image["id"], "image_id": image["id"], "caption": "another"} for image in content["images"]
    ]
    Path("data/captions.json").write_text(json.dumps(content))
    _run(monkeypatch, study={"pictures": 2})
    table = read_table(OUT / "captions.parquet", CAPTIONS)
    assert len(table) == 6
    drawn = table[table["draws"] > 0]
    assert (len(drawn), drawn["image_id"].nunique(), "another" in set(drawn["text"])) == (2, 2, False)


def test_a_new_picture_moves_no_other_out_of_the_study(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"caption {number}" for number in range(30)]
    write_dataset(texts)
    _run(monkeypatch, study={"pictures": 10})
    before = read_table(OUT / "captions.parquet", CAPTIONS).query("draws > 0")["text"].tolist()
    write_dataset([*texts, "one more"])
    _run(monkeypatch, study={"pictures": 10})
    after = read_table(OUT / "captions.parquet", CAPTIONS).query("draws > 0")["text"].tolist()
    assert len(after) == 10
    assert len(set(before) - set(after)) <= 1


def test_an_absent_picture_is_named(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    Path("data/images/2.jpg").unlink()
    with pytest.raises(BadInput, match=r"captions.json: the captions name 2.jpg \(image 2\).*1 of 3 pictures"):
        _run(monkeypatch)


def test_absent_pictures_may_be_left_out_of_the_study_but_keep_their_captions(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset()
    Path("data/images/2.jpg").unlink()
    _run(monkeypatch, absent="leave_out")
    assert read_table(OUT / "captions.parquet", CAPTIONS)["draws"].tolist() == [2, 0, 2]
    assert read_table(OUT / "gold.parquet", GOLD)["image_id"].tolist() == ["1", "3"]


def test_a_truncated_picture_is_named_and_the_last_tables_stay(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    _run(monkeypatch)
    before = (OUT / "gold.parquet").read_bytes()
    picture = Path("data/images/2.jpg")
    picture.write_bytes(picture.read_bytes()[:-40])
    with pytest.raises(BadInput, match=r"data/images/2.jpg: the picture is damaged"):
        _run(monkeypatch)
    assert (OUT / "gold.parquet").read_bytes() == before


def test_a_file_name_that_leaves_the_folder_is_refused(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_dataset()
    content["images"][1]["file_name"] = "../../etc/passwd"
    Path("data/captions.json").write_text(json.dumps(content))
    with pytest.raises(BadInput, match=r"'../../etc/passwd' leaves the folder data/images"):
        _run(monkeypatch)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layout": "voc"}, "unknown layout 'voc'; known: coco, karpathy"),
        ({"absent": "ignore"}, "`absent` is 'ignore'"),
        ({"study": {"draws": 0}}, "start at 1"),
        ({"study": {"split": "val"}}, "no picture of the split 'val' has a caption"),
        ({"layout": "karpathy"}, "states each picture's split"),
    ],
)
def test_a_value_that_the_stage_does_not_know_is_refused(
    work: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], message: str
) -> None:
    write_dataset()
    with pytest.raises(BadInput, match=message):
        _run(monkeypatch, **changes)
