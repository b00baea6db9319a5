from __future__ import annotations

import numpy as np

from rapporteur.colour.foreground import subject_mask
from rapporteur.colour.lab import lab_of
from tests.studies import square


def overlap(picture: np.ndarray, truth: np.ndarray) -> float:
    mask = subject_mask(lab_of(picture))
    return float((mask & truth).sum() / (mask | truth).sum())


def disc(size: int, radius: float, centre: tuple[float, float] = (0.5, 0.5)) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size] / size
    return np.hypot(rows - centre[0], columns - centre[1]) < radius


def test_a_square_on_plain_ground_is_found_exactly() -> None:
    picture = square((200, 30, 30), size=64)
    assert overlap(picture, (picture != 255).any(axis=2)) == 1.0


def test_a_disc_that_touches_the_edges_is_still_the_subject() -> None:
    truth = disc(96, 0.5)
    picture = np.where(truth[..., None], (20, 160, 40), (250, 250, 250)).astype(np.uint8)
    assert overlap(picture, truth) > 0.98


def test_a_ring_on_paper_leaves_its_inside_to_the_background() -> None:
    truth = disc(96, 0.4) & ~disc(96, 0.3)
    picture = np.where(truth[..., None], (30, 60, 200), (240, 230, 60)).astype(np.uint8)
    assert overlap(picture, truth) > 0.98


def test_a_wall_and_a_floor_are_both_background() -> None:
    truth = disc(96, 0.25)
    picture = np.full((96, 96, 3), (180, 200, 230), dtype=np.uint8)
    picture[64:] = (150, 110, 70)
    picture[truth] = (200, 20, 20)
    assert overlap(picture, truth) > 0.98


def test_a_speck_in_a_corner_does_not_outweigh_the_thing_in_the_middle() -> None:
    truth = disc(96, 0.25)
    picture = np.full((96, 96, 3), 255, dtype=np.uint8)
    picture[disc(96, 0.08, (0.15, 0.15))] = (0, 0, 0)
    picture[truth] = (200, 20, 20)
    assert overlap(picture, truth) > 0.98


def test_where_nothing_differs_the_middle_is_taken() -> None:
    mask = subject_mask(lab_of(np.full((40, 40, 3), 90, dtype=np.uint8)))
    assert mask[10:30, 10:30].all()
    assert mask.sum() == 400
