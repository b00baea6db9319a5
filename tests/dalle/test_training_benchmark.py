"""benchmarks/training.py at toy size: that both its parts run; its figures come from the published size alone."""

from __future__ import annotations

from math import prod

import pytest

from benchmarks import training
from rapporteur.dalle.checkpoint import flatten
from rapporteur.dalle.dalle import DalleConfig, parameter_shapes


def test_our_step_is_timed_and_learns() -> None:
    found = training.ours(2, tiny=True)
    assert found["batch"] == 2 and len(found["seconds"]) == training.REPEATS and found["tokens_per_second"] > 0
    shapes = flatten(parameter_shapes(DalleConfig(**training.TINY))).values()
    assert found["parameters"] == sum(prod(shape) for shape in shapes)


def test_the_floor_counts_the_products_of_a_step() -> None:
    """Six operations for each weight of a matrix and each token that goes through it, and the attention's."""
    config, rate = DalleConfig(), 1e12
    matrices = {name: shape for name, shape in flatten(parameter_shapes(config)).items() if name.endswith(".kernel")}
    sizes = {name: shape[-1] * shape[-2] * (shape[0] if len(shape) == 3 else 1) for name, shape in matrices.items()}
    of_text = ("encoder", "FlaxBartAttention_1.k_proj", "FlaxBartAttention_1.v_proj")
    through = {
        name: config.max_text_length if any(part in name for part in of_text) else config.image_length for name in sizes
    }
    products = sum(6 * size * through[name] for name, size in sizes.items())
    least = config.image_length * rate / training.floor_tokens_per_second(rate)
    assert products == pytest.approx(least, rel=0.05) and products < least, "attention's own products are the rest"
