"""Every parameter file, held against the parameters that the stages take."""

from __future__ import annotations

import dataclasses
import importlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rapporteur.core.params import read_yaml, stage_params
from rapporteur.study.choice import StudyParams

ROOT = Path(__file__).resolve().parent.parent
FILES = [ROOT / "params.yaml", *sorted((ROOT / "profiles").glob("*.yaml"))]
PLAIN = [
    "reconstructions", "colour", "ratings", "landscapes", "tokens", "model", "samples", "judgement", "findings",
    "gallery", "render",
]  # fmt: skip
CLASSES = {
    "world": ("stages.world", "WorldParams"),
    "captions": ("stages.captions", "CaptionsParams"),
    "images": ("draw.painter", "ImagesParams"),
    "clip": ("clip.items", "ClipParams"),
    "figures": ("figures.every", "FiguresParams"),
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


SHORTENED = [
    "images", "clip", "colour", "landscapes", "findings", "figures", "gallery", "render", "model", "tokens",
    "captions.shapes",
]  # fmt: skip


@pytest.mark.parametrize("block", SHORTENED)
def test_what_is_by_default_need_not_be_written(block: str, tmp_path: Path) -> None:
    """The study's own parameters less those that are the defaults are the same parameters."""
    stage, _, item = block.partition(".")
    module, name = CLASSES[stage]
    params = getattr(importlib.import_module(f"rapporteur.{module}"), name)
    given = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))[stage]
    shutil.copy(ROOT / "dvc.yaml", tmp_path)

    def read(content: object) -> object:
        with (tmp_path / "params.yaml").open("w", encoding="utf-8") as stream:
            YAML().dump({stage: {item: content} if item else content}, stream)
        return stage_params(params, stage, item or None, root=tmp_path)

    whole = given[item] if item else given
    short = without_defaults(whole, params)
    assert read(short) == read(whole)
    if stage in ("colour", "gallery"):
        assert short == {} and read(None) == read(whole)


def without_defaults(given: dict[str, Any], params: type) -> dict[str, Any]:
    """A block without the values that its type has anyway, inner blocks included."""
    kept = {}
    for field in dataclasses.fields(params):
        value = given.get(field.name)
        if isinstance(value, dict) and field.name == "study":
            value = without_defaults(value, StudyParams)
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        if field.name in given and value != default:
            kept[field.name] = value
    return kept
