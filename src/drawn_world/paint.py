"""Brushes of the drawn world: seeds, canvases, smooth noise, blending and supersampling.

Everything is in normalised coordinates (0..1 across and down the picture), so that one seed gives the same
picture at every size. Pictures are drawn at twice their size and reduced by 2x2 boxes. Arrays are float64, sRGB in
0..1. A canvas is [3, rows, columns], a colour [3, 1, 1]: with channels last, numpy blends ten times slower.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]
SUPERSAMPLING = 2


def seed_from(*parts: object) -> int:
    """A 64-bit seed from text and numbers: equal parts give an equal seed on every machine."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def generator(*parts: object) -> np.random.Generator:
    """A random generator that belongs to `parts` alone."""
    return np.random.Generator(np.random.PCG64(seed_from(*parts)))


def axis(pixels: int) -> Floats:
    """[pixels]: pixel centres in 0..1."""
    return (np.arange(pixels, dtype=np.float64) + 0.5) / pixels


def rgb(red: float, green: float, blue: float) -> Floats:
    """[3, 1, 1]: a colour from 8-bit sRGB values."""
    return np.array([red, green, blue], dtype=np.float64).reshape(3, 1, 1) / 255


def ramp(values: Floats, low: float, high: float) -> Floats:
    """Smoothstep of `values` from 0 at `low` to 1 at `high` (`low` may exceed `high`)."""
    t: Floats = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(below: Floats, above: Floats, share: Floats | float) -> Floats:
    """`below` where `share` is 0, `above` where it is 1; a [rows, columns] share serves all three channels."""
    return below + (above - below) * share


def reduce(canvas: Floats) -> Picture:
    """A canvas [3, 2 size, 2 size] in 0..1 to a uint8 [size, size, 3] picture by 2x2 box means."""
    rows = canvas[:, 0::2] + canvas[:, 1::2]
    means = (rows[:, :, 0::2] + rows[:, :, 1::2]) * 63.75
    return np.ascontiguousarray(np.clip(np.rint(means), 0, 255).astype(np.uint8).transpose(1, 2, 0))


def _spline_weights(coordinates: Floats, cells: int) -> sparse.csr_array:
    """[points, cells]: cubic B-spline weights of a periodic lattice; coordinate 1 is one whole period."""
    place = coordinates.astype(np.float64) * cells
    base = np.floor(place)
    t = place - base
    basis = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1) / 6
    columns = (base.astype(np.int32)[:, None] + np.arange(-1, 3, dtype=np.int32)) % cells
    starts = np.arange(len(place) + 1, dtype=np.int32) * 4
    return sparse.csr_array((basis.astype(np.float64).ravel(), columns.ravel(), starts), shape=(len(place), cells))


@lru_cache(maxsize=256)
def _even_weights(pixels: int, cells: int) -> sparse.csr_array:
    return _spline_weights(axis(pixels), cells)


def _weights(points: int | Floats, cells: int) -> sparse.csr_array:
    return _even_weights(points, cells) if isinstance(points, int) else _spline_weights(points, cells)


def smooth_noise(
    random: np.random.Generator, rows: int | Floats, columns: int | Floats, cells: tuple[int, int]
) -> Floats:
    """[rows, columns] of smooth noise with mean 0 and standard deviation near 1.

    `rows` and `columns` are pixel counts, or coordinates (a perspective, say); `cells` is the number of random
    values down and across one unit. Two sparse products, 1 to 2 ms for 512 x 512: dense ones would call a BLAS
    whose idle threads cost three times the work, and whose rounding differs from one machine to the next.
    """
    lattice = random.standard_normal(cells, dtype=np.float32).astype(np.float64)
    down = _weights(rows, cells[0]) @ lattice
    noise: Floats = np.ascontiguousarray((_weights(columns, cells[1]) @ np.ascontiguousarray(down.T)).T)
    return noise * 2.1  # a cubic B-spline keeps 0.48 of the deviation of white noise in two dimensions


def fractal_noise(
    random: np.random.Generator,
    rows: int | Floats,
    columns: int | Floats,
    cells: tuple[int, int],
    *,
    octaves: int = 4,
    gain: float = 0.5,
) -> Floats:
    """Octaves of smooth noise, each twice as fine and `gain` times as strong; deviation near 1."""
    total = smooth_noise(random, rows, columns, cells)
    power = 1.0
    for octave in range(1, octaves):
        finer = (cells[0] << octave, cells[1] << octave)
        total += smooth_noise(random, rows, columns, finer) * (gain**octave)
        power += gain ** (2 * octave)
    noise: Floats = total / power**0.5
    return noise


def vignette(size: int, strength: float) -> Floats:
    """[size, size] factors that darken the corners by `strength`."""
    square = (axis(size) - 0.5) ** 2
    return 1 - (2 * strength) * (square[:, None] + square[None, :])
