from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import load_picture, png_bytes, square_array
from rapporteur.core.shards import ShardReader
from rapporteur.core.tables import read_table
from rapporteur.dalle.coder import Coder
from rapporteur.stages import reconstructions as stage
from rapporteur.study.pictures import StudyPicture
from rapporteur.vocabulary.reconstructions import RECONSTRUCTIONS
from tests.studies import SmallStudy, square

PIPELINE = (
    "stages:\n  reconstructions:\n    foreach: [shapes]\n    do:\n      cmd: x\n      params: [reconstructions]\n"
)
PARAMS = "reconstructions:\n  vqgan: vqgan\n  measured: true\n  batch: 2\n"
OUT = Path("artifacts/reconstructions/shapes")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pictures that were made; a reconstruction is the picture's mirror image at 8 pixels."""
    ids: list[str] = []

    def make(_: Coder, pictures: list[StudyPicture]) -> list[bytes]:
        ids.extend(picture.image_id for picture in pictures)
        return [png_bytes(np.asarray(picture.load().resize((8, 8)))[:, ::-1]) for picture in pictures]

    monkeypatch.setattr(Coder, "reconstructions", make)
    return ids


@pytest.fixture
def study(work: Path) -> SmallStudy:
    (work / "vqgan").mkdir()
    (work / "vqgan/config.json").write_text("{}")
    small = SmallStudy(work, pipeline=PIPELINE, params=PARAMS)
    for number, name in enumerate(("red", "a/b é", "green")):
        small.add(name.replace("/", "-"), f"a {name} square", square((200, 60 * number, 0)))
    small.add("not drawn", "nothing", square((1, 2, 3)), draws=0)
    return small


def run(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    study.write()
    monkeypatch.setattr(sys, "argv", ["reconstructions", "shapes"])
    stage.main()
    return read_table(OUT / "index.parquet", RECONSTRUCTIONS)


def test_each_gold_picture_of_the_study_comes_back(
    study: SmallStudy, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = run(study, monkeypatch)
    assert table["image_id"].tolist() == made == ["red", "a-b é", "green"]  # one that no caption draws is left out
    with ShardReader(OUT) as shards:
        for row in table.itertuples():
            expected = np.asarray(Image.fromarray(study.gold[str(row.image_id)]).resize((8, 8)))[:, ::-1]
            found = load_picture(shards.read(str(row.shard), str(row.member)))
            assert np.array_equal(np.asarray(found), expected)
            assert found.size == (row.side, row.side)


def test_a_second_run_makes_nothing_and_writes_the_same_bytes(
    study: SmallStudy, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(study, monkeypatch)
    first = {path.name: path.read_bytes() for path in OUT.iterdir()}
    made.clear()
    run(study, monkeypatch)
    assert made == []
    assert {path.name: path.read_bytes() for path in OUT.iterdir()} == first


def test_only_a_new_picture_or_another_vqgan_costs_anything(
    study: SmallStudy, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run(study, monkeypatch)
    made.clear()
    study.add("new", "a new square", square((0, 0, 255)))
    run(study, monkeypatch)
    assert made == ["new"]
    made.clear()
    Path("vqgan/config.json").write_text("{ }")
    after = run(study, monkeypatch)
    assert len(made) == 4
    assert not set(before["key"]) & set(after["key"])


def test_an_empty_store_is_refilled_from_the_last_output(
    study: SmallStudy, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(study, monkeypatch)
    shutil.copytree(OUT, "cache")
    shutil.rmtree(".items")
    made.clear()
    last = {path.name: path for path in Path("cache").iterdir()}
    monkeypatch.setattr(stage, "previous_output", lambda out: last if out == OUT.as_posix() else {})
    pd.testing.assert_frame_equal(run(study, monkeypatch), first)
    assert made == []


def test_where_nothing_is_measured_the_table_is_empty(
    study: SmallStudy, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study.params = PARAMS.replace("measured: true", "measured: false")
    assert run(study, monkeypatch).empty
    assert made == []
    assert [path.name for path in OUT.iterdir()] == ["index.parquet"]


def test_a_missing_vqgan_is_named(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree("vqgan")
    with pytest.raises(BadInput, match=r"vqgan: the folder is missing"):
        run(study, monkeypatch)


def test_a_damaged_gold_picture_is_named(study: SmallStudy, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    study.write()
    Path("gold/green.png").write_bytes(b"x")
    monkeypatch.setattr(sys, "argv", ["reconstructions", "shapes"])
    with pytest.raises(BadInput, match=r"gold/green\.png"):
        stage.main()
    assert not OUT.exists()


def test_the_sample_vqgan_gives_a_picture_back_nearly_as_it_was(
    study: SmallStudy, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.params = PARAMS.replace("vqgan: vqgan", f"vqgan: {repository / 'models/sample/vqgan'}")
    study.captions = study.captions[:1]
    study.gold = {"red": np.asarray(Image.fromarray(square((200, 0, 0), size=32)).resize((128, 96)))}
    row = run(study, monkeypatch).iloc[0]
    assert row["vqgan"].startswith("vqgan@")
    with ShardReader(OUT) as shards:
        data = shards.read(row["shard"], row["member"])
    found = np.asarray(Image.open(io.BytesIO(data)), dtype=float)
    expected = square_array(Image.fromarray(study.gold["red"]), row["side"]).astype(float)
    assert np.abs(found - expected).mean() < 25  # another picture of the same two colours, shifted, is at 60 or more
    assert np.abs(np.roll(found, row["side"] // 3, axis=1) - expected).mean() > 40
