"""Does a picture show the colour that its caption names, on the subject rather than anywhere?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from rapporteur.colour.foreground import Mask, subject_mask
from rapporteur.colour.grammar import NamedColours, named_colours
from rapporteur.colour.lab import Names, Pixels, lab_of, name_colours
from rapporteur.vocabulary.colour_terms import BASIC_TERMS

WORKING_SIDE = 128  # pixels: larger pictures are reduced by whole boxes first

Shares = tuple[float, ...]  # one per basic term, summing to 1


@dataclass(frozen=True)
class SeenColours:
    """The shares of the subject's and of the background's pixels under each name, in the order of BASIC_TERMS."""

    subject: Shares
    background: Shares


@dataclass(frozen=True)
class Obedience:
    """What the caption asks and what the picture shows; None where the caption asks nothing.

    `subject_share` is the share, 0..1, of the subject's pixels that bear the named colour; `obeyed` says that
    no other colour has more of them.
    """

    named_colour: str | None
    obeyed: bool | None
    subject_share: float | None
    named_background: str | None
    background_obeyed: bool | None


def obedience(picture: Pixels, caption: str) -> Obedience:
    """The obedience of an sRGB uint8 [height, width, 3] picture to the colours that its caption names.

    Costs about 12 ms for 256x256 pixels on one core, nothing where the caption names no colour.
    """
    asked = named_colours(caption)
    if asked == NamedColours(None, None):
        return Obedience(None, None, None, None, None)
    return judge(seen_colours(picture), asked)


def seen_colours(picture: Pixels) -> SeenColours:
    """The colours of the subject and of the background of an sRGB uint8 [height, width, 3] picture."""
    lab = lab_of(reduce_to(picture, WORKING_SIDE))
    names, subject = name_colours(lab), subject_mask(lab)
    return SeenColours(_shares(names, _inner(subject)), _shares(names, _inner(~subject)))


def judge(seen: SeenColours, asked: NamedColours) -> Obedience:
    """Compare what is seen with what is asked."""
    return Obedience(
        named_colour=asked.subject,
        obeyed=None if asked.subject is None else plurality(seen.subject) == asked.subject,
        subject_share=None if asked.subject is None else seen.subject[BASIC_TERMS.index(asked.subject)],
        named_background=asked.background,
        background_obeyed=None if asked.background is None else plurality(seen.background) == asked.background,
    )


def plurality(shares: Shares) -> str:
    """The commonest name; of equals the first in BASIC_TERMS."""
    return BASIC_TERMS[int(np.argmax(shares))]


def reduce_to(picture: Pixels, side: int) -> Pixels:
    """The picture reduced by averaging whole boxes of pixels, until the shorter side is below twice `side`."""
    factor = max(1, min(picture.shape[:2]) // side)
    height, width = (size // factor * factor for size in picture.shape[:2])
    boxes = picture[:height, :width].reshape(height // factor, factor, width // factor, factor, 3)
    return np.asarray(np.rint(boxes.mean(axis=(1, 3))), dtype=np.uint8)


def _shares(names: Names, mask: Mask) -> Shares:
    counts = np.bincount(names[mask], minlength=len(BASIC_TERMS))
    return tuple((counts / max(1, int(counts.sum()))).tolist())


def _inner(mask: Mask) -> Mask:
    """The mask without its rim, whose pixels mix both colours; thin things are kept whole."""
    core = ndimage.binary_erosion(mask, structure=np.ones((3, 3)), border_value=1)
    return core if core.sum() >= 0.25 * mask.sum() else mask
