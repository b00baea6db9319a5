"""Further views of a picture to learn from: squares cut at random places, each a function of picture and number alone.

None is mirrored: a caption may say left or right.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from rapporteur.core.code import code_version
from rapporteur.dalle.coder import Held

SMALLEST = 0.75  # of a picture's shorter edge: the side of the smallest square


@dataclass(frozen=True)
class View:
    """A square of a picture; number 0 is the whole picture, of which an encoder takes the central square."""

    picture: Held
    number: int

    @property
    def digest(self) -> str:
        """That of the picture's file and, of a further view, of where and how it is cut."""
        return self.picture.digest if self.number == 0 else f"{self._place} {code_version(cut)}"

    @property
    def _place(self) -> str:
        return f"{self.picture.digest} view {self.number}, {SMALLEST}"

    def load(self) -> Image.Image:
        whole = self.picture.load()
        return whole if self.number == 0 else cut(whole, self._place)


def cut(whole: Image.Image, place: str) -> Image.Image:
    """A square of the picture, of a side and at a place that follow from a text."""
    seed = int(hashlib.sha256(place.encode()).hexdigest()[:16], 16)
    share, across, down = np.random.default_rng(seed).random(3)
    side = max(1, round(min(whole.size) * (SMALLEST + (1 - SMALLEST) * share)))
    left, top = (int(where * (edge - side + 1)) for where, edge in zip((across, down), whole.size, strict=True))
    return whole.crop((left, top, left + side, top + side))
