"""Write tests/fixtures/reference/vqgan: what min-dalle and taming-transformers make of random VQGAN weights.

    uv run --project reference/pytorch python reference/make_vqgan_fixtures.py            # write
    uv run --project reference/pytorch python reference/make_vqgan_fixtures.py --check    # redo elsewhere and compare

Three models: `small`, whose weights are a file in vqgan-jax's layout (HWIO kernels) and which has every kind of
block; `narrow`, the published structure (five levels, 256 pixels) at a quarter of its width; `published`, the
published size. The last two are drawn again from their names wherever they are needed (`fixtures.vqgan_tensor`),
so that 300 MB need no file. taming encodes and decodes; min-dalle, whose sizes are fixed, decodes `published`.
min-dalle leaves torch's GroupNorm epsilon of 1e-5 where the model was trained with 1e-6: both are recorded.
Cost: half a minute on two CPU cores.
"""

from __future__ import annotations

import json
import re
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch
from min_dalle.models import VQGanDetokenizer
from pytorch_lightning.utilities.rank_zero import rank_zero_only

import fixtures

COMMAND = "uv run --project reference/pytorch python reference/make_vqgan_fixtures.py"
PACKAGES = ("min-dalle", "taming-transformers-rom1504", "torch", "numpy", "safetensors")
PUBLISHED = {
    "ch": 128, "ch_mult": [1, 1, 2, 2, 4], "num_res_blocks": 2, "attn_resolutions": [16], "resolution": 256,
    "in_channels": 3, "out_ch": 3, "z_channels": 256, "embed_dim": 256, "n_embed": 16384, "double_z": False,
    "resamp_with_conv": True, "dropout": 0.0,
}  # fmt: skip
NARROW = PUBLISHED | {"ch": 32, "z_channels": 64, "embed_dim": 48, "n_embed": 1024}
SMALL = PUBLISHED | {
    "ch": 32, "ch_mult": [2, 1], "num_res_blocks": 1, "attn_resolutions": [16], "resolution": 32,
    "z_channels": 24, "embed_dim": 16, "n_embed": 64,
}  # fmt: skip


def import_taming() -> type:
    """taming's VQModel; its name for one module of pytorch-lightning, since moved, is given back first."""
    moved = types.ModuleType("pytorch_lightning.utilities.distributed")
    moved.rank_zero_only = rank_zero_only
    sys.modules[moved.__name__] = moved
    from taming.models.vqgan import VQModel

    return VQModel


# ----------------------------------------------------------------------------------------------- weights


def jax_name(name: str, of_norm: bool) -> str:
    """vqgan-jax's name of a torch parameter: decoder.up.0.block.1.norm1.weight is decoder.up_0.block_1.norm1.scale."""
    name = re.sub(r"\.(\d+)", r"_\1", name)
    if name.endswith("embedding.weight"):
        return "quantize.embedding.embedding"
    return re.sub(r"weight$", "scale" if of_norm else "kernel", name)


def fill(module: torch.nn.Module, draw: Any) -> dict[str, np.ndarray]:
    """Give every parameter its drawn value; returns them named and laid out (HWIO) as vqgan-jax has them."""
    drawn: dict[str, np.ndarray] = {}
    for name, parameter in module.named_parameters():
        shape = tuple(parameter.shape)
        place = jax_name(name, of_norm=len(shape) == 1)
        laid_out = (shape[2], shape[3], shape[1], shape[0]) if len(shape) == 4 else shape
        drawn[place] = draw(place, laid_out)
        value = drawn[place].transpose(3, 2, 0, 1) if len(shape) == 4 else drawn[place]
        parameter.data = torch.from_numpy(np.ascontiguousarray(value))
    return drawn


def set_epsilon(module: torch.nn.Module, epsilon: float) -> None:
    """Of every GroupNorm."""
    for part in module.modules():
        if isinstance(part, torch.nn.GroupNorm):
            part.eps = epsilon


def taming(config: dict[str, Any], draw: Any) -> tuple[Any, dict[str, np.ndarray]]:
    """taming's VQModel with drawn weights, and those weights."""
    model = import_taming()(config, {"target": "torch.nn.Identity"}, config["n_embed"], config["embed_dim"]).eval()
    return model, fill(model, draw)


# ----------------------------------------------------------------------------------------------- goldens


def channels_last(picture: torch.Tensor) -> np.ndarray:
    return np.ascontiguousarray(picture.permute(0, 2, 3, 1).numpy())


def decode(model: Any, ids: np.ndarray, config: dict[str, Any]) -> np.ndarray:
    """taming: ids [n, tokens] to pictures [n, side, side, 3], not clipped."""
    side = int(ids.shape[1] ** 0.5)
    codes = model.quantize.get_codebook_entry(torch.from_numpy(ids).long(), (len(ids), side, side, config["embed_dim"]))
    return channels_last(model.decode(codes))


def encode(model: Any, pictures: np.ndarray) -> np.ndarray:
    """taming: pictures [n, side, side, 3] to ids [n, tokens]."""
    _, _, (_, _, ids) = model.encode(torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()))
    return ids.reshape(len(pictures), -1).numpy().astype(np.int32)


def inputs(name: str, config: dict[str, Any], number: int) -> tuple[np.ndarray, np.ndarray]:
    """Random ids [number, tokens] and pictures in [0, 1]; the test draws the pictures again."""
    side = config["resolution"]
    tokens = (side >> (len(config["ch_mult"]) - 1)) ** 2
    ids = fixtures.integers(f"vqgan/{name}/ids", (number, tokens), 0, config["n_embed"])
    return ids, fixtures.vqgan_pictures(name, number, side)


def by_taming(name: str, config: dict[str, Any], model: Any, number: int) -> dict[str, np.ndarray]:
    """Goldens of taming: the decoded pictures thinned out, the codes of the encoded ones."""
    ids, pictures = inputs(name, config, number)
    with torch.no_grad():
        decoded, codes = decode(model, ids, config), encode(model, pictures)
    print(f"{name}: pixels {decoded.mean():.2f} ± {decoded.std():.2f}, {len(np.unique(codes))} codes", file=sys.stderr)
    if not 0.05 < decoded.std() < 0.5 or len(np.unique(codes)) < min(codes.size, config["n_embed"]) / 8:
        raise SystemExit(f"{name}: these weights make no meaningful test")
    return {"ids": ids, "taming.decoded": fixtures.every_13th(decoded), "taming.codes": codes}


def by_min_dalle(ids: np.ndarray) -> dict[str, np.ndarray]:
    """Goldens of min-dalle at the published size: pixels of 0 to 255, with its own epsilon and with the trained one."""
    module = VQGanDetokenizer().eval()
    fill(module, fixtures.vqgan_tensor)
    goldens: dict[str, np.ndarray] = {}
    for name, epsilon in (("own_epsilon", 1e-5), ("trained_epsilon", 1e-6)):
        set_epsilon(module, epsilon)
        with torch.no_grad():
            pixels = module.forward(False, torch.from_numpy(ids).long())
        goldens[f"min_dalle.{name}"] = fixtures.every_13th(pixels.numpy()[None])
    return goldens


def save(folder: Path, config: dict[str, Any], goldens: dict[str, np.ndarray]) -> None:
    """config.json beside the goldens."""
    fixtures.write_arrays(folder / "goldens.safetensors", goldens)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def make_small(folder: Path) -> None:
    """Weights of float16 precision in a file."""
    model, drawn = taming(SMALL, lambda name, shape: half(fixtures.vqgan_tensor(name, shape)))
    save(folder, SMALL, by_taming("small", SMALL, model, number=2))
    fixtures.write_arrays(folder / "model.safetensors", {n: v.astype(np.float16) for n, v in drawn.items()})


def half(tensor: np.ndarray) -> np.ndarray:
    """Rounded to float16, still float32."""
    return tensor.astype(np.float16).astype(np.float32)


def make(folder: Path) -> None:
    """The three models' goldens and the manifest."""
    make_small(folder / "small")
    model, _ = taming(NARROW, fixtures.vqgan_tensor)
    save(folder / "narrow", NARROW, by_taming("narrow", NARROW, model, number=1))
    model, _ = taming(PUBLISHED, fixtures.vqgan_tensor)
    goldens = by_taming("published", PUBLISHED, model, number=1)
    save(folder / "published", PUBLISHED, goldens | by_min_dalle(goldens["ids"]))
    fixtures.write_manifest(folder, COMMAND, PACKAGES)


def main() -> None:
    """Write the fixtures, or redo them in a temporary folder and compare."""
    fixtures.write_or_check("vqgan", make, __doc__)


if __name__ == "__main__":
    main()
