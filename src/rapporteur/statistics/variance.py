"""How much of a score's variance is the caption: the one-way intraclass correlation ICC(1).

Analysis of variance with captions as random effect. Interval: Searle's, from the F distribution, exact for
equal group sizes and normal scores (S. Searle, Linear Models, 1971; K. McGraw and S. Wong, Psychological
Methods 1, 1996), at the mean-square group size for unequal ones. The value and the bounds stop at zero: a
share of variance is not negative.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from rapporteur.statistics.bootstrap import Estimate, Labels, Resampling, Undefined, cluster_codes, cluster_totals
from rapporteur.vocabulary.phrase import Phrase


def intraclass_correlation(values: Labels, labels: Labels, plan: Resampling) -> Estimate:
    """ICC(1) of `values` in groups `labels`. Raises Undefined without two groups, of which one has two rows."""
    numbers = np.asarray(values, dtype=np.float64)
    codes, groups = cluster_codes(labels)
    n = len(numbers)
    if groups < 2 or n == groups:
        raise Undefined("icc_needs_two_captions")
    sizes = np.bincount(codes, minlength=groups)
    means = cluster_totals(numbers[:, None], codes, groups)[:, 0] / sizes
    between = (sizes * (means - numbers.mean()) ** 2).sum() / (groups - 1)
    within = ((numbers - means[codes]) ** 2).sum() / (n - groups)
    if between == 0 and within == 0:
        raise Undefined("equal_scores")
    size = (n - (sizes**2).sum() / n) / (groups - 1)
    low, high = _searle(between, within, size, groups=groups, n=n, confidence=plan.confidence)
    return Estimate(_share(between, within, size), low, high, n, groups, Phrase("searle", {"captions": groups}))


def _share(between: float, within: float, size: float) -> float:
    return float(max(0.0, (between - within) / (between + (size - 1) * within)))


def _searle(
    between: float, within: float, size: float, *, groups: int, n: int, confidence: float
) -> tuple[float, float]:
    """Bounds from the F ratio's own distribution: each is the value's formula at a shrunk or stretched F."""
    tail = (1 - confidence) / 2
    shrink = stats.f.isf(tail, groups - 1, n - groups)
    stretch = stats.f.isf(tail, n - groups, groups - 1)
    return _share(between / shrink, within, size), _share(between * stretch, within, size)
