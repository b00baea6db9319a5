"""Wilson's interval against published values, and its clustered form by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from rapporteur.statistics.bootstrap import Resampling
from rapporteur.statistics.proportions import clustering, share, wilson

PLAN = Resampling(seed=1)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # R. Newcombe, Statistics in Medicine 17, 1998, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_newcombes_published_intervals(successes, n, low, high):
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_independent_pictures_get_the_plain_wilson_interval():
    flags = [True] * 81 + [False] * 182
    found = share(flags, np.arange(263), PLAN)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_pictures_that_copy_each_other_count_as_one() -> None:
    flags, labels = np.repeat([True, False, True, True, False], 10), np.repeat(np.arange(5), 10)
    found = clustering(flags, labels)
    assert found.likeness == 1.0
    assert found.effective_size(50, 5, 0.95) == pytest.approx(5 * (1.95996 / 2.77645) ** 2, rel=1e-4)  # z and t(4)


def test_pictures_that_ignore_their_caption_are_independent() -> None:
    flags = np.random.default_rng(0).random(20_000) < 0.3
    assert clustering(flags, np.repeat(np.arange(2_000), 10)).likeness == pytest.approx(0, abs=0.01)


def test_likeness_is_the_intraclass_correlation_of_the_chances() -> None:
    """Chances from a beta law of parameters a, b: the correlation of two pictures of a caption is 1 / (a + b + 1)."""
    random = np.random.default_rng(1)
    flags = random.random((4_000, 5)) < random.beta(3, 1, size=4_000)[:, None]
    assert clustering(flags.ravel(), np.repeat(np.arange(4_000), 5)).likeness == pytest.approx(0.2, abs=0.02)


def test_unanimity_is_judged_on_the_number_of_clusters() -> None:
    found = share([True] * 100, np.repeat(np.arange(20), 5), PLAN)
    assert found.value == 1.0 and found.high == 1.0
    assert wilson(20, 20)[0] - 0.03 < found.low < wilson(20, 20)[0]


def test_a_small_part_borrows_the_clustering_of_the_whole() -> None:
    """Unanimous or not, five captions of the study weigh the same."""
    whole = clustering(np.random.default_rng(2).random(300) < 0.9, np.repeat(np.arange(60), 5))
    labels = np.repeat(np.arange(5), 4)
    all_true = share([True] * 20, labels, PLAN, within=whole)
    one_false = share([True] * 19 + [False], labels, PLAN, within=whole)
    assert all_true.low > one_false.low
    assert all_true.method.about["size"] == one_false.method.about["size"]


def test_no_pictures_are_refused():
    with pytest.raises(ValueError, match="no_data"):
        share([], [], PLAN)


@pytest.mark.parametrize("centre", [0.5, 0.9])
def test_a_nominal_95_percent_interval_covers_93_to_97_percent_of_clustered_shares(centre):
    random, covered, runs = np.random.default_rng(4), 0, 2_000
    labels = np.repeat(np.arange(60), 5)
    for _ in range(runs):
        chances = random.beta(4 * centre, 4 * (1 - centre), size=60)
        found = share(random.random(300) < np.repeat(chances, 5), labels, PLAN)
        covered += found.low <= centre <= found.high
    assert 0.93 <= covered / runs <= 0.97


def test_pictures_of_few_captions_have_no_interval_and_independent_ones_have() -> None:
    few = share([True, True, False, True, True], ["one"] * 5, PLAN)
    assert (few.value, few.low, few.high) == (0.8, None, None) and few.method.code == "few_clusters"
    apart = share([True, True, False], ["one", "two", "three"], PLAN)
    assert apart.low is not None and apart.method.code == "wilson"
