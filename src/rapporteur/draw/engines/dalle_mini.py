"""DALL·E mini, and every model of its shape, on this repository's own JAX implementation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rapporteur.core.keep import item_key
from rapporteur.core.provenance import folder_digest
from rapporteur.draw.generator import Picture, Settings

if TYPE_CHECKING:
    from rapporteur.dalle.generator import DalleMini


@dataclass(frozen=True)
class JaxDalleMini:
    """The folders `images.model` and `images.vqgan`; loaded at the first picture."""

    settings: Settings

    @property
    def name(self) -> str:
        return self.settings.folder.as_posix()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the files of both networks."""
        return networks_digest(self.settings)

    @property
    def batch(self) -> int:
        """A batch for each device; known once the model is loaded, for memory may decide it."""
        return self._loaded.batch * len(self._loaded.replicas)

    def load(self) -> DalleMini:
        from rapporteur.dalle.generator import DalleMini  # imports JAX: seconds, only when drawing
        from rapporteur.dalle.sampling import SamplerSettings

        mine = self.settings
        sampler = SamplerSettings(mine.condition_scale, mine.temperature, mine.top_k, mine.top_p, mine.official_rng)
        return DalleMini.load(mine.folder, mine.vqgan, sampler, batch=mine.batch, precision=mine.precision)

    @cached_property
    def _loaded(self) -> DalleMini:
        return self.load()

    def draw(self, captions: Sequence[str], seeds: Sequence[int]) -> Sequence[Picture]:
        return list(self._loaded.draw(captions, seeds))

    @property
    def settled(self) -> int:
        """Pictures that were drawn again in float64 so far."""
        loaded: DalleMini | None = self.__dict__.get("_loaded")
        return loaded.settled if loaded else 0


def networks_digest(settings: Settings) -> str:
    """SHA-256 over the files of the model's and of the VQGAN's folder."""
    return item_key({"model": folder_digest(settings.folder), "vqgan": folder_digest(settings.vqgan)})
