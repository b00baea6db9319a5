"""Every parameter file, held against the parameters that the stages take."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rapporteur.cli import profile
from rapporteur.core.errors import BadInput
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


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("stage", CLASSES)
def test_a_stage_takes_its_block_of_every_parameter_file(tmp_path: Path, file: Path, stage: str) -> None:
    shutil.copy(ROOT / "dvc.yaml", tmp_path)
    shutil.copy(file, tmp_path / "params.yaml")
    items = list(read_yaml(file)["captions"]) if stage == "captions" else [None]
    for item in items:
        stage_params(_class(stage), stage, item, root=tmp_path)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_parameter_file_holds_the_stages_blocks_and_nothing_else(file: Path) -> None:
    assert set(read_yaml(file)) == set(CLASSES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_parameter_file_names_each_dataset_in_french_and_filters_one_of_them(file: Path) -> None:
    params = read_yaml(file)
    models = {params[block]["model"] for block in ("images", "clip")}
    assert set(params["findings"]["labels"]) - models == set(params["captions"])
    assert params["landscapes"]["dataset"] in params["captions"]


@pytest.fixture
def clone(work: Path) -> Path:
    for name in ("params.yaml", "profiles"):
        source = ROOT / name
        shutil.copytree(source, work / name) if source.is_dir() else shutil.copy(source, work)
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"], check=True)
    return work


def test_a_profile_becomes_the_parameters_and_another_may_follow(clone: Path) -> None:
    profile("coco", force=False)
    assert Path("params.yaml").read_bytes() == Path("profiles/coco.yaml").read_bytes()
    profile("paper", force=False)
    assert Path("params.yaml").read_bytes() == Path("profiles/paper.yaml").read_bytes()


def test_unsaved_parameters_are_not_overwritten(clone: Path) -> None:
    mine = Path("params.yaml").read_text() + "\n# mine\n"
    Path("params.yaml").write_text(mine)
    with pytest.raises(BadInput, match=r"params.yaml: has changes that are nowhere else; commit them, or add --force"):
        profile("coco", force=False)
    assert Path("params.yaml").read_text() == mine
    profile("coco", force=True)
    assert Path("params.yaml").read_bytes() == Path("profiles/coco.yaml").read_bytes()


def test_an_unknown_profile_names_those_that_are_there(clone: Path) -> None:
    with pytest.raises(BadInput, match=r"profiles/big.yaml: unknown profile; known: coco, paper"):
        profile("big", force=False)
