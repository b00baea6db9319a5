"""The interface of everything that draws. In short:

    generator = open_generator(settings, engine)     # reads no weights
    generator.name, generator.digest                 # what tables call it; what decides its pictures
    pictures = generator.draw(["a red star", "a lake"], [0, 0])   # weights are read here, the first time

`draw` gives one picture for each caption and seed, in their order. A picture must depend on its caption, its seed
and what `digest` and the settings stand for, never on the other captions of the call: pictures are kept one by one
and drawn again only when one of those changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rapporteur.core.errors import BadInput

Picture = npt.NDArray[np.uint8]  # [height, width, 3], sRGB


@dataclass(frozen=True)
class Settings:
    """The block `images` of params.yaml as generators get it; each obeys what concerns it (vocabulary/engines.py)."""

    folder: Path  # `images.model`
    vqgan: Path  # DALL·E mini alone
    condition_scale: float
    temperature: float
    top_k: int | None
    top_p: float | None
    official_rng: bool
    steps: int | None  # denoising steps; None: the pipeline's own number
    size: int | None  # pixels of a side; None: the model's own
    batch: int | None  # None: as many as fit, or as is usual
    precision: str | None = None  # DALL·E mini on this repository's code; None: pixels in float64


class Generator(Protocol):
    """What draws pictures from captions."""

    @property
    def name(self) -> str:
        """What tables and documents call it."""

    @property
    def digest(self) -> str:
        """Changes whenever its pictures may change; found without reading weights into memory."""

    @property
    def batch(self) -> int:
        """How many pictures a call of `draw` is best given; asked when something is to be drawn."""

    def draw(self, captions: Sequence[str], seeds: Sequence[int]) -> Sequence[Picture]:
        """One uint8 [height, width, 3] for each caption and seed; sizes may differ."""


def checked(pictures: Any, count: int, file: Path) -> list[Picture]:
    """What a team's `draw` gave, once it is as `Generator.draw` promises. Raises BadInput naming the team's file."""
    try:
        found = list(pictures)
    except TypeError:
        raise BadInput(f"`draw` gave {type(pictures).__name__}; it must give a list of pictures", file) from None
    if len(found) != count:
        raise BadInput(f"`draw` gave {len(found)} pictures for {count} captions; it must give one for each", file)
    for picture in found:
        kind, shape = getattr(picture, "dtype", None), tuple(getattr(picture, "shape", ()))
        if kind != np.uint8 or len(shape) != 3 or shape[2] != 3 or 0 in shape:
            what = type(picture).__name__ if kind is None else f"{kind} {list(shape)}"
            raise BadInput(f"`draw` gave {what}; a picture must be uint8 [height, width, 3]", file)
    return found
