"""Ratings: tidy what people said of the pictures.

Reads   data/ratings/*.csv, one file a rater (data/ratings/README.md describes it). No file is a valid answer.
Writes  artifacts/ratings/ratings.parquet (schemas/ratings.py).
Costs   about 10 ms per thousand ratings.

    python -m rapporteur.stages.ratings
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import stage_params, strict
from rapporteur.core.tables import table_of, write_table
from rapporteur.schemas.ratings import ATTRIBUTES, HIGHEST, IDENTITY, LOWEST, RATINGS

NEEDED = ("rater", "dataset", "image_id", "caption_id", "seed", "attribute", "score")
OPTIONAL = ("simulated", "time")
RATER = re.compile(r"[a-z0-9][a-z0-9_-]*")  # no space, no path: it is a file's name on every system
FLAGS = {"": False, "false": False, "true": True}


@strict
class RatingsParams:
    folder: str  # one CSV a rater


def read_folder(folder: Path) -> pd.DataFrame:
    """All ratings of a folder, in the order of raters and of lines; of equal ones the last stands.

    A rater corrects a rating by giving it again: files are only ever appended to, so merges do not conflict.
    Raises BadInput naming file, line and mend.
    """
    if not folder.is_dir():
        raise BadInput("the folder is missing; make it, or name another as `ratings.folder`", folder)
    rows = [row for path in sorted(folder.glob("*.csv")) for row in read_rater(path)]
    table = table_of(rows, RATINGS)
    return table.drop_duplicates(IDENTITY, keep="last").reset_index(drop=True)


def read_rater(path: Path) -> Iterator[dict[str, Any]]:
    """The ratings of one rater's file."""
    if not RATER.fullmatch(path.stem):
        raise BadInput("name the file after the rater: small letters, digits, - and _", path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _read_lines(csv.reader(stream, strict=True), path)
    except UnicodeDecodeError:
        raise BadInput("not UTF-8 text; save the file as CSV in UTF-8", path) from None


def _read_lines(reader: Any, path: Path) -> Iterator[dict[str, Any]]:
    try:
        header: list[str] = next(reader, [])
        _check_header(header, path)
        for values in reader:
            if values:
                yield read_rating(header, values, path, reader.line_num)
    except csv.Error as error:
        raise BadInput(f"not valid CSV ({error}); mend the quotes", path, reader.line_num) from None


def _check_header(header: list[str], path: Path) -> None:
    expected = ",".join((*NEEDED, *OPTIONAL))
    missing = [name for name in NEEDED if name not in header]
    unknown = [name for name in header if name not in NEEDED + OPTIONAL]
    if missing or unknown or len(set(header)) < len(header):
        fault = f"lacks {missing[0]!r}" if missing else f"has {unknown[0]!r}" if unknown else "repeats a column"
        raise BadInput(f"the first line {fault}; it must name columns among {expected}", path, 1)


def read_rating(header: list[str], values: list[str], path: Path, line: int) -> dict[str, Any]:
    """One line as a row of RATINGS. Raises BadInput for what is not a rating."""
    if len(values) != len(header):
        raise BadInput(f"{len(values)} values for {len(header)} columns; complete the line or remove it", path, line)
    cell = dict.fromkeys(OPTIONAL, "") | {name: value.strip() for name, value in zip(header, values, strict=True)}
    fault = _fault(cell, path.stem)
    if fault:
        raise BadInput(fault, path, line)
    names = {name: cell[name] for name in ("rater", "dataset", "image_id", "caption_id", "attribute")}
    numbers = {name: int(cell[name]) if cell[name] else None for name in ("seed", "score")}
    return names | numbers | {"simulated": FLAGS[cell["simulated"].lower()]}


def _fault(cell: dict[str, str], rater: str) -> str | None:
    """What is wrong with a line and how to mend it; None where nothing is."""
    empty = [name for name in ("dataset", "image_id", "caption_id") if not cell[name]]
    scores = [str(score) for score in range(LOWEST, HIGHEST + 1)]
    checks = {
        f"the rater is {cell['rater']!r} in the file of {rater!r}; each rater writes a file of their own":
            cell["rater"] != rater,
        f"`{empty[0] if empty else ''}` is empty; say which picture was rated": bool(empty),
        f"the attribute is {cell['attribute']!r}; known: {', '.join(ATTRIBUTES)}":
            cell["attribute"] not in ATTRIBUTES,
        f"the score is {cell['score']!r}; give {LOWEST} to {HIGHEST}, or nothing for not applicable":
            cell["score"] not in ("", *scores),
        f"the seed is {cell['seed']!r}; give the number of the draw, or nothing for a gold picture":
            bool(cell["seed"]) and not cell["seed"].isdecimal(),
        f"`simulated` is {cell['simulated']!r}; give true or false": cell["simulated"].lower() not in FLAGS,
        f"the time is {cell['time']!r}; give it as 2026-11-22T10:31:05": not _is_time(cell["time"]),
    }  # fmt: skip
    return next((fault for fault, wrong in checks.items() if wrong), None)


def _is_time(text: str) -> bool:
    try:
        return not text or bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def main() -> None:
    params = stage_params(RatingsParams, "ratings")
    table = read_folder(Path(params.folder))
    with new_folder(Path("artifacts/ratings")) as out:
        write_table(table, out / "ratings.parquet", RATINGS)
    print(f"ratings: {len(table)} ratings by {table['rater'].nunique()} raters")


if __name__ == "__main__":
    run_stage(main)
