"""What raters wrote: one CSV a rater of scores, or of choices between two pictures, read line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.core.errors import BadInput
from rapporteur.core.names import csv_files
from rapporteur.core.tables import table_of
from rapporteur.core.text import csv_rows
from rapporteur.vocabulary.attributes import RATED, attribute_code
from rapporteur.vocabulary.ratings import (
    CHOICES,
    COMPARISONS,
    HIGHEST,
    IDENTITY,
    LOWEST,
    RATINGS,
    SOURCES,
    is_time,
)

OPTIONAL = ("simulated", "time")
RATER = re.compile(r"[a-z0-9][a-z0-9_-]*")  # no space, no path: it is a file's name on every system
DIGEST = re.compile(r"(?:[0-9a-fA-F]{64})?")
FLAGS = {"": False, "false": False, "true": True}
SIDES = ("left", "right")
Cells = dict[str, str]


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
    return [row for path in csv_files(folder)[0] for row in read_rater(path, form)]


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
