"""The cluster bootstrap against analytic values, and the coverage of its intervals by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rapporteur.statistics.bootstrap import (
    Resampling,
    bootstrap,
    cluster_codes,
    cluster_totals,
    expanded_percentile,
    mean,
    resampled_counts,
    resampled_totals,
)

PLAN = Resampling(seed=7, resamples=2_000)


def test_a_cluster_is_drawn_whole_and_as_often_as_there_are_clusters():
    counts = np.concatenate(list(resampled_counts(12, PLAN)))
    assert counts.shape == (2_000, 12)
    assert (counts.sum(axis=1) == 12).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(12), abs=0.1)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    values, labels = np.random.default_rng(0).normal(size=60), np.arange(60) // 3
    first, again = mean(values, labels, PLAN), mean(values, labels, PLAN)
    other = mean(values, labels, Resampling(seed=8, resamples=2_000))
    assert first == again
    assert first.low != other.low


def test_the_interval_of_a_mean_is_students_for_independent_normal_values():
    values = np.random.default_rng(1).normal(10, 2, size=25)
    found = mean(values, np.arange(25), Resampling(seed=1, resamples=20_000))
    low, high = stats.t.interval(0.95, 24, loc=values.mean(), scale=values.std(ddof=1) / 5)
    assert found.value == pytest.approx(values.mean(), abs=1e-12)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.05 * (high - low))


def test_copies_of_a_picture_do_not_narrow_the_interval():
    values = np.random.default_rng(2).normal(size=30)
    alone = mean(values, np.arange(30), PLAN)
    copied = mean(np.repeat(values, 10), np.repeat(np.arange(30), 10), PLAN)
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high), abs=1e-12)
    assert copied.n == 300 and copied.clusters == 30


def test_the_mean_weighs_clusters_by_their_rows():
    found = mean([1, 1, 1, 4], ["a", "a", "a", "b"], PLAN)
    assert found.value == pytest.approx(7 / 4)


def test_too_few_clusters_give_a_value_without_interval_and_say_so():
    found = mean([1.0, 2.0, 3.0], ["a", "b", "b"], PLAN)
    assert found.value == pytest.approx(2.0)
    assert found.low is None and found.high is None
    assert (found.method.code, found.method.about["clusters"]) == ("few_clusters", 2)


def test_no_rows_and_undefined_values_are_refused():
    with pytest.raises(ValueError, match="no_data"):
        mean([], [], PLAN)
    with pytest.raises(ValueError, match="undefined_here"), np.errstate(invalid="ignore"):
        bootstrap(np.zeros((6, 2)), list("abcdef"), lambda totals: totals[:, 0] / totals[:, 1], PLAN, "rapport")


def test_values_that_are_all_equal_give_no_interval():
    found = mean(np.full(30, 7.0), np.arange(30), PLAN)
    assert found.value == 7.0 and found.low is None
    assert found.method.code == "equal_resamples"


def test_totals_are_sums_within_clusters():
    codes, clusters = cluster_codes(["b", "a", "b"])
    assert clusters == 2
    assert cluster_totals(np.array([[1.0], [5.0], [2.0]]), codes, clusters).tolist() == [[3.0], [5.0]]


def test_an_interval_of_mostly_undefined_resamples_is_none():
    draws = np.r_[np.full(50, np.nan), np.arange(50.0)]
    assert expanded_percentile(draws, 20, 0.95) is None


@pytest.mark.parametrize(("clusters", "per_cluster"), [(12, 5), (40, 3), (100, 1)])
def test_a_nominal_95_percent_interval_covers_93_to_97_percent(clusters, per_cluster):
    random, covered, runs = np.random.default_rng(clusters), 0, 1_000
    labels = np.repeat(np.arange(clusters), per_cluster)
    for run in range(runs):
        values = np.repeat(random.normal(size=clusters), per_cluster) + random.normal(size=len(labels))
        found = mean(values, labels, Resampling(seed=run, resamples=1_000))
        covered += found.low <= 0 <= found.high
    assert 0.93 <= covered / runs <= 0.97


def test_rows_taken_as_independent_would_not_cover():
    """The reason for clusters: ten pictures a caption, and the plain interval covers far too rarely."""
    random, covered, runs = np.random.default_rng(5), 0, 300
    for run in range(runs):
        values = np.repeat(random.normal(size=30), 10) + 0.3 * random.normal(size=300)
        found = mean(values, np.arange(300), Resampling(seed=run, resamples=500))
        covered += found.low <= 0 <= found.high
    assert covered / runs < 0.7


def test_resampled_means_have_the_analytic_spread():
    """The standard deviation of a resampled mean is sqrt((n - 1) / n) s / sqrt(n), exactly."""
    values = np.random.default_rng(6).exponential(size=40)
    totals = resampled_totals(np.stack([values, np.ones(40)], axis=1), Resampling(seed=3, resamples=40_000))
    assert (totals[:, 1] == 40).all()
    assert (totals[:, 0] / 40).std() == pytest.approx(np.sqrt(39 / 40) * values.std(ddof=1) / np.sqrt(40), rel=0.02)


def test_resampled_medians_have_efrons_probabilities():
    """B. Efron, Bootstrap Methods, Annals of Statistics 7, 1979: the median of 13 distinct values."""
    published = [0.0, 0.0015, 0.0142, 0.0550, 0.1242, 0.1936, 0.2230]  # of the 1st … 7th value, symmetric beyond
    counts = np.concatenate(list(resampled_counts(13, Resampling(seed=5, resamples=40_000))))
    places = (np.cumsum(counts, axis=1) < 6.5).sum(axis=1)
    found = np.bincount(places, minlength=13) / 40_000
    assert found[:7] == pytest.approx(published, abs=0.008)
    assert found[12:5:-1] == pytest.approx(published, abs=0.008)


def test_the_interval_is_scipys_percentile_interval_at_the_widened_level():
    values = np.random.default_rng(7).exponential(size=60)
    found = mean(values, np.arange(60), Resampling(seed=1, resamples=40_000))
    level = 1 - 2 * stats.norm.sf(stats.t.ppf(0.975, 59) * np.sqrt(60 / 59))
    peer = stats.bootstrap(
        (values,),
        np.mean,
        confidence_level=level,
        method="percentile",
        n_resamples=40_000,
        rng=np.random.default_rng(2),
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high), abs=0.01)
