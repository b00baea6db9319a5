"""The project's own fonts, for charts and contact sheets: none of the machine's decides how a figure looks.

What they lack (Chinese, Arabic, emoji) is drawn as an empty box, the same everywhere.
"""

from __future__ import annotations

from functools import lru_cache

import vl_convert
from PIL import ImageFont

from rapporteur.core.errors import BadInput
from rapporteur.core.home import material

FOLDER = material("report/_brand/fonts")  # those that come with the package: a study may lie anywhere
FAMILY = "Rapporteur Sans"
FILES = {False: "RapporteurSans-Regular.ttf", True: "RapporteurSans-Bold.ttf"}
BOX = "\u25a1"
UNITS = 2048  # of the em, in the fonts' own measure
SMALL = 48  # pixels at which a sign is told from the one that stands for what is lacking


@lru_cache(maxsize=1)
def register() -> None:
    """Make the fonts known to vl-convert. Raises BadInput where they are missing."""
    if not (FOLDER / FILES[False]).is_file():
        raise BadInput("the fonts are missing; `git checkout report/_brand/fonts` brings them back", FOLDER)
    vl_convert.register_font_directory(str(FOLDER))


@lru_cache(maxsize=4)
def face(bold: bool, size: int = UNITS) -> ImageFont.FreeTypeFont:
    """The face, in pixels; at one a unit of its own measure."""
    return ImageFont.truetype(str(FOLDER / FILES[bold]), size, layout_engine=ImageFont.Layout.BASIC)


def width(text: str, *, bold: bool = False) -> float:
    """The width of a line, in type sizes."""
    return face(bold).getlength(text) / UNITS


@lru_cache(maxsize=4096)
def has(sign: str) -> bool:
    """Whether the fonts hold a sign."""
    small = face(False, SMALL)
    return bytes(small.getmask(sign)) != bytes(small.getmask("\U0010fffd")) or sign.isspace()


def drawable(text: str) -> str:
    """The text with a box in the place of each sign that the fonts lack: a machine's own font must not fill it in."""
    return "".join(sign if has(sign) else BOX for sign in text)
