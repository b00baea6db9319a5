"""The intraclass correlation against Shrout and Fleiss's published example, and its coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rapporteur.statistics.bootstrap import Resampling
from rapporteur.statistics.variance import intraclass_correlation

PLAN = Resampling(seed=1)
# P. Shrout and J. Fleiss, Psychological Bulletin 86, 1979, table 2: six targets, four judges; ICC(1,1) = 0.17
TARGETS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])


def test_shrout_and_fleiss_example_gives_its_published_value_and_interval():
    found = intraclass_correlation(TARGETS.ravel(), np.repeat(np.arange(6), 4), PLAN)
    assert found.value == pytest.approx(0.166, abs=5e-4)
    assert found.high == pytest.approx(0.723, abs=5e-4)  # R's irr::icc(x, "oneway", "consistency", "single"): 0.723
    assert found.low == 0.0  # R prints -0.133; a share of variance stops at zero


def test_the_upper_bound_is_the_value_at_the_f_ratio_of_r():
    """irr::icc prints F(5,18) = 1.79 for it; McGraw and Wong's bound is (F' - 1) / (F' + k - 1), F' = F · F(18,5)."""
    means = TARGETS.mean(axis=1)
    ratio = 4 * means.var(ddof=1) / TARGETS.var(axis=1, ddof=1).mean()
    assert ratio == pytest.approx(1.79, abs=0.005)
    stretched = ratio * stats.f.ppf(0.975, 18, 5)
    found = intraclass_correlation(TARGETS.ravel(), np.repeat(np.arange(6), 4), PLAN)
    assert found.high == pytest.approx((stretched - 1) / (stretched + 3))


def test_captions_that_decide_everything_have_a_correlation_of_one():
    found = intraclass_correlation(np.repeat([1.0, 2, 3, 4], 3), np.repeat(np.arange(4), 3), PLAN)
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 1.0, 1.0))


@pytest.mark.parametrize(("values", "labels"), [([1, 2], "ab"), ([1, 2], "aa"), ([1, 1, 1], "aab")])
def test_it_is_refused_where_it_is_undefined(values, labels):
    with pytest.raises(ValueError, match=r"icc_needs_two_captions|equal_scores"):
        intraclass_correlation(values, list(labels), PLAN)


def test_the_interval_covers_94_to_96_percent_of_normal_scores():
    random, covered, runs, truth = np.random.default_rng(3), 0, 4_000, 0.4
    labels = np.repeat(np.arange(25), 6)
    for _ in range(runs):
        captions = np.sqrt(truth) * random.normal(size=25)
        values = np.repeat(captions, 6) + np.sqrt(1 - truth) * random.normal(size=150)
        found = intraclass_correlation(values, list(labels), PLAN)
        covered += found.low <= truth <= found.high
    assert 0.94 <= covered / runs <= 0.96
