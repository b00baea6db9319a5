"""Words and pictures on a contact sheet."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from rapporteur.figures.choice import at_random
from rapporteur.figures.sheets import FRAME_MM, Canvas, dots, text_width, whole, wrapped
from tests.hostile import HOSTILE


def test_a_sheet_has_three_hundred_dots_to_the_inch() -> None:
    assert Canvas(170, 25.4).done().size == (2008, 300)


def ground(width: int, height: int) -> Image.Image:
    """A picture whose corners differ from each other and from the rest: what is cut off shows."""
    pixels = np.full((height, width, 3), (10, 20, 30), dtype=np.uint8)
    half = height // 2, width // 2
    pixels[: half[0], : half[1]] = (200, 0, 0)
    pixels[half[0] :, half[1] :] = (0, 0, 200)
    return Image.fromarray(pixels)


def test_a_picture_is_shown_whole_and_keeps_its_shape() -> None:
    side = whole(ground(60, 20), 90)
    assert side.size == (90, 30)
    corners = [side.getpixel(place) for place in ((0, 0), (89, 0), (0, 29), (89, 29))]
    assert corners == [(200, 0, 0), (10, 20, 30), (10, 20, 30), (0, 0, 200)]
    assert whole(ground(10, 2_000), 40).size == (1, 40)


@pytest.mark.parametrize("size", [(60, 20), (20, 60), (40, 40)])
def test_the_frame_of_a_gold_picture_lies_around_its_pixels(size: tuple[int, int]) -> None:
    """A licence may forbid changes: no pixel of the picture is covered."""
    canvas = Canvas(30, 20)
    canvas.picture(ground(*size), 0, 0, 20, gold=True)
    page = np.asarray(canvas.image)
    frame = dots(FRAME_MM)
    shown = np.asarray(whole(ground(*size), dots(20) - 2 * frame))
    marked = (page != 255).any(axis=2)
    top, left = (int(np.flatnonzero(marked.any(axis=axis))[0]) for axis in (1, 0))
    height, width = (int(marked.any(axis=axis).sum()) for axis in (1, 0))
    inside = page[top + frame : top + height - frame, left + frame : left + width - frame]
    assert (inside == shown).all()
    assert (page[top : top + frame, left : left + width] == (230, 159, 0)).all()
    assert max(height, width) == dots(20)


def test_a_drawn_picture_has_no_frame() -> None:
    canvas = Canvas(40, 20)
    canvas.picture(Image.new("RGB", (8, 8), (10, 20, 30)), 20, 0, 20)
    assert np.asarray(canvas.image)[2, dots(20) + 2].tolist() == [10, 20, 30]


def test_a_picture_above_words_stands_at_the_foot_of_its_cell() -> None:
    canvas = Canvas(20, 20)
    canvas.picture(ground(60, 20), 0, 0, 20, foot=True)
    rows = np.flatnonzero((np.asarray(canvas.image) != 255).any(axis=(1, 2)))
    assert rows[-1] == dots(20) - 1 and len(rows) == round(dots(20) / 3)


def test_words_are_drawn_with_their_accents() -> None:
    """Each accent adds ink: a font without it would draw one box for all."""
    inks = []
    for text in ("e", "é", "ê", "Légende"):
        canvas = Canvas(40, 6)
        canvas.words([text], 0, 0, 9)
        inks.append(int((255 - np.asarray(canvas.done(), dtype=int)).sum()))
    assert inks[0] < inks[1] and inks[0] < inks[2] and inks[1] != inks[2] and inks[3] > 3 * inks[0]


def test_hostile_captions_stay_words() -> None:
    for text in ('<script>&"</text><image href="x"/>', *HOSTILE):
        canvas = Canvas(60, 6)
        canvas.words([text], 0, 0, 8)
        assert (np.asarray(canvas.done()) < 128).any(), text


def test_lines_fit_the_width_and_the_last_one_says_that_it_was_cut() -> None:
    text = "a photograph of a very wide mountain landscape under a heavy evening sky with birds"
    lines = wrapped(text, 30, 7.5, 3)
    assert len(lines) == 3 and lines[-1].endswith("…")
    assert all(text_width(line, 7.5) <= 30 for line in lines)
    assert wrapped("a star", 30, 7.5, 3) == ["a star"]


def test_a_word_wider_than_the_column_is_cut() -> None:
    assert wrapped("x" * 200, 20, 7.5, 2)[0].endswith("…")


def test_text_width_is_near_the_drawn_one() -> None:
    text = "A mountain above a lake, photographed at dusk"
    canvas = Canvas(100, 6)
    canvas.words([text], 0, 0, 8)
    ink = np.flatnonzero((np.asarray(canvas.done()) < 128).any(axis=(0, 2)))
    assert dots(text_width(text, 8)) == pytest.approx(ink[-1], rel=0.06)


def test_bold_lines_fit_too_and_an_ellipsis_counts_for_its_width() -> None:
    """Reasons of the landscape filter once ran into their neighbours."""
    reason = "0,93 : +mountain [1 2 4 5]; +mountain range [3]; +summit [3]; +peak [2]; +snowy slope [1 5]; +ridge"
    for bold in (True, False):
        canvas = Canvas(80, 20)
        canvas.words(wrapped(reason, 26, 6.5, 3, bold=bold), 0, 0, 6.5, bold=bold)
        ink = np.flatnonzero((np.asarray(canvas.done()) < 128).any(axis=(0, 2)))
        assert ink[-1] <= dots(26)


def test_the_choice_does_not_depend_on_the_order_and_a_new_item_displaces_at_most_one() -> None:
    names = [f"caption {number}" for number in range(30)]
    chosen = at_random(names, 5)
    assert chosen == at_random(reversed(names), 5) and chosen != names[:5]
    assert len(set(chosen) - set(at_random([*names, "another"], 5))) <= 1
