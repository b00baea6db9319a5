"""The list of colour measures. The table's columns, the means and tests of the report, its table and its chart all
follow from it: another measure is another entry, and its words in `report/language/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from rapporteur.colour.fused import Doubles, Pass, Pixels, lab_pixels, laplacian_variance, one_pass
from rapporteur.colour.palette import palette

LAB_CELL = 20.0  # CIELAB units: the side of a cell of the Lab histogram
SHARPNESS_SIDE = 128  # pixels of the shorter side at which sharpness is measured, so that sizes compare

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Seen:
    """A picture as measures get it: its pixels, and the sums of one pass over them."""

    pixels: Pixels  # sRGB uint8 [height, width, 3]
    colours: int  # of the palette

    @cached_property
    def sums(self) -> Pass:
        return one_pass(self.pixels)

    @cached_property
    def hues(self) -> Doubles:
        """float64 [36]: the share of the chroma in each bin of 10 degrees; all 0 where there is no chroma."""
        hues = self.sums.hues
        return np.asarray(hues / max(float(hues.sum()), 1e-12))


@dataclass(frozen=True)
class Measure:
    """A number of a picture, or some."""

    name: str
    meaning: str  # of the table's column, with its source
    unit: str  # CIELAB | share | bits | 1
    of: Callable[[Seen], float | Numbers]
    low: float | None = 0.0  # bounds of its values
    high: float | None = None
    scale: str = ""  # what a unit of 1 is
    many: bool = False  # some numbers
    compared: bool = True  # gold with drawn pictures: means, a test, a row of the report's table
    charted: bool = True  # and a panel of the chart


def _mean(place: int) -> Callable[[Seen], float]:
    return lambda seen: float(seen.sums.means[place])


def _deviation(place: int) -> Callable[[Seen], float]:
    return lambda seen: float(seen.sums.deviations[place])


def listed(values: Doubles) -> Numbers:
    """The values as a flat tuple of numbers rounded to 6 digits, without negative zeros."""
    return tuple((np.round(values.ravel(), 6) + 0.0).tolist())


def shannon(shares: Doubles) -> float:
    """Shannon's entropy of a histogram's shares, in bits: at most log2 of their number (36 hues: 5.17, 256 levels: 8).

    Of hues weighted by chroma it keeps greys, whose hue is noise, out. Zero for one hue, or none.
    """
    occupied = shares[shares > 0]
    return float(-(occupied * np.log2(occupied)).sum()) + 0.0  # -0.0 to 0.0


def colourfulness(opponents: Doubles) -> float:
    """The colourfulness M of Hasler and Süsstrunk (2003, "Measuring colourfulness in natural images", eq. 8).

    From means and standard deviations of the opponent axes rg = R - G and yb = (R + G) / 2 - B of sRGB in 0..255.
    About 0 for grey, 33 moderately colourful, 109 extremely (their table 2).
    """
    return float(np.hypot(*opponents[2:]) + 0.3 * np.hypot(*opponents[:2]))


def lab_histogram(cells: Doubles) -> Doubles:
    """float64 [occupied, 4]: mean L*, a*, b* and share of each cell of LAB_CELL units a side, in the cells' order.

    `cells` [cells, 4] are the same of a finer histogram. A cell is its mean colour, not its middle: two pictures that
    differ by a shade lie that shade apart, whatever the borders of the cells.
    """
    places = np.floor(cells[:, :3] / LAB_CELL).astype(np.int64) @ np.array([10_000, 100, 1])
    _, owner = np.unique(places, return_inverse=True)
    shares = np.bincount(owner, weights=cells[:, 3])
    means = [np.bincount(owner, weights=cells[:, 3] * cells[:, axis]) / shares for axis in range(3)]
    return np.column_stack([*means, shares])


def sharpness(picture: Pixels) -> float:
    """The variance of the Laplacian of L* (4 neighbours) at a shorter side of 128 pixels, whole areas averaged.

    Larger pictures are reduced first, for a photograph's finest pixels would else be compared with a small drawing's
    outlines; smaller ones are measured as they are.
    """
    height, width = picture.shape[:2]
    scale = SHARPNESS_SIDE / min(height, width)
    if scale < 1:
        size = (max(SHARPNESS_SIDE, round(width * scale)), max(SHARPNESS_SIDE, round(height * scale)))
        picture = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
    return laplacian_variance(lab_pixels(picture)[..., 0])


MEASURES = (
    Measure("lightness", "mean L*", "CIELAB", _mean(0), low=-0.01, high=100.01),
    Measure("lightness_std", "standard deviation of L* over the pixels", "CIELAB", _deviation(0)),
    Measure("a", "mean a*, green to red", "CIELAB", _mean(1), low=None, compared=False),
    Measure("a_std", "standard deviation of a*", "CIELAB", _deviation(1), compared=False),
    Measure("b", "mean b*, blue to yellow", "CIELAB", _mean(2), low=None, compared=False),
    Measure("b_std", "standard deviation of b*", "CIELAB", _deviation(2), compared=False),
    Measure("chroma", "mean chroma", "CIELAB", _mean(3)),
    Measure("chroma_std", "standard deviation of chroma", "CIELAB", _deviation(3), charted=False),
    Measure("saturation", "mean saturation of HSV", "share", lambda seen: seen.sums.saturation, high=1.0),
    Measure(
        "colourfulness", "Hasler and Süsstrunk's M, 2003", "1", lambda seen: colourfulness(seen.sums.opponents),
        scale="sRGB, 0..255",
    ),
    Measure("hue_entropy", "Shannon's entropy of the hue histogram", "bits", lambda seen: shannon(seen.hues)),
    Measure(
        "entropy", "Shannon's entropy of L* in 256 levels", "bits",
        lambda seen: shannon(seen.sums.levels / seen.sums.levels.sum()), high=8.0,
    ),
    Measure(
        "sharpness", "variance of the Laplacian of L*, shorter side at most 128", "1",
        lambda seen: sharpness(seen.pixels), scale="CIELAB²",
    ),
    Measure(
        "hue_histogram", "chroma in each of 36 CIELAB hues from 0 degrees on; all 0 for greys", "share",
        lambda seen: listed(seen.hues), many=True,
    ),
    Measure(
        "lab_histogram", "mean L*, a*, b* and share of each occupied cell of 20 units a side in turn", "CIELAB, share",
        lambda seen: listed(lab_histogram(seen.sums.cells)), many=True,
    ),
    Measure(
        "palette", "L*, a*, b*, weight of each colour in turn, the heaviest first", "CIELAB, share",
        lambda seen: listed(palette(seen.sums.cells, seen.colours)), many=True,
    ),
)  # fmt: skip
COMPARED = tuple(one for one in MEASURES if one.compared and not one.many)
