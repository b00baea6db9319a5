from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rapporteur.core.errors import BadInput
from rapporteur.models import checkpoint
from rapporteur.models.checkpoint import flatten, load_dalle, load_vqgan, read_weights, save_model, unflatten
from tests.models import test_dalle, test_vqgan
from tests.models.test_dalle import random_params


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


def test_layers_one_by_one_are_stacked(folder: Path) -> None:
    wanted = flatten(load_dalle(folder)[0])
    single = {}
    for name, value in wanted.items():
        for side in ("Encoder", "Decoder"):
            if f"FlaxBart{side}Layers" in name:
                for i, layer in enumerate(value):
                    single[name.replace(f"FlaxBart{side}Layers", f"FlaxBart{side}Layer_{i}")] = layer
                break
        else:
            single[name] = value
    save_file(single, folder / "model.safetensors")
    found = flatten(load_dalle(folder)[0])
    assert all(np.array_equal(wanted[name], found[name]) for name in wanted)


def test_flax_s_msgpack_is_read(folder: Path) -> None:
    msgpack = pytest.importorskip("msgpack")
    wanted = flatten(load_dalle(folder)[0])

    def packed(value):
        return msgpack.ExtType(1, msgpack.packb((value.shape, value.dtype.name, value.tobytes())))

    tree = unflatten({name: packed(value) for name, value in wanted.items()})
    (folder / "flax_model.msgpack").write_bytes(msgpack.packb(tree))
    (folder / "model.safetensors").unlink()
    found = flatten(load_dalle(folder)[0])
    assert all(np.array_equal(wanted[name], found[name]) for name in wanted)


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


def test_a_further_scale_is_accepted(folder: Path) -> None:
    rewrite(folder, lambda flat: flat.update({"model.encoder.final_ln.scale": np.ones(12, np.float32)}))
    assert "scale" in load_dalle(folder)[0]["model"]["encoder"]["final_ln"]


def test_a_truncated_weight_file_is_named(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(BadInput, match=r"model\.safetensors: can't be read as weights"):
        load_dalle(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ln_type": "rmsnorm"}, "ln_type is 'rmsnorm'"),
        ({"d_model": "12"}, "d_model must be of type int"),
        ({"use_bias": True}, "use_bias is True"),
    ],
)
def test_a_configuration_of_another_network_is_refused(folder: Path, change: dict, message: str) -> None:
    stored = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(stored | change))
    with pytest.raises(BadInput, match=message):
        load_dalle(folder)


def test_fields_of_the_hub_s_configuration_that_say_nothing_here_are_passed_over(folder: Path) -> None:
    stored = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(stored | {"architectures": ["DalleBart"], "dropout": 0.0}))
    assert load_dalle(folder)[1] == test_dalle.CONFIG


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"config\.json"):
        load_dalle(tmp_path)


def test_the_digest_changes_with_the_weights_and_nothing_else(folder: Path) -> None:
    before = checkpoint.digest(folder)
    (folder / "log.csv").write_text("step,loss\n")
    assert checkpoint.digest(folder) == before
    rewrite(folder, lambda flat: flat["lm_head.kernel"].__setitem__((0, 0), 9.0))
    assert checkpoint.digest(folder) != before
