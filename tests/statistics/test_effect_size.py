"""Effect sizes against published values, and the score test's error rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rapporteur.statistics.bootstrap import Resampling, Undefined
from rapporteur.statistics.effect_size import cliffs_delta, mean_difference, score_test, standardised_difference

PLAN = Resampling(seed=1, resamples=1_000)
# Student (1908), hours of sleep gained with two drugs (R's `sleep`): paired d = 1.28
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def test_students_sleep_gives_its_published_standardised_difference():
    found = standardised_difference(SECOND - FIRST, range(10), PLAN)
    assert found.value == pytest.approx(1.28, abs=0.005)
    assert found.value == pytest.approx(stats.ttest_rel(SECOND, FIRST).statistic / np.sqrt(10))
    assert found.low < found.value < found.high


def test_equal_differences_have_no_spread_to_compare_with():
    with pytest.raises(Undefined, match="standardised_needs_two"):
        standardised_difference([0.1, 0.1, 0.1], "abc", PLAN)


def test_the_interval_of_a_standardised_difference_covers_93_to_97_percent():
    random, covered, runs = np.random.default_rng(2), 0, 1_500
    for _ in range(runs):
        found = standardised_difference(random.normal(0.5, 1, size=60), range(60), PLAN)
        covered += found.low <= 0.5 <= found.high
    assert 0.93 <= covered / runs <= 0.97


def test_the_difference_of_two_groups_is_that_of_their_means():
    values, group = [1.0, 2, 3, 2, 2, 2, 10, 20, 30, 20, 15, 25], [True] * 6 + [False] * 6
    found = mean_difference(values, group, range(12), PLAN)
    assert found.value == pytest.approx(2 - 20) and found.high < 0
    with pytest.raises(Undefined, match="empty_group"):
        mean_difference(values, [True] * 12, range(12), PLAN)


def test_cliffs_delta_is_that_of_rs_effsize():
    """The example of effsize's cliff.delta: -0.25."""
    treatment, control = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]
    found = cliffs_delta([*treatment, *control], [True] * 10 + [False] * 6, range(16), PLAN)
    assert found.value == pytest.approx(-0.25)
    assert -1 <= found.low < found.value < found.high <= 1


def test_groups_that_do_not_overlap_have_a_delta_of_one_and_an_interval():
    found = cliffs_delta([5, 6, 7, 8, 1, 2, 3, 4], [True] * 4 + [False] * 4, range(8), PLAN)
    assert found.value == 1.0 and 0 < found.low < 1 == found.high


@pytest.mark.parametrize(("effect", "truth"), [(mean_difference, 0.8), (cliffs_delta, 2 * stats.norm.cdf(0.8 / 2) - 1)])
def test_the_interval_of_a_group_s_effect_covers_93_to_97_percent(effect, truth):
    """Fifteen captions of sixty with a feature; the difference of two normal scores has a variance of 1 + 3."""
    random, covered, runs = np.random.default_rng(5), 0, 1_000
    group = np.arange(60) < 15
    for _ in range(runs):
        scores = np.where(group, 0.8 + random.normal(size=60), np.sqrt(3) * random.normal(size=60))
        found = effect(scores, group, range(60), Resampling(1, 800))
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / runs <= 0.97


def test_the_score_test_errs_in_3_to_7_percent_where_groups_differ_in_spread_alone():
    random, rejected, runs = np.random.default_rng(3), 0, 1_000
    group = np.arange(60) < 15
    for _ in range(runs):
        scores = np.where(group, 3.0, 1.0) * random.normal(size=60)
        rejected += score_test(group, scores, range(60), Resampling(1, 500)) < 0.05
    assert 0.03 <= rejected / runs <= 0.07


def test_the_score_test_sees_a_difference_and_refuses_constants():
    scores = np.random.default_rng(4).normal(size=80) + 1.5 * (np.arange(80) < 30)
    assert score_test(np.arange(80) < 30, scores, range(80), PLAN) < 0.01
    with pytest.raises(Undefined, match="test_needs_variation"):
        score_test([1, 1], [1, 2], "ab", PLAN)
