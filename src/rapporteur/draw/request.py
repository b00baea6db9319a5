"""A picture that is asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One picture to draw: which caption, and the number of the draw."""

    dataset: str
    image_id: str
    caption_id: str
    text: str
    seed: int
