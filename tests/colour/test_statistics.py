from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapporteur.colour.lab import lab_of
from rapporteur.colour.statistics import colour_statistics, colourfulness, hue_entropy, palette


def plain(*rgb: int) -> np.ndarray:
    return np.full((8, 8, 3), rgb, dtype=np.uint8)


def noise(seed: int, size: int = 24) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3)).astype(np.uint8)


def test_a_plain_red_picture_has_the_lab_of_red() -> None:
    found = colour_statistics(plain(255, 0, 0), 5)
    assert (found.lightness, found.a, found.b) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    assert found.chroma == pytest.approx(np.hypot(80.09, 67.20), abs=0.02)
    assert found.hue_entropy == 0.0


def test_colourfulness_of_two_halves_equals_the_formula() -> None:
    picture = np.concatenate([plain(255, 0, 0), plain(0, 0, 255)])
    # rg is 255 or 0, yb 127.5 or -255: means 127.5 and -63.75, deviations 127.5 and 191.25
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, 63.75)
    assert colourfulness(picture) == pytest.approx(expected)


def test_a_grey_picture_has_no_colour_and_no_entropy() -> None:
    grey = plain(90, 90, 90)
    assert colourfulness(grey) == 0.0
    assert hue_entropy(lab_of(grey)) == 0.0


def test_hues_that_share_the_chroma_evenly_give_the_logarithm_of_their_number() -> None:
    angles = np.radians([5, 95, 185, 275])
    lab = np.stack([np.full(4, 50.0), 30 * np.cos(angles), 30 * np.sin(angles)], axis=-1)[None].astype(np.float32)
    assert hue_entropy(lab) == pytest.approx(2.0)


def test_hues_weigh_by_their_chroma() -> None:
    lab = np.array([[[50, 30, 1], [50, -10, 1]]], dtype=np.float32)
    strong, weak = np.hypot(30, 1), np.hypot(10, 1)
    shares = np.array([strong, weak]) / (strong + weak)
    assert hue_entropy(lab) == pytest.approx(-(shares * np.log2(shares)).sum())


def test_a_palette_finds_the_colours_and_their_shares() -> None:
    colours = [(250, 20, 20), (20, 200, 20), (20, 20, 230), (240, 240, 20), (250, 250, 250)]
    heights = [10, 6, 4, 3, 2]
    picture = np.concatenate([np.full((n, 10, 3), c, dtype=np.uint8) for n, c in zip(heights, colours, strict=True)])
    found = palette(picture, lab_of(picture), 5)
    expected = lab_of(np.array([colours], dtype=np.uint8))[0]
    assert found[:, 3] == pytest.approx(np.array(heights) / 25)
    assert found[:, :3] == pytest.approx(expected, abs=0.01)


def test_a_palette_of_a_plain_picture_gives_all_weight_to_one_colour() -> None:
    picture = plain(10, 200, 90)
    assert palette(picture, lab_of(picture), 5)[:, 3] == pytest.approx([1, 0, 0, 0, 0])


def test_a_palette_does_not_depend_on_where_the_pixels_are() -> None:
    picture = noise(3)
    shuffled = np.random.default_rng(0).permutation(picture.reshape(-1, 3)).reshape(picture.shape)
    assert palette(picture, lab_of(picture), 5) == pytest.approx(palette(shuffled, lab_of(shuffled), 5), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_a_palette_never_fits_worse_than_the_mean_colour(seed: int, colours: int) -> None:
    picture = noise(seed, 12)
    lab = lab_of(picture).reshape(-1, 3)
    found = palette(picture, lab_of(picture), colours)
    fit = ((lab[:, None] - found[None, :, :3]) ** 2).sum(axis=2).min(axis=1).mean()
    assert fit <= ((lab - lab.mean(axis=0)) ** 2).sum(axis=1).mean() + 1.0
    assert found[:, 3].sum() == pytest.approx(1)
    assert (np.diff(found[:, 3]) <= 1e-12).all()
