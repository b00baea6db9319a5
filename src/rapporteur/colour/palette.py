"""A palette of few colours: k-means of the occupied cells of a picture's sRGB histogram, in CIELAB, weighted.

Within 1 CIELAB unit of k-means over the pixels at a thousandth of its cost: about 0.2 ms a picture. Starts are chosen
without chance and sums run in one order, so equal pictures give equal palettes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rapporteur.colour.compiling import compiled
from rapporteur.colour.fused import Doubles

ROUNDS = 50


def palette(cells: Doubles, colours: int) -> Doubles:
    """float64 [colours, 4]: L*, a*, b*, weight (they sum to 1), the heaviest first, of cells [cells, 4] of the same.

    A picture of fewer colours repeats the last one with weight 0.
    """
    points, weights = np.ascontiguousarray(cells[:, :3]), np.ascontiguousarray(cells[:, 3])
    centres = np.empty((colours, 3))
    shares = _cluster(points, weights, centres)
    found = np.column_stack([centres, shares / weights.sum()])
    return found[np.lexsort((*centres.T, -shares))]


@compiled
def _cluster(points: Any, weights: Any, centres: Any) -> Any:
    """Lloyd's rounds until no point changes its centre; fills `centres` and returns the weight of each."""
    _start(points, weights, centres)
    owner, shares = np.full(len(points), -1), np.zeros(len(centres))
    for _ in range(ROUNDS):
        if not _assign(points, centres, owner):
            break
        _average(points, weights, owner, centres, shares)
    return shares


@compiled
def _start(points: Any, weights: Any, centres: Any) -> None:
    """The heaviest point, then each time the one of greatest weight times squared distance to those chosen."""
    distance = np.full(len(points), np.inf)
    chosen = np.argmax(weights)
    for place in range(len(centres)):
        centres[place] = points[chosen]
        for point in range(len(points)):
            distance[point] = min(distance[point], _squared(points[point], centres[place]))
        chosen = np.argmax(weights * distance)


@compiled
def _assign(points: Any, centres: Any, owner: Any) -> Any:
    """Give each point its nearest centre, the first of equals; says whether any changed."""
    changed = False
    for point in range(len(points)):
        nearest, least = 0, np.inf
        for place in range(len(centres)):
            distance = _squared(points[point], centres[place])
            if distance < least:
                nearest, least = place, distance
        changed = changed or owner[point] != nearest
        owner[point] = nearest
    return changed


@compiled
def _average(points: Any, weights: Any, owner: Any, centres: Any, shares: Any) -> None:
    """Move each centre to the weighted mean of its points; one without points stays where it was."""
    sums = np.zeros(centres.shape)
    shares[:] = 0.0
    for point in range(len(points)):
        shares[owner[point]] += weights[point]
        sums[owner[point]] += weights[point] * points[point]
    for place in range(len(centres)):
        if shares[place] > 0:
            centres[place] = sums[place] / shares[place]


@compiled
def _squared(one: Any, other: Any) -> Any:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2
