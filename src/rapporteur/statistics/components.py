"""Variance of a score due to the dataset, the caption and the draw.

Model: score = dataset (fixed) + caption (random, nested in it) + draw. Estimates: Henderson's method 3, that is the
analysis of variance with captions nested in datasets (C. Henderson, Biometrics 9, 1953), a formula of totals, so that
10,000 resamples are matrix products; with equal numbers of draws it is REML's estimate wherever that is positive.
`restricted_likelihood` fits the same model by REML (statsmodels' MixedLM) as a check. The variance of the fixed part
is that of its fitted values over the rows (S. Nakagawa and H. Schielzeth, A general and simple method for obtaining
R2 from generalized linear mixed-effects models, Methods in Ecology and Evolution 4, 2013).
Intervals: BCa (B. Efron, Better Bootstrap Confidence Intervals, JASA 82, 1987), for a variance's resamples are skewed
and the plain percentile interval covers 91 % with 40 captions; widened for few clusters as in `bootstrap`.
Cost: 1 s for 6,000 rows; MixedLM some seconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from rapporteur.statistics.bootstrap import (
    EQUAL,
    FEWEST_CLUSTERS,
    Estimate,
    Floats,
    Labels,
    Resampling,
    Undefined,
    cluster_codes,
    cluster_totals,
    estimate,
    resampled_totals,
)


@dataclass(frozen=True)
class Components:
    """Variances, each a number or an array [resamples]."""

    dataset: Floats
    caption: Floats
    draw: Floats

    @property
    def total(self) -> Floats:
        return self.dataset + self.caption + self.draw

    def of_mean(self, draws: float) -> Floats:
        """The variance of one caption's mean over so many draws: what an interval over captions is made of."""
        return self.caption + self.draw / draws


Statistics = Mapping[str, Callable[[Components], Floats]]
SHARES: Statistics = {
    "dataset": lambda part: part.dataset / part.total,
    "caption": lambda part: part.caption / part.total,
    "draw": lambda part: part.draw / part.total,
}


def components(
    values: Labels, captions: Labels, datasets: Labels, clusters: Labels, *, wanted: Statistics, plan: Resampling
) -> dict[str, Estimate]:
    """What `wanted` makes of the variances, each with its interval; every caption lies in one dataset and cluster.

    Raises Undefined where no caption has two draws, no dataset two captions, or all scores are equal.
    """
    if len(values) == 0:
        raise Undefined("no_data")
    features, strata = _features(values, captions, datasets)
    codes, count = cluster_codes(clusters)
    totals = cluster_totals(features, codes, count)
    all_rows = totals.sum(axis=0)
    found = henderson(all_rows[None, :], strata)
    if not np.isfinite(found.total[0]) or found.total[0] <= 0:
        raise Undefined("components_need_two_captions")
    enough = count >= FEWEST_CLUSTERS
    draws = henderson(resampled_totals(totals, plan), strata) if enough else None
    spared = henderson(all_rows - totals, strata)  # the jackknife: each cluster left out once
    made = {}
    for name, of in wanted.items():
        value = float(of(found)[0])
        interval = None if draws is None else _accelerated(value, _quiet(of, draws), _quiet(of, spared), plan)
        made[name] = estimate(
            value, interval, n=len(features), clusters=count, plan=plan, what="henderson", how="bootstrap_bca"
        )
    return made


def _quiet(of: Callable[[Components], Floats], parts: Components) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return of(parts)


def _accelerated(value: float, draws: Floats, spared: Floats, plan: Resampling) -> tuple[float, float] | None:
    """The BCa interval of a statistic from its resamples and its jackknife; None where they do not define one."""
    finite, clusters = draws[np.isfinite(draws)], len(spared)
    if len(finite) < 0.99 * len(draws) or np.ptp(finite) < EQUAL or not np.isfinite(spared).all():
        return None
    bias = stats.norm.ppf(np.clip(((finite < value).mean() + (finite <= value).mean()) / 2, 1e-3, 1 - 1e-3))
    leaning = spared.mean() - spared
    acceleration = (leaning**3).sum() / (6 * max(float((leaning**2).sum()), EQUAL**2) ** 1.5)
    # Resampled variances spread too little: for normal effects the sample's fourth moment is short by this much.
    widened = np.sqrt((clusters + 1) / (clusters - 2))
    quantile = stats.t.ppf((1 + plan.confidence) / 2, clusters - 1) * widened
    ends = bias + np.array([-quantile, quantile])
    low, high = np.quantile(finite, stats.norm.cdf(bias + ends / (1 - acceleration * ends)))
    return min(float(low), value), max(float(high), value)


def _features(values: Labels, captions: Labels, datasets: Labels) -> tuple[Floats, int]:
    """Columns whose totals decide the analysis of variance: five a dataset, then the squares within captions."""
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers - numbers.mean()  # squares of small numbers cancel less
    strata, datasets_found = cluster_codes(datasets)
    codes, groups = pd.factorize(pd.MultiIndex.from_arrays([strata, np.asarray(captions, dtype=object)]))
    sizes = np.bincount(codes, minlength=len(groups))
    means = np.bincount(codes, weights=numbers, minlength=len(groups)) / sizes
    size, mean = sizes[codes].astype(np.float64), means[codes]
    parts = np.stack([np.ones_like(numbers), numbers, size, mean**2, 1 / size], axis=1)
    member = strata[:, None] == np.arange(datasets_found)
    by_dataset = (parts[:, None, :] * member[:, :, None]).reshape(len(numbers), -1)
    return np.concatenate([by_dataset, ((numbers - mean) ** 2)[:, None]], axis=1), datasets_found


def henderson(totals: Floats, strata: int) -> Components:
    """Components [resamples] of the totals [resamples, 5 strata + 1] of `_features`; NaN where undefined."""
    rows, sums, squared_sizes, squared_means, groups = totals[:, :-1].reshape(-1, strata, 5).transpose(2, 0, 1)
    n, captions = rows.sum(axis=1), groups.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        draw = totals[:, -1] / (n - captions)
        between = (squared_means - sums**2 / rows).sum(axis=1)
        size = (rows - squared_sizes / rows).sum(axis=1)
        caption = np.maximum((between - (captions - strata) * draw) / size, 0.0)
        dataset = (sums**2 / rows).sum(axis=1) / n - (sums.sum(axis=1) / n) ** 2
    return Components(np.maximum(dataset, 0.0), caption, draw)


def restricted_likelihood(values: Labels, captions: Labels, datasets: Labels) -> Components:
    """The same components by restricted maximum likelihood. Raises Undefined where the fit does not converge."""
    frame = pd.DataFrame({"score": np.asarray(values, dtype=np.float64), "dataset": np.asarray(datasets, dtype=object)})
    frame["caption"] = frame["dataset"].astype(str) + "\0" + np.asarray(captions, dtype=object).astype(str)
    levels = pd.get_dummies(frame["dataset"], dtype=float).to_numpy()
    scale = float(frame["score"].std())
    if not scale > 0:
        raise Undefined("equal_scores")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # asked of the result below; a variance of zero warns too
        fit = MixedLM(frame["score"].to_numpy() / scale, levels, groups=frame["caption"]).fit(reml=True)
    if not fit.converged:
        raise Undefined("mixed_model_did_not_converge")
    fixed = float(np.var(levels @ np.asarray(fit.fe_params)))
    parts = (np.array([part * scale**2]) for part in (fixed, float(np.asarray(fit.cov_re)[0, 0]), float(fit.scale)))
    return Components(*parts)
