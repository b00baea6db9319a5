"""How many captions an interval of a given half-width needs, from the variance of one caption's mean.

With `draws` pictures a caption that variance is caption + draw / draws (statistics/components.py); a mean over c
captions then has Student's interval of half-width t sqrt(variance / c).
"""

from __future__ import annotations

import math

from scipy import stats

from rapporteur.statistics.bootstrap import Undefined

MOST_CAPTIONS = 10_000_000  # more are asked for by no study


def half_width(captions: int, variance: float, confidence: float = 0.95) -> float:
    """Half the width of Student's interval of a mean over `captions`, each caption's mean varying by `variance`."""
    return float(stats.t.ppf((1 + confidence) / 2, captions - 1) * math.sqrt(variance / captions))


def captions_needed(width: float, variance: float, confidence: float = 0.95) -> int:
    """The fewest captions whose interval is no wider than the value ± `width`.

    Raises Undefined where that is more than MOST_CAPTIONS.
    """
    low, high = 2, 2
    while half_width(high, variance, confidence) > width:
        if high > MOST_CAPTIONS:
            raise Undefined("more_captions_than_any_study")
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if half_width(middle, variance, confidence) > width else (low, middle)
    return low
