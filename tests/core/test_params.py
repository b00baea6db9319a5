from __future__ import annotations

import json
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.params import dataset_names, shared_param, stage_params, strict

PIPELINE = """
stages:
  colour:
    cmd: x
    params: [colour, captions]
  clip:
    foreach: ${captions}
    do:
      cmd: x
      params:
        - captions.${key}
"""

PARAMS = """
colour:
  palette: 5
  study:
    split: test
captions:
  shapes: {split: test}
  landscapes: {split: val}
"""


@strict
class Study:
    split: str


@strict
class Colour:
    palette: int
    study: Study


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "params.yaml").write_text(PARAMS)
    return tmp_path


def test_a_stage_gets_its_own_block_with_its_types(root: Path) -> None:
    assert stage_params(Colour, "colour", root=root) == Colour(palette=5, study=Study(split="test"))


def test_an_item_of_a_stage_gets_its_own_block(root: Path) -> None:
    assert stage_params(Study, "clip", "landscapes", root=root, block="captions") == Study(split="val")


def test_dataset_names_are_the_blocks_of_captions_in_their_order(root: Path) -> None:
    assert dataset_names("colour", root) == ["shapes", "landscapes"]


def test_an_undeclared_parameter_is_refused_with_the_mend(root: Path) -> None:
    with pytest.raises(BadInput, match=r"dvc.yaml: the stage `clip` reads the parameter `colour`.*stages.clip.params"):
        shared_param("colour", "clip", root)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("palette: 5", "palete: 5\n  palette: 5"), r"params.yaml:3: unknown parameter `colour.palete`; did you mean"),
        (("palette: 5", "palete: 5"), r"params.yaml:3: unknown parameter `colour.palete`; did you mean `palette`"),
        (("palette: 5", "palette: many"), r"params.yaml:3: the parameter `colour.palette` is 'many'.*integer"),
        (("palette: 5", "palette: true"), r"params.yaml:3: the parameter `colour.palette` is True"),
        (("  palette: 5\n", ""), r"params.yaml:3: the parameter `colour.palette` is missing"),
        (
            ("split: test\ncap", "split: test\n    seed: 1\ncap"),
            r"params.yaml:6: unknown parameter `colour.study.seed`",
        ),
        (("colour:", "color:"), r"params.yaml.*the parameter `colour` is missing at the top level"),
        (("  palette: 5", "  palette: [5"), r"params.yaml:\d+: not valid YAML"),
    ],
)
def test_a_bad_parameter_is_named_with_its_line(root: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in PARAMS
    (root / "params.yaml").write_text(PARAMS.replace(*change, 1))
    with pytest.raises(BadInput, match=message):
        stage_params(Colour, "colour", root=root)


def test_a_missing_file_says_where_to_run_from(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"dvc.yaml: the file is missing; run from the study's folder"):
        stage_params(Colour, "colour", root=tmp_path)


@pytest.mark.parametrize(
    "name", ["mon jeu", "jeu;echo X", "a.b", "l'étude", "../up", "1st", "é", "a" * 65, "$HOME", "-v"]
)
def test_a_dataset_needs_a_plain_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: {a: {cmd: x, params: [captions]}}\n")
    (tmp_path / "params.yaml").write_text(f"captions:\n  {json.dumps(name)}: {{}}\n")
    with pytest.raises(BadInput, match=r"params\.yaml:2: the dataset .* needs a plain name"):
        shared_param("captions", "a", tmp_path)
