"""What raters are asked about the landscape filter: images drawn by chance from those it keeps and those it refuses.

Half of the images come from each side, whatever the sides' sizes: an image of a side stands for the side's size over
the number labelled of it (findings/labels.py computes these weights from artifacts/landscapes/landscapes.parquet).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from rapporteur.core.pictures import load_picture
from rapporteur.core.tables import read_table
from rapporteur.people.order import chance, take_turns
from rapporteur.people.task import Load, Task
from rapporteur.vocabulary.captions import GOLD
from rapporteur.vocabulary.landscapes import LANDSCAPES

SIDE = 768  # pixels: photographs are reduced to it, whole
STRATA = ("kept", "refused")

Place = tuple[str, str]  # dataset and image_id


def label_tasks(most: int | None, artifacts: Path = Path("artifacts")) -> list[Task]:
    """The first `most` images of the sample, with their captions, and the picture where the disk has it."""
    table = read_table(artifacts / "landscapes" / "landscapes.parquet", LANDSCAPES)
    keys = [chance("landscape", *pair) for pair in zip(table["dataset"], table["image_id"], strict=True)]
    shuffled = table.assign(chance=keys).sort_values("chance")
    sides = {stratum: _records(shuffled[shuffled["kept"].eq(stratum == "kept")], most) for stratum in STRATA}
    rows = take_turns({name: [(name, row) for row in rows] for name, rows in sides.items()})[:most]
    files = _files({row["dataset"] for _, row in rows}, artifacts)
    return [_label(stratum, row, files) for stratum, row in rows]


def _records(side: pd.DataFrame, most: int | None) -> list[dict[str, Any]]:
    return list(side.head(len(side) if most is None else most).to_dict("records"))  # type: ignore[arg-type]


def _files(datasets: set[str], artifacts: Path) -> dict[Place, tuple[Path, str]]:
    """Where each gold picture lies, and its digest."""
    tables = [read_table(artifacts / "captions" / name / "gold.parquet", GOLD) for name in sorted(datasets)]
    columns = ("dataset", "image_id", "file", "digest")
    rows = [row for table in tables for row in zip(*(table[name] for name in columns), strict=True)]
    return {(dataset, image): (Path(file), digest) for dataset, image, file, digest in rows}


def _label(stratum: str, row: dict[str, Any], files: dict[Place, tuple[Path, str]]) -> Task:
    place = (row["dataset"], row["image_id"])
    file, digest = files.get(place, (None, ""))
    loads: tuple[Load, ...] = () if file is None or not file.exists() else (partial(_reduced, file),)
    cells = {"dataset": place[0], "image_id": place[1], "stratum": stratum, "digest": digest if loads else ""}
    return Task(tuple(row["captions"]), loads, cells)


def _reduced(file: Path) -> Image.Image:
    picture = load_picture(file)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return picture
