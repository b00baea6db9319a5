from __future__ import annotations

import numpy as np
import pytest
import torch
from torchmetrics.image.kid import poly_mmd

from rapporteur.statistics.bootstrap import Resampling, Undefined
from rapporteur.statistics.closeness import Drawn, Real, kid, kid_gain

PLAN = Resampling(0, 2000)


def units(count: int, shift: float, seed: int, width: int = 8) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, width)) + shift * np.eye(width)[0]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_kid_is_what_torchmetrics_gives() -> None:
    drawn, real = units(40, 1.0, 1), units(40, 0.0, 2)
    theirs = poly_mmd(torch.from_numpy(real), torch.from_numpy(drawn), degree=3, gamma=1.0, coef=1.0)
    reference = Real.of(real)
    ours = kid(Drawn.of(drawn, range(40), reference), reference, PLAN)
    assert ours.value == pytest.approx(float(theirs), abs=1e-12)


def test_pictures_of_the_same_kind_are_at_zero_and_others_are_not() -> None:
    real = Real.of(units(300, 0.0, 3))
    prompts = np.repeat(np.arange(20), 3)
    same = kid(Drawn.of(units(60, 0.0, 4), prompts, real), real, PLAN)
    other = kid(Drawn.of(units(60, 1.0, 5), prompts, real), real, PLAN)
    assert same.low is not None and same.high is not None and same.low < 0 < same.high
    assert other.low is not None and other.low > 0.05 and other.clusters == 20


def test_what_comes_nearer_has_gained() -> None:
    real, prompts = Real.of(units(300, 0.0, 6)), np.repeat(np.arange(20), 3)
    far, near = (Drawn.of(units(60, shift, 7), prompts, real) for shift in (1.5, 0.5))
    gain = kid_gain(far, near, real, PLAN)
    assert gain.value == pytest.approx(kid(far, real, PLAN).value - kid(near, real, PLAN).value)
    assert gain.low is not None and gain.low > 0
    nothing = kid_gain(far, far, real, PLAN)
    assert nothing.value == 0 and nothing.low is None  # resamples that agree say nothing


def clustered(prompts: int, draws: int, seed: int, shift: float = 0.5) -> np.ndarray:
    """Pictures of a prompt share most of what they show."""
    random = np.random.default_rng(seed)
    shown = random.normal(size=(prompts, 1, 8)) + 0.3 * random.normal(size=(prompts, draws, 8)) + shift * np.eye(8)[0]
    return (shown / np.linalg.norm(shown, axis=2, keepdims=True)).reshape(-1, 8)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Sixty studies of 20 prompts with 3 draws each, whose distance is known from many: at 90 %, 54 are expected."""
    plan, prompts = Resampling(0, 300, 0.9), np.repeat(np.arange(20), 3)
    many = Real.of(units(4000, 0.0, 1000))
    truth = kid(Drawn.of(clustered(3000, 1, 1001), range(3000), many), many, Resampling(0, 2)).value
    within = 0
    for study in range(60):
        real = Real.of(units(150, 0.0, 2000 + study))
        found = kid(Drawn.of(clustered(20, 3, 3000 + study), prompts, real), real, plan)
        assert found.low is not None and found.high is not None and found.low < found.value < found.high
        within += found.low <= truth <= found.high
    assert within >= 48  # below with a chance of 1.4 %


def test_one_prompt_has_no_distance() -> None:
    real = Real.of(units(10, 0.0, 8))
    with pytest.raises(Undefined):
        kid(Drawn.of(units(3, 0.0, 9), ["a"] * 3, real), real, PLAN)
