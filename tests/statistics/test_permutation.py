"""The paired permutation test against exact enumeration, and Holm against hand computation."""

from __future__ import annotations

import numpy as np
import pytest

from rapporteur.statistics.bootstrap import Resampling
from rapporteur.statistics.permutation import at_the_floor, holm, paired_permutation

PLAN = Resampling(seed=1)


def test_few_pairs_are_enumerated_exactly():
    """Five positive differences: 2 of the 32 sign patterns are as extreme."""
    assert paired_permutation([1, 2, 3, 4, 5], list("abcde"), PLAN) == pytest.approx(2 / 32)


def test_fishers_worked_example_on_darwins_maize():
    """R. Fisher, The Design of Experiments, 1935, section 21: 1,726 of 32,768 sign patterns, two-sided."""
    eighths = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    p = paired_permutation(eighths, np.arange(15), Resampling(seed=1, resamples=40_000))
    assert p == pytest.approx(1726 / 32768)


def test_clusters_flip_together():
    """Six captions of ten pictures all better: 2 / 64 whatever the number of pictures."""
    differences = np.random.default_rng(1).uniform(1, 2, size=60)
    assert paired_permutation(differences, np.arange(60) // 10, PLAN) == pytest.approx(2 / 64)


def test_many_pairs_never_give_a_p_value_of_zero():
    p = paired_permutation(np.full(60, 3.0) + np.arange(60) / 100, np.arange(60), PLAN)
    assert 0 < p < 1e-3


def test_p_values_are_uniform_when_nothing_differs():
    random = np.random.default_rng(3)
    values = [paired_permutation(random.normal(size=20), np.arange(20), Resampling(seed, 500)) for seed in range(400)]
    assert np.mean(np.array(values) <= 0.05) == pytest.approx(0.05, abs=0.025)
    assert np.mean(np.array(values) <= 0.5) == pytest.approx(0.5, abs=0.07)


def test_one_cluster_can_not_be_tested():
    with pytest.raises(ValueError, match="two_clusters"):
        paired_permutation([1, 2], ["a", "a"], PLAN)


def test_holm_steps_down_and_stays_monotone():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.4, 0.9]) == pytest.approx([0.8, 0.9])
    assert holm([]) == []


def test_holm_gives_rs_values():
    """p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") and p.adjust(c(0.0001, 0.6, 0.02, 0.03), "holm") in R."""
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm([0.0001, 0.6, 0.02, 0.03]) == pytest.approx([0.0004, 0.6, 0.06, 0.06])


def test_drawn_flips_agree_with_the_exact_enumeration():
    """Darwin's maize again, drawn: within 4 standard errors of 1,726 / 32,768."""
    eighths = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    exact = 1726 / 32768
    drawn = paired_permutation(eighths, np.arange(15), Resampling(seed=2, resamples=20_000))
    assert drawn != exact
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000))


def test_a_p_value_at_the_floor_of_random_flips_is_told_from_an_exact_one() -> None:
    plan = Resampling(1, 1_000)
    random = paired_permutation(np.ones(40), np.arange(40), plan)
    assert random == pytest.approx(2 / 1_001) and at_the_floor(random, 40, plan)
    exact = paired_permutation(np.ones(8), np.arange(8), plan)
    assert exact == pytest.approx(2 / 2**8) and not at_the_floor(exact, 8, plan)
    assert not at_the_floor(0.01, 40, plan)
