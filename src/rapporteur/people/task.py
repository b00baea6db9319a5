"""One thing that a rater is asked about: what the page shows of it, and what the file says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

Load = Callable[[], Image.Image]


@dataclass(frozen=True)
class Task:
    captions: tuple[str, ...]
    pictures: tuple[Load, ...]  # one, or left and right; none where the disk has none
    cells: Mapping[str, str]  # columns of the rater's file that say what was shown

    def identity(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.cells[name] for name in columns)
