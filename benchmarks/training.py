"""How fast the landscape model learns at DALL·E mini's published size, beside the official package's own step.

    uv run python -m benchmarks.training     about 10 minutes on 2 idle cores, 13 GB of memory;
                                             writes benchmarks/results/training.json

Random weights (437,833,712 parameters), captions of 16 tokens, 256 image tokens, every weight trained by AdamW behind a
clip, float32, without dropout; each program in a process of its own, one after the other. The official package runs on
today's jax (`reference/current`) and on the packages that it was made for (`reference`); compiling is left out of
everyone's time. The floor is what the products of a step take at the rate of a large product, measured in the same run.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
import time
from typing import Any

import numpy as np

from benchmarks import publish
from benchmarks.drawing import ROOT, product_rate, program

RESULT = ROOT / "benchmarks/results/training.json"
BATCH, REPEATS = 4, 3
WORDS = 16  # tokens of a caption
RATE = 1e-6
PEERS = {"official": "reference/current", "official_pinned": "reference"}


def ours(batch: int, tiny: bool = False) -> dict[str, Any]:
    """The step of `rapporteur.dalle.training`, in a process of its own."""
    import jax
    import jax.numpy as jnp

    from rapporteur.dalle.checkpoint import flatten
    from rapporteur.dalle.dalle import DalleConfig
    from rapporteur.dalle.optimise import Schedule
    from rapporteur.dalle.training import DalleTraining, initial_parameters, make_step

    config = DalleConfig(**TINY) if tiny else DalleConfig()
    training = DalleTraining(Schedule(100, RATE, warmup=0, decay="constant"), batch=batch, precision="float32")
    weights = {name: jnp.asarray(leaf) for name, leaf in flatten(initial_parameters(config, 0)).items()}
    parameters = sum(leaf.size for leaf in weights.values())
    arrays = {"weights": weights, "moments": training.schedule.optimiser().init(weights)}
    del weights
    random = np.random.default_rng(1)
    ids = random.integers(5, config.encoder_vocab_size, (batch, config.max_text_length), dtype=np.int32)
    mask = np.repeat((np.arange(config.max_text_length) < WORDS).astype(np.int32)[None], batch, axis=0)
    tokens = random.integers(0, config.image_vocab_size, (batch, config.image_length), dtype=np.int32)
    step, seconds, losses = make_step(config, training), [], []
    for number in range(REPEATS + 1):  # the first one compiles
        start = time.perf_counter()
        arrays, figures = step(arrays, {}, (ids, mask, tokens), jnp.int32(number))
        losses.append(float(jax.block_until_ready(figures)["loss"]))
        seconds.append(time.perf_counter() - start)
    assert np.isfinite(losses).all() and losses[-1] < losses[0], f"it does not learn: {losses}"
    return {
        "parameters": parameters,
        "batch": batch,
        "first_step_seconds": round(seconds[0], 2),
        "seconds": [round(one, 3) for one in seconds[1:]],
        "tokens_per_second": round(batch * config.image_length / min(seconds[1:]), 2),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


TINY = {
    "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "encoder_ffn_dim": 96, "decoder_ffn_dim": 96, "encoder_vocab_size": 320, "image_vocab_size": 288,
    "decoder_start_token_id": 288,
}  # fmt: skip


def floor_tokens_per_second(rate: float) -> float:
    """Image tokens a second that the products of a step allow: forward, and twice that for the gradients."""
    from rapporteur.dalle.dalle import DalleConfig

    config = DalleConfig()
    width = config.d_model
    own = 4 * width**2 + 3 * width * config.encoder_ffn_dim
    encoder = config.encoder_layers * (own + 2 * config.max_text_length * width)
    in_decoder = 6 * width**2 + 3 * width * config.decoder_ffn_dim  # two attentions' queries and outputs, own keys
    from_text = 2 * width**2  # the text's keys and values
    attended = 2 * width * (config.image_length + config.max_text_length)
    decoder = config.decoder_layers * (in_decoder + attended) + width * (config.image_vocab_size + 1)
    of_text = encoder + config.decoder_layers * from_text
    forward = 2 * (config.image_length * decoder + config.max_text_length * of_text)
    return config.image_length * rate / (3 * forward)


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(ours(int(sys.argv[2]), tiny="--tiny" in sys.argv)))
        return
    rate = product_rate()
    mine = program(sys.executable, "-m", "benchmarks.training", "--one", str(BATCH))
    peers = {
        name: program(
            "uv", "run", "--quiet", "--project", project, "python", "reference/time_training.py", "--batch", str(BATCH)
        )
        for name, project in PEERS.items()
    }
    speed, most = mine["tokens_per_second"], floor_tokens_per_second(rate)
    ratios = {f"ours_over_{name}": round(speed / peer["tokens_per_second"], 2) for name, peer in peers.items()}
    described = {"machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"}
    found = {
        "product_flop_per_s": rate,
        "ratios": ratios | {"ours_over_floor": round(speed / most, 2)},
        "tokens_per_second": {"ours": speed, "floor": round(most, 2)}
        | {name: peer["tokens_per_second"] for name, peer in peers.items()},
        "ours": mine,
    }
    publish(RESULT, described | found | peers)


if __name__ == "__main__":
    main()
