"""The study's landscapes: which scenes and decoys there are, with their captions and the truth about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drawn_world.captions import scene_captions
from drawn_world.decoys import Decoy, decoy_captions, draw_decoy, mislead, random_decoy
from drawn_world.landscapes import Scene, draw_scene, random_scene
from drawn_world.paint import Picture, generator, seed_from


@dataclass(frozen=True)
class Leaf:
    """One picture of the album: what is drawn, and what is said of it."""

    name: str
    split: str
    subject: Scene | Decoy
    captions: tuple[str, ...]

    @property
    def is_landscape(self) -> bool:
        """The truth, which no caption filter may read."""
        return isinstance(self.subject, Scene)

    def draw(self, size: int) -> Picture:
        """uint8 [size, size, 3], sRGB."""
        return draw_scene(self.subject, size) if isinstance(self.subject, Scene) else draw_decoy(self.subject, size)


def album(seed: int, counts: Mapping[str, int], decoys: float, misled: float) -> list[Leaf]:
    """`counts[split]` leaves of each split, in the order of `counts`.

    `decoys` is the share of pictures that are no landscapes, `misled` the share of the landscapes of which one
    caption in five is beside the point. A leaf's seed is its split and place: a longer split moves no other leaf.
    """
    return [_leaf(seed, split, place, decoys, misled) for split, count in counts.items() for place in range(count)]


def _leaf(seed: int, split: str, place: int, decoys: float, misled: float) -> Leaf:
    own = seed_from("study landscape", seed, split, place)
    name, chance = f"{split}{place:05d}", generator("study chance", own).random(2)
    if chance[0] < decoys:
        decoy = random_decoy(own)
        return Leaf(name, split, decoy, decoy_captions(decoy, own))
    scene = random_scene(own)
    captions = scene_captions(scene, own)
    return Leaf(name, split, scene, mislead(captions, own) if chance[1] < misled else captions)
