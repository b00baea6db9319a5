from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from rapporteur.cli import main
from rapporteur.core.errors import BadInput
from rapporteur.dalle import convert as module
from rapporteur.dalle.checkpoint import WORDS, digest, flatten, load_dalle, load_vqgan, save_model
from rapporteur.dalle.convert import Converted, convert
from tests.dalle import test_dalle, test_vqgan
from tests.dalle.test_checkpoint import LAYOUTS, numbered, put, with_scales
from tests.dalle.test_dalle import random_params


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A model as it is published: msgpack with its tokenizer, and a file which is no part of it."""
    folder = tmp_path / "source"
    save_model(folder, test_dalle.CONFIG, random_params())
    put(folder, flatten(random_params()), "msgpack")
    for name in ("tokenizer.json", "merges.txt", "tokenizer_config.json", WORDS, "log.csv"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


def same_tensors(found: dict, wanted: dict) -> bool:
    found, wanted = flatten(found), flatten(wanted)
    return found.keys() == wanted.keys() and all(np.array_equal(found[name], wanted[name]) for name in wanted)


@pytest.mark.parametrize("suffix", ["safetensors", "msgpack"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("scales", [False, True])
def test_the_same_numbers_come_out_of_every_layout(
    source: Path, target: Path, suffix: str, layout: str, scales: bool
) -> None:
    flat = with_scales(flatten(random_params())) if scales else flatten(random_params())
    put(source, LAYOUTS[layout](flat), suffix)
    done = convert(source, target)
    stored = load_file(target / "model.safetensors")
    assert stored.keys() == flat.keys()
    assert all(np.array_equal(stored[name], flat[name]) for name in flat)
    assert same_tensors(load_dalle(target)[0], load_dalle(source)[0])
    assert done == Converted(sum(one.size for one in flat.values()), ("float32",), digest(target))


def test_one_layout_gives_the_bytes_of_another(source: Path, tmp_path: Path) -> None:
    convert(source, tmp_path / "a")
    put(source, numbered(flatten(random_params())), "safetensors")
    convert(source, tmp_path / "b")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_the_texts_come_along_and_nothing_else(source: Path, target: Path) -> None:
    convert(source, target)
    copied = {"tokenizer.json", "merges.txt", "tokenizer_config.json", WORDS}
    assert {file.name for file in target.iterdir()} == copied | {"config.json", "model.safetensors"}
    assert (target / WORDS).read_text() == WORDS
    assert (target / "config.json").read_bytes() == (source / "config.json").read_bytes()


def test_a_configuration_of_numbered_layers_says_afterwards_that_they_are_stacked(source: Path, target: Path) -> None:
    stored = json.loads((source / "config.json").read_text()) | {"use_scan": False, "bos_token_id": 16}
    (source / "config.json").write_text(json.dumps(stored))
    convert(source, target)
    assert json.loads((target / "config.json").read_text()) == stored | {"use_scan": True}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_another_type_is_written(source: Path, target: Path, dtype: str) -> None:
    assert convert(source, target, dtype).dtypes == (dtype,)
    assert {str(one.dtype) for one in load_file(target / "model.safetensors").values()} == {dtype}
    assert same_tensors(load_dalle(target, None)[0], load_dalle(source, dtype)[0])


def test_a_vqgan_is_known_by_its_configuration(tmp_path: Path, target: Path) -> None:
    params = test_vqgan.random_params()
    save_model(tmp_path / "vqgan", test_vqgan.CONFIG, params)
    put(tmp_path / "vqgan", flatten(params), "msgpack")
    assert convert(tmp_path / "vqgan", target).parameters == sum(one.size for one in flatten(params).values())
    assert same_tensors(load_vqgan(target)[0], params)


def test_jax_computes_with_the_mapped_file_itself(source: Path, target: Path) -> None:
    import jax

    convert(source, target)
    embedding = load_dalle(target)[0]["model"]["encoder"]["embed_tokens"]["embedding"]
    assert embedding.nbytes % 64 == 0, "else it need not be aligned"
    assert jax.device_put(embedding, jax.devices("cpu")[0]).unsafe_buffer_pointer() == embedding.ctypes.data


# ------------------------------------------------------------------------------------------- refusals


def test_a_model_that_is_there_already_stays_unless_forced(source: Path, target: Path) -> None:
    before = convert(source, target)
    with pytest.raises(BadInput, match="target: holds a model already; .* --force"):
        convert(source, target, "float16")
    assert digest(target) == before.digest
    assert convert(source, target, "float16", force=True).dtypes == ("float16",)


def test_a_folder_with_other_files_is_never_replaced(source: Path, target: Path) -> None:
    convert(source, target)
    (target / "thesis.md").write_text("years of work")
    with pytest.raises(BadInput, match=r"target: holds thesis\.md, which is no part of a converted model"):
        convert(source, target, force=True)
    assert (target / "thesis.md").exists()


@pytest.mark.parametrize("place", ["source", "."])
def test_a_model_is_not_written_over_itself(source: Path, place: str) -> None:
    with pytest.raises(BadInput, match="the very model that is to be converted"):
        convert(source, source.parent / place, force=True)
    assert (source / "flax_model.msgpack").exists()


def test_an_empty_folder_is_filled(source: Path, target: Path) -> None:
    target.mkdir()
    convert(source, target)
    assert (target / "model.safetensors").exists()


@pytest.mark.parametrize("place", ["log.csv", "log.csv/within"])
def test_a_file_is_no_folder(source: Path, place: str) -> None:
    with pytest.raises(BadInput, match=r"is a file; choose|can't be written \("):
        convert(source, source / place)


def test_numbers_beyond_float16_leave_nothing_behind(source: Path, target: Path) -> None:
    flat = flatten(random_params())
    flat["lm_head.kernel"][3, 3] = 1e6
    put(source, flat, "msgpack")
    with pytest.raises(
        BadInput, match=r"flax_model\.msgpack: tensor lm_head\.kernel holds numbers too large for float16"
    ):
        convert(source, target, "float16")
    assert [file.name for file in target.parent.iterdir()] == ["source"]
    convert(source, target, "bfloat16")


def test_a_crash_leaves_the_old_model(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = convert(source, target)

    def fail(_: Path) -> bytes:
        raise RuntimeError("power cut")

    monkeypatch.setattr(module, "_scanned_config", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        convert(source, target, "float16", force=True)
    assert digest(target) == before.digest
    assert sorted(file.name for file in target.parent.iterdir()) == ["source", "target"]


# ------------------------------------------------------------------------------------------- the verb


def test_the_verb_prints_parameters_and_digest(source: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["convert", str(source), "--to", str(target), "--half"])
    count = sum(one.size for one in flatten(random_params()).values())
    assert capsys.readouterr().out == f"{target}: {count:,} parameters (float16), digest {digest(target)}\n"


def test_the_verb_says_that_the_word_list_is_missing(
    source: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = json.loads((source / "config.json").read_text()) | {"normalize_text": True}
    (source / "config.json").write_text(json.dumps(stored))
    (source / WORDS).unlink()
    main(["convert", str(source), "--to", str(target), "--dtype", "bfloat16"])
    assert f"{source} has no {WORDS}: put it in {target}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "--to", "target"], r"error: nowhere/config\.json: can't be read as a model's configuration"),
        (["source", "--to", "source"], "error: source: holds the very model"),
    ],
)
def test_the_verb_ends_in_one_line(
    source: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(source.parent)
    with pytest.raises(SystemExit, match=message):
        main(["convert", *arguments])


def test_half_and_another_type_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["convert", "a", "--to", "b", "--half", "--dtype", "float32"])
    assert "not allowed with" in capsys.readouterr().err
