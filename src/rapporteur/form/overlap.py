"""Does a picture show the form that its caption names? Told by area alone, without CLIP.

The subject is what differs from the colours along the border (colour/foreground.py). Its silhouette, brought to one
area and to the middle of a frame, is laid over each form at the turns of outlines.py and moved and scaled a little;
the overlap is the largest Jaccard index (P. Jaccard, 1912) found. The form is obeyed where no other form overlaps more.
A picture without a subject shows no form, nor does one whose subject overlaps none by LEAST: a blob, several things.

It can't tell forms apart that differ by less than the subject's rim is off: a hexagon and a circle, say, in a picture
of few pixels. What it makes of gold pictures says how far it can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.morphology import remove_small_holes

from rapporteur.colour.foreground import found_subject
from rapporteur.colour.grammar import subject_noun
from rapporteur.colour.lab import Pixels, lab_of
from rapporteur.colour.obeyed import reduce_to
from rapporteur.form.outlines import AREA, SIDE, Mask, silhouettes
from rapporteur.vocabulary.forms import FORMS

WORKING_SIDE = 96  # pixels: larger pictures are reduced by whole boxes first
HOLE = 0.05  # of the subject's area: a smaller hole is a texture's, not the form's
LEAST = 0.75  # the overlap from which a form is seen; 3 of 2,056 gold pictures of these forms stay below
SCALES = (0.92, 1.0, 1.08)
MOVES = (-2, 0, 2)  # pixels of the frame

_WORDS = {
    "disc": "circle", "disk": "circle", "rhombus": "diamond", "ellipse": "oval", "donut": "ring", "plus": "cross",
}  # fmt: skip
# Words after which the form is still what the caption is of: "a ring of people" and "a star falling" speak of others.
_GROUNDS = frozenset(("", "on", "against", "over", "with", "in"))


@dataclass(frozen=True)
class Form:
    """The form that a caption names (None: none), and the overlap 0..1 of the picture's subject with each form.

    No overlaps where the picture has no subject.
    """

    named: str | None
    overlaps: dict[str, float]

    @property
    def seen(self) -> str | None:
        """The form that overlaps the subject most; None where none does by LEAST."""
        best = max(self.overlaps, key=lambda name: self.overlaps[name], default=None)
        return best if best is not None and self.overlaps[best] >= LEAST else None

    @property
    def obeyed(self) -> bool | None:
        """Whether the named form is the one seen; None where none is named."""
        return None if self.named is None else self.seen == self.named


def named_form(caption: str) -> str | None:
    """The plain form that a caption is of: "diamond" of "a small red rhombus on a blue background"; None for none."""
    noun, after = subject_noun(caption.lower().replace("crescent moon", "crescent")) or ("", "")
    word = _WORDS.get(noun, noun)
    return word if word in FORMS and after in _GROUNDS else None


def form_of(picture: Pixels, caption: str) -> Form:
    """The form of the subject of an sRGB uint8 [height, width, 3] picture, and whether it is the one named.

    About 3 ms for 96x96 pixels, 6 ms for 256x256, on one core.
    """
    return Form(named_form(caption), overlaps(picture))


def overlaps(picture: Pixels) -> dict[str, float]:
    """The largest Jaccard index, 0..1, of the picture's subject with each form; empty for a picture without one."""
    mask = found_subject(lab_of(reduce_to(picture, WORKING_SIDE)))
    if mask is None:
        return {}
    frames = _frames(remove_small_holes(mask, max_size=max(1, int(HOLE * mask.sum()))))
    covered = frames.sum(axis=1)
    best = {}
    for name, forms in silhouettes().items():
        common = frames @ forms.T
        best[name] = float((common / (covered[:, None] + forms.sum(axis=1) - common)).max())
    return best


def _frames(mask: Mask) -> npt.NDArray[np.float32]:
    """float32 [scales * moves², SIDE * SIDE]: the silhouette in the middle of its frame, scaled and moved a little."""
    centre = ndimage.center_of_mass(mask)
    smooth = mask.astype(np.float32)
    frames = []
    for scale in SCALES:
        step = np.sqrt(mask.sum() / AREA) / scale  # pixels of the picture in one of the frame
        frame = ndimage.affine_transform(
            smooth, [step, step], offset=[c - step * (SIDE - 1) / 2 for c in centre], output_shape=(SIDE, SIDE), order=1
        )
        filled = (frame > 0.5).astype(np.float32)
        frames += [np.roll(filled, (down, right), axis=(0, 1)).ravel() for down in MOVES for right in MOVES]
    return np.stack(frames)
