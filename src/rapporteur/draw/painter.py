"""Who draws, and how: a generator with the settings that it obeys, and the key of each picture.

A picture's key is the hash of its caption, its seed, the model's files, the settings that its engine obeys and the
code that draws: nothing else decides it, and whatever is under the key is the picture. A picture that was there
already has the key of its own file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rapporteur.core.errors import BadInput
from rapporteur.core.keep import item_key
from rapporteur.core.params import PARAMS_FILE, strict
from rapporteur.core.pictures import png_bytes
from rapporteur.draw.engines.pictures import Pictures, Row, Wanted
from rapporteur.draw.generator import Generator, Picture, Settings
from rapporteur.draw.kinds import drawing_code, engine_of, open_generator
from rapporteur.draw.request import Request
from rapporteur.vocabulary.engines import OBEYS


@dataclass(frozen=True)
class Painter:
    """A generator with the settings that it obeys; its weights are read only when something is missing."""

    generator: Generator
    engine: str
    sampler: dict[str, Any]  # the settings that decide the pictures
    code: str  # the version of the code that draws

    @property
    def label(self) -> str:
        """The model's name with the head of its digest, as tables state it."""
        return f"{self.generator.name}@{self.generator.digest[:12]}"

    @property
    def batch(self) -> int:
        return self.generator.batch

    def keys(self, requests: Sequence[Request]) -> list[str]:
        """The item key of each request."""
        common = {"model": self.generator.digest, "engine": self.engine, "sampler": self.sampler}
        common["code"] = self.code
        return [item_key(common | {"text": one.text, "seed": one.seed}) for one in requests]

    def draw(self, requests: Sequence[Request]) -> list[Picture]:
        """The pictures of the requests."""
        return list(self.generator.draw([one.text for one in requests], [one.seed for one in requests]))

    def settled(self) -> str:
        """How many pictures had a draw that rounding might have decided, and were drawn again; nothing of none."""
        count = getattr(self.generator, "settled", 0)
        return f", {count} of them again in float64 (a draw was too close to call)" if count else ""

    def left_out(self, requests: Sequence[Request]) -> dict[str, int]:
        """What the model has and these requests do not ask for, by what it is."""
        return {}

    def close(self) -> None:
        """Let go of what the generator holds (a process), where it holds something."""
        getattr(self.generator, "close", lambda: None)()


@dataclass(frozen=True)
class PicturesPainter(Painter):
    """Pictures that are there already: one is found by its caption's id too, and its key is its own file's."""

    generator: Pictures

    def keys(self, requests: Sequence[Request]) -> list[str]:
        return [item_key({"picture": self.generator.digest_of(row), "code": self.code}) for row in self._rows(requests)]

    def draw(self, requests: Sequence[Request]) -> list[Picture]:
        return [self.generator.read(row) for row in self._rows(requests)]

    def left_out(self, requests: Sequence[Request]) -> dict[str, int]:
        dataset = requests[0].dataset if requests else ""
        what = f"lines of {self.generator.table}, whose captions or draws are not studied"
        return {what: self.generator.unasked(self._rows(requests), dataset)}

    def _rows(self, requests: Sequence[Request]) -> list[Row]:
        return self.generator.find([Wanted(one.dataset, one.caption_id, one.text, one.seed) for one in requests])


@strict
class ImagesParams:
    """The block `images` of params.yaml: which model draws, and how."""

    model: str  # folder of the generator: draw/kinds.py says which kinds there are
    vqgan: str  # folder of the VQGAN whose codebook DALL·E mini draws from; other kinds ignore it
    condition_scale: float  # 1 draws from the caption alone; above, further from the empty caption
    temperature: float
    top_k: int | None = None  # None means 50, as in the official package; 0 keeps every token
    top_p: float | None = None
    batch: int | None = None  # pictures drawn together on a device; None: as many as its memory holds
    engine: Literal["jax", "dalle-mini"] = "jax"  # who runs DALL·E mini: this repository, or the official package
    official_rng: bool = False  # jax: random numbers in the official package's order
    steps: int | None = None  # denoising steps of a diffusers pipeline; None: its own number
    size: int | None = None  # pixels of a side of its pictures; None: its own
    # jax: float32 and bfloat16 are faster; null decodes in float64, and gives the same bytes on every processor
    precision: Literal["float32", "bfloat16"] | None = None

    def painter(self, model: str | None = None, engine: str | None = None) -> Painter:
        """The painter of `images.model`, or of another folder or engine with the same settings."""
        names = (
            "condition_scale",
            "temperature",
            "top_k",
            "top_p",
            "official_rng",
            "steps",
            "size",
            "batch",
            "precision",
        )
        given = {name: getattr(self, name) for name in names}
        for name in ("steps", "size", "batch"):
            if given[name] is not None and given[name] < 1:
                raise BadInput(f"`images.{name}` must be 1 or more, or null, not {given[name]}", PARAMS_FILE)
        settings = Settings(folder=Path(model or self.model), vqgan=Path(self.vqgan), **given)
        drawing = engine_of(settings.folder, engine or self.engine)
        sampler = {name: given[name] for name in OBEYS[drawing]}
        generator = open_generator(settings, drawing)
        if isinstance(generator, Pictures):
            return PicturesPainter(generator, drawing, sampler, drawing_code(drawing, PicturesPainter, picture_bytes))
        return Painter(generator, drawing, sampler, drawing_code(drawing, Painter, picture_bytes))


def picture_bytes(painter: Painter, requests: Sequence[Request]) -> list[bytes]:
    """The items: the pictures of the requests as PNG."""
    return [png_bytes(picture) for picture in painter.draw(requests)]
