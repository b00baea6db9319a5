from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.stages import landscapes
from rapporteur.vocabulary.captions import CAPTIONS
from rapporteur.vocabulary.landscapes import LANDSCAPES

PARAMS = "landscapes:\n  dataset: world\n  splits: [train, val]\n  threshold: 0.3\n  lexicon: lexicon.csv\n"
LEXICON = "phrase,class,weight,unless\nbeach,scenery,0.9,\nbus,street,0.6,\n"
TEXTS = [
    ("one", "train", "original", "A beach at noon"),
    ("one", "train", "original", "Sand and a beach"),
    ("one", "train", "foil", "A bus at noon"),
    ("two", "val", "original", "A bus"),
    ("two", "val", "original", "A bus on the beach"),
    ("three", "test", "original", "A beach"),
]


@pytest.fixture
def study(work: Path) -> Path:
    (work / "dvc.yaml").write_text("stages:\n  landscapes:\n    cmd: x\n    params: [landscapes]\n")
    (work / "params.yaml").write_text(PARAMS)
    (work / "lexicon.csv").write_text(LEXICON)
    common = {"dataset": "world", "draws": 0}
    rows = [
        common | {"image_id": image, "caption_id": f"c{n}", "kind": kind, "split": split, "text": text}
        for n, (image, split, kind, text) in enumerate(TEXTS)
    ]
    write_table(table_of(rows, CAPTIONS), work / "artifacts/captions/world/captions.parquet", CAPTIONS)
    return work


def table() -> pd.DataFrame:
    return read_table(Path("artifacts/landscapes/landscapes.parquet"), LANDSCAPES)


def test_each_image_of_the_splits_gets_a_score_and_its_reasons(study: Path) -> None:
    landscapes.main()
    found = table().set_index("image_id")
    assert list(found.index) == ["one", "two"]  # "three" is of another split
    assert found.loc["one", "score"] == 0.9
    assert found.loc["two", "score"] == pytest.approx(0.45 * 0.4)
    assert found["kept"].to_dict() == {"one": True, "two": False}
    assert found["reasons"].to_dict() == {"one": "+beach [1 2]", "two": "-bus [1 2]; +beach [2]"}
    assert list(found.loc["one", "captions"]) == ["A beach at noon", "Sand and a beach"]


def test_captions_of_another_language_are_counted(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = study / "artifacts/captions/world/captions.parquet"
    table = read_table(path, CAPTIONS)
    table["text"] = ["Une plage à midi", "Du sable et une plage", "x", "A bus", "Ein Bus in der Stadt", "x"]
    write_table(table, path, CAPTIONS)
    landscapes.main()
    said = capsys.readouterr().out
    assert "0 of 2 images kept; left out: 2 captions without a word that the filter knows" in said


def test_the_threshold_is_moved_by_a_parameter(study: Path) -> None:
    (study / "params.yaml").write_text(PARAMS.replace("0.3", "0.18"))
    landscapes.main()
    assert table()["kept"].all()


def test_two_runs_give_the_same_bytes(study: Path) -> None:
    landscapes.main()
    first = Path("artifacts/landscapes/landscapes.parquet").read_bytes()
    landscapes.main()
    assert Path("artifacts/landscapes/landscapes.parquet").read_bytes() == first


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[train, val]", "[train, dev]", "landscapes.splits"),
        ("[train, val]", "[]", "landscapes.splits"),
        ("0.3", "28.0", "landscapes.threshold"),
        ("0.3", "'0.3'", "landscapes.threshold"),
        ("dataset: world", "dataset: moon", "captions.parquet"),
        ("lexicon: lexicon.csv", "lexicon: absent.csv", "absent.csv"),
    ],
)
def test_bad_parameters_are_refused_by_name(study: Path, old: str, new: str, said: str) -> None:
    (study / "params.yaml").write_text(PARAMS.replace(old, new))
    with pytest.raises(BadInput, match=said):
        landscapes.main()
