from __future__ import annotations

from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.draw.generator import Generator
from rapporteur.draw.kinds import KINDS, engine_of, open_generator
from rapporteur.vocabulary.engines import OBEYS
from tests.draw.given import settings

KNOWN = [
    (["config.json", "model.safetensors"], "jax"),
    (["config.json", "flax_model.msgpack"], "jax"),
    (["config.json", "model-00001-of-00002.safetensors", "model.safetensors.index.json"], "jax"),
    (["config.json"], "jax"),  # whose loading says that the weights are missing
    (["model_index.json"], "diffusers"),
    (["pictures.csv"], "pictures"),
    (["generator.py"], "own"),
    (["generator.py", "config.json"], "own"),  # a team's own weights may have a configuration
]


def _touch(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / name).touch()


@pytest.mark.parametrize(("names", "engine"), KNOWN)
def test_a_folder_s_kind_is_told_by_the_file_that_it_holds(tmp_path: Path, names: list[str], engine: str) -> None:
    _touch(tmp_path, names)
    assert engine_of(tmp_path) == engine


def test_the_official_package_draws_from_dalle_mini_and_from_nothing_else(tmp_path: Path) -> None:
    _touch(tmp_path, ["config.json", "model.safetensors"])
    assert engine_of(tmp_path, "dalle-mini") == "dalle-mini"
    other = tmp_path / "other"
    other.mkdir()
    _touch(other, ["pictures.csv"])
    with pytest.raises(
        BadInput, match=r"other: `images.engine: dalle-mini` draws from DALL·E mini; this is pictures.csv"
    ):
        engine_of(other, "dalle-mini")


@pytest.mark.parametrize(
    "names", [["pictures.csv", "generator.py"], ["model_index.json", "config.json", "flax_model.msgpack.index.json"]]
)
def test_a_folder_of_two_kinds_is_refused(tmp_path: Path, names: list[str]) -> None:
    _touch(tmp_path, names)
    with pytest.raises(BadInput, match=r"holds \S+ and \S+: it must be of one kind"):
        engine_of(tmp_path)


def test_a_folder_of_no_kind_says_what_it_must_hold(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"config.json with weights, model_index.json, pictures.csv, generator.py"):
        engine_of(tmp_path)
    with pytest.raises(BadInput, match="none: the folder is missing"):
        engine_of(tmp_path / "none")
    _touch(tmp_path, ["pictures.csv"])
    with pytest.raises(BadInput, match="give the one that this file is in"):
        engine_of(tmp_path / "pictures.csv")


def test_every_engine_has_a_generator_settings_and_code() -> None:
    assert set(KINDS) == set(OBEYS)


@pytest.mark.parametrize("engine", ["jax", "dalle-mini", "diffusers"])
def test_a_generator_s_digest_follows_its_files_and_reads_no_weights(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("model", "vqgan"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").write_text("not weights")
    given = settings(tmp_path / "model", vqgan=tmp_path / "vqgan")
    before: Generator = open_generator(given, engine)
    first = before.digest
    (tmp_path / "model" / "weights").write_text("others")
    assert open_generator(given, engine).digest != first
    assert before.name == (tmp_path / "model").as_posix()
