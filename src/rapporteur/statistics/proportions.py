"""Shares of clustered pictures, with Wilson's interval at the effective number of pictures.

Ten pictures of one caption that all obey are not ten proofs. Wilson's interval is taken at the effective
size n / deff, where deff is the variance of the share between clusters over the variance that independent
pictures would have (E. Korn and B. Graubard, Survey Methodology 24, 1998; N. Dean and M. Pagano, American
Statistician 69, 2015, find the Wilson form sound). The effective size lies between the number of clusters and
the number of pictures; where all pictures agree it can't be estimated and the number of clusters is taken.
A part of a study too small to estimate its own clustering borrows the whole study's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from rapporteur.statistics.bootstrap import (
    FEWEST_CLUSTERS,
    Estimate,
    Labels,
    Resampling,
    Undefined,
    cluster_codes,
    cluster_totals,
)
from rapporteur.vocabulary.phrase import Phrase, phrase


def wilson(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval (1927) of `successes` out of `n`; both may be effective sizes."""
    low, high = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    return max(0.0, float(low)), min(1.0, float(high))


@dataclass(frozen=True)
class Clustering:
    """How alike pictures of one cluster are: 0 for not at all, 1 for copies; judged on so many clusters."""

    likeness: float
    clusters: int

    def effective_size(self, n: int, clusters: int, confidence: float) -> float:
        """Independent pictures' worth of `n` pictures in `clusters`: n / (1 + (n / clusters - 1) likeness).

        Reduced by (z / t)², Student's t with the judged clusters less one, as Korn and Graubard do for a likeness
        that is itself an estimate.
        """
        level = (1 + confidence) / 2
        unsure = 1.0
        if self.clusters > 1 and clusters < n:
            unsure = float((stats.norm.ppf(level) / stats.t.ppf(level, self.clusters - 1)) ** 2)
        return unsure * n / (1 + (n / clusters - 1) * self.likeness)


def clustering(successes: Labels, labels: Labels) -> Clustering:
    """The clustering of true and false rows; 1 where all rows agree or there is one cluster: the worst case."""
    flags = np.asarray(successes, dtype=np.float64)
    codes, clusters = cluster_codes(labels)
    hits, sizes = cluster_totals(np.stack([flags, np.ones_like(flags)], axis=1), codes, clusters).T
    n, value = len(flags), flags.mean()
    if clusters in (1, n) or value in (0.0, 1.0):
        return Clustering(1.0, clusters)
    variance = clusters / (clusters - 1) * ((hits - value * sizes) ** 2).sum() / n**2
    effect = variance * n / (value * (1 - value))
    return Clustering(float(np.clip((effect - 1) / (n / clusters - 1), 0, 1)), clusters)


def share(
    successes: Labels, labels: Labels, plan: Resampling, what: str | Phrase = "share", within: Clustering | None = None
) -> Estimate:
    """The share of true rows, with Wilson's interval at the effective size.

    `within` is the clustering of the study that these rows are a part of; their own by default. No interval where some
    pictures are of one cluster and there are fewer than FEWEST_CLUSTERS.
    """
    flags = np.asarray(successes, dtype=np.float64)
    if len(flags) == 0:
        raise Undefined("no_data")
    n, clusters = len(flags), cluster_codes(labels)[1]
    if clusters < min(n, FEWEST_CLUSTERS):  # a few captions' pictures say nothing of other captions'
        reason = Phrase("few_clusters", {"what": phrase(what), "clusters": clusters})
        return Estimate(float(flags.mean()), None, None, n, clusters, reason)
    size = (within or clustering(flags, labels)).effective_size(n, clusters, plan.confidence)
    value = float(flags.mean())
    low, high = wilson(value * size, size, plan.confidence)
    said = {"what": phrase(what)}
    clustered = Phrase("wilson_effective", said | {"size": round(size), "clusters": clusters})
    return Estimate(value, low, high, n, clusters, Phrase("wilson", said) if clusters == n else clustered)
