"""The block `landscapes` of params.yaml."""

from __future__ import annotations

from rapporteur.core.params import strict


@strict
class LandscapesParams:
    dataset: str
    splits: list[str]
    threshold: float = 0.28  # 0 to 1: an image is kept from this score on
    lexicon: str  # data/landscapes/README.md
