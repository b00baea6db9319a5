"""How long a model of mini-1's size (437,833,712 parameters, random) takes from a warm disk cache, and its memory.

    uv run python -m benchmarks.load      about 5 minutes on 2 cores, 7 GB of disk; writes benchmarks/results/load.json

Each way runs in processes of its own, once to warm the cache and then five times; medians. `load_s` ends when the
tree of arrays is there, checked; `jax_s` when JAX has it too; peaks are above what the imports took. The peers read
the same files: safetensors' own load_file, and msgpack.unpackb with views for arrays, which is what flax does.
Neither checks a shape or a number. Memory that was never used before comes slowly on a virtual machine (1.75 GB in
0.2 to 5 s have been seen), so that ways which need it vary from run to run: `slowest_s` is told as well.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from benchmarks import publish

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/load.json"
RUNS = 5
# Each way: what it reads, and which other way is its peer.
WAYS = {
    "safetensors": ("safetensors", None),
    "msgpack": ("msgpack", None),
    "converted": ("converted", None),
    "float16_to_float32": ("half", None),
    "float32_to_bfloat16": ("safetensors", None),
    "peer_safetensors_load_file": ("safetensors", "safetensors"),
    "peer_msgpack_unpackb": ("msgpack", "msgpack"),
}


# -------------------------------------------------------------------------------------------------- files


def random_pieces(shape: tuple[int, ...], seed: int) -> Iterator[np.ndarray]:
    random, left = np.random.default_rng(seed), int(np.prod(shape))
    while left:
        piece = random.standard_normal(min(left, 1 << 20), np.float32) * np.float32(0.02)
        left -= len(piece)
        yield piece


def write_msgpack(stream: BinaryIO, tree: dict[str, Any]) -> None:
    """As flax serialises nested dicts of arrays."""
    import msgpack

    packer = msgpack.Packer()
    stream.write(packer.pack_map_header(len(tree)))
    for name, value in tree.items():
        stream.write(packer.pack(name))
        if isinstance(value, dict):
            write_msgpack(stream, value)
        else:
            inner = msgpack.packb((value.shape, value.dtype.name, value.tobytes()))
            stream.write(packer.pack(msgpack.ExtType(1, inner)))


def write_models(home: Path) -> None:
    """The same random model in four folders."""
    from rapporteur.dalle import checkpoint, dalle
    from rapporteur.dalle.convert import convert
    from rapporteur.dalle.model_config import config_bytes
    from rapporteur.dalle.weights import MSGPACK, SAFETENSORS, Outgoing, write_safetensors

    shapes = checkpoint.flatten(dalle.parameter_shapes(dalle.DalleConfig()))
    for name in ("safetensors", "msgpack"):
        (home / name).mkdir()
        (home / name / "config.json").write_bytes(config_bytes(dalle.DalleConfig()))
    float32 = np.dtype(np.float32)
    tensors = {
        name: Outgoing(float32, shape, random_pieces(shape, seed)) for seed, (name, shape) in enumerate(shapes.items())
    }
    with (home / "safetensors" / SAFETENSORS).open("wb") as stream:
        write_safetensors(stream, tensors)
    flat = checkpoint.read_weights(home / "safetensors" / SAFETENSORS)
    with (home / "msgpack" / MSGPACK).open("wb") as stream:
        write_msgpack(stream, checkpoint.unflatten(flat))
    convert(home / "msgpack", home / "converted")
    convert(home / "msgpack", home / "half", "float16")


# -------------------------------------------------------------------------------------------------- one run


def unpack(file: Path) -> Any:
    import msgpack

    def extension(_: int, data: bytes) -> np.ndarray:
        shape, kind, values = msgpack.unpackb(data, max_bin_len=len(data))
        return np.frombuffer(values, kind).reshape(shape)

    data = file.read_bytes()
    return msgpack.unpackb(data, ext_hook=extension, max_ext_len=len(data))


def loader(way: str, folder: Path) -> Callable[[], Any]:
    from safetensors.numpy import load_file

    from rapporteur.dalle.checkpoint import load_dalle

    if way == "peer_safetensors_load_file":
        return lambda: load_file(folder / "model.safetensors")
    if way == "peer_msgpack_unpackb":
        return lambda: unpack(folder / "flax_model.msgpack")
    return lambda: load_dalle(folder, "bfloat16" if way == "float32_to_bfloat16" else "float32")[0]


def peak() -> int:
    """The most memory that this process has had, bytes (Linux)."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def one(way: str, folder: Path) -> dict[str, float]:
    import jax

    load = loader(way, folder)
    jax.block_until_ready(jax.device_put(np.zeros(1)))
    before, start = peak(), time.perf_counter()
    tree = load()
    loaded, high = time.perf_counter(), peak()
    arrays = jax.block_until_ready(jax.device_put(tree))
    end = time.perf_counter()
    weights = sum(leaf.nbytes for leaf in jax.tree.leaves(arrays))
    return {
        "load_s": loaded - start,
        "jax_s": end - start,
        "load_peak_over_weights": (high - before) / weights,
        "jax_peak_over_weights": (peak() - before) / weights,
    }


# -------------------------------------------------------------------------------------------------- all runs


def runs(way: str, folder: Path) -> dict[str, float]:
    found = []
    for _ in range(RUNS + 1):
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", "--one", way, str(folder)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"JAX_PLATFORMS": "cpu"},
        )
        found.append(json.loads(run.stdout))
    kept = found[1:]
    result = {name: round(statistics.median(run[name] for run in kept), 3) for name in kept[0]}
    return result | {"slowest_s": round(max(run["load_s"] for run in kept), 3)}


def digest_seconds(folder: Path) -> float:
    from rapporteur.dalle.checkpoint import digest

    start = time.perf_counter()
    digest(folder)
    return round(time.perf_counter() - start, 2)


def measure(home: Path) -> dict[str, object]:
    write_models(home)
    found = {way: runs(way, home / folder) for way, (folder, _) in WAYS.items()}
    ratios = {
        f"{way}_over_ours_{moment}": round(found[way][moment] / found[ours][moment], 1)
        for way, (_, ours) in WAYS.items()
        if ours
        for moment in ("load_s", "jax_s")
    }
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "parameters": 437_833_712,
        "ratios": ratios,
        "digest_s": digest_seconds(home / "safetensors"),
        **found,
    }


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2], Path(sys.argv[3]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder))
    publish(RESULT, result)


if __name__ == "__main__":
    main()
