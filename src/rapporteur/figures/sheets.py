"""Contact sheets: pictures beside their caption and their gold picture, at print size.

Every picture is shown whole, whatever its licence: a third of MS-COCO's forbid derivatives, and what a crop hides may
be what the caption speaks of. Scaled down, uncropped, with nothing drawn over its pixels, a picture is reproduced,
not altered. Pictures are pasted by Pillow; the words are drawn by vl-convert in the project's own fonts, so that a
sheet is the same on every machine.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import numpy as np
import vl_convert
from PIL import Image, ImageDraw

from rapporteur.figures import fonts
from rapporteur.figures.figure import DPI
from rapporteur.figures.theme import BLACK, ORANGE

GAP_MM = 1.0
FRAME_MM = 0.5  # of a gold picture


def dots(millimetres: float) -> int:
    """Pixels of a sheet."""
    return round(millimetres * DPI / 25.4)


def points(size: float) -> float:
    """Type size in points as pixels of a sheet."""
    return size * DPI / 72


def whole(picture: Image.Image, side: int) -> Image.Image:
    """The whole picture, its longer edge `side` pixels. Lanczos: nearest neighbour would print a 96 pixel picture as
    squares of a fifth of a millimetre, which the eye takes for the model's doing.
    """
    longer = max(picture.size)
    width, height = (max(1, round(edge * side / longer)) for edge in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


@dataclass
class Canvas:
    """A white page of `width` by `height` millimetres that takes pictures and words in millimetres."""

    width: float
    height: float
    _words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (dots(self.width), dots(self.height)), "white")

    def picture(
        self, picture: Image.Image, x: float, y: float, side: float, *, gold: bool = False, foot: bool = False
    ) -> None:
        """Paste a picture in the middle of a square cell, or at its foot where words stand below; a gold one gets an
        orange frame around its pixels.
        """
        cell, frame = dots(side), dots(FRAME_MM) if gold else 0
        shown = whole(picture, cell - 2 * frame)
        left, spare = dots(x) + (cell - shown.width) // 2, cell - frame - shown.height
        top = dots(y) + (spare if foot else (spare + frame) // 2)
        if gold:
            corners = (left - frame, top - frame, left + shown.width + frame - 1, top + shown.height + frame - 1)
            ImageDraw.Draw(self.image).rectangle(corners, fill=ORANGE)
        self.image.paste(shown, (left, top))

    def words(
        self, lines: Sequence[str], x: float, y: float, size: float = 7.5, *, bold: bool = False, middle: bool = False
    ) -> None:
        """Lines of text from the top left corner (or about the middle of the height) at `size` points."""
        height = points(size) * 1.2
        top = dots(y) - (height * len(lines) / 2 if middle else 0) + points(size) * 0.9
        weight = ' font-weight="bold"' if bold else ""
        self._words += [
            f'<text x="{dots(x)}" y="{top + place * height:.1f}" font-family="{fonts.FAMILY}" '
            f'font-size="{points(size):.2f}" fill="{BLACK}"{weight}>{escape(fonts.drawable(line))}</text>'
            for place, line in enumerate(lines)
        ]

    def done(self) -> Image.Image:
        """The page with its words, without the empty lines at its foot."""
        width, height = self.image.size
        fonts.register()
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{"".join(self._words)}</svg>'
        layer = Image.open(io.BytesIO(vl_convert.svg_to_png(svg, scale=1.0, ppi=72))).convert("RGBA")
        self.image.paste(layer, (0, 0), layer)
        marked = np.flatnonzero((np.asarray(self.image) < 255).any(axis=(1, 2)))
        return self.image.crop((0, 0, width, min(height, int(marked[-1]) + 3) if len(marked) else height))


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width in millimetres of a line at `size` points."""
    return fonts.width(fonts.drawable(text), bold=bold) * size * 25.4 / 72


def wrapped(text: str, width: float, size: float, most: int, *, bold: bool = False) -> list[str]:
    """The text in at most `most` lines of `width` millimetres, the last one cut with an ellipsis if need be."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size, bold=bold) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    lines.append(line)
    lines = [_cut(part, width, size, bold) for part in lines]
    return lines if len(lines) <= most else [*lines[: most - 1], _cut(f"{lines[most - 1]} …", width, size, bold)]


def _cut(line: str, width: float, size: float, bold: bool) -> str:
    """The line, shortened until it fits."""
    if text_width(line, size, bold=bold) <= width:
        return line
    while line and text_width(f"{line}…", size, bold=bold) > width:
        line = line[:-1].rstrip(" …")
    return f"{line}…"
