"""Probability of superiority against Mann–Whitney's U and the normal formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rapporteur.statistics.bootstrap import Resampling
from rapporteur.statistics.superiority import superiority

PLAN = Resampling(seed=1, resamples=2_000)


def test_it_is_mann_whitneys_u_over_the_number_of_pairs_ties_counted_half():
    random = np.random.default_rng(1)
    x, y = random.integers(0, 8, size=40), random.integers(1, 9, size=30)
    found = superiority(x, np.arange(40), y, np.arange(30), plan=PLAN, what="superiority")
    assert found.value == pytest.approx(stats.mannwhitneyu(x, y).statistic / (40 * 30))


def test_for_normal_scores_it_is_phi_of_the_standardised_difference_over_root_two():
    random = np.random.default_rng(2)
    x, y = random.normal(1, 1, size=20_000), random.normal(0, 1, size=20_000)
    found = superiority(x, np.arange(20_000) % 50, y, np.arange(20_000) % 50, plan=PLAN, what="superiority")
    assert found.value == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=0.005)


def test_the_interval_resamples_clusters_of_both_sides_together():
    """Against a plain loop over the same draws."""
    random = np.random.default_rng(3)
    x, y, labels = random.normal(0.5, 1, size=24), random.normal(size=24), np.arange(24) // 3
    found = superiority(x, labels, y, labels, plan=Resampling(seed=9, resamples=5_000), what="superiority")
    drawn = [np.random.default_rng(run).integers(0, 8, size=8) for run in range(2_000)]
    loop = [_plain(x, y, labels, clusters) for clusters in drawn]
    assert np.mean(loop) == pytest.approx((found.low + found.high) / 2, abs=0.03)
    assert found.high - found.low > np.subtract(*np.quantile(loop, [0.975, 0.025]))


def _plain(x, y, labels, clusters):
    rows = np.concatenate([np.flatnonzero(labels == cluster) for cluster in clusters])
    return (x[rows][:, None] > y[rows]).mean()


def test_without_exception_the_interval_is_wilsons_on_the_clusters():
    found = superiority(
        np.ones(60), np.arange(60) // 3, np.zeros(60), np.arange(60) // 3, plan=PLAN, what="superiority"
    )
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 0.8389, 1.0), abs=5e-5)  # Wilson of 20 out of 20


def test_an_empty_side_is_refused():
    with pytest.raises(ValueError, match="nothing_to_compare"):
        superiority([], [], [1.0], ["a"], plan=PLAN, what="superiority")


def test_the_interval_covers_93_to_97_percent():
    random, covered, runs, truth = np.random.default_rng(6), 0, 600, stats.norm.cdf(0.8 / np.sqrt(2))
    labels = np.repeat(np.arange(40), 3)
    for run in range(runs):
        x, y = random.normal(0.8, 1, size=120), random.normal(size=120)
        found = superiority(x, labels, y, labels, plan=Resampling(run, 1_000), what="superiority")
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / runs <= 0.97


def test_mcgraw_and_wongs_example_of_heights_gives_their_92_percent():
    """Men 69.7 (2.8) inches, women 64.3 (2.6): a man is the taller in 92 % of pairs (Psychological Bulletin 111)."""
    grid = stats.norm.ppf((np.arange(2_000) + 0.5) / 2_000)
    clusters = np.arange(2_000) % 40
    found = superiority(69.7 + 2.8 * grid, clusters, 64.3 + 2.6 * grid, clusters, plan=PLAN, what="superiority")
    assert found.value == pytest.approx(0.92, abs=0.005)
    assert found.value == pytest.approx(stats.norm.cdf(5.4 / np.hypot(2.8, 2.6)), abs=1e-3)
