"""Plain forms as filled outlines, each the same area, for comparing a subject's silhouette with.

Proportions are the usual ones of each form, not those of any program that draws them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from skimage.draw import polygon2mask

from rapporteur.vocabulary.forms import FORMS

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]  # [count, 2], x to the right and y downwards

SIDE = 48  # pixels of a silhouette's frame
AREA = 0.25 * SIDE**2  # pixels that each silhouette covers
TURNS = tuple(np.deg2rad(np.arange(-30, 31, 6)))  # radians
HALF_WAY = np.deg2rad(22.5)  # a square turned by more is nearer to a square that stands on a corner
_STEPS = 72


def _regular(corners: int) -> Points:
    angle = 2 * np.pi * np.arange(corners) / corners
    return np.stack([np.sin(angle), -np.cos(angle)], axis=1)


def _star() -> Points:
    """Five points; the notches lie where the lines between the points cross."""
    angle = np.pi * np.arange(10) / 5
    radius = np.where(np.arange(10) % 2 == 0, 1.0, 0.42)
    return np.stack([radius * np.sin(angle), -radius * np.cos(angle)], axis=1)


def _heart() -> Points:
    """The curve x = 16 sin³t, y = 13 cos t − 5 cos 2t − 2 cos 3t − cos 4t, the usual one."""
    t = 2 * np.pi * np.arange(_STEPS) / _STEPS
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y], axis=1)


def _crescent(mirrored: bool) -> Points:
    """A disc less another of four fifths its radius, moved by half of it."""
    outer, inner, moved = 1.0, 0.8, 0.5
    x = (outer**2 - inner**2 + moved**2) / (2 * moved)
    far, near = np.arctan2(np.sqrt(outer**2 - x**2), x), np.arctan2(np.sqrt(outer**2 - x**2), x - moved)
    a, b = np.linspace(far, 2 * np.pi - far, _STEPS), np.linspace(2 * np.pi - near, near, _STEPS)
    edge = np.concatenate(
        [np.stack([np.cos(a), np.sin(a)], axis=1), np.stack([moved + inner * np.cos(b), inner * np.sin(b)], axis=1)]
    )
    return np.asarray(edge * np.array([-1.0 if mirrored else 1.0, 1.0]))


def _cross() -> Points:
    a, b = 0.35, 1.0
    return np.array(
        [(-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a), (-a, -a)]
    )


_SQUARE = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
_OUTLINES: dict[str, list[Points]] = {
    "circle": [_regular(_STEPS)],
    "square": [_SQUARE],
    "triangle": [_regular(3)],
    "star": [_star()],
    "heart": [_heart()],
    "diamond": [_regular(4) * np.array([ratio, 1.0]) for ratio in (0.7, 1.0)],
    "hexagon": [_regular(6), _regular(6)[:, ::-1]],
    "crescent": [_crescent(False), _crescent(True)],
    "cross": [_cross()],
    "ring": [_regular(_STEPS)],
    "oval": [_regular(_STEPS) * np.array(ratio) for ratio in ((1.0, 0.62), (0.62, 1.0))],
    "pentagon": [_regular(5)],
}
assert tuple(_OUTLINES) == FORMS
_HOLE = 0.45  # of a ring, as a share of its radius


@lru_cache(maxsize=1)
def silhouettes() -> dict[str, npt.NDArray[np.float32]]:
    """float32 [turns and variants, SIDE * SIDE] of zeros and ones for each form, all of the area AREA."""
    return {
        name: np.stack(
            [_filled(points, turn, name == "ring").ravel() for points in outlines for turn in _turns(points)]
        ).astype(np.float32)
        for name, outlines in _OUTLINES.items()
    }


def _turns(points: Points) -> list[float]:
    """The turns of an outline. A square, upright or on a corner, keeps to those that leave it the nearer of the two."""
    edges = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    both = len(points) == 4 and np.allclose(edges, edges[0]) and np.isclose(*np.ptp(points, axis=0))
    return [turn for turn in TURNS if not both or abs(turn) < HALF_WAY]


def _filled(points: Points, turn: float, hollow: bool) -> Mask:
    """bool [SIDE, SIDE]: the outline turned, filled, its centre of gravity in the middle, scaled to AREA."""
    cos, sin = np.cos(turn), np.sin(turn)
    turned = points @ np.array([[cos, sin], [-sin, cos]])
    x, y = turned[:, 0], turned[:, 1]
    following_x, following_y = np.roll(x, -1), np.roll(y, -1)
    twice = x * following_y - following_x * y  # the shoelace formula
    area = twice.sum() / 2
    centre = np.array([((x + following_x) * twice).sum(), ((y + following_y) * twice).sum()]) / (6 * area)
    share = 1 - _HOLE**2 if hollow else 1.0
    placed = (turned - centre) * np.sqrt(AREA / share / abs(area))
    filled = _mask(placed)
    return filled & ~_mask(placed * _HOLE) if hollow else filled


def _mask(placed: Points) -> Mask:
    return np.asarray(polygon2mask((SIDE, SIDE), placed[:, ::-1] + (SIDE - 1) / 2), dtype=bool)
