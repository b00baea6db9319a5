"""The tracked list of shape captions that the drawn world is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from drawn_world.shapes import Shape, UnknownShape, parse_shape_caption
from rapporteur.core.errors import BadInput
from rapporteur.core.text import csv_rows


def read_shape_captions(path: Path) -> list[tuple[int, str, Shape]]:
    """Id, caption and description of each line. Raises BadInput naming the file, the line and the mend."""
    lines = list(csv_rows(path, ("id", "caption"), absent="the list of shape captions is missing; restore it with git"))
    captions = [_shape_line(row, path, line) for line, row in lines]
    _refuse_twice([line for line, _ in lines], captions, path)
    return captions


def _shape_line(row: Mapping[str, str], path: Path, line: int) -> tuple[int, str, Shape]:
    number, caption = row["id"], " ".join(row["caption"].split())
    if not (number.isascii() and number.isdigit()):
        raise BadInput(f"the id {number!r} is no whole number; give each line its own", path, line)
    try:
        return int(number), caption, parse_shape_caption(caption)
    except UnknownShape as error:
        raise BadInput(str(error), path, line) from None


def _refuse_twice(lines: Sequence[int], captions: Sequence[tuple[int, str, Shape]], path: Path) -> None:
    """An id twice would lose a picture; a caption twice would draw the same picture twice."""
    for place, what in ((0, "id"), (1, "caption")):
        first: dict[object, int] = {}
        for line, row in zip(lines, captions, strict=True):
            if row[place] in first:
                raise BadInput(f"the {what} {row[place]!r} is on line {first[row[place]]} too; change one", path, line)
            first[row[place]] = line
