from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from rapporteur.core.errors import BadInput
from rapporteur.dalle import checkpoint, dalle
from rapporteur.dalle.checkpoint import (
    WORDS,
    flatten,
    load_dalle,
    load_vqgan,
    read_weights,
    save_model,
    stack_layers,
    unflatten,
)
from tests.dalle import test_dalle, test_vqgan
from tests.dalle.test_dalle import random_params
from tests.dalle.test_flax_msgpack import flax_bytes
from tests.dalle.test_weights import shard


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(tmp_path, test_dalle.CONFIG, random_params())
    return tmp_path


def rewrite(folder: Path, change) -> None:
    flat = {name: tensor.copy() for name, tensor in read_weights(folder / "model.safetensors").items()}
    change(flat)
    save_file(flat, folder / "model.safetensors")


def test_what_is_saved_is_what_is_loaded(folder: Path) -> None:
    params, config = load_dalle(folder)
    assert config == test_dalle.CONFIG
    wanted, found = flatten(random_params()), flatten(params)
    assert wanted.keys() == found.keys()
    assert all(np.array_equal(wanted[name], found[name]) for name in wanted)


def test_a_vqgan_is_saved_and_loaded_with_its_tuples(tmp_path: Path) -> None:
    save_model(tmp_path, test_vqgan.CONFIG, test_vqgan.random_params())
    assert load_vqgan(tmp_path)[1] == test_vqgan.CONFIG


def test_half_precision_on_the_disk_is_single_precision_in_memory(tmp_path: Path) -> None:
    save_model(tmp_path, test_dalle.CONFIG, random_params(), half=True)
    assert read_weights(tmp_path / "model.safetensors")["lm_head.kernel"].dtype == np.float16
    found = load_dalle(tmp_path)[0]["lm_head"]["kernel"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, random_params()["lm_head"]["kernel"], rtol=1e-3)


def test_the_same_weights_give_the_same_bytes(folder: Path) -> None:
    before = (folder / "model.safetensors").read_bytes()
    save_model(folder, test_dalle.CONFIG, unflatten(dict(reversed(flatten(random_params()).items()))))
    assert (folder / "model.safetensors").read_bytes() == before


def test_names_joined_by_slashes_are_read(folder: Path) -> None:
    flat = read_weights(folder / "model.safetensors")
    save_file({name.replace(".", "/"): value for name, value in flat.items()}, folder / "model.safetensors")
    assert flatten(load_dalle(folder)[0]).keys() == flat.keys()


def numbered(flat: dict[str, np.ndarray], sides: Sequence[str] = ("Encoder", "Decoder")) -> dict[str, np.ndarray]:
    """The layout with one entry for each layer."""
    single: dict[str, np.ndarray] = {}
    for name, value in flat.items():
        stack = next((f"FlaxBart{side}Layer" for side in sides if f"FlaxBart{side}Layers" in name), None)
        if stack is None:
            single[name] = value
        else:
            single |= {name.replace(f"{stack}s", f"{stack}_{i}"): layer for i, layer in enumerate(value)}
    return single


def with_scales(flat: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """As older checkpoints: a scale beside every bias of a norm."""
    scales = {name.removesuffix("bias") + "scale": np.full_like(flat[name], 1.5) for name in flat if "bias" in name}
    return scales | flat


def put(folder: Path, flat: dict[str, np.ndarray], suffix: str) -> None:
    """The folder's weights in one of the two formats, and in no other."""
    for file in (folder / "model.safetensors", folder / "flax_model.msgpack"):
        file.unlink(missing_ok=True)
    if suffix == "safetensors":
        save_file(flat, folder / "model.safetensors")
    else:
        (folder / "flax_model.msgpack").write_bytes(flax_bytes(unflatten(flat)))


LAYOUTS = {"scanned": lambda flat: flat, "unscanned": numbered, "mixed": lambda flat: numbered(flat, ["Decoder"])}


@pytest.mark.parametrize("suffix", ["safetensors", "msgpack"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("scales", [False, True])
@pytest.mark.parametrize("stored", [np.float16, ml_dtypes.bfloat16, np.float32])
def test_every_published_layout_is_read(folder: Path, suffix: str, layout: str, scales: bool, stored: type) -> None:
    flat = {name: value.astype(stored) for name, value in flatten(random_params()).items()}
    flat = with_scales(flat) if scales else flat
    put(folder, LAYOUTS[layout](flat), suffix)
    for dtype, kind in ((None, stored), ("float32", np.float32), ("bfloat16", ml_dtypes.bfloat16)):
        found = flatten(load_dalle(folder, dtype)[0])
        assert found.keys() == flat.keys()
        for name, tensor in found.items():
            assert tensor.dtype == kind and not tensor.flags.writeable
            assert tensor.tobytes() == flat[name].astype(kind).tobytes(), name


def test_layers_which_are_stored_in_several_types_are_read_in_single_precision(folder: Path) -> None:
    flat = numbered(flatten(random_params()))
    name = "model.decoder.layers.FlaxBartDecoderLayer_1.GLU_0.Dense_0.kernel"
    put(folder, flat | {name: flat[name].astype(np.float16)}, "msgpack")
    stack = load_dalle(folder, None)[0]["model"]["decoder"]["layers"]["FlaxBartDecoderLayers"]
    assert stack["GLU_0"]["Dense_0"]["kernel"].dtype == np.float32
    assert np.array_equal(stack["GLU_0"]["Dense_0"]["kernel"][1], flat[name].astype(np.float16))


def test_more_than_ten_layers_come_in_the_order_of_their_numbers() -> None:
    flat = {f"FlaxBartEncoderLayer_{i}.bias": np.full(2, i, np.float32) for i in range(12)}
    found = stack_layers(dict(sorted(flat.items())) | {"other": np.ones(1)})
    assert found["FlaxBartEncoderLayers.bias"][:, 0].tolist() == list(range(12))
    assert found["other"].tolist() == [1]


def test_a_further_scale_is_computed_with(folder: Path) -> None:
    ids, mask = np.array([[0, 7, 2, 1, 1, 1]], np.int32), np.array([[1, 1, 1, 0, 0, 0]], np.int32)
    flat = flatten(random_params())
    encodings = []
    for factor in (None, 1.0, 2.0):
        more = {} if factor is None else {"model.encoder.final_ln.scale": np.full(12, factor, np.float32)}
        put(folder, flat | more, "safetensors")
        params, config = load_dalle(folder)
        encodings.append(np.asarray(dalle.encode_text(params, config, ids, mask)))
    bias = flat["model.encoder.final_ln.bias"]
    assert np.array_equal(encodings[0], encodings[1])
    np.testing.assert_allclose(encodings[2] - bias, 2 * (encodings[0] - bias), rtol=1e-5, atol=1e-6)


GLU = "GLU_0.LayerNorm_0.bias"
LAYER = "model.decoder.layers.FlaxBartDecoderLayer_"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda flat: flat.pop(f"{LAYER}1.{GLU}"), rf"{LAYER}1\.{GLU} is missing; expected shape \(12,\)"),
        (
            lambda flat: flat.update({f"{LAYER}3.{GLU}": np.zeros(12, "f4")}),
            rf"{LAYER}3\.{GLU} of shape \(12,\) has no",
        ),
        (lambda flat: flat.update({f"{LAYER}1.{GLU}": np.zeros(11, "f4")}), rf"{LAYER}1\.{GLU} has shape \(11,\)"),
        (
            lambda flat: flat.update({f"{LAYER}1.GLU_0.LayerNorm_0.scale": np.zeros(12, "f4")}),
            rf"{LAYER}0\.GLU_0\.LayerNorm_0\.scale is missing",
        ),
        (
            lambda flat: flat.update({"model.decoder.layers.FlaxBartDecoderLayers.GLU_0.Dense_0.kernel": np.zeros(1)}),
            r"FlaxBartDecoderLayers\.GLU_0\.Dense_0\.kernel of shape \(1,\) has no place",
        ),
    ],
)
def test_a_wrong_layer_is_named_as_it_is_stored(folder: Path, change: Callable[[dict], object], message: str) -> None:
    flat = numbered(flatten(random_params()))
    change(flat)
    put(folder, flat, "msgpack")
    with pytest.raises(BadInput, match=message):
        load_dalle(folder)


def test_numbers_of_the_wrong_type_are_named(folder: Path) -> None:
    rewrite(folder, lambda flat: flat.update({"lm_head.kernel": np.zeros((12, 17), np.int32)}))
    with pytest.raises(BadInput, match=r"lm_head\.kernel is stored as int32; expected float16, bfloat16, float32"):
        load_dalle(folder)


def test_weights_that_are_no_numbers_are_named(folder: Path) -> None:
    rewrite(folder, lambda flat: flat["lm_head.kernel"].__setitem__((1, 1), np.nan))
    for dtype in (None, "bfloat16"):
        with pytest.raises(BadInput, match=r"model\.safetensors: tensor lm_head\.kernel holds NaN or infinity"):
            load_dalle(folder, dtype)


def test_a_tensor_of_the_wrong_shape_is_named_with_both_shapes(folder: Path) -> None:
    rewrite(folder, lambda flat: flat.update({"lm_head.kernel": np.zeros((12, 16), np.float32)}))
    with pytest.raises(
        BadInput, match=r"model\.safetensors: tensor lm_head\.kernel has shape \(12, 16\); expected \(12, 17\)"
    ):
        load_dalle(folder)


def test_a_missing_tensor_is_named(folder: Path) -> None:
    rewrite(folder, lambda flat: flat.pop("model.encoder.final_ln.bias"))
    with pytest.raises(BadInput, match=r"model\.encoder\.final_ln\.bias is missing; expected shape \(12,\)"):
        load_dalle(folder)


def test_a_surplus_tensor_is_named(folder: Path) -> None:
    rewrite(folder, lambda flat: flat.update({"model.surplus": np.zeros(3, np.float32)}))
    with pytest.raises(BadInput, match=r"model\.surplus of shape \(3,\) has no place"):
        load_dalle(folder)


def test_a_scale_that_does_not_fit_its_bias_is_named(folder: Path) -> None:
    rewrite(folder, lambda flat: flat.update({"model.encoder.final_ln.scale": np.ones(11, np.float32)}))
    with pytest.raises(BadInput, match=r"final_ln\.scale has shape \(11,\); expected \(12,\)"):
        load_dalle(folder)


def test_a_scale_without_a_bias_is_named(folder: Path) -> None:
    rewrite(folder, lambda flat: flat.update({"model.other.scale": np.ones(12, np.float32)}))
    with pytest.raises(BadInput, match=r"model\.other\.scale of shape \(12,\) has no place"):
        load_dalle(folder)


def test_a_truncated_weight_file_is_named(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(BadInput, match=r"model\.safetensors: can't be read as weights"):
        load_dalle(folder)


@given(data=st.data(), suffix=st.sampled_from(["safetensors", "msgpack"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_ends_in_bad_input_or_in_tensors_of_the_right_shape(
    folder: Path, data: st.DataObject, suffix: str
) -> None:
    put(folder, flatten(random_params()), suffix)
    file = checkpoint.weight_file(folder)
    whole = file.read_bytes()
    # Most of the file is numbers; half of the damage is done where its structure is.
    place = data.draw(st.integers(0, len(whole) - 1) | st.integers(0, 3000))
    damaged = bytearray(whole)
    damaged[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    file.write_bytes(damaged[: data.draw(st.just(len(damaged)) | st.integers(0, len(damaged)))])
    try:
        params, config = load_dalle(folder)
    except BadInput as error:
        assert str(file) in str(error)
        return
    assert {name: one.shape for name, one in flatten(params).items()} == flatten(dalle.parameter_shapes(config))


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"config\.json"):
        load_dalle(tmp_path)


def test_the_digest_changes_with_the_weights_and_nothing_else(folder: Path) -> None:
    before = checkpoint.digest(folder)
    (folder / "log.csv").write_text("step,loss\n")
    assert checkpoint.digest(folder) == before
    rewrite(folder, lambda flat: flat["lm_head.kernel"].__setitem__((0, 0), 9.0))
    assert checkpoint.digest(folder) != before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "vocab.json", "merges.txt", WORDS])
def test_the_digest_changes_with_whatever_decides_a_picture(folder: Path, name: str) -> None:
    before = checkpoint.digest(folder)
    with (folder / name).open("a") as stream:
        stream.write(" ")
    assert checkpoint.digest(folder) != before


def test_the_digest_of_shards_is_that_of_all(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    shard(folder, "safetensors")
    before = checkpoint.digest(folder)
    (folder / "model-00002-of-00002.safetensors").write_bytes(b"")
    assert checkpoint.digest(folder) != before


def test_the_digest_of_a_folder_of_three_files_is_known(tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_text(name)
    parts = b"".join(hashlib.sha256(name.encode()).digest() for name in sorted(p.name for p in tmp_path.iterdir()))
    assert checkpoint.digest(tmp_path) == hashlib.sha256(parts).hexdigest(), "drawn pictures hang on it"
