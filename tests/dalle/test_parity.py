"""Our programs against the official dalle-mini, min-dalle and taming-transformers, through fixtures that those wrote.

tests/fixtures/reference/*/MANIFEST.json names the commands and package versions; reference/README.md says how they
are redone. Tolerances are absolute: encodings and logits are numbers of about 1 (10 at most where an id may be
drawn), pixels lie in [0, 1]. Cost: about half a minute on two CPU cores, most of it the published VQGAN.
"""

from __future__ import annotations

import json
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from reference.fixtures import FOLDER, MANIFEST, every_13th, sha256, vqgan_pictures, vqgan_tensor
from safetensors.numpy import load_file

from rapporteur.dalle import checkpoint, dalle, decoding, vqgan
from rapporteur.dalle.model_config import read_vqgan_config
from rapporteur.dalle.sampling import SamplerSettings, official_stream, sample_tokens

CHECKPOINTS = ("scanned", "unscanned", "older")
DRAWS = [(one, draw) for one in CHECKPOINTS for draw in json.loads((FOLDER / "dalle" / one / "draws.json").read_text())]
CODES = 288


@pytest.fixture(scope="module", params=CHECKPOINTS)
def model(request: pytest.FixtureRequest) -> tuple[Any, dalle.DalleConfig, dict[str, np.ndarray]]:
    """A checkpoint that the official code saved, loaded by ours, and what the official code made of it."""
    return load(request.param)


def load(name: str) -> tuple[Any, dalle.DalleConfig, dict[str, np.ndarray]]:
    folder = FOLDER / "dalle" / name
    return *checkpoint.load_dalle(folder), load_file(folder / "goldens.safetensors")


def worst(found: Any, golden: np.ndarray) -> float:
    """The largest absolute difference."""
    assert np.shape(found) == golden.shape
    return float(np.abs(np.asarray(found) - golden).max())


# ------------------------------------------------------------------------------------------- transformer


def test_the_encoder_is_the_official_one(model: Any) -> None:
    params, config, golden = model
    encoded = dalle.encode_text(params, config, golden["ids"], golden["mask"])
    assert worst(encoded, golden["encoded"]) <= 1e-5


def test_the_logits_are_the_official_ones(model: Any) -> None:
    params, config, golden = model
    mask = jnp.asarray(golden["mask"])
    logits = dalle.logits(params, config, jnp.asarray(golden["encoded"]), mask, jnp.asarray(golden["image_tokens"]))
    kept = np.asarray(logits)[:, 3::8]
    assert worst(kept[..., :CODES], golden["logits"][..., :CODES]) <= 1e-5
    assert worst(kept[..., CODES:], golden["logits"][..., CODES:]) <= 5e-5  # ids never drawn: logits of about -50


@pytest.mark.parametrize("norm", ["LayerNorm_1", "LayerNorm_3"])
def test_a_swapped_norm_would_show(norm: str) -> None:
    params, config, golden = load("scanned")
    layers = params["model"]["decoder"]["layers"]["FlaxBartDecoderLayers"]
    layers[norm] = {name: values[::-1] for name, values in layers[norm].items()}
    mask = jnp.asarray(golden["mask"])
    logits = dalle.logits(params, config, jnp.asarray(golden["encoded"]), mask, jnp.asarray(golden["image_tokens"]))
    assert worst(np.asarray(logits)[:, 3::8], golden["logits"]) > 1e-2


@pytest.mark.parametrize(("name", "draw"), DRAWS)
def test_every_drawn_token_is_the_official_one(name: str, draw: str) -> None:
    params, config, golden = load(name)
    settings = json.loads((FOLDER / "dalle" / name / "draws.json").read_text())[draw]
    sample = partial(sample_tokens, config=config, settings=SamplerSettings(**settings, official_rng=True), codes=CODES)
    encode = partial(dalle.encode_text, params, config)
    blank = encode(golden["blank_ids"][None], golden["blank_mask"][None])[0]
    with official_stream():
        tokens, _ = jax.jit(sample)(
            decoding.prepare(params),
            text=(encode(golden["ids"], golden["mask"]), golden["mask"]),
            blank=(blank, golden["blank_mask"]),
            keys=jax.random.wrap_key_data(golden[f"{draw}.keys"], impl="threefry2x32"),
        )
    np.testing.assert_array_equal(tokens, golden[f"{draw}.tokens"])


# ------------------------------------------------------------------------------------------------- VQGAN


@pytest.fixture(scope="module", params=["small", "narrow"])
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A VQGAN and what taming-transformers made of it."""
    return load_vqgan(request.param, tmp_path_factory.mktemp(request.param))


def load_vqgan(name: str, work: Path) -> Any:
    """`small` from its file; the others drawn from their names, saved and loaded."""
    folder = FOLDER / "vqgan" / name
    golden = load_file(folder / "goldens.safetensors")
    if not (folder / "model.safetensors").exists():
        config = read_vqgan_config(folder)
        shapes = checkpoint.flatten(vqgan.parameter_shapes(config))
        drawn = checkpoint.unflatten({name: vqgan_tensor(name, shape) for name, shape in shapes.items()})
        checkpoint.save_model(work, config, drawn)
        folder = work
    return name, *checkpoint.load_vqgan(folder), golden


def thin(pixels: Any) -> np.ndarray:
    return every_13th(np.asarray(pixels))


def test_decoded_pictures_are_those_of_taming(network: Any) -> None:
    _, params, config, golden = network
    pixels = jax.jit(partial(vqgan.decode, config=config))(params, ids=golden["ids"])
    assert worst(thin(pixels), golden["taming.decoded"].clip(0, 1)) <= 1e-4


def test_codes_of_pictures_are_those_of_taming(network: Any) -> None:
    name, params, config, golden = network
    pictures = vqgan_pictures(name, len(golden["ids"]), config.resolution)
    codes = jax.jit(partial(vqgan.encode, config=config))(params, pixels=pictures)
    assert np.mean(np.asarray(codes) == golden["taming.codes"]) >= 0.999


def test_the_published_vqgan_decodes_as_min_dalle_and_taming_do(tmp_path: Path) -> None:
    _, params, config, golden = load_vqgan("published", tmp_path)
    pixels = thin(jax.jit(partial(vqgan.decode, config=config))(params, ids=golden["ids"]))
    assert worst(pixels, golden["taming.decoded"].clip(0, 1)) <= 1e-4
    assert worst(pixels, golden["min_dalle.trained_epsilon"] / 255) <= 1e-4
    # min-dalle as it stands has torch's GroupNorm epsilon, 1e-5: on these weights 0.6 of a grey level.
    assert 1e-3 < worst(pixels, golden["min_dalle.own_epsilon"] / 255) < 1 / 255


# ----------------------------------------------------------------------------------------------- records


@pytest.mark.parametrize("part", ["dalle", "vqgan"])
def test_the_fixtures_are_those_of_the_manifest(part: str) -> None:
    manifest = json.loads((FOLDER / part / MANIFEST).read_text(encoding="utf-8"))
    files = {file for file in (FOLDER / part).rglob("*") if file.is_file() and file.name != MANIFEST}
    assert {str(file.relative_to(FOLDER / part)): sha256(file) for file in files} == {
        name: recorded["sha256"] for name, recorded in manifest["files"].items()
    }
    assert sum(recorded["bytes"] for recorded in manifest["files"].values()) < 2e6


@pytest.mark.parametrize(("part", "project"), [("dalle", "reference"), ("vqgan", "reference/pytorch")])
def test_the_manifest_names_the_locked_versions(part: str, project: str, repository: Path) -> None:
    manifest = json.loads((FOLDER / part / MANIFEST).read_text(encoding="utf-8"))
    lock = tomllib.loads((repository / project / "uv.lock").read_text(encoding="utf-8"))
    locked = {package["name"]: package.get("version") for package in lock["package"]}
    assert manifest["packages"] == {name: locked[name] for name in manifest["packages"]}
    assert f"--project {project} " in manifest["command"]
