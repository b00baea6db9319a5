"""Ratings: tidy what people said of the pictures, one by one and side by side.

Reads   data/ratings/*.csv and data/comparisons/*.csv, one file a rater (a README describes each). No file is a
        valid answer, nor is a missing data/comparisons. The captions' and the pictures' tables, to tell whether the
        study has the very pictures that were judged (people/standing.py).
Writes  artifacts/ratings/ratings.parquet and comparisons.parquet (vocabulary/ratings.py).
Costs   about 10 ms per thousand ratings.

    python -m rapporteur.stages.ratings
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import is_junk, new_folder
from rapporteur.core.params import dataset_names, strict
from rapporteur.core.stage import Stage
from rapporteur.core.tables import table_of, write_table
from rapporteur.core.text import csv_rows
from rapporteur.people.standing import of_comparisons, of_ratings, study_digests
from rapporteur.study.tables import Study
from rapporteur.vocabulary.attributes import RATED, attribute_code
from rapporteur.vocabulary.ratings import (
    ABSENT,
    CHOICES,
    COMPARISONS,
    HIGHEST,
    IDENTITY,
    LOWEST,
    RATINGS,
    REDRAWN,
    SOURCES,
    STANDINGS,
    UNVERIFIED,
    is_time,
)

STAGE = Stage(
    "ratings",
    reads=("artifacts/captions", "artifacts/images", "${ratings.folder}", "${ratings.comparisons}"),
    takes=("ratings", "captions"),
)

OPTIONAL = ("simulated", "time")
RATER = re.compile(r"[a-z0-9][a-z0-9_-]*")  # no space, no path: it is a file's name on every system
DIGEST = re.compile(r"(?:[0-9a-fA-F]{64})?")
FLAGS = {"": False, "false": False, "true": True}
SIDES = ("left", "right")
Cells = dict[str, str]


@strict
class RatingsParams:
    folder: str  # one CSV a rater
    comparisons: str = "data/comparisons"  # likewise, of choices between two pictures


@dataclass(frozen=True)
class Format:
    """What a line of a rater's file holds: its columns, those that may not be empty, those that are numbers (or
    nothing), and what else can be wrong with it.
    """

    needed: tuple[str, ...]
    filled: tuple[str, ...]
    numbers: tuple[str, ...]
    digests: tuple[str, ...]  # columns that may hold the SHA-256 of a picture that was judged
    fault: Callable[[Cells], str | None]


def read_folder(folder: Path) -> pd.DataFrame:
    """All ratings of a folder, in the order of raters and of lines; of equal ones the last stands.

    A rater corrects a rating by giving it again: files are only ever appended to, so merges do not conflict.
    Raises BadInput naming file, line and mend.
    """
    if not folder.is_dir():
        raise BadInput("the folder is missing; make it, or name another as `ratings.folder`", folder)
    table = table_of(_rows(folder, RATING), RATINGS)
    return table.drop_duplicates(IDENTITY, keep="last").reset_index(drop=True)


def read_comparisons(folder: Path) -> pd.DataFrame:
    """All choices between two pictures, likewise; the same two pictures count once a rater, whatever their sides."""
    table = table_of(_rows(folder, COMPARISON), COMPARISONS)
    left, right = (table[f"{side}_source"] + table[f"{side}_seed"].astype("string").fillna("") for side in SIDES)
    swapped = left > right
    pair = left.where(~swapped, right) + "/" + right.where(~swapped, left)
    again = table.assign(pair=pair).duplicated(["rater", "dataset", "caption_id", "image_id", "pair"], keep="last")
    return table[~again].reset_index(drop=True)


def _rows(folder: Path, form: Format) -> list[dict[str, Any]]:
    files = sorted(path for path in folder.glob("*.csv") if not is_junk(Path(path.name)))
    return [row for path in files for row in read_rater(path, form)]


def read_rater(path: Path, form: Format) -> Iterator[dict[str, Any]]:
    """The lines of one rater's file."""
    if not RATER.fullmatch(path.stem):
        raise BadInput("name the file after the rater: small letters, digits, - and _", path)
    known = (*form.needed, *OPTIONAL, *form.digests)
    for line, cells in csv_rows(path, form.needed, known=known):
        yield read_line(cells, path, line, form)


def read_line(given: Mapping[str, str], path: Path, line: int, form: Format) -> dict[str, Any]:
    """One line as a row of the form's table. Raises BadInput for what it may not say."""
    cells = dict.fromkeys((*OPTIONAL, *form.digests), "") | dict(given)
    cells |= {"attribute": attribute_code(cells["attribute"])} if "attribute" in cells else {}
    fault = _common_fault(cells, path.stem, form) or form.fault(cells)
    if fault:
        raise BadInput(fault, path, line)
    names = {name: cells[name] for name in form.needed if name not in form.numbers}
    numbers = {name: int(cells[name]) if cells[name] else None for name in form.numbers}
    digests = {name: cells[name].lower() or None for name in form.digests}
    return names | numbers | digests | {"simulated": FLAGS[cells["simulated"].lower()]}


def _common_fault(cells: Cells, rater: str, form: Format) -> str | None:
    """What is wrong with a line of either kind and how to mend it; None where nothing is."""
    empty = next((name for name in form.filled if not cells[name]), "")
    wrong = next((name for name in form.digests if not DIGEST.fullmatch(cells[name])), "")
    return _first(
        {
            f"the rater is {cells['rater']!r} in the file of {rater!r}; each rater writes a file of their own":
                cells["rater"] != rater,
            f"`{empty}` is empty; say which picture was rated": bool(empty),
            f"`simulated` is {cells['simulated']!r}; give true or false": cells["simulated"].lower() not in FLAGS,
            f"`{wrong}` is {cells.get(wrong, '')!r}; it is the picture's SHA-256, 64 digits from 0 to f, or nothing":
                bool(wrong),
            f"the time is {cells['time']!r}; give it as 2026-11-22T10:31:05": not is_time(cells["time"]),
        }
    )  # fmt: skip


def _rating_fault(cells: Cells) -> str | None:
    scores = [str(score) for score in range(LOWEST, HIGHEST + 1)]
    return _first(
        {
            f"the attribute is {cells['attribute']!r}; known: {', '.join(RATED)}":
                cells["attribute"] not in RATED,
            f"the score is {cells['score']!r}; give {LOWEST} to {HIGHEST}, or nothing for not applicable":
                cells["score"] not in ("", *scores),
            f"the seed is {cells['seed']!r}; give the number of the draw, or nothing for a gold picture":
                bool(cells["seed"]) and not _is_number(cells["seed"]),
        }
    )  # fmt: skip


def _comparison_fault(cells: Cells) -> str | None:
    left, right = ((cells[f"{side}_source"], cells[f"{side}_seed"]) for side in SIDES)
    sources = {
        f"`{side}_source` is {source!r}; known: {', '.join(SOURCES)}": source not in SOURCES
        for side, (source, _) in zip(SIDES, (left, right), strict=True)
    }
    seeds = {
        f"`{side}_seed` is {seed!r}; give the number of a generated picture's draw, and nothing for a gold one":
            bool(seed) if source == "gold" else not _is_number(seed)
        for side, (source, seed) in zip(SIDES, (left, right), strict=True)
    }  # fmt: skip
    choice = f"the choice is {cells['choice']!r}; known: {', '.join(CHOICES)}"
    same = "both pictures are the same; compare two"
    return _first({choice: cells["choice"] not in CHOICES} | sources | seeds | {same: left == right})


def _first(faults: dict[str, bool]) -> str | None:
    return next((fault for fault, wrong in faults.items() if wrong), None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10  # the table holds no larger one, nor any study


PICTURE = ("dataset", "image_id", "caption_id")
RATING = Format(
    ("rater", *PICTURE, "seed", "attribute", "score"), PICTURE, ("seed", "score"), ("digest",), _rating_fault
)
COMPARISON = Format(
    ("rater", *PICTURE, "left_source", "left_seed", "right_source", "right_seed", "choice"),
    PICTURE, ("left_seed", "right_seed"), ("left_digest", "right_digest"), _comparison_fault,
)  # fmt: skip


def told(table: pd.DataFrame) -> str:
    """What of a table counts, and what does not, and why."""
    counts = {name: int((table["standing"] == name).sum()) for name in STANDINGS}
    said = {
        ABSENT: "set apart: the study has no such picture",
        REDRAWN: "set apart: the picture was drawn again or replaced since",
        UNVERIFIED: "taken unverified: their file has no digest of the picture",
    }
    return "".join(f", {counts[name]} {text}" for name, text in said.items() if counts[name])


def main() -> None:
    params = STAGE.params(RatingsParams)
    table, compared = read_folder(Path(params.folder)), read_comparisons(Path(params.comparisons))
    if len(table) or len(compared):
        digests = study_digests(Study(dataset_names(STAGE.name)))
        table["standing"], compared["standing"] = of_ratings(table, digests), of_comparisons(compared, digests)
    with new_folder(STAGE.out()) as out:
        write_table(table, out / "ratings.parquet", RATINGS)
        write_table(compared, out / "comparisons.parquet", COMPARISONS)
    raters = len({*table["rater"], *compared["rater"]})
    print(f"ratings: {len(table)} ratings and {len(compared)} comparisons by {raters} raters")
    for name, said in (("ratings", table), ("comparisons", compared)):
        if told(said):
            print(f"{name}: of {len(said)}{told(said)}")


if __name__ == "__main__":
    run_stage(main)
