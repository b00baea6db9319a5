"""The one thing that an abstract or a note says of each dataset."""

from __future__ import annotations

from rapporteur.report.language.en.sentences.clip import clip_spread
from rapporteur.report.language.en.sentences.colour import colour_gap


def score_and_colour(dataset: str) -> str | None:
    """Both of the above, for a note."""
    spread, gap = clip_spread(dataset), colour_gap(dataset)
    return f"{spread.removesuffix('.')}; {gap}" if spread and gap else spread or gap
