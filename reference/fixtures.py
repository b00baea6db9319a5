"""What the fixture scripts and the parity tests share: weights drawn from names alone, manifests, comparison.

numpy and safetensors only, for it is imported in four environments. Weights come from the raw 64-bit stream of
PCG64, which numpy keeps the same for ever (it does not promise that of `standard_normal` or `integers`), by
exact float32 arithmetic: every numpy on every machine draws the same bits.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "reference"
MANIFEST = "MANIFEST.json"
# Of 1 + the largest golden value. Another instruction set (SSE, AVX2, AVX-512) moves these values by up to 4e-6 of it,
# jax 0.12 instead of 0.4.13 by 2e-6; the same machine gives the same bits.
FLOAT_TOLERANCE = 1e-5


def uniform(name: str, shape: tuple[int, ...], scale: float = 1.0) -> np.ndarray:
    """Float32 numbers in [-scale, scale), decided by `name` and `shape` alone."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    bits = np.random.PCG64(seed).random_raw(math.prod(shape)) >> np.uint64(40)
    return ((bits.astype(np.float32) * np.float32(2**-23) - np.float32(1)) * np.float32(scale)).reshape(shape)


def integers(name: str, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
    """Int32 numbers in [low, high), decided by `name`, `shape` and the bounds."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    words = np.random.PCG64(seed).random_raw(math.prod(shape)) % np.uint64(high - low)
    return (words.astype(np.int64) + low).astype(np.int32).reshape(shape)


def vqgan_tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A weight of a random VQGAN, named and shaped as vqgan-jax does; its pictures lie in about [0, 1].

    Scales and biases of the norms are all different, so that a swapped norm shows.
    """
    *_, layer, kind = name.split(".")
    if layer == "conv_in":  # small: the first norms then show a wrong epsilon
        return uniform(name, shape, 0.03 / math.sqrt(math.prod(shape[:-1])))
    if kind == "scale":
        return np.float32(1) + uniform(name, shape, 0.3)
    if kind == "bias":
        return uniform(name, shape, 0.3) + np.float32(0.5 if name == "decoder.conv_out.bias" else 0)
    if kind == "embedding":
        return uniform(name, shape, 1.7)
    gain = 0.2 if name == "decoder.conv_out.kernel" else 1.4 if layer in ("q", "k") else 1.0
    return uniform(name, shape, gain * math.sqrt(3 / math.prod(shape[:-1])))


def vqgan_pictures(name: str, number: int, side: int) -> np.ndarray:
    """Pictures [number, side, side, 3] in [0, 1] to encode: 8 x 8 squares of random colours under some noise."""
    squares = uniform(f"vqgan/{name}/squares", (number, 8, 8, 3), 0.4)
    noise = uniform(f"vqgan/{name}/noise", (number, side, side, 3), 0.1)
    return np.float32(0.5) + squares.repeat(side // 8, axis=1).repeat(side // 8, axis=2) + noise


def every_13th(picture: np.ndarray) -> np.ndarray:
    """Every 13th pixel of [..., side, side, 3]: few numbers, yet every row and column of a 16 x 16 block is among
    them (13 shares no factor with a power of two)."""
    return picture.reshape(*picture.shape[:-3], -1, 3)[..., ::13, :]


# ------------------------------------------------------------------------------------------------- files


def write_arrays(file: Path, arrays: dict[str, np.ndarray]) -> None:
    """Safetensors: the same arrays give the same bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(save({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}))


def write_manifest(folder: Path, command: str, packages: tuple[str, ...]) -> None:
    """MANIFEST.json: the command, the packages that made the files, and each file's SHA-256 and size."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != MANIFEST]
    content = {
        "command": command,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in packages},
        "files": {
            str(file.relative_to(folder)): {"sha256": sha256(file), "bytes": file.stat().st_size} for file in files
        },
    }
    (folder / MANIFEST).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def sha256(file: Path) -> str:
    """Of a file's bytes, hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


# -------------------------------------------------------------------------------------------- comparison


def differences(old: Path, new: Path) -> list[str]:
    """What differs between two fixture folders: whole numbers and other files exactly, floats by the tolerance."""
    names = sorted({str(f.relative_to(d)) for d in (old, new) for f in d.rglob("*") if f.is_file()} - {MANIFEST})
    found: list[str] = []
    for name in names:
        if not (old / name).exists() or not (new / name).exists():
            found.append(f"{name}: only in one of the two folders")
        elif name.endswith("goldens.safetensors"):
            found += _array_differences(name, load_file(old / name), load_file(new / name))
        elif sha256(old / name) != sha256(new / name):
            found.append(f"{name}: other bytes")
    return found


def _array_differences(file: str, old: dict[str, np.ndarray], new: dict[str, np.ndarray]) -> list[str]:
    if old.keys() != new.keys():
        return [f"{file}: other arrays: {sorted(old.keys() ^ new.keys())}"]
    return [line for name in sorted(old) if (line := _array_difference(f"{file}: {name}", old[name], new[name]))]


def _array_difference(name: str, old: np.ndarray, new: np.ndarray) -> str | None:
    if old.shape != new.shape or old.dtype != new.dtype:
        return f"{name}: {old.dtype}{old.shape} became {new.dtype}{new.shape}"
    if old.dtype.kind != "f":
        return None if np.array_equal(old, new) else f"{name}: {np.mean(old != new):.2%} of the numbers differ"
    worst, allowed = float(np.abs(old - new).max()), FLOAT_TOLERANCE * (1 + float(np.abs(old).max()))
    return None if worst <= allowed else f"{name}: differs by up to {worst:.2e}; {allowed:.2e} allowed"


def finish(old: Path, new: Path) -> None:
    """End a `--check` run: say what differs and leave with 1, or say that all agrees."""
    found = differences(old, new)
    print("\n".join(found) if found else f"{old.name}: redone, all the same", file=sys.stderr)
    sys.exit(1 if found else 0)


def write_or_check(name: str, make: Callable[[Path], None], description: str | None) -> None:
    """The command of a fixture script: write the folder `name`, or with `--check` redo it elsewhere and compare."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="redo in a temporary folder and compare")
    target = FOLDER / name
    if not parser.parse_args().check:
        make(target)
        return
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        finish(target, Path(folder))
