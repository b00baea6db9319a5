"""Paired permutation test by sign flips of whole clusters, and Holm's correction.

Assumption: under the null hypothesis the two members of a pair are exchangeable, so a cluster's summed
difference is as likely as its opposite. Nothing is assumed about the shape of the scores.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from rapporteur.statistics.bootstrap import Labels, Resampling, Undefined, cluster_codes, cluster_totals

ASSUMPTION = "exchangeable_pairs"  # report/language says it


def paired_permutation(differences: Labels, labels: Labels, plan: Resampling) -> float:
    """Two-sided p-value of "the mean difference is zero".

    Exact when all sign flips are no more than `plan.resamples`, else drawn at random with one added to both
    counts, so that the p-value is never zero. Raises Undefined with fewer than two clusters.
    """
    codes, clusters = cluster_codes(labels)
    if clusters < 2:
        raise Undefined("paired_test_needs_two_clusters")
    numbers = np.asarray(differences, dtype=np.float64)
    sums = cluster_totals(numbers[:, None], codes, clusters)[:, 0]
    result = stats.permutation_test(
        (sums,),
        lambda values, axis: np.mean(values, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=plan.resamples,
        batch=max(1, 2_000_000 // clusters),
        rng=np.random.default_rng(plan.seed),
    )
    return float(min(1.0, result.pvalue))


def at_the_floor(p: float, clusters: int, plan: Resampling) -> bool:
    """Whether a p-value is the least that random flips can give: then the true one may be smaller.

    No flip drawn at random does as much as the data: 2 / (resamples + 1). Exact tests have no such floor.
    """
    drawn_at_random = clusters >= 63 or 2**clusters > plan.resamples
    return drawn_at_random and p <= 2.000001 / (plan.resamples + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values (1979): the family-wise error stays below the level chosen."""
    if not p_values:
        return []
    return [float(p) for p in multipletests(list(p_values), method="holm")[1]]
