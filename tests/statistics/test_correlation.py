"""Rank correlations: values by scipy, resamples against scipy on the resampled rows themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rapporteur.statistics import correlation
from rapporteur.statistics.bootstrap import Resampling

PLAN = Resampling(seed=1, resamples=2_000)
RANDOM = np.random.default_rng(0)
X = RANDOM.integers(1, 6, size=40).astype(float)
Y = X + RANDOM.normal(0, 2, size=40).round(1)
LABELS = np.arange(40) // 2


@pytest.mark.parametrize(
    ("ours", "peer"), [(correlation.kendall, stats.kendalltau), (correlation.spearman, stats.spearmanr)]
)
def test_the_value_and_every_resample_are_scipys(monkeypatch, ours, peer):
    """The resamples are caught on their way to the interval and compared with scipy on repeated rows."""
    caught: list[np.ndarray] = []
    original = correlation.expanded_percentile
    monkeypatch.setattr(
        correlation, "expanded_percentile", lambda draws, *rest: caught.append(draws) or original(draws, *rest)
    )
    found = ours(X, Y, LABELS, PLAN)
    assert found.value == pytest.approx(peer(X, Y).statistic)
    counts = np.concatenate(list(correlation.resampled_counts(20, PLAN)))[:25, LABELS].astype(int)
    rows = [np.repeat(np.arange(40), row) for row in counts]
    assert caught[0][:25] == pytest.approx([peer(X[row], Y[row]).statistic for row in rows])


def test_the_interval_is_near_fishers_for_independent_normal_values():
    random = np.random.default_rng(2)
    x = random.normal(size=200)
    y = 0.6 * x + 0.8 * random.normal(size=200)
    found = correlation.spearman(x, y, np.arange(200), PLAN)
    width = 1.96 * np.sqrt((1 + found.value**2 / 2) / 197)  # Bonett and Wright, Psychometrika 65, 2000
    low, high = np.tanh(np.arctanh(found.value) + np.array([-width, width]))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.04)


@pytest.mark.parametrize("function", [correlation.kendall, correlation.spearman])
def test_a_constant_side_and_a_single_row_are_refused(function):
    with pytest.raises(ValueError, match="varient"):
        function([1, 1, 1], [1, 2, 3], [0, 1, 2], PLAN)
    with pytest.raises(ValueError, match="deux lignes"):
        function([1], [1], [0], PLAN)
