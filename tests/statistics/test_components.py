"""Variance components against lme4's and nlme's published examples, against REML, and their coverage."""

from __future__ import annotations

import numpy as np
import pytest

from rapporteur.statistics.bootstrap import Resampling, Undefined
from rapporteur.statistics.components import SHARES, components, restricted_likelihood

PLAN = Resampling(seed=1, resamples=1_000)
WANTED = SHARES | {"sd_caption": lambda part: np.sqrt(part.caption), "sd_draw": lambda part: np.sqrt(part.draw)}
# O. Davies and P. Goldsmith (1972), yield of dyestuff of six batches; lme4's Dyestuff: REML 1764.05 and 2451.25
DYESTUFF = np.array([
    [1545, 1440, 1440, 1520, 1580], [1540, 1555, 1490, 1560, 1495], [1595, 1550, 1605, 1510, 1560],
    [1445, 1440, 1595, 1465, 1545], [1595, 1630, 1515, 1635, 1625], [1520, 1455, 1450, 1480, 1445],
])  # fmt: skip
# J. Pinheiro and D. Bates (2000), Mixed-Effects Models in S and S-PLUS, p. 9: REML 24.80547 and 4.020779
RAIL = np.array([[55, 53, 54], [26, 37, 32], [78, 91, 85], [92, 100, 96], [49, 51, 50], [80, 85, 83]])


def simulated(random, captions: int, draws: int, share: float, level: float = 0.0) -> np.ndarray:
    """Scores of variance one, `share` of it the caption's."""
    effects = np.sqrt(share) * random.normal(size=captions)
    return level + np.repeat(effects, draws) + np.sqrt(1 - share) * random.normal(size=captions * draws)


def labels_of(table: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(table)), table.shape[1])


@pytest.mark.parametrize(
    ("data", "between", "within"), [(DYESTUFF, 1764.05**0.5, 2451.25**0.5), (RAIL, 24.80547, 4.020779)]
)
def test_published_examples_give_their_published_components(data, between, within):
    captions = labels_of(data)
    found = components(data.ravel(), captions, captions * 0, captions, wanted=WANTED, plan=PLAN)
    assert found["sd_caption"].value == pytest.approx(between, rel=1e-5)
    assert found["sd_draw"].value == pytest.approx(within, rel=1e-5)
    assert found["dataset"].value == 0.0
    assert found["caption"].value + found["draw"].value == pytest.approx(1.0)
    fitted = restricted_likelihood(data.ravel(), captions, captions * 0)
    assert np.sqrt(fitted.caption[0]) == pytest.approx(between, rel=1e-3)
    assert np.sqrt(fitted.draw[0]) == pytest.approx(within, rel=1e-3)


def test_the_fixed_part_is_the_variance_of_its_fitted_values():
    random = np.random.default_rng(2)
    values = np.concatenate([simulated(random, 300, 4, 0.4, -1.0), simulated(random, 300, 4, 0.4, 1.0)])
    captions = np.repeat(np.arange(600), 4)
    datasets = captions >= 300
    found = components(values, captions, datasets, captions, wanted=SHARES, plan=PLAN)
    assert found["dataset"].value == pytest.approx(1 / 2, abs=0.03)  # variance 1 of the levels -1 and 1, and 1 besides
    assert found["caption"].value == pytest.approx(0.4 / 2, abs=0.03)
    assert found["dataset"].low < 0.5 < found["dataset"].high


def test_unequal_numbers_of_draws_agree_with_reml():
    random = np.random.default_rng(3)
    sizes = random.integers(2, 7, size=150)
    captions = np.repeat(np.arange(150), sizes)
    values = random.normal(size=150)[captions] + random.normal(size=len(captions)) + 0.5 * (captions < 60)
    fitted = restricted_likelihood(values, captions, captions < 60)
    found = components(values, captions, captions < 60, captions, wanted=SHARES, plan=PLAN)
    for name, of in SHARES.items():
        assert found[name].value == pytest.approx(of(fitted)[0], abs=0.015)


def test_a_caption_that_adds_nothing_has_no_variance_below_zero():
    values = np.tile([0.0, 1.0], 20)
    captions = np.repeat(np.arange(20), 2)
    assert components(values, captions, captions * 0, captions, wanted=WANTED, plan=PLAN)["sd_caption"].value == 0.0


@pytest.mark.parametrize(("values", "captions"), [([1, 2], "ab"), ([1, 2], "aa"), ([1, 1, 1, 1], "aabb"), ([], "")])
def test_they_are_refused_where_undefined(values, captions):
    with pytest.raises(Undefined, match="components_need_two_captions|no_data"):
        components(values, list(captions), [0] * len(values), list(captions), wanted=WANTED, plan=PLAN)


def test_the_interval_of_a_share_covers_93_to_97_percent_of_the_studies():
    random, covered, runs, truth = np.random.default_rng(4), 0, 1_000, 0.4
    captions = np.repeat(np.arange(60), 4)
    for _ in range(runs):
        values = simulated(random, 60, 4, truth)
        found = components(values, captions, captions * 0, captions, wanted={"caption": SHARES["caption"]}, plan=PLAN)
        covered += found["caption"].low <= truth <= found["caption"].high
    assert 0.93 <= covered / runs <= 0.97
