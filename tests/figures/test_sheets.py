"""Words and pictures on a contact sheet."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from rapporteur.figures.choice import at_random
from rapporteur.figures.sheets import Canvas, dots, scaled, text_width, wrapped


def test_a_sheet_has_three_hundred_dots_to_the_inch() -> None:
    assert Canvas(170, 25.4).done().size == (2008, 300)


def test_a_picture_is_cut_to_its_middle_square_and_enlarged_smoothly() -> None:
    pixels = np.zeros((10, 30, 3), dtype=np.uint8)
    pixels[:, 10:20] = 200
    side = np.asarray(scaled(Image.fromarray(pixels), 50))
    assert side.shape == (50, 50, 3) and (side == 200).all()


def test_a_gold_picture_is_framed_and_a_drawn_one_is_not() -> None:
    canvas = Canvas(40, 20)
    white = Image.new("RGB", (8, 8), (10, 20, 30))
    canvas.picture(white, 0, 0, 20, gold=True)
    canvas.picture(white, 20, 0, 20)
    page = np.asarray(canvas.done())
    assert page[2, 2].tolist() == [230, 159, 0]
    assert page[2, dots(20) + 2].tolist() == [10, 20, 30]


def test_words_are_drawn_with_their_accents() -> None:
    """Each accent adds ink: a font without it would draw one box for all."""
    inks = []
    for text in ("e", "é", "ê", "Légende"):
        canvas = Canvas(40, 6)
        canvas.words([text], 0, 0, 9)
        inks.append(int((255 - np.asarray(canvas.done(), dtype=int)).sum()))
    assert inks[0] < inks[1] and inks[0] < inks[2] and inks[1] != inks[2] and inks[3] > 3 * inks[0]


def test_hostile_captions_stay_words() -> None:
    canvas = Canvas(60, 6)
    canvas.words(['<script>&"</text><image href="x"/>'], 0, 0, 8)
    assert (np.asarray(canvas.done()) < 128).any()


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


def test_the_choice_does_not_depend_on_the_order_and_a_new_item_displaces_at_most_one() -> None:
    names = [f"caption {number}" for number in range(30)]
    chosen = at_random(names, 5)
    assert chosen == at_random(reversed(names), 5) and chosen != names[:5]
    assert len(set(chosen) - set(at_random([*names, "another"], 5))) <= 1
