"""What the best of k pictures would score, from the n pictures that were drawn.

The expected maximum of k of n scores drawn without replacement weighs the i-th smallest by C(i-1, k-1) / C(n, k):
the average over all subsets of k, without drawing any.
"""

from __future__ import annotations

from math import comb

import numpy as np

from rapporteur.statistics.bootstrap import Floats


def expected_best(scores: Floats, k: int) -> float:
    """Expected maximum of `k` of the `scores`. Raises ValueError unless 1 <= k <= len(scores)."""
    n = len(scores)
    if not 1 <= k <= n:
        raise ValueError(f"k must lie between 1 and {n}")
    weights = np.array([comb(place, k - 1) for place in range(n)], dtype=np.float64) / comb(n, k)
    return float(np.sort(scores) @ weights)
