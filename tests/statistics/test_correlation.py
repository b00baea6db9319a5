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
    with pytest.raises(ValueError, match="correlation_needs_variation"):
        function([1, 1, 1], [1, 2, 3], [0, 1, 2], PLAN)
    with pytest.raises(ValueError, match="correlation_needs_variation"):
        function([1], [1], [0], PLAN)


# M. Kendall, Rank Correlation Methods, section 3.4: two rankings with ties, tau-b = 0.859
TIED = [1, 2.5, 2.5, 4.5, 4.5, 6.5, 6.5, 8, 9.5, 9.5], [1, 2, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10]
# M. Hollander and D. Wolfe, 1973, p. 187: lightness of tuna and its panel score, R's example of cor.test
TUNA = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1], [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]


def test_kendalls_own_example_with_ties_has_its_published_tau_b():
    assert correlation.kendall(*TIED, np.arange(10), PLAN).value == pytest.approx(0.859, abs=5e-4)


def test_rs_example_of_cor_test_has_rs_values():
    """cor.test(x, y, method = "kendall") prints tau 0.4444444, method = "spearman" rho 0.6."""
    assert correlation.kendall(*TUNA, np.arange(9), PLAN).value == pytest.approx(0.4444444)
    assert correlation.spearman(*TUNA, np.arange(9), PLAN).value == pytest.approx(0.6)


def test_for_normal_scores_tau_is_greiners_and_rho_pearsons_relation():
    """E(tau) = 2 asin(r) / pi (Greiner 1909), rho = 6 asin(r / 2) / pi (Pearson 1907)."""
    random = np.random.default_rng(4)
    x = random.normal(size=3_000)
    y = 0.5 * x + np.sqrt(0.75) * random.normal(size=3_000)
    labels = np.arange(3_000) % 4  # too few clusters for an interval: the values alone are wanted
    assert correlation.kendall(x, y, labels, PLAN).value == pytest.approx(2 / np.pi * np.arcsin(0.5), abs=0.03)
    assert correlation.spearman(x, y, labels, PLAN).value == pytest.approx(6 / np.pi * np.arcsin(0.25), abs=0.04)
