from __future__ import annotations

import importlib
import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table
from rapporteur.draw.engines.diffusion import Diffusion, picture_seed
from rapporteur.stages import images as stage
from rapporteur.vocabulary.images import IMAGES
from tests.draw.given import settings, write_captions
from tests.draw.tiny_pipeline import tiny_pipeline
from tests.stages.study import declare
from tests.stages.test_images import PARAMS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_pipeline(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def tiny(folder: Path) -> Diffusion:
    return Diffusion(settings(folder, steps=2))


def _copy(folder: Path, target: Path) -> Path:
    for path in folder.rglob("*"):
        if path.is_file():
            (target / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (target / path.relative_to(folder)).write_bytes(path.read_bytes())
    return target


def test_a_picture_depends_on_its_caption_and_seed_and_not_on_its_neighbours(tiny: Diffusion) -> None:
    lake, again, dune, other = tiny.draw(["a lake", "a lake", "a dune", "a lake"], [0, 0, 0, 1])
    assert lake.dtype == np.uint8 and lake.shape == (16, 16, 3)
    assert np.array_equal(lake, again)
    assert np.array_equal(dune, tiny.draw(["a dune"], [0])[0])
    assert not np.array_equal(lake, dune) and not np.array_equal(lake, other)


def test_another_loading_gives_the_same_bytes_and_no_network_is_asked(
    tiny: Diffusion, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    again = Diffusion(settings(folder, steps=2)).draw(["a lake"], [0])
    assert np.array_equal(again[0], tiny.draw(["a lake"], [0])[0])


def test_steps_guidance_and_size_are_obeyed(tiny: Diffusion, folder: Path) -> None:
    plain = tiny.draw(["a lake"], [0])[0]
    for changes in ({"steps": 3}, {"steps": 2, "condition_scale": 9.0}):
        assert not np.array_equal(Diffusion(settings(folder, **changes)).draw(["a lake"], [0])[0], plain)
    assert Diffusion(settings(folder, steps=1, size=32)).draw(["a lake"], [0])[0].shape == (32, 32, 3)


def test_the_random_seed_is_the_picture_s_own() -> None:
    seeds = {picture_seed(*parts) for parts in [("a", 0, "d"), ("b", 0, "d"), ("a", 1, "d"), ("a", 0, "e")]}
    assert len(seeds) == 4 and all(0 <= seed < 2**63 for seed in seeds)


def test_without_the_library_the_message_says_how_to_install_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(BadInput, match=r"model_index.json: .*not installed .*; run `uv sync --extra diffusers`"):
        Diffusion(settings(folder)).draw(["a lake"], [0])


def test_pickled_weights_are_not_read(folder: Path, tmp_path: Path) -> None:
    import torch

    copy = _copy(folder, tmp_path / "copy")
    weights = copy / "unet/diffusion_pytorch_model.safetensors"
    weights.unlink()
    torch.save({"weight": torch.zeros(2)}, weights.with_suffix(".bin"))
    with pytest.raises(BadInput, match=r"copy: can't be loaded as a pipeline of diffusers: .*safetensors"):
        Diffusion(settings(copy)).draw(["a lake"], [0])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("model_index.json", "{"),
        ("model_index.json", json.dumps({"_class_name": "NoSuchPipeline"})),
        ("unet/config.json", json.dumps({"_class_name": "UNet2DConditionModel", "block_out_channels": [8, 24]})),
    ],
)
def test_a_folder_that_is_no_whole_pipeline_is_refused(folder: Path, tmp_path: Path, name: str, text: str) -> None:
    copy = _copy(folder, tmp_path / "copy")
    (copy / name).write_text(text)
    with pytest.raises(BadInput, match="copy: can't be loaded as a pipeline of diffusers: "):
        Diffusion(settings(copy)).draw(["a lake"], [0])


def test_a_pipeline_that_reads_no_text_or_knows_no_size_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unconditional:
        def __call__(self, generator: Any) -> None: ...

    class NoSize:
        def __call__(self, prompt: Any, generator: Any) -> None: ...

    for pipeline, message in [(Unconditional, "does not draw from a text"), (NoSize, "takes no height.*`images.size`")]:
        monkeypatch.setattr(Diffusion, "_pipeline", pipeline())
        with pytest.raises(BadInput, match=f"the pipeline {pipeline.__name__} {message}"):
            Diffusion(settings(folder, size=8)).draw(["a lake"], [0])


def test_a_study_is_drawn_by_the_pipeline(folder: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_captions(["a red star", "a calm lake"], draws=1)
    declare("images", {"images": PARAMS | {"model": str(folder), "steps": 1}}, ["images"])
    monkeypatch.setattr("sys.argv", ["images", "shapes"])
    stage.main()
    index = read_table(Path("artifacts/images/shapes/index.parquet"), IMAGES)
    assert set(index["engine"]) == {"diffusers"} and (index["width"] == 16).all()
    declare("images", {"images": PARAMS | {"model": str(folder), "steps": 1, "temperature": 0.1}}, ["images"])
    monkeypatch.setattr(Diffusion, "draw", lambda *_: pytest.fail("a setting that it ignores redrew"))
    stage.main()
