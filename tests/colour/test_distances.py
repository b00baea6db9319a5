from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance, wasserstein_distance_nd

from rapporteur.colour.distances import delta_e, emd_lab, emd_palette


def signature(seed: int, count: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    colours = random.uniform([0, -60, -60], [100, 60, 60], (count, 3))
    return np.column_stack([colours, random.dirichlet(np.ones(count))])


# The first pairs of the test data that G. Sharma, W. Wu and E. Dalal published with their paper of 2005.
@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_ciede2000_gives_the_published_values(
    ours: tuple[float, ...], theirs: tuple[float, ...], expected: float
) -> None:
    assert delta_e(np.array(ours, float), np.array(theirs, float)) == pytest.approx(expected, abs=1e-4)


def test_a_shade_moves_all_pixels_by_itself() -> None:
    ours = signature(0, 12)
    theirs = ours + np.array([3, -4, 12, 0])
    assert emd_lab([ours.ravel()], [theirs.ravel()]) == pytest.approx([13])


def test_on_a_line_it_is_wasserstein_s_distance() -> None:
    ours, theirs = signature(1, 7) * [1, 0, 0, 1], signature(2, 9) * [1, 0, 0, 1]
    expected = wasserstein_distance(ours[:, 0], theirs[:, 0], ours[:, 3], theirs[:, 3])
    assert emd_lab([ours.ravel()], [theirs.ravel()]) == pytest.approx([expected])


def test_it_equals_the_linear_program_s_optimum_in_three_dimensions() -> None:
    ours, theirs = signature(3, 8), signature(4, 11)
    expected = wasserstein_distance_nd(ours[:, :3], theirs[:, :3], ours[:, 3], theirs[:, 3])
    assert emd_lab([ours.ravel()], [theirs.ravel()]) == pytest.approx([expected], abs=1e-6)


def test_two_plain_palettes_lie_the_delta_e_of_their_colours_apart() -> None:
    ours = [50, 2.6772, -79.7751, 1.0, 10, 20, 30, 0.0]
    theirs = [50, 0, -82.7485, 1.0, 90, -20, 30, 0.0]
    assert emd_palette([ours], [theirs]) == pytest.approx([2.0425], abs=1e-4)


def test_half_of_a_palette_that_moves_counts_half() -> None:
    ours = [50, 2.6772, -79.7751, 0.5, 80, 20, 30, 0.5]
    theirs = [80, 20, 30, 0.5, 50, 0, -82.7485, 0.5]
    assert emd_palette([ours], [theirs]) == pytest.approx([2.0425 / 2], abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_it_is_a_distance(seed: int) -> None:
    one, two, three = (signature(seed + place, 5).ravel() for place in range(3))
    ours, theirs = [one, two, one, two, one], [two, one, one, three, three]
    for measure, holds_triangle in ((emd_lab, True), (emd_palette, False)):  # ΔE2000 itself keeps no triangle
        there, back, none, second, direct = measure(ours, theirs)
        assert there == pytest.approx(back)
        assert none == pytest.approx(0, abs=1e-9)
        assert direct <= there + second + 1e-9 or not holds_triangle


def test_many_pairs_give_what_each_gives_alone() -> None:
    ours, theirs = ([signature(seed, 5).ravel() for seed in seeds] for seeds in (range(6), range(10, 16)))
    together = emd_palette(ours, theirs)
    assert together == pytest.approx([emd_palette([one], [other])[0] for one, other in zip(ours, theirs, strict=True)])
    assert len(emd_palette([], [])) == len(emd_lab([], [])) == 0


def test_no_deep_learning_library_is_loaded_for_it() -> None:
    code = (
        "import sys; from rapporteur.colour.distances import emd_lab; emd_lab([[0, 0, 0, 1]], [[1, 0, 0, 1]]);"
        "assert not {'torch', 'jax', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
