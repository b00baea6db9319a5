"""How long a picture takes at DALL·E mini's published size, beside the official package and min-dalle.

    uv run python -m benchmarks.drawing     about 20 minutes on 2 idle cores, 12 GB of disk and 4 GB of memory;
                                            writes benchmarks/results/drawing.json

Random weights (437,833,712 parameters and the published VQGAN), float32, 256 tokens, condition scale 10, each
program in a process of its own, one after the other. Ours starts from files in the official layout. The official
package runs on today's jax with aliases (`reference/current`), which is five times faster at batch 1 than its own
pinned packages; it has no VQGAN, so our decoding is added to its time. min-dalle decodes by itself. Compiling is
left out of everyone's time and told apart. The floor is what the memory and the matrix products of this machine,
measured in the same run, allow: weights read once a token, products at the rate of a large product.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import publish

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/drawing.json"
BATCHES = (1, 8)
REPEATS = 3
CAPTION = "a photograph of a wooden boat on a quiet lake at the foot of the mountains"
OFFICIAL = {1: 1, 8: 4}  # our batch: the official package's best one that fits
MIN_DALLE = {1: 1, 8: 2}  # our batch: min-dalle's grid (2 x 2 pictures; larger is slower)
DECODING_FLOP = 250e9  # of one picture: XLA's own count for the published VQGAN decoder


# -------------------------------------------------------------------------------------------------- files


def write_models(home: Path) -> None:
    """A text-to-image model in the official layout (flax_model.msgpack) and a VQGAN, random."""
    from benchmarks.load import random_pieces, write_msgpack
    from rapporteur.dalle import checkpoint, dalle, vqgan
    from rapporteur.dalle.model_config import config_bytes
    from rapporteur.dalle.tokenizer import CaptionTokenizer

    def drawn(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
        if name.endswith("scale"):
            return np.ones(shape, np.float32)
        return np.concatenate(list(random_pieces(shape, seed))).reshape(shape)

    for folder, config, shapes in (
        ("dalle", dalle.DalleConfig(normalize_text=False), dalle.parameter_shapes),
        ("vqgan", vqgan.VqganConfig(), vqgan.parameter_shapes),
    ):
        (home / folder).mkdir()
        (home / folder / "config.json").write_bytes(config_bytes(config))
        flat = checkpoint.flatten(shapes(config))  # type: ignore[operator]
        tensors = {name: drawn(name, shape, seed) for seed, (name, shape) in enumerate(flat.items())}
        with (home / folder / "flax_model.msgpack").open("wb") as stream:
            write_msgpack(stream, checkpoint.unflatten(tensors))
    CaptionTokenizer.train([CAPTION], 400, 64).save(home / "dalle")


# -------------------------------------------------------------------------------------------------- ours


def ours(home: Path, batch: int) -> dict[str, Any]:
    """Load, compile or read what was compiled, draw; in a process of its own."""
    import jax

    from rapporteur.dalle.generator import DalleMini
    from rapporteur.dalle.sampling import SamplerSettings

    jax.block_until_ready(jax.device_put(np.zeros(1)))
    start = time.perf_counter()
    model = DalleMini.load(home / "dalle", home / "vqgan", SamplerSettings(10.0), batch)
    loaded = time.perf_counter()
    captions, seeds = [CAPTION] * batch, list(range(batch))
    pictures = model.draw(captions, seeds)
    first = time.perf_counter()
    assert pictures.shape == (batch, 256, 256, 3) and pictures.std() > 1
    whole = [seconds(lambda: model.draw(captions, seeds)) for _ in range(REPEATS)]
    tokens = np.zeros((batch, 256), np.int32)
    decoding = min(seconds(lambda: model.replicas[0].vqgan.decode(tokens)) for _ in range(REPEATS))
    return {
        "load_s": loaded - start,
        "first_draw_s": first - loaded,
        "seconds_per_picture": min(whole) / batch,
        "decoding_per_picture": decoding / batch,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


# -------------------------------------------------------------------------------------------------- the floor


def copy_bandwidth() -> float:
    """Bytes read and written a second by all cores, from arrays larger than any cache."""
    cores = os.cpu_count() or 1
    pairs = [(np.ones(2**25, np.float32), np.empty(2**25, np.float32)) for _ in range(cores)]
    with ThreadPoolExecutor(cores) as pool:

        def once() -> None:
            list(pool.map(lambda pair: np.copyto(pair[1], pair[0]), pairs))

        once()
        best = min(seconds(once) for _ in range(5))
    return 2 * sum(pair[0].nbytes for pair in pairs) / best


def product_rate() -> float:
    """Floating-point operations a second of a large matrix product."""
    import jax
    import jax.numpy as jnp

    matrix, product = jnp.ones((2048, 2048)), jax.jit(jnp.dot)
    jax.block_until_ready(product(matrix, matrix))
    best = min(seconds(lambda: jax.block_until_ready(product(matrix, matrix))) for _ in range(5))
    return 2 * 2048**3 / best


def floor(batch: int, bandwidth: float, rate: float) -> float:
    """Seconds a picture that neither memory nor arithmetic lets one go below."""
    from rapporteur.dalle.dalle import DalleConfig
    from rapporteur.dalle.memory import decoder_step_weights

    config = DalleConfig()
    weights = decoder_step_weights(config)
    reading = 4 * weights / bandwidth / batch
    multiplying = 2 * 2 * weights / rate  # two passes, a product and a sum
    return config.image_length * max(reading, multiplying) + DECODING_FLOP / rate


# -------------------------------------------------------------------------------------------------- all


def program(*command: str, **environment: str) -> dict[str, Any]:
    """The JSON object that a program prints last."""
    run = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | environment)
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def compare(batch: int, home: Path, machine: dict[str, float]) -> dict[str, Any]:
    """One batch size: ours with an empty and with a filled cache of compiled functions, then the peers."""
    mine = [sys.executable, "-m", "benchmarks.drawing", "--one", str(home), str(batch)]
    cold, warm = (program(*mine, JAX_COMPILATION_CACHE_DIR=str(home / "compiled")) for _ in range(2))
    best = min(cold["seconds_per_picture"], warm["seconds_per_picture"])
    peer = ["uv", "run", "--quiet", "--project"]
    official = program(
        *peer, "reference/current", "python", "reference/time_official.py", "--batch", str(OFFICIAL[batch])
    )
    minimal = program(
        *peer, "reference/pytorch", "python", "reference/time_min_dalle.py", "--grid", str(MIN_DALLE[batch])
    )
    theirs = official["seconds_per_picture"] + warm["decoding_per_picture"]
    theirs_too = minimal["draw_seconds_per_picture"] + minimal["detokenize_seconds_per_picture"]
    least = floor(batch, machine["copy_bytes_per_s"], machine["product_flop_per_s"])
    return {
        "ratios": {
            "official_over_ours": round(theirs / best, 2),
            "min_dalle_over_ours": round(theirs_too / best, 2),
            "floor_over_ours": round(least / best, 2),
            "start_cold_over_warm": round(
                (cold["load_s"] + cold["first_draw_s"]) / (warm["load_s"] + warm["first_draw_s"]), 2
            ),
            "peak_memory_over_weights_and_caches": round(warm["peak_memory_bytes"] / held_bytes(batch), 2),
        },
        "seconds_per_picture": {"ours": best, "official": theirs, "min_dalle": theirs_too, "floor": least},
        "ours_without_cache": cold,
        "ours_with_cache": warm,
        "official": official,
        "min_dalle": minimal,
    }


def held_bytes(batch: int) -> int:
    """Both networks in float32, and the keys and values of a batch."""
    from rapporteur.dalle.dalle import DalleConfig
    from rapporteur.dalle.memory import picture_bytes, weight_bytes

    return weight_bytes(DalleConfig()) + 4 * 76_073_859 + batch * picture_bytes(DalleConfig())


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps({name: round(value, 3) for name, value in ours(Path(sys.argv[2]), int(sys.argv[3])).items()}))
        return
    machine = {"copy_bytes_per_s": copy_bandwidth(), "product_flop_per_s": product_rate()}
    with tempfile.TemporaryDirectory() as folder:
        write_models(Path(folder))
        found = {f"batch {batch}": compare(batch, Path(folder), machine) for batch in BATCHES}
    described = {"machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"}
    publish(RESULT, described | machine | found)


if __name__ == "__main__":
    main()
