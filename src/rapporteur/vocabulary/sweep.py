"""The landscape model's training with other settings: what single pictures cost it before and after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import column, schema, table_of
from rapporteur.core.text import csv_rows
from rapporteur.vocabulary.losses import SPLITS

FOLDER = "data/sweeps"  # a CSV a sweep, to which lines are only added
FILE = f"{FOLDER}/landscapes.csv"
SETTINGS = ("learning_rate", "steps", "batch")  # of the block `model` of params.yaml
IDENTITY = [*SETTINGS, "split", "image_id"]
NATS = "nats per token"

SWEEP = schema(
    "sweep",
    {
        "learning_rate": column("float64", "the highest, after the warm-up", checks=pa.Check.gt(0)),
        "steps": column("int64", "of the training", checks=pa.Check.ge(1)),
        "batch": column("int64", "pictures of a step", checks=pa.Check.ge(1)),
        "split": column(str, "whether the training saw the picture", checks=pa.Check.isin(SPLITS)),
        "image_id": column(str, "picture whose tokens were foreseen, by its first caption"),
        "start": column("float64", "mean cross entropy of a token before the training", NATS, checks=pa.Check.ge(0)),
        "loss": column("float64", "the same after it", NATS, checks=pa.Check.ge(0)),
    },
    unique=IDENTITY,
)


def read_sweep(file: Path) -> pd.DataFrame:
    """The trainings of a file, empty where it is missing. Raises BadInput with the line of a cell that is no number."""
    if not file.is_file():
        return table_of([], SWEEP)
    return table_of(_rows(file), SWEEP)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    kinds = {"learning_rate": float, "steps": int, "batch": int, "split": str, "image_id": str, "start": float,
             "loss": float}  # fmt: skip
    for line, cells in csv_rows(file, tuple(kinds)):
        try:
            yield {name: kind(cells[name]) for name, kind in kinds.items()}
        except ValueError as error:
            raise BadInput(f"{error}; sweeps are written by `rapporteur sweep`", file, line) from None
