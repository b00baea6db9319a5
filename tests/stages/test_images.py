from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.shards import ShardReader
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.drawing import Painter
from rapporteur.schemas.captions import CAPTIONS
from rapporteur.schemas.images import IMAGES
from rapporteur.stages import images as stage
from tests.stages.study import InstantModel, declare

OUT = Path("artifacts/images/shapes")
PARAMS: dict[str, Any] = {
    "model": "dalle",
    "vqgan": "vqgan",
    "condition_scale": 3.0,
    "temperature": 1.0,
    "top_k": None,
    "top_p": None,
    "batch": 2,
}
TEXTS = ["a red star", "a green circle", "a blue square"]


@pytest.fixture
def model(work: Path, monkeypatch: pytest.MonkeyPatch) -> InstantModel:
    for folder in ("dalle", "vqgan"):
        (work / folder).mkdir()
        (work / folder / "config.json").write_text("{}")
    instant = InstantModel()
    monkeypatch.setattr(Painter, "load", lambda self: instant)
    monkeypatch.setattr("rapporteur.drawing.DRAWING_CODE", ("rapporteur.core.items",))
    monkeypatch.setattr("sys.argv", ["images", "shapes"])
    return instant


def _captions(texts: list[str], draws: int = 2) -> None:
    rows = (
        {"dataset": "shapes", "image_id": text, "caption_id": text, "kind": "original", "split": "test"}
        | {"text": text, "draws": draws}
        for text in texts
    )
    write_table(table_of(rows, CAPTIONS), Path("artifacts/captions/shapes/captions.parquet"), CAPTIONS)


def _run(**changes: Any) -> None:
    declare("images", {"images": PARAMS | changes}, ["images"])
    stage.main()


def test_each_caption_is_drawn_as_often_as_its_table_says(model: InstantModel) -> None:
    _captions(TEXTS)
    _run()
    index = read_table(OUT / "index.parquet", IMAGES)
    assert index[["text", "seed"]].to_numpy().tolist() == [[text, seed] for text in TEXTS for seed in (0, 1)]
    assert (index["width"] == 8).all()
    with ShardReader(OUT) as shards:
        pictures = {shards.read(row.shard, row.member) for row in index.itertuples()}
    assert len(pictures) == 6


def test_a_second_run_draws_nothing_and_gives_the_same_bytes(model: InstantModel) -> None:
    _captions(TEXTS)
    _run()
    before = {path.name: path.read_bytes() for path in OUT.iterdir()}
    shutil.rmtree(OUT)
    model.drawn.clear()
    _run()
    assert model.drawn == []
    assert {path.name: path.read_bytes() for path in OUT.iterdir()} == before


def test_one_more_caption_draws_only_its_own_pictures(model: InstantModel) -> None:
    _captions(TEXTS)
    _run()
    model.drawn.clear()
    _captions([TEXTS[0], "a pink heart", *TEXTS[1:]])
    _run()
    assert model.drawn == [("a pink heart", 0), ("a pink heart", 1)]


@pytest.mark.parametrize(
    "change",
    [
        lambda: {"condition_scale": 4.0},
        lambda: {"top_p": 0.9},
        lambda: Path("dalle/config.json").write_text("{ }") and {},
        lambda: Path("vqgan/config.json").write_text("{ }") and {},
    ],
)
def test_what_decides_a_picture_redraws_it(model: InstantModel, change: Callable[[], dict[str, Any]]) -> None:
    _captions(TEXTS)
    _run()
    model.drawn.clear()
    _run(**change())
    assert len(model.drawn) == 6


def test_the_batch_s_size_redraws_nothing(model: InstantModel) -> None:
    _captions(TEXTS)
    _run()
    model.drawn.clear()
    _run(batch=5)
    assert model.drawn == []


def test_after_a_crash_only_what_is_missing_is_drawn_and_the_result_is_the_same(
    model: InstantModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _captions(TEXTS)
    _run()
    whole = {path.name: path.read_bytes() for path in OUT.iterdir()}
    shutil.rmtree(OUT)
    shutil.rmtree(".items")

    class Crashing(InstantModel):
        def draw(self, captions: Any, seeds: Any) -> Any:
            if len(self.drawn) == 4:
                raise KeyboardInterrupt
            return super().draw(captions, seeds)

    crashing = Crashing()
    monkeypatch.setattr(Painter, "load", lambda self: crashing)
    with pytest.raises(KeyboardInterrupt):
        _run()
    assert not OUT.exists()
    monkeypatch.setattr(Painter, "load", lambda self: model)
    model.drawn.clear()
    _run()
    assert len(model.drawn) == 2
    assert {path.name: path.read_bytes() for path in OUT.iterdir()} == whole


def test_an_empty_store_is_refilled_from_the_last_run_s_output(
    model: InstantModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _captions(TEXTS)
    _run()
    shutil.move(OUT, "cache")
    shutil.rmtree(".items")
    model.drawn.clear()
    kept = {path.name: path for path in Path("cache").iterdir()}
    monkeypatch.setattr("rapporteur.drawing.previous_output", lambda out: kept)
    _captions([*TEXTS, "a pink heart"])
    _run()
    assert model.drawn == [("a pink heart", 0), ("a pink heart", 1)]


def test_nothing_to_draw_loads_no_model(model: InstantModel, monkeypatch: pytest.MonkeyPatch) -> None:
    _captions(TEXTS)
    _run()

    def refuse(self: Painter) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(Painter, "load", refuse)
    _run()
