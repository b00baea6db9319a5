"""The plan against the normal approximation, and against studies made as planned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from rapporteur.statistics.bootstrap import Undefined
from rapporteur.statistics.planning import captions_needed, half_width


def scores(random, captions: int, draws: int, share: float) -> np.ndarray:
    """Scores [captions, draws] of variance one, `share` of it the caption's."""
    effects = np.sqrt(share) * random.normal(size=(captions, 1))
    return effects + np.sqrt(1 - share) * random.normal(size=(captions, draws))


def test_the_fewest_captions_are_those_whose_interval_is_narrow_enough():
    needed = captions_needed(0.01, variance=0.05**2)
    assert half_width(needed, 0.05**2) <= 0.01 < half_width(needed - 1, 0.05**2)
    assert needed == pytest.approx((stats.norm.ppf(0.975) * 0.05 / 0.01) ** 2, abs=4)  # normal, but for Student's tail
    assert captions_needed(1.0, variance=0.0) == 2
    with pytest.raises(Undefined, match="more_captions_than_any_study"):
        captions_needed(1e-9, variance=1.0)


def test_a_planned_study_has_the_interval_that_was_planned():
    random, part, draws, width = np.random.default_rng(5), 0.3, 4, 0.2
    needed = captions_needed(width, part + (1 - part) / draws)
    widths = []
    for _ in range(300):
        means = scores(random, needed, draws, part).mean(axis=1)
        widths.append(stats.t.ppf(0.975, needed - 1) * means.std(ddof=1) / math.sqrt(needed))
    assert np.mean(widths) == pytest.approx(width, rel=0.03)
