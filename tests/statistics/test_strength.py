"""Strengths beside those of statsmodels' logistic regression, an independent maximum-likelihood fit."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from rapporteur.statistics.bootstrap import Resampling, Undefined
from rapporteur.statistics.strength import strength, strengths

PLAN = Resampling(seed=4, resamples=800)
MODELS = ("a", "b", "c", "d")


def _fitted(wins: np.ndarray) -> np.ndarray:
    """The strengths by a generalised linear model: the log odds of a pair's wins are a difference of two numbers."""
    models, rows, counts = len(wins), [], []
    for i in range(models):
        for j in range(i + 1, models):
            rows.append(np.eye(models)[i] - np.eye(models)[j])
            counts.append((wins[i, j], wins[j, i]))
    fit = sm.GLM(np.array(counts), np.array(rows)[:, 1:], family=sm.families.Binomial()).fit()
    found = np.concatenate([[0.0], fit.params])
    return found - found.mean()


def _wins(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    wins = random.integers(1, 30, (4, 4)).astype(float)
    wins += 0.5 * random.integers(0, 5, (4, 4))
    return wins * (1 - np.eye(4))


@pytest.mark.parametrize("seed", range(5))
def test_the_strengths_are_those_of_a_logistic_regression(seed: int) -> None:
    wins = _wins(seed)
    assert strengths(wins) == pytest.approx(_fitted(wins), abs=1e-6)
    assert strengths(wins).sum() == pytest.approx(0, abs=1e-9)


def test_many_are_fitted_as_one_is_and_pairs_may_be_missing() -> None:
    chain = np.array([[0, 6, 0], [2, 0, 5], [0, 5, 0]], float)  # the first and the last never met
    both = np.stack([chain, _wins(1)[:3, :3]])
    assert strengths(both) == pytest.approx(np.stack([strengths(one) for one in both]), abs=1e-8)
    assert np.diff(strengths(chain))[0] == pytest.approx(-np.log(3), abs=1e-7)


@pytest.mark.parametrize(
    "wins", [[[0, 5], [0, 0]], [[0, 3, 0], [3, 0, 0], [0, 0, 0]], [[0, 9, 9], [0, 0, 4], [0, 5, 0]]]
)
def test_a_model_that_always_wins_or_never_met_another_has_none(wins: list[list[float]]) -> None:
    assert np.isnan(strengths(np.array(wins, float))).all()


def test_of_two_models_it_is_the_log_odds_and_the_interval_covers_it() -> None:
    random = np.random.default_rng(0)
    won = (random.random(300) < 0.75).astype(float)
    sides = ["gold"] * 300, ["generated"] * 300
    found = strength(
        *sides, won, np.arange(300) // 5, models=("gold", "generated"), of="gold", over="generated", plan=PLAN
    )
    assert found.value == pytest.approx(np.log(won.mean() / (1 - won.mean())), abs=1e-6)
    half_width = 1.96 / np.sqrt(300 * won.mean() * (1 - won.mean()))  # the delta method's, for independent rows
    assert found.low == pytest.approx(found.value - half_width, abs=0.06)
    assert found.high == pytest.approx(found.value + half_width, abs=0.06)
    assert (found.n, found.clusters) == (300, 60)
    half = strength(*sides, won, np.arange(300) // 5, models=("gold", "generated"), of="gold", plan=PLAN)
    assert half.value == pytest.approx(found.value / 2, abs=1e-6)  # beside the mean of both


def test_the_order_of_a_pair_says_nothing() -> None:
    random = np.random.default_rng(3)
    first, second = random.choice(MODELS, (2, 400))
    keep = first != second
    first, second = first[keep], second[keep]
    won = random.choice([0, 0.5, 1], keep.sum())
    where = np.arange(keep.sum()) // 7
    one = strength(first, second, won, where, models=MODELS, of="b", plan=PLAN)
    other = strength(second, first, 1 - won, where, models=MODELS, of="b", plan=PLAN)
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


def test_without_comparisons_or_with_a_perfect_winner_it_is_undefined() -> None:
    with pytest.raises(Undefined, match="no_data"):
        strength([], [], [], [], models=MODELS, of="a", plan=PLAN)
    with pytest.raises(Undefined, match="undefined_here"):
        strength(["a"] * 9, ["b"] * 9, [1] * 9, range(9), models=("a", "b"), of="a", plan=PLAN)
