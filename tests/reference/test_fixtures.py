"""The weights that are drawn from names, and the comparison that CI makes of redone fixtures."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from reference.fixtures import differences, integers, uniform, vqgan_tensor, write_arrays

GOLDEN = {"tokens": np.arange(6, dtype=np.int32), "logits": np.linspace(-3, 3, 7, dtype=np.float32)}


def test_numbers_drawn_from_a_name_are_the_same_for_ever() -> None:
    bits = uniform("a name", (3,)).view(np.uint32)
    assert [f"{word:08x}" for word in bits] == ["3e1d43c8", "bf1ba858", "3e21e398"]
    assert integers("a name", (4,), -2, 3).tolist() == [0, 0, -2, 1]


def test_drawn_weights_fill_their_range_and_differ_by_name() -> None:
    drawn = uniform("x", (1000,), 0.5)
    assert -0.5 <= drawn.min() < -0.49 < 0.49 < drawn.max() < 0.5
    assert not np.array_equal(drawn, uniform("y", (1000,), 0.5))
    assert 0.7 < vqgan_tensor("decoder.norm_out.scale", (64,)).min() < 1 < vqgan_tensor("a.norm.scale", (64,)).max()


def redone(work: Path, **changed: np.ndarray) -> list[str]:
    for folder, arrays in (("old", GOLDEN), ("new", GOLDEN | changed)):
        write_arrays(work / folder / "goldens.safetensors", arrays)
        (work / folder / "config.json").write_text("{}")
    return differences(work / "old", work / "new")


def test_fixtures_redone_within_rounding_agree(work: Path) -> None:
    assert redone(work, logits=GOLDEN["logits"] * np.float32(1 + 5e-6)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tokens": np.array([0, 1, 2, 3, 4, 9], np.int32)}, "tokens: 16.67% of the numbers differ"),
        ({"logits": GOLDEN["logits"] + np.float32(1e-4)}, "logits: differs by up to 1.00e-04; 4.00e-05 allowed"),
        ({"logits": GOLDEN["logits"][:5]}, r"logits: float32\(7,\) became float32\(5,\)"),
        ({"logits": np.full(7, np.nan, np.float32)}, "logits: differs by up to nan"),
        ({"more": GOLDEN["tokens"]}, "other arrays: .'more'."),
    ],
)
def test_any_other_difference_is_named(work: Path, changed: dict[str, np.ndarray], said: str) -> None:
    (line,) = redone(work, **changed)
    assert re.search(said, line)


def test_a_missing_file_and_other_bytes_are_named(work: Path) -> None:
    redone(work)
    (work / "new/config.json").write_text("{ }")
    (work / "old/draws.json").write_text("{}")
    assert differences(work / "old", work / "new") == [
        "config.json: other bytes",
        "draws.json: only in one of the two folders",
    ]
