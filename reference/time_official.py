"""Time the official dalle-mini's token drawing with random weights of a published size; prints one JSON object.

    uv run --project reference/current python reference/time_official.py --batch 4    # on today's jax: fair
    uv run --project reference python reference/time_official.py --batch 4            # its pinned stack

Without VQGAN decoding (the package has none) and without compiling, which is stated apart. At the published mini-1 size
on two CPU cores: about a minute of loading and compiling, then 34 (batch 4) to 80 seconds (batch 1) a picture on
today's jax; 3 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import time
from importlib import metadata
from typing import Any

import jax
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict
from official import DalleBart, DalleBartConfig, OfficialModel

SHARED = {"dropout": 0.0, "activation_dropout": 0.0, "gradient_checkpointing": False}
SIZES = {
    "mini-1": {"encoder_ffn_dim": 2730, "decoder_ffn_dim": 2730},
    "mega-1": {
        "d_model": 2048, "encoder_ffn_dim": 4096, "decoder_ffn_dim": 4096, "encoder_layers": 24, "decoder_layers": 24,
        "encoder_attention_heads": 32, "decoder_attention_heads": 32, "encoder_vocab_size": 50272,
        "image_vocab_size": 16415,
    },
    "tiny": {
        "d_model": 64, "encoder_ffn_dim": 96, "decoder_ffn_dim": 96, "encoder_layers": 2, "decoder_layers": 2,
        "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_vocab_size": 320, "image_vocab_size": 288,
    },
}  # fmt: skip


def random_params(model: DalleBart) -> Any:
    """Float32 weights with a spread that keeps every number finite and of about 1."""
    random = np.random.default_rng(0)

    def drawn(name: str, shape: tuple[int, ...]) -> np.ndarray:
        if name.endswith("scale"):
            return np.ones(shape, np.float32)
        spread = 1 / math.sqrt(shape[-2]) if name.endswith("kernel") else 0.02
        return random.random(shape, np.float32) * np.float32(2 * spread) - np.float32(spread)

    flat = flatten_dict(model.params_shape_tree, sep=".")
    return jax.device_put(unflatten_dict({name: drawn(name, leaf.shape) for name, leaf in flat.items()}, sep="."))


def text(batch: int, words: int) -> dict[str, np.ndarray]:
    """Captions of 16 tokens, and the empty one."""
    ids = np.ones((batch, 64), np.int32)
    ids[:, :16] = np.random.default_rng(1).integers(5, words, (batch, 16))
    ids[:, 0], ids[:, 15] = 0, 2
    blank = np.repeat(np.array([[0, 2] + [1] * 62], np.int32), batch, axis=0)
    masks = [(one != 1).astype(np.int32) for one in (ids, blank)]
    return {
        "input_ids": ids, "attention_mask": masks[0], "input_ids_uncond": blank, "attention_mask_uncond": masks[1],
    }  # fmt: skip


def compiled(model: DalleBart, params: Any, words: dict[str, np.ndarray], scale: float) -> tuple[Any, float]:
    """`generate` compiled for this batch, and the seconds that took."""

    def draw(params: Any, key: jax.Array, words: dict[str, jax.Array]) -> jax.Array:
        return model.generate(**words, params=params, prng_key=key, condition_scale=scale, min_length=257).sequences

    start = time.perf_counter()
    ready = jax.jit(draw).lower(params, jax.random.PRNGKey(0), words).compile()
    return ready, time.perf_counter() - start


def timed(ready: Any, params: Any, words: dict[str, np.ndarray], repeats: int) -> list[float]:
    """Seconds of each batch."""
    seconds = []
    for repeat in range(repeats):
        start = time.perf_counter()
        tokens = np.asarray(ready(params, jax.random.PRNGKey(repeat), words))
        seconds.append(time.perf_counter() - start)
        assert tokens.shape[1] == 257 and len(np.unique(tokens)) > 9, "these are no drawn tokens"
    return seconds


def main() -> None:
    """Build, compile, time, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="mini-1")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--condition-scale", type=float, default=10.0)
    parser.add_argument("--repeats", type=int, default=1, help="timed batches")
    given = parser.parse_args()
    model = OfficialModel(DalleBartConfig(**SHARED, **SIZES[given.size]), _do_init=False)
    params, words = random_params(model), text(given.batch, model.config.encoder_vocab_size)
    ready, compile_seconds = compiled(model, params, words, given.condition_scale)
    seconds = timed(ready, params, words, given.repeats)
    report = {
        "program": "dalle-mini",
        "versions": {name: metadata.version(name) for name in ("dalle-mini", "jax", "jaxlib", "flax", "transformers")},
        "size": given.size,
        "parameters": sum(leaf.size for leaf in jax.tree_util.tree_leaves(params)),
        "batch": given.batch,
        "condition_scale": given.condition_scale,
        "compile_seconds": round(compile_seconds, 2),
        "seconds": [round(one, 3) for one in seconds],
        "seconds_per_picture": round(min(seconds) / given.batch, 3),
        "vqgan": "not included",
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
