from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage
from skimage.color import rgb2hsv, rgb2lab

from rapporteur.colour.fused import lab_pixels, one_pass
from rapporteur.colour.lab import lab_of
from rapporteur.colour.measures import sharpness
from rapporteur.colour.palette import palette
from rapporteur.colour.statistics import colour_statistics
from rapporteur.core.pictures import load_picture, picture_array


def plain(*rgb: int, size: int = 8) -> np.ndarray:
    return np.full((size, size, 3), rgb, dtype=np.uint8)


def noise(seed: int, size: int = 24) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3)).astype(np.uint8)


def smooth(seed: int, height: int, width: int) -> np.ndarray:
    """Noise without fine detail, as a photograph has."""
    coarse = Image.fromarray(noise(seed, 8))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))


def palette_of(picture: np.ndarray, colours: int = 5) -> np.ndarray:
    return palette(one_pass(picture).cells, colours)


def test_cielab_equals_scikit_image_s_on_a_grid_of_all_colours() -> None:
    levels = [*range(0, 256, 5), 1, 2, 3, 4]
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(1, -1, 3).astype(np.uint8)
    assert np.abs(lab_pixels(cube) - rgb2lab(cube)).max() <= 0.003


@pytest.mark.parametrize("picture", [noise(1), smooth(2, 61, 300), noise(3, 17)], ids=["noise", "smooth", "odd"])
def test_every_measure_equals_its_definition(picture: np.ndarray) -> None:
    lab, rgb = rgb2lab(picture), picture.astype(np.float64)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    found = colour_statistics(picture, 5)
    assert (found.lightness, found.a, found.b) == pytest.approx(lab.mean(axis=(0, 1)), abs=0.003)
    assert (found.lightness_std, found.a_std, found.b_std) == pytest.approx(lab.std(axis=(0, 1)), abs=0.003)
    assert (found.chroma, found.chroma_std) == pytest.approx((chroma.mean(), chroma.std()), abs=0.003)
    assert found.saturation == pytest.approx(rgb2hsv(picture)[..., 1].mean(), abs=1e-5)
    rg, yb = rgb[..., 0] - rgb[..., 1], (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2]
    vivid = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert found.colourfulness == pytest.approx(vivid, rel=1e-9)


def test_the_hue_histogram_is_the_share_of_chroma_by_ten_degrees() -> None:
    picture = noise(4, 64)
    lab = rgb2lab(picture)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hues = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    expected = np.histogram(hues[chroma >= 0.5], 36, (0, 360), weights=chroma[chroma >= 0.5])[0]
    found = np.array(colour_statistics(picture, 5).hue_histogram)
    assert found.sum() == pytest.approx(1, abs=1e-4)
    assert found == pytest.approx(expected / expected.sum(), abs=2e-3)  # a pixel on a border may fall on either side


@pytest.mark.parametrize("degrees", range(5, 360, 10))
def test_a_colour_of_each_hue_falls_into_its_bin(degrees: int) -> None:
    from skimage.color import lab2rgb

    angle = np.radians(degrees)
    rgb = np.rint(lab2rgb(np.array([[[60, 20 * np.cos(angle), 20 * np.sin(angle)]]])) * 255).astype(np.uint8)
    assert np.argmax(colour_statistics(rgb, 1).hue_histogram) == degrees // 10


def test_a_plain_red_picture_has_the_lab_of_red_and_no_spread() -> None:
    found = colour_statistics(plain(255, 0, 0), 5)
    assert (found.lightness, found.a, found.b) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    assert found.chroma == pytest.approx(np.hypot(80.09, 67.20), abs=0.02)
    assert (found.lightness_std, found.a_std, found.b_std, found.chroma_std) == (0, 0, 0, 0)
    assert (found.hue_entropy, found.entropy, found.sharpness) == (0, 0, 0)
    assert found.lab_histogram == pytest.approx((53.24, 80.09, 67.20, 1), abs=0.02)


def test_colourfulness_of_two_halves_equals_the_formula() -> None:
    picture = np.concatenate([plain(255, 0, 0), plain(0, 0, 255)])
    # rg is 255 or 0, yb 127.5 or -255: means 127.5 and -63.75, deviations 127.5 and 191.25
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, 63.75)
    assert colour_statistics(picture, 5).colourfulness == pytest.approx(expected)


def test_a_grey_picture_has_no_colour_and_no_hue() -> None:
    found = colour_statistics(plain(90, 90, 90), 5)
    assert (found.colourfulness, found.saturation, found.hue_entropy) == (0, 0, 0)
    assert set(found.hue_histogram) == {0.0}


def test_black_and_white_halves_have_one_bit_of_entropy() -> None:
    assert colour_statistics(np.concatenate([plain(0, 0, 0), plain(255, 255, 255)]), 5).entropy == pytest.approx(1.0)


def test_sharpness_is_the_variance_of_the_laplacian_of_lightness() -> None:
    picture = noise(5, 100)  # smaller than the side to which larger ones are reduced
    inside = ndimage.laplace(rgb2lab(picture)[..., 0])[1:-1, 1:-1]
    assert sharpness(picture) == pytest.approx(inside.var(), rel=1e-3)


def test_sharpness_does_not_depend_on_the_size_at_which_a_picture_comes() -> None:
    small = smooth(6, 128, 192)
    large = small.repeat(3, axis=0).repeat(3, axis=1)
    assert sharpness(large) == pytest.approx(sharpness(small), rel=1e-6)


def test_a_blurred_picture_is_less_sharp() -> None:
    picture = noise(7, 128)
    blurred = ndimage.gaussian_filter(picture, (1, 1, 0))
    assert sharpness(blurred) < 0.2 * sharpness(picture)


def test_lab_cells_hold_their_mean_colours_and_all_pixels() -> None:
    picture = smooth(8, 64, 64)
    cells = np.reshape(colour_statistics(picture, 5).lab_histogram, (-1, 4))
    assert cells[:, 3].sum() == pytest.approx(1, abs=1e-4)
    assert (cells[:, 3, None] * cells[:, :3]).sum(axis=0) == pytest.approx(rgb2lab(picture).mean(axis=(0, 1)), abs=0.02)
    assert len(np.unique(np.floor(cells[:, :3] / 20), axis=0)) == len(cells) > 5


def test_a_palette_finds_the_colours_and_their_shares() -> None:
    colours = [(250, 20, 20), (20, 200, 20), (20, 20, 230), (240, 240, 20), (250, 250, 250)]
    heights = [10, 6, 4, 3, 2]
    picture = np.concatenate([np.full((n, 10, 3), c, dtype=np.uint8) for n, c in zip(heights, colours, strict=True)])
    found = palette_of(picture)
    expected = lab_of(np.array([colours], dtype=np.uint8))[0]
    assert found[:, 3] == pytest.approx(np.array(heights) / 25)
    assert found[:, :3] == pytest.approx(expected, abs=0.01)


def test_a_palette_of_a_plain_picture_gives_all_weight_to_one_colour() -> None:
    assert palette_of(plain(10, 200, 90))[:, 3] == pytest.approx([1, 0, 0, 0, 0])


def test_a_palette_does_not_depend_on_where_the_pixels_are() -> None:
    picture = noise(3)
    shuffled = np.random.default_rng(0).permutation(picture.reshape(-1, 3)).reshape(picture.shape)
    assert palette_of(picture) == pytest.approx(palette_of(shuffled), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_a_palette_never_fits_worse_than_the_mean_colour(seed: int, colours: int) -> None:
    picture = noise(seed, 12)
    lab = lab_of(picture).reshape(-1, 3)
    found = palette_of(picture, colours)
    fit = ((lab[:, None] - found[None, :, :3]) ** 2).sum(axis=2).min(axis=1).mean()
    assert fit <= ((lab - lab.mean(axis=0)) ** 2).sum(axis=1).mean() + 1.0
    assert found[:, 3].sum() == pytest.approx(1)
    assert (np.diff(found[:, 3]) <= 1e-12).all()


def test_a_picture_s_measures_are_the_same_whatever_was_measured_before() -> None:
    first = colour_statistics(noise(9), 5)
    colour_statistics(smooth(10, 200, 300), 5)
    assert colour_statistics(noise(9), 5) == first


def test_photographs_are_within_a_hundredth_of_scikit_image(shared_data: object) -> None:
    from pathlib import Path

    folder = Path(str(shared_data)) / "dallemini_shapes/draw_a"
    for path in sorted(folder.glob("*.jpg"))[::45]:
        picture = picture_array(load_picture(path))
        assert np.abs(lab_pixels(picture) - rgb2lab(picture)).max() <= 0.01
