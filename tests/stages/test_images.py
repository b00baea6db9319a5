from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import load_picture
from rapporteur.core.shards import ShardReader
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.draw.engines.dalle_mini import JaxDalleMini
from rapporteur.stages import images as stage
from rapporteur.vocabulary.captions import CAPTIONS
from rapporteur.vocabulary.images import IMAGES
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
    monkeypatch.setattr(JaxDalleMini, "load", lambda self: instant)
    monkeypatch.setattr("sys.argv", ["images", "shapes"])
    return instant


def _captions(texts: list[str], draws: int = 2) -> None:
    rows = (
        {"dataset": "shapes", "image_id": text, "caption_id": text, "kind": "original", "split": "test"}
        | {"text": text, "draws": draws}
        for text in texts
    )
    write_table(table_of(rows, CAPTIONS), Path("artifacts/captions/shapes/captions.parquet"), CAPTIONS)


def _give_pictures(colours: dict[tuple[str, int], int]) -> None:
    """given/pictures.csv and its pictures: one grey for each caption and seed."""
    Path("given").mkdir(exist_ok=True)
    lines = ["dataset,caption_id,seed,file"]
    for (caption, seed), grey in colours.items():
        name = f"{caption.replace(' ', '_')}-{seed}.jpg"
        Image.new("RGB", (8 + grey, 8), (grey,) * 3).save(f"given/{name}", quality=95)
        lines.append(f"shapes,{caption},{seed},{name}")
    Path("given/pictures.csv").write_text("\n".join(lines))


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


def test_the_index_says_which_engine_drew(model: InstantModel) -> None:
    _captions(TEXTS[:1])
    _run()
    assert set(read_table(OUT / "index.parquet", IMAGES)["engine"]) == {"jax"}


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
        lambda: {"official_rng": True},
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


@pytest.mark.parametrize("change", [{"batch": 5}, {"steps": 20}, {"size": 64}])
def test_the_batch_s_size_and_other_kinds_settings_redraw_nothing(model: InstantModel, change: dict[str, int]) -> None:
    _captions(TEXTS)
    _run()
    model.drawn.clear()
    _run(**change)
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
    monkeypatch.setattr(JaxDalleMini, "load", lambda self: crashing)
    with pytest.raises(KeyboardInterrupt):
        _run()
    assert not OUT.exists()
    monkeypatch.setattr(JaxDalleMini, "load", lambda self: model)
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
    monkeypatch.setattr("rapporteur.draw.packing.previous_output", lambda out: kept)
    _captions([*TEXTS, "a pink heart"])
    _run()
    assert model.drawn == [("a pink heart", 0), ("a pink heart", 1)]


def test_nothing_to_draw_loads_no_model(model: InstantModel, monkeypatch: pytest.MonkeyPatch) -> None:
    _captions(TEXTS)
    _run()

    def refuse(self: JaxDalleMini) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(JaxDalleMini, "load", refuse)
    _run()


GREYS = {(text, seed): 40 * place + 10 * seed for place, text in enumerate(TEXTS) for seed in (0, 1)}


def test_pictures_that_are_there_already_are_studied_as_they_are(model: InstantModel) -> None:
    _captions(TEXTS)
    _give_pictures(GREYS)
    _run(model="given")
    index = read_table(OUT / "index.parquet", IMAGES)
    assert set(index["engine"]) == {"pictures"} and model.drawn == []
    assert index["width"].tolist() == [8 + grey for grey in GREYS.values()]
    with ShardReader(OUT) as shards:
        packed = [load_picture(shards.read(row.shard, row.member)) for row in index.itertuples()]
    assert [picture.getpixel((0, 0)) for picture in packed] == [(grey,) * 3 for grey in GREYS.values()]


def test_given_pictures_that_are_not_studied_are_counted(
    model: InstantModel, capsys: pytest.CaptureFixture[str]
) -> None:
    _captions(TEXTS)
    _give_pictures(GREYS | {("an unknown text", 0): 90})
    _run(model="given")
    assert "; left out: 1 lines of given/pictures.csv, whose captions or draws" in capsys.readouterr().out


def test_one_changed_picture_is_the_only_one_read_again(
    model: InstantModel, capsys: pytest.CaptureFixture[str]
) -> None:
    _captions(TEXTS)
    _give_pictures(GREYS)
    _run(model="given")
    before = read_table(OUT / "index.parquet", IMAGES)
    _give_pictures(GREYS | {(TEXTS[1], 0): 200})
    capsys.readouterr()
    _run(model="given", condition_scale=9.0)
    assert "6 pictures, 1 drawn now" in capsys.readouterr().out
    after = read_table(OUT / "index.parquet", IMAGES)
    assert (before["key"] != after["key"]).tolist() == [False, False, True, False, False, False]


def test_a_missing_picture_stops_before_anything_is_packed(model: InstantModel) -> None:
    _captions(TEXTS)
    _give_pictures(dict(list(GREYS.items())[:-1]))
    with pytest.raises(BadInput, match=r"given/pictures.csv: 1 of 6 pictures are not in the table: .*blue square.* 1;"):
        _run(model="given")
    assert not OUT.exists()


OWN = """
import numpy as np

class Own:
    name, digest, batch = "own", "1", 4

    def draw(self, captions, seeds):
        with open("calls.txt", "a") as log:
            print(len(captions), file=log)
        return [np.full((4, 4 + seed, 3), len(caption), np.uint8) for caption, seed in zip(captions, seeds)]

def load(settings):
    return Own()
"""


def test_a_team_s_own_generator_draws_what_is_missing_in_its_own_batches(model: InstantModel) -> None:
    _captions(TEXTS)
    Path("mine").mkdir()
    Path("mine/generator.py").write_text(OWN)
    _run(model="mine")
    assert Path("calls.txt").read_text().split() == ["4", "2"]
    index = read_table(OUT / "index.parquet", IMAGES)
    assert set(index["engine"]) == {"own"} and set(index["width"]) == {4, 5}
    assert index["model"].str.startswith("own@").all()
    _captions([*TEXTS, "a pink heart"])
    _run(model="mine")
    assert Path("calls.txt").read_text().split() == ["4", "2", "2"]


def test_an_own_generator_that_gives_no_pictures_is_named(model: InstantModel) -> None:
    _captions(TEXTS)
    Path("mine").mkdir()
    Path("mine/generator.py").write_text(OWN.replace("np.uint8", "float"))
    with pytest.raises(BadInput, match=r"mine/generator.py: `draw` gave float64 \[4, 4, 3\]; a picture must be uint8"):
        _run(model="mine")


@pytest.mark.parametrize("change", [{"batch": 0}, {"steps": 0}, {"size": -1}])
def test_a_number_below_one_is_refused(model: InstantModel, change: dict[str, int]) -> None:
    _captions(TEXTS)
    with pytest.raises(BadInput, match=rf"params.yaml: `images.{next(iter(change))}` must be 1 or more, or null"):
        _run(**change)


def test_each_device_gets_a_batch(model: InstantModel, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    plain = InstantModel.draw
    monkeypatch.setattr(model, "batch", 1)
    monkeypatch.setattr(model, "replicas", (None,) * 4)
    monkeypatch.setattr(model, "draw", lambda texts, seeds: calls.append(len(texts)) or plain(model, texts, seeds))
    _captions(TEXTS)
    _run(batch=None)
    assert calls == [4, 2]


@pytest.mark.parametrize("engine", ["torch", 3])
def test_an_unknown_engine_is_refused_with_its_line(model: InstantModel, engine: object) -> None:
    _captions(TEXTS)
    with pytest.raises(BadInput, match=r"params.yaml:\d+: .*engine"):
        _run(engine=engine)


def test_an_older_index_without_the_engine_still_refills_the_store(
    model: InstantModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _captions(TEXTS)
    _run()
    shutil.move(OUT, "cache")
    shutil.rmtree(".items")
    model.drawn.clear()
    index = pd.read_parquet("cache/index.parquet").drop(columns="engine")
    index.to_parquet("cache/index.parquet")
    kept = {path.name: path for path in Path("cache").iterdir()}
    monkeypatch.setattr("rapporteur.draw.packing.previous_output", lambda out: kept)
    _run()
    assert model.drawn == []
