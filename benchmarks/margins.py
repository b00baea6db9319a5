"""How far float32 misses the scores that tokens are drawn by: what `dalle/sampling.ROUNDING` must cover.

Peer: the same network in float64. Teacher-forced scores of the same tokens are compared, over the sample model and
over random weights in the published DALL·E mini's shape (`--published`: 2 minutes, 8 GB).

    uv run python benchmarks/margins.py [--published]      writes benchmarks/results/margins.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rapporteur.dalle import checkpoint, dalle
from rapporteur.dalle.dalle import EXACT, DalleConfig, numbers_in
from rapporteur.dalle.sampling import ROUNDING
from rapporteur.dalle.training import initial_parameters

SAMPLE = Path("models/sample/dalle")
OUT = Path("benchmarks/results/margins.json")


def missed(params: Any, config: DalleConfig, captions: int) -> dict[str, float]:
    """The largest and mean absolute difference between float32's and float64's scores, and the largest score."""
    chance = np.random.default_rng(0)
    ids = chance.integers(5, config.encoder_vocab_size, (captions, config.max_text_length)).astype(np.int32)
    mask = (np.arange(config.max_text_length) < 12).astype(np.int32)[None].repeat(captions, 0)
    tokens = chance.integers(0, config.image_vocab_size, (captions, config.image_length)).astype(np.int32)

    @jax.jit
    def scores(params: Any) -> jax.Array:
        encoded = dalle.encode_text(params, config, ids, mask)
        return dalle.logits(params, config, encoded, jnp.asarray(mask), jnp.asarray(tokens))

    single = np.asarray(scores(jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), params)), np.float64)
    with numbers_in(EXACT):
        double = np.asarray(scores(jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf), jnp.float64), params)))
    apart = np.abs(single - double)
    return {"largest": float(apart.max()), "mean": float(apart.mean()), "largest_score": float(np.abs(double).max())}


def main() -> None:
    params, config = checkpoint.load_dalle(SAMPLE)
    found = {"sample": missed(params, config, 32)}
    if "--published" in sys.argv:
        published = DalleConfig()
        found["published_shape"] = missed(initial_parameters(published, 0), published, 1)
    told = {"rounding_allowed": ROUNDING, "device": jax.devices()[0].device_kind, **found}
    OUT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
