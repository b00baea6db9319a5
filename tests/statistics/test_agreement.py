"""Krippendorff's alpha against his published example."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest

from rapporteur.statistics.agreement import _alpha, coincidences, ordinal_alpha
from rapporteur.statistics.bootstrap import Resampling

PLAN = Resampling(seed=1, resamples=2_000)
NONE = np.nan
# K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section C: 4 observers, 12 units; ordinal 0.815
PUBLISHED = pd.DataFrame(
    {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        "C": [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    }
)


def test_the_published_example_has_its_published_ordinal_alpha():
    found = ordinal_alpha(PUBLISHED, np.arange(12), PLAN)
    assert found.value == pytest.approx(0.815, abs=5e-4)
    assert found.low < found.value < found.high


def test_resampled_totals_give_the_packages_alpha():
    """Pictures repeated as a resample repeats them, against the package on the repeated table."""
    values = PUBLISHED.to_numpy()
    scale = np.arange(1.0, 6.0)
    paired = (~np.isnan(values)).sum(axis=1) >= 2
    random = np.random.default_rng(1)
    for _ in range(20):
        rows = random.choice(np.flatnonzero(paired), size=11)
        ours = _alpha(coincidences(values[rows], scale).sum(axis=0)[None], 5)[0]
        assert ours == pytest.approx(krippendorff.alpha(values[rows].T, level_of_measurement="ordinal"))


def test_nullable_integers_are_read_as_the_same_ratings():
    assert ordinal_alpha(PUBLISHED.astype("Int64"), np.arange(12), PLAN) == ordinal_alpha(
        PUBLISHED, np.arange(12), PLAN
    )


def test_raters_who_agree_wholly_have_an_alpha_of_one():
    ratings = pd.DataFrame({"A": [1, 2, 3, 4, 5, 1], "B": [1, 2, 3, 4, 5, 1]})
    assert ordinal_alpha(ratings, np.arange(6), PLAN).value == pytest.approx(1.0)


@pytest.mark.parametrize("ratings", [{"A": [1, 2], "B": [NONE, NONE]}, {"A": [3, 3], "B": [3, 3]}])
def test_alpha_is_refused_where_it_is_undefined(ratings):
    with pytest.raises(ValueError, match="alpha_needs_two_ratings"):
        ordinal_alpha(pd.DataFrame(ratings), [0, 1], PLAN)
