"""How far two versions of a file lie apart, by what it holds: tables, pictures, numbers, weights.

Differences of numbers are relative to the larger of 1 and the number that was committed; of pictures, in levels of 255.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapporteur.core.pictures import load_picture
from rapporteur.core.tables import read_frame

ROUNDING = 1e-6  # of a number
LEVELS = 1.0  # of a pixel


@dataclass(frozen=True)
class Apart:
    """What differs: how many numbers or pixels, how far at most, and whether that is rounding."""

    items: int
    farthest: float
    rounding: bool
    what: str = ""  # where the contents can't be compared number by number: why


def apart(was: Path, now: Path, name: str) -> Apart:
    """How far two files of one name lie apart; their bytes are known to differ."""
    compare = COMPARED.get(Path(name).suffix)
    if compare is None:
        return Apart(1, float("inf"), False, "other bytes")
    try:
        return compare(was, now)
    except Unlike as reason:
        return Apart(1, float("inf"), False, str(reason))


class Unlike(Exception):
    """Two contents that have no numbers in common to compare; says why."""


def _within(differences: npt.NDArray[np.float64], bound: float) -> Apart:
    moved = differences[differences > 0]
    farthest = float(moved.max(initial=0.0))
    return Apart(len(moved), farthest, farthest <= bound)


def _numbers(was: npt.ArrayLike, now: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Relative differences; infinite where one is missing and the other is not."""
    first, second = np.asarray(was, dtype=np.float64).ravel(), np.asarray(now, dtype=np.float64).ravel()
    if first.shape != second.shape:
        raise Unlike(f"{len(first)} numbers were committed, {len(second)} are here")
    with np.errstate(invalid="ignore"):
        found = np.abs(first - second) / np.maximum(1, np.abs(first))
    both = np.isnan(first) & np.isnan(second) | (first == second)
    return np.where(both, 0.0, np.where(np.isnan(found), np.inf, found))


def _tables(was: Path, now: Path) -> Apart:
    first, second = (read_frame(path, path.name) for path in (was, now))
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        sizes = [f"{len(frame)} rows of {len(frame.columns)} columns" for frame in (first, second)]
        raise Unlike(f"{sizes[0]} were committed, {sizes[1]} are here")
    return _within(np.concatenate([np.zeros(0), *[_column(first[name], second[name]) for name in first]]), ROUNDING)


def _column(was: pd.Series, now: pd.Series) -> npt.NDArray[np.float64]:
    if pd.api.types.is_numeric_dtype(was) and pd.api.types.is_numeric_dtype(now):
        return _numbers(was.to_numpy(dtype=float, na_value=np.nan), now.to_numpy(dtype=float, na_value=np.nan))
    parts = [_cell(*pair) for pair in zip(was, now, strict=True)]
    return np.concatenate([np.zeros(0), *parts])


def _cell(was: Any, now: Any) -> npt.NDArray[np.float64]:
    if isinstance(was, np.ndarray) and isinstance(now, np.ndarray) and was.dtype.kind in "iuf":
        return _numbers(was, now)
    same = (was is now) or np.array_equal(was, now) or (pd.isna(was) is True and pd.isna(now) is True)
    return np.array([0.0 if same else np.inf])


def _pictures(was: Path, now: Path) -> Apart:
    """Pictures of a shard, and whatever else a zip holds by its bytes."""
    with zipfile.ZipFile(was) as first, zipfile.ZipFile(now) as second:
        if first.namelist() != second.namelist():
            raise Unlike("other members")
        return _within(
            np.concatenate([_picture(first.read(name), second.read(name)) for name in first.namelist()]), LEVELS
        )


def _picture(was: bytes, now: bytes) -> npt.NDArray[np.float64]:
    if was == now:
        return np.zeros(1)
    first, second = (np.asarray(load_picture(data, "a picture"), dtype=np.float64) for data in (was, now))
    if first.shape != second.shape:
        raise Unlike("pictures of other sizes")
    return np.abs(first - second).ravel()


def _image(was: Path, now: Path) -> Apart:
    return _within(_picture(was.read_bytes(), now.read_bytes()), LEVELS)


def _records(was: Path, now: Path) -> Apart:
    first, second = (dict(_leaves(json.loads(path.read_text(encoding="utf-8")))) for path in (was, now))
    if first.keys() != second.keys():
        raise Unlike(f"other entries, such as {min(first.keys() ^ second.keys())}")
    return _within(np.array([_leaf(first[name], second[name]) for name in first]), ROUNDING)


def _leaves(content: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _leaves(value, f"{name}/{key}")
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from _leaves(value, f"{name}/{place}")
    else:
        yield name, content


def _leaf(was: Any, now: Any) -> float:
    if isinstance(was, int | float) and isinstance(now, int | float):
        return float(_numbers([was], [now])[0])
    return 0.0 if was == now else float("inf")


def _weights(was: Path, now: Path) -> Apart:
    from safetensors.numpy import load_file

    first, second = load_file(was), load_file(now)
    if first.keys() != second.keys():
        raise Unlike("other parameters")
    return _within(np.concatenate([_numbers(first[name], second[name]) for name in sorted(first)]), ROUNDING)


COMPARED: dict[str, Callable[[Path, Path], Apart]] = {
    ".parquet": _tables,
    ".zip": _pictures,
    ".json": _records,
    ".safetensors": _weights,
    ".png": _image,
    ".jpg": _image,
}
