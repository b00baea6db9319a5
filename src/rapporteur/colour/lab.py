"""sRGB to CIELAB, and colours under their basic English names.

Prototypes are the centres that the xkcd colour survey gives (Munroe 2010, "Color survey results", rgb.txt,
CC0: the names that 222,500 visitors typed for colours shown on their own screens) for Berlin and Kay's eleven
basic colour terms, alone and, where the term has a hue, after a word of lightness or strength ("light blue").
A pixel of little chroma is called black, grey or white by lightness; any other goes to the nearest prototype
in CIELAB.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from skimage.color import rgb2lab

from rapporteur.vocabulary.colour_terms import BASIC_TERMS

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Names = npt.NDArray[np.int8]

ACHROMATIC = ("black", "grey", "white")

# Below this chroma (CIELAB units) no hue is named. White paper under warm or cool light measures 3 to 11,
# the palest tint that the survey still calls "pale blue" or "light pink" 15 to 18.
GREY_CHROMA = 12.0
# A pixel this near to black is black: other terms have a "dark" centre that would take its place, and a
# shadowed black print or a JPEG's noise reaches 16. The survey's darkest named hue, dark brown, is 25 away.
BLACK_REACH = 20.0

# Centres of the survey, 24-bit sRGB: the plain term first, then with a modifier.
PROTOTYPES: dict[str, dict[str, int]] = {
    "black": {"": 0x000000},
    "white": {"": 0xFFFFFF},
    "grey": {"": 0x929591},
    "red": {
        "": 0xE50000, "bright": 0xFF000D, "dark": 0x840000, "dull": 0xBB3F3F, "dusty": 0xB9484E,
        "faded": 0xD3494E, "light": 0xFF474C, "pale": 0xD9544D, "pastel": 0xDB5856,
    },
    "orange": {
        "": 0xF97306, "bright": 0xFF5B00, "dark": 0xC65102, "dull": 0xD8863B, "dusty": 0xF0833A,
        "faded": 0xF0944D, "light": 0xFDAA48, "pale": 0xFFA756, "pastel": 0xFF964F,
    },
    "yellow": {
        "": 0xFFFF14, "bright": 0xFFFD01, "dark": 0xD5B60A, "dull": 0xEEDC5B, "faded": 0xFEFF7F, "golden": 0xFEC615,
        "light": 0xFFFE7A, "pale": 0xFFFF84, "pastel": 0xFFFE71,
    },
    "green": {
        "": 0x15B01A, "bright": 0x01FF07, "dark": 0x033500, "dull": 0x74A662, "dusty": 0x76A973,
        "faded": 0x7BB274, "light": 0x96F97B, "medium": 0x39AD48, "pale": 0xC7FDB5, "pastel": 0xB0FF9D,
    },
    "blue": {
        "": 0x0343DF, "bright": 0x0165FC, "dark": 0x00035B, "dull": 0x49759C, "dusty": 0x5A86AD,
        "faded": 0x658CBB, "light": 0x95D0FC, "medium": 0x2C6FBB, "pale": 0xD0FEFE, "pastel": 0xA2BFFE,
    },
    "purple": {
        "": 0x7E1E9C, "bright": 0xBE03FD, "dark": 0x35063E, "dull": 0x84597E, "dusty": 0x825F87,
        "faded": 0x916E99, "light": 0xBF77F6, "medium": 0x9E43A2, "pale": 0xB790D4, "pastel": 0xCAA0FF,
    },
    "pink": {
        "": 0xFF81C0, "bright": 0xFE01B1, "dark": 0xCB416B, "dull": 0xD5869D, "dusty": 0xD58A94,
        "faded": 0xDE9DAC, "light": 0xFFD1DF, "medium": 0xF36196, "pale": 0xFFCFDC, "pastel": 0xFFBACD,
    },
    "brown": {
        "": 0x653700, "dark": 0x341C02, "dull": 0x876E4B, "light": 0xAD8150, "medium": 0x7F5112,
        "pale": 0xB1916E,
    },
}  # fmt: skip


def lab_of(picture: Pixels) -> Floats:
    """float32 [height, width, 3]: CIELAB (D65, 2 degrees) of an sRGB uint8 picture, by scikit-image."""
    return np.asarray(rgb2lab(picture), dtype=np.float32)


@lru_cache(maxsize=1)
def _prototypes() -> tuple[cKDTree, Names]:
    """The prototypes in CIELAB as a search tree, and the index in BASIC_TERMS of each."""
    codes = [(BASIC_TERMS.index(term), code) for term, centres in PROTOTYPES.items() for code in centres.values()]
    rgb = np.array([[(code >> shift) & 255 for shift in (16, 8, 0)] for _, code in codes], dtype=np.uint8)
    return cKDTree(lab_of(rgb[None])[0]), np.array([term for term, _ in codes], dtype=np.int8)


def name_colours(lab: Floats) -> Names:
    """int8 [...]: for CIELAB values [..., 3], the index in BASIC_TERMS of each one's name."""
    flat = lab.reshape(-1, 3)
    tree, terms = _prototypes()
    names: Names = terms[tree.query(flat)[1]]
    pale = np.hypot(flat[:, 1], flat[:, 2]) < GREY_CHROMA
    names[pale] = _name_greys(flat[pale, 0])
    names[np.linalg.norm(flat, axis=1) < BLACK_REACH] = BASIC_TERMS.index("black")
    return np.asarray(names.reshape(lab.shape[:-1]))


def _name_greys(lightness: Floats) -> Names:
    """Black, grey or white, whichever prototype's lightness is nearest."""
    tree, terms = _prototypes()
    places = [int(np.flatnonzero(terms == BASIC_TERMS.index(term))[0]) for term in ACHROMATIC]
    nearest = np.abs(lightness[:, None] - tree.data[places, 0]).argmin(axis=1)
    return np.asarray(terms[places][nearest])
