"""Pictures that you already have: any other generator's, whatever made them.

A folder holds them with `pictures.csv`, one line a picture:

    dataset,caption_id,seed,file          or, where captions have no id of their own:   text,seed,file
    coco,391895,0,dalle/lake-1.png                                                      a calm lake,0,dalle/lake-1.png

`caption_id` is the one of artifacts/captions/<dataset>/captions.parquet (COCO's and Karpathy's own ids; two datasets
may share one, hence `dataset`), `seed` the number of the draw, from 0, and `file` is relative to the CSV. Where a
line has both `caption_id` and `text`, the text must be the caption's: a table that pairs pictures with the wrong
captions is refused. Any format that Pillow reads becomes RGB; sizes stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.names import Names
from rapporteur.core.pictures import load_picture, picture_array, safe_join
from rapporteur.core.provenance import file_digest
from rapporteur.core.text import csv_rows
from rapporteur.draw.generator import Picture, Settings

TABLE = "pictures.csv"
COLUMNS = ("dataset", "caption_id", "text", "seed", "file")
SHOWN = 3  # missing pictures that a message names


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    line: int
    dataset: str
    caption_id: str
    text: str
    seed: int
    path: Path


@dataclass(frozen=True)
class Wanted:
    """The picture of a caption, known by its dataset and id, its text or both."""

    dataset: str
    caption_id: str
    text: str
    seed: int

    def __str__(self) -> str:
        name = f"{self.dataset} caption {self.caption_id} ({self.text!r})" if self.caption_id else repr(self.text)
        return f"{name} seed {self.seed}"


@dataclass(frozen=True)
class Pictures:
    """The table and its files; a file is read when its picture is asked for."""

    settings: Settings
    _digests: dict[Path, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.settings.folder.as_posix()

    @property
    def batch(self) -> int:
        return 64

    @property
    def table(self) -> Path:
        return self.settings.folder / TABLE

    @cached_property
    def rows(self) -> list[Row]:
        return read_rows(self.table)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the table's lines and the files that are there."""
        total = hashlib.sha256()
        for row in self.rows:
            found = self.digest_of(row) if row.path.is_file() else "absent"
            total.update(f"{row.dataset}\0{row.caption_id}\0{row.text}\0{row.seed}\0{found}\n".encode())
        return total.hexdigest()

    def digest_of(self, row: Row) -> str:
        """SHA-256 of the row's file."""
        if row.path not in self._digests:
            self._digests[row.path] = file_digest(row.path)
        return self._digests[row.path]

    @cached_property
    def _by_id(self) -> Mapping[tuple[str, str, int], Row]:
        return {(row.dataset, row.caption_id, row.seed): row for row in self.rows if row.caption_id}

    @cached_property
    def _by_text(self) -> Mapping[tuple[str, int], Row]:
        return {(row.text, row.seed): row for row in self.rows if not row.caption_id}

    def find(self, wanted: Sequence[Wanted]) -> list[Row]:
        """The row of each picture. Raises BadInput naming the first that are missing and how many there are."""
        found = [self._row(one) for one in wanted]
        lacking = [str(one) for one, row in zip(wanted, found, strict=True) if row is None]
        if lacking:
            rest = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
            raise BadInput(
                f"{len(lacking)} of {len(wanted)} pictures are not in the table: {'; '.join(lacking[:SHOWN])}{rest}; "
                "add a line for each, or study fewer captions or draws (`captions.<dataset>.study` in params.yaml)",
                self.table,
            )
        rows = [row for row in found if row is not None]
        self._refuse_absent_files(rows)
        return rows

    def unasked(self, rows: Sequence[Row], dataset: str) -> int:
        """How many of a dataset's lines, and of those that name none, are not among these."""
        return len({row for row in self.rows if row.dataset in ("", dataset)} - set(rows))

    def _row(self, wanted: Wanted) -> Row | None:
        row = self._by_id.get((wanted.dataset, wanted.caption_id, wanted.seed))
        if row is not None and row.text and row.text != _plain(wanted.text):
            raise BadInput(
                f"caption {row.caption_id} is {wanted.text!r}, not {row.text!r}; mend `caption_id` or `text`",
                self.table,
                row.line,
            )
        return row or self._by_text.get((_plain(wanted.text), wanted.seed))

    def _refuse_absent_files(self, rows: Sequence[Row]) -> None:
        absent = [row for row in rows if not row.path.is_file()]
        if absent:
            first = absent[0]
            rest = f" ({len(absent) - 1} more files are missing)" if len(absent) > 1 else ""
            raise BadInput(
                f"the picture {first.path} is missing; put it back or mend the line{rest}", self.table, first.line
            )

    def read(self, row: Row) -> Picture:
        """The row's picture, RGB. Raises BadInput naming the file and the line."""
        return picture_array(load_picture(row.path, f"{self.table}:{row.line}: {row.path}"))

    def draw(self, captions: Sequence[str], seeds: Sequence[int]) -> Sequence[Picture]:
        """The pictures of captions known by their text alone."""
        wanted = [Wanted("", "", text, seed) for text, seed in zip(captions, seeds, strict=True)]
        return [self.read(row) for row in self.find(wanted)]


def _plain(text: str) -> str:
    """The text with its blanks made single, as far as a table can be trusted to keep them."""
    return " ".join(text.split())


def read_rows(table: Path) -> list[Row]:
    """The table's lines. Raises BadInput naming the line of a bad one."""
    rows, names = [], Names(table.parent)
    for line, cells in csv_rows(table, ("seed", "file")):
        _check_columns(list(cells), table)
        rows.append(_read_row(cells, line, table, names))
    if not rows:
        raise BadInput("there is no picture; write one a line under `dataset,caption_id,seed,file`", table)
    _refuse_twice(rows, table)
    return rows


def _check_columns(found: Sequence[str], table: Path) -> None:
    lacking = [name for name in ("seed", "file") if name not in found]
    if "text" not in found and not {"dataset", "caption_id"} <= set(found):
        lacking.insert(0, "caption_id, with its dataset, or text")
    if lacking:
        first = "the first line must read `dataset,caption_id,seed,file`"
        raise BadInput(f"the column {lacking[0]} is missing; {first}", table, 1)


def _read_row(line: Mapping[str, str | None], number: int, table: Path, names: Names) -> Row:
    dataset, caption_id, text, seed, file = ((line.get(name) or "").strip() for name in COLUMNS)
    if not caption_id and not text:
        raise BadInput("the line names no caption: `caption_id` or `text`", table, number)
    if caption_id and not dataset:
        raise BadInput("the line names no `dataset`, within which its `caption_id` holds", table, number)
    if not seed.isdecimal():
        raise BadInput(f"`seed` must be the number of the draw, from 0, not {seed!r}", table, number)
    if not file:
        raise BadInput("the line names no `file`", table, number)
    try:
        path = names.find(file) or safe_join(table.parent, file)
    except BadInput as error:
        raise BadInput(str(error), table, number) from None
    return Row(number, dataset, caption_id, _plain(text), int(seed), path)


def _refuse_twice(rows: Sequence[Row], table: Path) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = (row.dataset, row.caption_id, str(row.seed)) if row.caption_id else (row.text, str(row.seed))
        if key in seen:
            what = row.caption_id or repr(row.text)
            raise BadInput(f"the picture of {what} seed {row.seed} is already on line {seen[key]}", table, row.line)
        seen[key] = row.line
