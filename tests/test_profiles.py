"""Every parameter file, held against the parameters that the stages take."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.params import read_yaml, stage_params

ROOT = Path(__file__).resolve().parent.parent
FILES = [ROOT / "params.yaml", *sorted((ROOT / "profiles").glob("*.yaml"))]
PLAIN = [
    "reconstructions", "clip", "colour", "ratings", "landscapes", "tokens", "model", "samples", "findings", "figures",
    "render",
]  # fmt: skip
CLASSES = {
    "world": ("stages.world", "WorldParams"),
    "captions": ("stages.captions", "CaptionsParams"),
    "images": ("draw.painter", "ImagesParams"),
    **{name: (f"stages.{name}", f"{name.capitalize()}Params") for name in PLAIN},
}


def _class(stage: str) -> type[Any]:
    module, name = CLASSES[stage]
    found: type[Any] = getattr(importlib.import_module(f"rapporteur.{module}"), name)
    return found


BLOCKS = [(file, stage) for file in FILES for stage in CLASSES if stage in read_yaml(file)]


@pytest.mark.parametrize(("file", "stage"), BLOCKS, ids=lambda part: getattr(part, "stem", part))
def test_a_stage_takes_its_block_of_every_parameter_file(tmp_path: Path, file: Path, stage: str) -> None:
    shutil.copy(ROOT / "dvc.yaml", tmp_path)
    shutil.copy(file, tmp_path / "params.yaml")
    items = list(read_yaml(file)["captions"]) if stage == "captions" else [None]
    for item in items:
        stage_params(_class(stage), stage, item, root=tmp_path)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_parameter_file_holds_blocks_of_stages_and_nothing_else(file: Path) -> None:
    assert set(read_yaml(file)) <= set(CLASSES)
    assert set(read_yaml(ROOT / "params.yaml")) == set(CLASSES), "the default study has every stage"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_parameter_file_names_each_dataset_in_french_and_filters_one_of_them(file: Path) -> None:
    params = read_yaml(file)
    models = {params[block]["model"] for block in ("images", "clip")}
    assert set(params["findings"]["labels"]) - models == set(params["captions"])
    assert "landscapes" not in params or params["landscapes"]["dataset"] in params["captions"]
