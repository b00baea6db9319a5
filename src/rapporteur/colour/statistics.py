"""Colour statistics of one picture: means and spreads in CIELAB, hues, histograms, colourfulness, sharpness, a palette.

A 256x256 picture costs about 2 ms on one core, a 640x480 photograph 9 ms (`fused.py` does the pixels).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from rapporteur.colour.fused import Doubles, Pixels, lab_pixels, laplacian_variance, one_pass
from rapporteur.colour.palette import palette

LAB_CELL = 20.0  # CIELAB units: the side of a cell of the Lab histogram
SHARPNESS_SIDE = 128  # pixels of the shorter side at which sharpness is measured, so that sizes compare

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class ColourStatistics:
    """CIELAB units unless said; means and deviations are over pixels. Lists are rounded to 6 digits after the point."""

    lightness: float
    a: float
    b: float
    chroma: float
    lightness_std: float
    a_std: float
    b_std: float
    chroma_std: float
    saturation: float  # of HSV, 0..1
    hue_entropy: float  # bits
    colourfulness: float  # sRGB units, see `colourfulness`
    entropy: float  # bits
    sharpness: float  # squared CIELAB units
    hue_histogram: Numbers  # share of the chroma in each bin of 10 degrees; all 0 where there is no chroma
    lab_histogram: Numbers  # L*, a*, b*, share of each occupied cell in turn
    palette: Numbers  # L*, a*, b*, weight of each colour, the heaviest first


def colour_statistics(picture: Pixels, colours: int) -> ColourStatistics:
    """The statistics of an sRGB uint8 [height, width, 3] picture, with a palette of `colours`."""
    found = one_pass(picture)
    hues = found.hues / max(float(found.hues.sum()), 1e-12)
    lightness, a, b, chroma = found.means.tolist()
    lightness_std, a_std, b_std, chroma_std = found.deviations.tolist()
    return ColourStatistics(
        lightness, a, b, chroma, lightness_std, a_std, b_std, chroma_std, found.saturation, shannon(hues),
        colourfulness(found.opponents), shannon(found.levels / found.levels.sum()), sharpness(picture),
        listed(hues), listed(lab_histogram(found.cells)), listed(palette(found.cells, colours)),
    )  # fmt: skip


def listed(values: Doubles) -> Numbers:
    """The values as a flat tuple of rounded numbers, without negative zeros."""
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
