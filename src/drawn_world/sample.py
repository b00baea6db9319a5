"""Endless pictures with captions from the drawn world, for training; never the study's own seeds.

A picture costs on one core about 3 ms (shapes) or 15 ms (landscapes) at 96 pixels, 30 or 60 ms at 256.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from drawn_world.captions import is_held_out, random_shape, scene_captions, shape_captions
from drawn_world.decoys import decoy_captions, draw_decoy, random_decoy
from drawn_world.landscapes import draw_scene, random_scene
from drawn_world.paint import Picture, generator, seed_from
from drawn_world.shapes import Shape, draw_shape

Kind = Literal["shapes", "landscapes"]
DECOY_SHARE = 0.08  # of the landscapes that train: enough to know them, few enough not to crowd the rest


def training_shape(seed: int, place: int, held_out: bool = False) -> Shape:
    """The description number `place` of a training set: of the held-out descriptions or of all the others."""
    random = generator("training shape", seed, place, held_out)
    while True:
        shape = random_shape(random)
        if is_held_out(shape) == held_out:
            return shape


def sample_world(
    seed: int, count: int, size: int, kind: Kind = "shapes", held_out: bool = False
) -> Iterator[tuple[Picture, tuple[str, ...]]]:
    """`count` pairs of a uint8 [size, size, 3] picture and its captions; equal arguments give equal pairs.

    Shapes: captions[0] is the plain caption, captions[1] says the same in other words; with `held_out`,
    descriptions that no training set contains. Landscapes: five captions, decoys among them.
    """
    for place in range(count):
        yield (_sample_shape if kind == "shapes" else _sample_landscape)(seed, place, size, held_out)


def _sample_shape(seed: int, place: int, size: int, held_out: bool) -> tuple[Picture, tuple[str, ...]]:
    shape = training_shape(seed, place, held_out)
    random = generator("training words", seed, place, held_out)
    return draw_shape(shape, seed_from("training", seed, place, held_out), size), shape_captions(shape, random)


def _sample_landscape(seed: int, place: int, size: int, held_out: bool) -> tuple[Picture, tuple[str, ...]]:
    own = seed_from("training landscape", seed, place, held_out)
    if generator("training decoy", own).random() < DECOY_SHARE:
        decoy = random_decoy(own)
        return draw_decoy(decoy, size), decoy_captions(decoy, own)
    scene = random_scene(own)
    return draw_scene(scene, size), scene_captions(scene, own)
