from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from rapporteur.core.code import code_version
from rapporteur.dalle.views import SMALLEST, View, cut


@dataclass(frozen=True)
class Ramp:
    """A picture whose pixels say where they are."""

    digest: str
    size: tuple[int, int] = (120, 80)

    def load(self) -> Image.Image:
        across, down = np.meshgrid(np.arange(self.size[0]), np.arange(self.size[1]))
        return Image.fromarray(np.stack([across, down, across * 0], axis=-1).astype(np.uint8))


def test_the_first_view_is_the_picture_itself() -> None:
    whole = Ramp("a")
    assert View(whole, 0).digest == "a" and View(whole, 0).load().size == whole.size


def test_a_further_view_is_a_square_inside_never_mirrored_and_always_the_same() -> None:
    found = set()
    for number in range(1, 200):
        view = View(Ramp("a"), number)
        pixels = np.asarray(view.load())
        side = len(pixels)
        assert pixels.shape == (side, side, 3) and SMALLEST * 80 - 1 <= side <= 80
        assert (np.diff(pixels[:, :, 0].astype(int), axis=1) == 1).all()  # from left to right, as it was
        assert (np.diff(pixels[:, :, 1].astype(int), axis=0) == 1).all()
        assert np.array_equal(pixels, np.asarray(view.load()))
        found.add((side, int(pixels[0, 0, 0]), int(pixels[0, 0, 1])))
    assert len(found) > 190
    assert min(left for _, left, _ in found) < 5 and max(left + side for side, left, _ in found) > 115


def test_how_a_view_is_cut_is_in_its_digest() -> None:
    assert code_version(cut) in View(Ramp("a"), 1).digest and code_version(cut) not in View(Ramp("a"), 0).digest


def test_another_picture_has_other_views() -> None:
    first, second = (np.asarray(View(Ramp(name), 1).load()) for name in "ab")
    assert first.shape != second.shape or not np.array_equal(first, second)


def test_a_tiny_picture_has_views_too() -> None:
    assert View(Ramp("a", (1, 1)), 1).load().size == (1, 1)
