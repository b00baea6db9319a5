from __future__ import annotations

import numpy as np
import pytest

from rapporteur.colour.lab import PROTOTYPES, lab_of, name_colours
from rapporteur.vocabulary.colour_terms import BASIC_TERMS


def named(*rgb: int) -> str:
    picture = np.array([[rgb]], dtype=np.uint8)
    return BASIC_TERMS[int(name_colours(lab_of(picture))[0, 0])]


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # CIE 15 conversion of the sRGB primaries under D65, as tabulated by Lindbloom
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_the_primaries_have_their_published_cielab_values(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    assert lab_of(np.array([[rgb]], dtype=np.uint8))[0, 0] == pytest.approx(lab, abs=0.02)


def test_every_prototype_bears_its_own_name() -> None:
    for term, centres in PROTOTYPES.items():
        for code in centres.values():
            assert named(code >> 16, code >> 8 & 255, code & 255) == term


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((20, 20, 22), "black"),
        ((38, 27, 14), "black"),  # a shadowed black print
        ((225, 230, 244), "white"),  # paper in cool light
        ((214, 210, 205), "white"),
        ((128, 128, 128), "grey"),
        ((0, 190, 225), "blue"),
        ((124, 48, 160), "purple"),
        ((112, 66, 34), "brown"),
        ((244, 134, 24), "orange"),
        ((245, 140, 184), "pink"),
        ((205, 34, 38), "red"),
        ((150, 140, 20), "yellow"),  # yellow in shadow
    ],
)
def test_colours_that_a_person_would_not_doubt_get_their_name(rgb: tuple[int, int, int], name: str) -> None:
    assert named(*rgb) == name


def test_no_grey_of_any_lightness_gets_a_hue() -> None:
    greys = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    names = name_colours(lab_of(greys))[0]
    assert {BASIC_TERMS[name] for name in names} == {"black", "grey", "white"}
    order = [("black", "grey", "white").index(BASIC_TERMS[name]) for name in names]
    assert order == sorted(order)
