"""Colour statistics of one picture: means in CIELAB, spread of hues, colourfulness and a palette of five.

scikit-image converts to CIELAB (D65, 2 degrees). A 256x256 picture costs about 8 ms on one core.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapporteur.colour.lab import Floats, Pixels, lab_of

Doubles = npt.NDArray[np.float64]

HUE_BINS = 36  # of 10 degrees: the entropy of a hue circle filled evenly is log2(36) = 5.17 bits
CELLS = 32  # per channel, for the palette's histogram
ROUNDS = 50


@dataclass(frozen=True)
class ColourStatistics:
    """CIELAB units unless said; means are over pixels."""

    lightness: float
    a: float
    b: float
    chroma: float
    hue_entropy: float  # bits
    colourfulness: float  # sRGB units, see `colourfulness`
    palette: tuple[float, ...]  # L*, a*, b*, weight of each colour, the heaviest first


def colour_statistics(picture: Pixels, colours: int) -> ColourStatistics:
    """The statistics of an sRGB uint8 [height, width, 3] picture, with a palette of `colours`."""
    lab = lab_of(picture)
    lightness, a, b = (float(lab[..., axis].mean(dtype=np.float64)) for axis in range(3))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    return ColourStatistics(
        lightness, a, b, float(chroma.mean(dtype=np.float64)), hue_entropy(lab), colourfulness(picture),
        tuple(palette(picture, lab, colours).ravel().tolist()),
    )  # fmt: skip


def hue_entropy(lab: Floats) -> float:
    """Entropy, in bits, of the histogram of CIELAB hues in bins of 10 degrees, each pixel weighted by its chroma.

    Weighting keeps the hues of greys, which are noise, out of it. Zero for a picture of one hue or of none.
    """
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360.0
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    bins = np.minimum((hue * (HUE_BINS / 360.0)).astype(int), HUE_BINS - 1)
    weights = np.bincount(bins.ravel(), weights=np.where(chroma < 0.5, 0.0, chroma).ravel(), minlength=HUE_BINS)
    shares = weights[weights > 0] / max(weights.sum(), 1e-12)
    return float(-(shares * np.log2(shares)).sum()) + 0.0  # -0.0 to 0.0


def colourfulness(picture: Pixels) -> float:
    """The colourfulness M of Hasler and Süsstrunk (2003, "Measuring colourfulness in natural images", eq. 8).

    From the opponent axes rg = R - G and yb = (R + G) / 2 - B of sRGB in 0..255. About 0 for grey, 33 moderately
    colourful, 109 extremely (their table 2).
    """
    red, green, blue = (picture[..., axis].astype(np.float64) for axis in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


def palette(picture: Pixels, lab: Floats, colours: int) -> Doubles:
    """float64 [colours, 4]: L*, a*, b*, weight (they sum to 1) of a k-means palette, the heaviest first.

    k-means of the means of an sRGB histogram of 32^3 cells, weighted by their counts: within 1 CIELAB unit of
    k-means over the pixels at a hundredth of its cost. Starts are chosen without chance (`_starts`), so equal
    pictures give equal palettes. A picture of fewer colours repeats the last one with weight 0.
    """
    points, weights = _histogram(picture, lab)
    centres = _starts(points, weights, colours)
    owner = _nearest(points, centres)
    for _ in range(ROUNDS):
        centres = _means(points, weights, owner, centres)
        closer = _nearest(points, centres)
        if np.array_equal(closer, owner):
            break
        owner = closer
    shares = np.bincount(owner, weights=weights, minlength=colours) / weights.sum()
    found = np.column_stack([centres, shares])
    return found[np.lexsort((*centres.T, -shares))]


def _histogram(picture: Pixels, lab: Floats) -> tuple[Doubles, Doubles]:
    """The mean CIELAB colour [cells, 3] and the pixel count [cells] of each occupied sRGB cell."""
    step = 256 // CELLS
    cells = (picture // step).reshape(-1, 3).astype(np.int64) @ np.array([CELLS * CELLS, CELLS, 1])
    counts = np.bincount(cells, minlength=CELLS**3)
    occupied = np.flatnonzero(counts)
    sums = [np.bincount(cells, weights=lab[..., axis].ravel(), minlength=CELLS**3)[occupied] for axis in range(3)]
    return np.column_stack(sums) / counts[occupied, None], counts[occupied].astype(np.float64)


def _starts(points: Doubles, weights: Doubles, count: int) -> Doubles:
    """The heaviest point, then each time the one of greatest weight times squared distance to those chosen."""
    chosen = [int(weights.argmax())]
    distance = np.full(len(points), np.inf)
    while len(chosen) < count:
        distance = np.minimum(distance, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int((weights * distance).argmax()))
    return points[chosen]


def _nearest(points: Doubles, centres: Doubles) -> npt.NDArray[np.intp]:
    return np.asarray(((points[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1))


def _means(points: Doubles, weights: Doubles, owner: npt.NDArray[np.intp], centres: Doubles) -> Doubles:
    """The weighted mean of each cluster; a cluster without points stays where it was."""
    totals = np.bincount(owner, weights=weights, minlength=len(centres))
    sums = [np.bincount(owner, weights=weights * points[:, axis], minlength=len(centres)) for axis in range(3)]
    means = np.column_stack(sums) / np.maximum(totals, 1e-12)[:, None]
    return np.where(totals[:, None] > 0, means, centres)
