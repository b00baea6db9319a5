from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab

from drawn_world.captions import random_shape, shape_caption, shape_captions
from drawn_world.shapes import COLOURS, SHAPES, SIZES, TEXTURES, Shape, UnknownShape, draw_shape, parse_shape_caption

LAB = {name: rgb2lab(np.array(value, dtype=np.uint8)[None, None])[0, 0] for name, value in COLOURS.items()}


def _shapes() -> st.SearchStrategy[Shape]:
    colours = st.sampled_from(sorted(COLOURS))
    return st.builds(
        Shape,
        st.sampled_from(SHAPES),
        colours,
        st.none() | st.sampled_from(TEXTURES),
        st.none() | colours,
        st.none() | st.sampled_from(SIZES),
    ).filter(lambda shape: shape.colour != shape.background)


def _names(picture: np.ndarray) -> np.ndarray:
    """The nearest colour name of each pixel (CIEDE2000), as an index into COLOURS."""
    lab = rgb2lab(picture)
    return np.stack([deltaE_ciede2000(lab, np.broadcast_to(value, lab.shape)) for value in LAB.values()]).argmin(axis=0)


def test_the_colours_are_clearly_apart() -> None:
    for one, other in itertools.combinations(LAB, 2):
        assert deltaE_ciede2000(LAB[one], LAB[other]) > 18, (one, other)


@given(_shapes())
@settings(max_examples=60, deadline=None)
def test_a_caption_is_read_back_as_the_shape_that_it_describes(shape: Shape) -> None:
    assert parse_shape_caption(shape_caption(shape)) == shape


@given(_shapes(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_other_words_for_a_shape_say_the_same(shape: Shape, seed: int) -> None:
    assert {parse_shape_caption(text) for text in shape_captions(shape, np.random.default_rng(seed))} == {shape}


@pytest.mark.parametrize(
    ("caption", "shape"),
    [
        ("a red star on a blue background", Shape("star", "red", background="blue")),
        ("a striped green circle", Shape("circle", "green", "striped")),
        ("A dotted yellow heart on a gray background.", Shape("heart", "yellow", "dotted", "grey")),
        ("the large checkered violet moon", Shape("crescent", "purple", "chequered", size="large")),
        ("a green pentagon with stripes", Shape("pentagon", "green", "striped")),
    ],
)
def test_captions_are_read_as_people_write_them(caption: str, shape: Shape) -> None:
    assert parse_shape_caption(caption) == shape


@pytest.mark.parametrize(
    ("caption", "message"),
    [
        ("", "empty caption"),
        ("a red elephant", "no known shape"),
        ("a read star", "did you mean 'red'"),
        ("a star", "names no colour"),
        ("a red green star", "two colours"),
        ("a red star on a red background", "cannot be seen"),
        ("a red star on a beige background", "no known colour"),
        ("a red star with wings", "no known pattern"),
        ("the", "names no shape"),
    ],
)
def test_a_caption_that_is_not_understood_names_the_known_words(caption: str, message: str) -> None:
    with pytest.raises(UnknownShape, match=message):
        parse_shape_caption(caption)


@pytest.mark.parametrize("colour", COLOURS)
def test_the_named_colour_is_the_dominant_one_of_the_shape_in_every_texture(colour: str) -> None:
    """Against the same picture with another colour: the pixels that differ most are the shape's own."""
    for number, texture in enumerate(TEXTURES):
        shape = Shape(SHAPES[number], colour, texture, "blue" if colour != "blue" else "yellow")
        ground = Shape(shape.shape, "white" if colour in ("black", "brown") else "black", None, shape.background)
        picture, other = draw_shape(shape, 5, 128), draw_shape(ground, 5, 128)
        subject = abs(picture.astype(int) - other).max(axis=2) > 40
        names = np.bincount(_names(picture)[subject], minlength=len(COLOURS))
        assert list(COLOURS)[names.argmax()] == colour, (colour, texture)
        assert names.max() > 0.5 * names.sum(), (colour, texture, names)


@pytest.mark.parametrize("background", COLOURS)
def test_the_named_background_fills_the_corners(background: str) -> None:
    shape = Shape("circle", "red" if background != "red" else "white", background=background)
    names = _names(draw_shape(shape, 1, 64))
    corners = [names[:8, :8], names[:8, -8:], names[-8:, :8], names[-8:, -8:]]
    assert {list(COLOURS)[value] for corner in corners for value in np.unique(corner)} == {background}


def test_a_shape_without_a_background_stands_on_neutral_paper_of_varying_tone() -> None:
    tones = []
    for seed in range(8):
        lab = rgb2lab(draw_shape(Shape("star", "blue"), seed, 64)[:6, :6]).reshape(-1, 3).mean(axis=0)
        assert np.hypot(lab[1], lab[2]) < 6
        assert lab[0] > 70
        tones.append(lab[0])
    assert np.ptp(tones) > 2


def test_equal_seeds_give_equal_bytes_and_other_seeds_another_pose() -> None:
    shape = Shape("heart", "pink", "dotted")
    assert draw_shape(shape, 3, 64).tobytes() == draw_shape(shape, 3, 64).tobytes()
    assert abs(draw_shape(shape, 3, 64).astype(int) - draw_shape(shape, 4, 64)).mean() > 2


@pytest.mark.parametrize("number", range(0, 24, 2))
def test_a_picture_is_the_same_at_every_size(number: int) -> None:
    shape = random_shape(np.random.default_rng(number))
    large, small = (draw_shape(shape, number, size).astype(float) for size in (256, 64))
    reduced = large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    # A very small rough texture or weave differs by its finest part.
    assert np.corrcoef(reduced.ravel(), small.ravel())[0, 1] > 0.95


def test_sizes_differ_by_the_area_that_they_cover() -> None:
    def area(size: str | None) -> float:
        pictures = (draw_shape(Shape("circle", "red", background="white", size=size), seed, 64) for seed in range(6))
        return float(np.mean([(_names(picture) == 0).mean() for picture in pictures]))

    assert area("small") * 1.8 < area(None) < area("large") / 1.25
