"""Krippendorff's alpha for ordinal ratings, with an interval from resampled pictures.

The value is the `krippendorff` package's. Coincidences are a sum over pictures, so resamples are matrix
products of each picture's coincidences, not calls of the package (10,000 of which would take a minute).
Formula: K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
"""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd

from rapporteur.statistics.bootstrap import Estimate, Floats, Labels, Resampling, Undefined, bootstrap


def ordinal_alpha(ratings: pd.DataFrame, labels: Labels, plan: Resampling) -> Estimate:
    """Alpha of `ratings`: one row per picture, one column per rater, NaN where a rater gave none.

    `labels` gives each picture's cluster. Raises Undefined when no picture has two ratings or all ratings
    are equal, for which alpha is undefined.
    """
    values = ratings.astype("float64").to_numpy()  # nullable integers too, whose NA becomes NaN
    scale = np.unique(values[~np.isnan(values)])
    paired = (~np.isnan(values)).sum(axis=1) >= 2
    if not paired.any() or len(np.unique(values[paired][~np.isnan(values[paired])])) < 2:
        raise Undefined("alpha_needs_two_ratings")
    value = float(krippendorff.alpha(values.T, level_of_measurement="ordinal"))
    features = coincidences(values[paired], scale)
    clusters = np.asarray(labels, dtype=object)[paired]
    found = bootstrap(features, clusters, lambda totals: _alpha(totals, len(scale)), plan, "krippendorff_alpha")
    return Estimate(value, found.low, found.high, found.n, found.clusters, found.method)


def coincidences(values: Floats, scale: Floats) -> Floats:
    """Each picture's coincidence matrix, flat: [pictures, len(scale)²]; values paired within the picture."""
    counts = (values[:, :, None] == scale).sum(axis=1).astype(np.float64)
    pairs = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(len(scale))
    pairs[:, diagonal, diagonal] -= counts
    return np.asarray(pairs / (counts.sum(axis=1) - 1)[:, None, None]).reshape(len(values), -1)


def _alpha(totals: Floats, levels: int) -> Floats:
    """Alpha of coincidence totals [resamples, levels²], ordinal metric."""
    observed = totals.reshape(-1, levels, levels)
    margins = observed.sum(axis=2)
    upto = np.cumsum(margins, axis=1) - margins / 2  # half of each level: the ordinal distance counts ends half
    distance = (upto[:, :, None] - upto[:, None, :]) ** 2
    expected = margins[:, :, None] * margins[:, None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (observed * distance).sum(axis=(1, 2)) / (expected * distance).sum(axis=(1, 2))
        return np.asarray(1 - (margins.sum(axis=1) - 1) * ratio)
