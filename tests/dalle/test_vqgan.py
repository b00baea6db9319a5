from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from rapporteur.dalle import vqgan, vqgan_training
from rapporteur.dalle.checkpoint import flatten, unflatten
from rapporteur.dalle.vqgan import VqganConfig

CONFIG = VqganConfig(
    ch=8, ch_mult=(1, 2), num_res_blocks=1, attn_resolutions=(8,), resolution=16,
    z_channels=6, embed_dim=5, n_embed=12, norm_groups=4,
)  # fmt: skip


def random_params(config: VqganConfig = CONFIG) -> dict:
    random = np.random.default_rng(0)
    shapes = flatten(vqgan.parameter_shapes(config))
    return unflatten({name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()})


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(1).random((3, 16, 16, 3), dtype=np.float32)


def test_the_published_sizes_have_the_published_number_of_weights() -> None:
    shapes = flatten(vqgan.parameter_shapes(VqganConfig()))
    assert sum(math.prod(shape) for shape in shapes.values()) == 76_073_859
    assert VqganConfig().tokens == 256


def test_pictures_become_a_grid_of_tokens_and_pictures_again(pixels: np.ndarray) -> None:
    ids = vqgan.encode(random_params(), CONFIG, pixels)
    assert ids.shape == (3, 64) and ids.dtype == jnp.int32
    assert int(ids.min()) >= 0 and int(ids.max()) < 12
    pictures = vqgan.decode(random_params(), CONFIG, ids)
    assert pictures.shape == (3, 16, 16, 3)
    assert float(pictures.min()) >= 0 and float(pictures.max()) <= 1


def test_the_jax_and_the_torch_program_compute_the_same(pixels: np.ndarray) -> None:
    params = random_params()
    torch_params = vqgan_training.to_torch(params)
    with torch.no_grad():
        features = vqgan_training.encode_features(torch_params, CONFIG, torch.from_numpy(pixels).permute(0, 3, 1, 2))
        pictures = vqgan_training.decode_features(torch_params, CONFIG, features).permute(0, 2, 3, 1).numpy()
        features = features.permute(0, 2, 3, 1).numpy()
    found = np.asarray(vqgan.encode_features(params, CONFIG, pixels))
    np.testing.assert_allclose(found, features, atol=1e-4 * np.abs(features).max())
    decoded = np.asarray(vqgan.decode_features(params, CONFIG, found))
    np.testing.assert_allclose(decoded, pictures, atol=2e-4 * np.abs(pictures).max())


def test_weights_survive_the_way_to_torch_and_back() -> None:
    params = flatten(random_params())
    back = flatten(vqgan_training.to_numpy(vqgan_training.to_torch(unflatten(params))))
    assert params.keys() == back.keys()
    assert all(np.array_equal(params[name], back[name]) for name in params)


def test_the_nearest_code_is_the_nearest() -> None:
    random = np.random.default_rng(2)
    codes, points = random.normal(size=(12, 5)), random.normal(size=(40, 5))
    wanted = ((points[:, None] - codes[None]) ** 2).sum(-1).argmin(1)
    np.testing.assert_array_equal(vqgan.nearest_code(jnp.asarray(codes), jnp.asarray(points)), wanted)


def test_group_norm_normalises_each_group_of_each_picture() -> None:
    x = np.random.default_rng(3).normal(2, 3, (2, 4, 4, 8)).astype(np.float32)
    unit = {"scale": np.ones(8, np.float32), "bias": np.zeros(8, np.float32)}
    groups = np.asarray(vqgan._group_norm(unit, jnp.asarray(x), 4)).reshape(2, 16, 4, 2)
    np.testing.assert_allclose(groups.mean((1, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(groups.std((1, 3)), 1, atol=1e-3)


def test_a_picture_s_bytes_do_not_depend_on_its_batch(pixels: np.ndarray) -> None:
    params = random_params()
    ids = np.asarray(vqgan.encode(params, CONFIG, pixels))
    np.testing.assert_array_equal(ids[1:2], vqgan.encode(params, CONFIG, pixels[1:2]))
    together = np.asarray(vqgan.decode(params, CONFIG, ids))
    np.testing.assert_array_equal(together[2:], vqgan.decode(params, CONFIG, ids[2:]))


def test_a_short_training_brings_the_pictures_back_better() -> None:
    random = np.random.default_rng(4)
    base = random.integers(0, 256, (16, 2, 2, 3)).astype(np.uint8)
    pictures = base.repeat(8, axis=1).repeat(8, axis=2)
    training = vqgan_training.VqganTraining(
        steps=60, warm_steps=30, learning_rate=3e-3, batch=8, crop=8, crop_steps=10, log_every=10
    )
    kept: list[int] = []
    weights, log = vqgan_training.train_vqgan(CONFIG, training, pictures, keep=lambda _, rows: kept.append(len(rows)))
    assert kept == [1, 2, 3, 4, 5, 6]
    assert log[-1]["psnr"] > log[0]["psnr"] + 3
    back = vqgan.decode(weights, CONFIG, vqgan.encode(weights, CONFIG, pictures / np.float32(255)))
    assert vqgan_training.psnr(np.asarray(back), pictures / 255).mean() > log[0]["psnr"]
