"""Thumbnails, many in a file: a page of 6,000 pictures so fetches the few files that are looked at.

A thumbnail is the whole picture, made smaller where it is larger than a cell. Each file has COLUMNS x ROWS cells; a
picture that stands on several cards has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from rapporteur.figures.figure import jpeg_bytes

COLUMNS, ROWS = 6, 6
QUALITY = 82
GROUND = (236, 236, 234)


@dataclass(frozen=True)
class Thumbnail:
    """Where a thumbnail is: the number of its file, its cell in it, and its size in pixels."""

    sheet: int
    cell: int
    width: int
    height: int


@dataclass
class Sprites:
    """Collects thumbnails of at most `side` pixels and writes them under `folder`, a file as soon as it is full."""

    folder: Path
    side: int
    _placed: dict[str, Thumbnail] = field(default_factory=dict)
    _sheet: Image.Image | None = None

    def place(self, digest: str, load: Callable[[], Image.Image]) -> Thumbnail:
        """The thumbnail of a picture, by its digest; `load` is called for one that was not placed before."""
        if digest not in self._placed:
            self._placed[digest] = self._add(load())
        return self._placed[digest]

    def _add(self, picture: Image.Image) -> Thumbnail:
        sheet, cell = divmod(len(self._placed), COLUMNS * ROWS)
        if self._sheet is None:
            self._sheet = Image.new("RGB", (COLUMNS * self.side, ROWS * self.side), GROUND)
        small = picture.convert("RGB")
        small.thumbnail((self.side, self.side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        self._sheet.paste(small, (cell % COLUMNS * self.side, cell // COLUMNS * self.side))
        if cell == COLUMNS * ROWS - 1:
            self._write(sheet)
        return Thumbnail(sheet, cell, *small.size)

    def _write(self, sheet: int) -> None:
        assert self._sheet is not None
        (self.folder / f"{sheet:04d}.jpg").write_bytes(jpeg_bytes(self._sheet, QUALITY))
        self._sheet = None

    def finish(self) -> int:
        """Write the last file; how many there are."""
        if self._sheet is not None:
            self._write((len(self._placed) - 1) // (COLUMNS * ROWS))
        return -(-len(self._placed) // (COLUMNS * ROWS))
