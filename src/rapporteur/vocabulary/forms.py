"""The plain forms that a caption can name and a picture's subject can have."""

from __future__ import annotations

FORMS = (
    "circle", "square", "triangle", "star", "heart", "diamond", "hexagon", "crescent", "cross", "ring", "oval",
    "pentagon",
)  # fmt: skip
