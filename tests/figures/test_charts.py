"""What the charts compute before they draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rapporteur.figures.clip import _ticks, density
from rapporteur.figures.colour import hex_colours
from rapporteur.figures.landscapes import _bins
from rapporteur.figures.theme import BLUE, GREY, ORANGE


def test_a_density_integrates_to_one_and_finds_the_normal_curve() -> None:
    grid = np.linspace(-4, 4, 400)
    curve = density(np.random.default_rng(0).normal(size=20_000), grid)
    assert np.trapezoid(curve, grid) == pytest.approx(1, abs=0.01)
    assert curve.max() == pytest.approx(1 / np.sqrt(2 * np.pi), rel=0.05)


def test_equal_scores_have_a_density_too() -> None:
    assert np.isfinite(density(np.full(10, 0.7), np.linspace(0, 1, 50))).all()


def test_ticks_are_whole_and_few() -> None:
    assert _ticks(2) == [1, 2] and _ticks(10) == list(range(1, 11))
    assert _ticks(40)[:3] == [1, 5, 9] and len(_ticks(40)) == 10


def test_lab_colours_become_their_srgb_codes() -> None:
    assert hex_colours(np.array([[100, 0, 0], [0, 0, 0], [53.2408, 80.0925, 67.2032]])) == [
        "#ffffff",
        "#000000",
        "#ff0000",
    ]


def test_every_image_is_in_one_bin() -> None:
    images = pd.DataFrame({"score": np.linspace(0, 1, 50), "kept": np.arange(50) > 20})
    assert _bins(images)["images"].sum() == 50
    whole = pd.DataFrame({"score": [0.0, 1.0, 1.0], "kept": [False, True, True]})
    assert _bins(whole)["images"].tolist() == [2, 1]


def test_reference_and_drawn_differ_in_grey_too() -> None:
    def grey(code: str) -> float:
        return sum(int(code[place : place + 2], 16) * weight for place, weight in ((1, 0.299), (3, 0.587), (5, 0.114)))

    assert grey(ORANGE) - grey(BLUE) > 60
    assert abs(grey(ORANGE) - grey(GREY)) > 20
