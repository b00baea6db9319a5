from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.draw.generator import checked

FILE = Path("mine/generator.py")
GOOD = np.zeros((4, 6, 3), np.uint8)


def test_pictures_of_unequal_sizes_and_a_stack_of_equal_ones_pass() -> None:
    assert [picture.shape for picture in checked([GOOD, GOOD[:2]], 2, FILE)] == [(4, 6, 3), (2, 6, 3)]
    assert len(checked(np.stack([GOOD, GOOD]), 2, FILE)) == 2


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        ([GOOD], "mine/generator.py: `draw` gave 1 pictures for 2 captions"),
        ([GOOD, GOOD[..., 0]], r"`draw` gave uint8 \[4, 6\]; a picture must be uint8 \[height, width, 3\]"),
        ([GOOD, GOOD.astype(float)], r"`draw` gave float64 \[4, 6, 3\]"),
        ([GOOD, GOOD[:0]], r"`draw` gave uint8 \[0, 6, 3\]"),
        ([GOOD, "a picture"], "`draw` gave str; a picture must be"),
        (None, "`draw` gave NoneType; it must give a list of pictures"),
    ],
)
def test_what_is_no_picture_is_refused(pictures: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        checked(pictures, 2, FILE)
