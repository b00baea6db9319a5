"""Time a training step of the official dalle-mini with random weights of a published size; prints one JSON object.

    uv run --project reference/current python reference/time_training.py --batch 4    # on today's jax: fair
    uv run --project reference python reference/time_training.py --batch 4            # its pinned stack

The step is that of its training program: the model called with the captions and the shifted image tokens, the mean
cross entropy of all logits against one-hot labels, gradients of every weight, and an update by optax's AdamW behind a
clip of the gradient's norm, in float32, without dropout. Its own program updates by distributed Shampoo, which takes
longer. At the published mini-1 size on two CPU cores: two minutes, 12 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from functools import partial
from importlib import metadata
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from official import DalleBartConfig, OfficialModel
from time_official import SHARED, SIZES, random_params, text

RATE, CLIP = 1e-6, 1.0


def batch_of(config: DalleBartConfig, size: int) -> dict[str, np.ndarray]:
    """Captions, image tokens, and these shifted by the start token."""
    words = text(size, config.encoder_vocab_size)
    labels = np.random.default_rng(2).integers(0, config.image_vocab_size, (size, config.image_length), dtype=np.int32)
    start = np.full((size, 1), config.decoder_start_token_id, np.int32)
    shifted = np.concatenate([start, labels[:, :-1]], axis=1)
    return {
        "input_ids": words["input_ids"], "attention_mask": words["attention_mask"], "decoder_input_ids": shifted,
        "labels": labels,
    }  # fmt: skip


def step_of(model: OfficialModel) -> tuple[Any, Any]:
    """The optimiser and the step `(params, moments, batch) -> (params, moments, loss)`."""
    optimiser = optax.chain(optax.clip_by_global_norm(CLIP), optax.adamw(RATE, b2=0.99, weight_decay=0.0))

    def loss(params: Any, batch: dict[str, jax.Array]) -> jax.Array:
        given = {name: value for name, value in batch.items() if name != "labels"}
        logits = model(**given, params=params, train=True, dropout_rng=jax.random.PRNGKey(0))[0]
        return optax.softmax_cross_entropy(logits, jax.nn.one_hot(batch["labels"], logits.shape[-1])).mean()

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(params: Any, moments: Any, batch: dict[str, jax.Array]) -> tuple[Any, Any, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(params, batch)
        updates, moments = optimiser.update(gradient, moments, params)
        return optax.apply_updates(params, updates), moments, value

    return optimiser, step


def main() -> None:
    """Build, compile, time, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="mini-1")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3, help="timed steps")
    given = parser.parse_args()
    model = OfficialModel(DalleBartConfig(**SHARED, **SIZES[given.size]), _do_init=False)
    params, batch = random_params(model), batch_of(model.config, given.batch)
    parameters = sum(leaf.size for leaf in jax.tree_util.tree_leaves(params))
    optimiser, step = step_of(model)
    state = params, jax.jit(optimiser.init)(params)
    del params
    seconds, losses = [], []
    for _ in range(given.repeats + 1):  # the first one compiles
        start = time.perf_counter()
        *state, value = step(*state, {name: jnp.asarray(part) for name, part in batch.items()})
        losses.append(float(value))
        seconds.append(time.perf_counter() - start)
    assert np.isfinite(losses).all() and losses[-1] < losses[0], f"it does not learn: {losses}"
    tokens = given.batch * model.config.image_length
    report = {
        "program": "dalle-mini",
        "versions": {name: metadata.version(name) for name in ("dalle-mini", "jax", "jaxlib", "flax", "optax")},
        "size": given.size,
        "parameters": parameters,
        "batch": given.batch,
        "first_step_seconds": round(seconds[0], 2),
        "seconds": [round(one, 3) for one in seconds[1:]],
        "tokens_per_second": round(tokens / min(seconds[1:]), 2),
        "loss": round(losses[0], 4),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
