"""The best of k pictures against enumeration."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from rapporteur.statistics.best import expected_best

SCORES = np.array([0.3, 0.9, 0.1, 0.9, 0.5])


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_it_is_the_mean_maximum_over_all_subsets(k):
    assert expected_best(SCORES, k) == pytest.approx(np.mean([max(part) for part in combinations(SCORES, k)]))


def test_more_than_were_drawn_is_refused():
    with pytest.raises(ValueError, match="between 1 and 5"):
        expected_best(SCORES, 6)
