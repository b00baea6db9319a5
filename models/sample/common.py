"""What the scripts of the sample weights share: their parameters, the drawn sets, logs without wall-clock."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

KINDS = ("shapes", "landscapes")
WORLDS = {"held_out": "world", "train": "dalle_world"}  # where the text-to-image model's sets are drawn


def params(stage: str) -> dict[str, Any]:
    """The block of a stage in params.yaml."""
    return dict(YAML(typ="safe").load(Path("params.yaml").read_text())[stage])


def drawn(kind: str, part: str, world: str = "world") -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 [n, size, size, 3] and captions [n, c] of a set that world.py drew; part: train or held_out."""
    with np.load(f"build/{world}/{kind}-{part}.npz") as stored:
        return stored["pictures"], stored["captions"]


def write_log(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of numbers as CSV, six significant digits."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([f"{row[name]:.6g}" if name in row else "" for name in names])
