"""Bradley and Terry's strengths: what each of several models is worth where pictures are compared two by two.

i is preferred to j with the odds exp(s_i - s_j) (R. Bradley and M. Terry, Biometrika 39, 1952); a tie is half a win for
each. Strengths are natural logarithms of odds and sum to zero: 0 is an average model's, a difference of 1 wins 73 % of
comparisons. Fitted by Newton's method, all resamples at once; held against statsmodels' logistic regression in
tests/statistics/test_strength.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rapporteur.statistics.bootstrap import Estimate, Floats, Labels, Resampling, Undefined, bootstrap

STEPS = 40
CLOSE = 1e-10
INFINITE = 8.0  # from the mean: on the way to a model that is always preferred, or never


def strengths(wins: Floats) -> Floats:
    """The strengths [..., models] of counts [..., models, models]: how often the row's model beat the column's.

    NaN where they have no finite value: a model won all its comparisons, or lost all, or shares none with the others.
    """
    compared = wins + np.swapaxes(wins, -1, -2)
    models = wins.shape[-1]
    found = np.zeros(wins.shape[:-1])
    for _ in range(STEPS):
        odds = 1 / (1 + np.exp(found[..., None, :] - found[..., :, None]))
        slope = (wins - compared * odds).sum(axis=-1)
        weight = compared * odds * (1 - odds)
        curve = np.eye(models) * weight.sum(axis=-1)[..., None] - weight
        pinned = curve + 1 / models + 1e-9 * np.eye(models)  # their sum stays zero
        step = np.linalg.solve(pinned, slope[..., None])[..., 0].clip(-2, 2)
        found = np.where(np.abs(found).max(axis=-1, keepdims=True) > INFINITE, found, found + step)
        if np.abs(step).max() < CLOSE:
            break
    loose = (np.abs(found).max(axis=-1, keepdims=True) > INFINITE) | (compared.sum(axis=-1) == 0).any(-1, keepdims=True)
    return np.where(loose, np.nan, found)


def strength(
    first: Labels,
    second: Labels,
    won: Labels,
    labels: Labels,
    *,
    models: Sequence[str],
    of: str,
    plan: Resampling,
    over: str = "",
) -> Estimate:
    """The strength of the model `of`, less that of `over` where it is given, with an interval over clusters.

    A row a comparison: the two models' names, and how far the first won, 1, 1/2 or 0. Raises Undefined without rows or
    a finite value.
    """
    place = {name: number for number, name in enumerate(models)}
    mine, theirs = ([place[name] for name in side] for side in (first, second))
    share = np.asarray(won, dtype=np.float64)
    if len(share) == 0:
        raise Undefined("no_data")
    rows, count = np.arange(len(share)), len(models)
    features = np.zeros((len(share), count, count))
    features[rows, mine, theirs] += share
    features[rows, theirs, mine] += 1 - share

    def statistic(totals: Floats) -> Floats:
        found = strengths(totals.reshape(-1, count, count))
        return np.asarray(found[:, place[of]] - (found[:, place[over]] if over else 0))

    what = "strength_over" if over else "strength"
    return bootstrap(features.reshape(len(share), -1), labels, statistic, plan, what)
