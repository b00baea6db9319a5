"""Pictures through the VQGAN, as items: to the tokens that a model learns from, and there and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from rapporteur.core.code import code_version
from rapporteur.core.keep import item_key
from rapporteur.core.pictures import png_bytes, square_array

if TYPE_CHECKING:
    from rapporteur.dalle.generator import Vqgan


Pixels = npt.NDArray[np.uint8]


class Held(Protocol):
    """A picture with the digest of its file, read when it is encoded."""

    @property
    def digest(self) -> str: ...

    def load(self) -> Image.Image: ...


@dataclass(frozen=True)
class Coder:
    """A VQGAN, loaded when it first encodes. Each picture is encoded as its central square at the VQGAN's size."""

    folder: Path

    @cached_property
    def network(self) -> Vqgan:
        from rapporteur.dalle.generator import load_vqgan  # imports JAX: seconds, only when something is missing

        return load_vqgan(self.folder)

    def tokens(self, pictures: Sequence[Held]) -> list[bytes]:
        """The tokens of each."""
        return [token_bytes(row) for row in self.network.encode(self._squares(pictures))]

    def reconstructions(self, pictures: Sequence[Held]) -> list[bytes]:
        """Each as PNG, as the VQGAN gives it back."""
        return [png_bytes(picture) for picture in self.network.decode(self.network.encode(self._squares(pictures)))]

    def _squares(self, pictures: Sequence[Held]) -> list[Pixels]:
        return [square_array(picture.load(), self.network.resolution) for picture in pictures]


def keys_of(pictures: Sequence[Held], vqgan_digest: str) -> list[str]:
    """The item key of what a VQGAN makes of each picture."""
    common = {"vqgan": vqgan_digest, "code": code_version(Coder)}
    return [item_key(common | {"picture": picture.digest}) for picture in pictures]


def token_bytes(tokens: Iterable[int]) -> bytes:
    """The item: a picture's tokens as a JSON list."""
    return json.dumps([int(code) for code in tokens]).encode()
