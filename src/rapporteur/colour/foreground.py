"""Where the subject of a picture is: what differs from the colours along its border, near its middle.

A guess made from colour alone, good for one thing on a plain ground and rough for a photograph of a scene.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.filters import threshold_otsu

from rapporteur.colour.lab import Floats

Mask = npt.NDArray[np.bool_]

BORDER = 0.04  # width of the ring that is taken for background, in picture sides
SAME = 12.0  # CIELAB units within which two border pixels are one colour
GROUND_SHARE = 0.2  # a border colour rarer than this may be a subject that touches the edge
GROUND_COLOURS = 3
FILLED = 0.5  # a border colour that covers this share of the middle is the subject's
LEAST, MOST = 8.0, 30.0  # bounds of the threshold between ground and subject, CIELAB units
COMPANION = 0.25  # a second part belongs to the subject when its weight is this share of the first's


def subject_mask(lab: Floats) -> Mask:
    """bool [height, width]: the subject of a picture in CIELAB [height, width, 3]; its middle where none is found."""
    found = found_subject(lab)
    return _middle(lab.shape) if found is None else found


def found_subject(lab: Floats) -> Mask | None:
    """bool [height, width]: what stands out from the ground of a picture in CIELAB [height, width, 3]; None for none.

    The parts, connected by 8 neighbours, that differ from the border's colours and weigh most, each pixel
    weighted by its nearness to the centre.
    """
    distance = _distance_to_ground(lab)
    parts, count = ndimage.label(distance > _threshold(distance), structure=np.ones((3, 3)))
    weights = ndimage.sum_labels(_centrality(distance.shape), parts, index=np.arange(1, count + 1))
    if count == 0 or weights.max() < 0.004 * distance.size:
        return None
    kept = 1 + np.flatnonzero(weights >= COMPANION * weights.max())
    return np.isin(parts, kept)


def border_mask(shape: tuple[int, ...]) -> Mask:
    """bool [height, width]: the ring along the edges."""
    mask = np.ones(shape[:2], dtype=bool)
    width = max(1, round(BORDER * min(shape[:2])))
    mask[width:-width, width:-width] = False
    return mask


def _distance_to_ground(lab: Floats) -> Floats:
    """float32 [height, width]: CIELAB distance to the nearest of the ground's colours."""
    return np.asarray(np.min([_distance(lab, ground) for ground in _ground_colours(lab)], axis=0))


def _ground_colours(lab: Floats) -> list[Floats]:
    """Up to three colours [3] of the ground: the border's main colours but those that fill the middle.

    A large subject touches the edges; its colour then covers the middle and is no ground. Where every border
    colour fills the middle (a thin ring on paper), the commonest is the ground.
    """
    colours = _main_colours(lab[border_mask(lab.shape)])
    middle = lab[_middle(lab.shape)]
    behind = [colour for colour in colours if (_distance(middle, colour) <= SAME).mean() < FILLED]
    return behind or colours[:1]


def _main_colours(border: Floats) -> list[Floats]:
    """Up to three colours [3] that cover the border pixels [count, 3], the commonest first."""
    found: list[Floats] = []
    rest = border
    while len(found) < GROUND_COLOURS and len(rest) >= GROUND_SHARE * len(border):
        centre = _commonest(rest)
        near = _distance(rest, centre) <= SAME
        if found and near.sum() < GROUND_SHARE * len(border):
            break
        found.append(centre)
        rest = rest[~near]
    return found


def _commonest(colours: Floats) -> Floats:
    """The mean of the colours about the fullest cell of a coarse CIELAB grid."""
    _, inverse, counts = np.unique(np.floor(colours / SAME), axis=0, return_inverse=True, return_counts=True)
    fullest = colours[inverse.ravel() == counts.argmax()].mean(axis=0)
    return np.asarray(colours[_distance(colours, fullest) <= SAME].mean(axis=0))


def _distance(lab: Floats, colour: Floats) -> Floats:
    """float32 [...]: CIELAB distances (CIE 1976) of [..., 3] to one colour."""
    return np.asarray(np.linalg.norm(lab - colour, axis=-1), dtype=np.float32)


def _threshold(distance: Floats) -> float:
    """Otsu's threshold of the distances, held within bounds."""
    if float(np.ptp(distance)) == 0.0:
        return MOST
    return float(np.clip(threshold_otsu(distance), LEAST, MOST))


def _centrality(shape: tuple[int, ...]) -> Floats:
    """float32 [height, width]: 1 in the centre, falling as a Gaussian whose sigma is a third of a side."""
    rows, columns = (np.linspace(-1.5, 1.5, size, dtype=np.float32) for size in shape)
    return np.exp(-(rows[:, None] ** 2 + columns[None, :] ** 2) / 2)


def _middle(shape: tuple[int, ...]) -> Mask:
    """bool [height, width]: the central quarter."""
    mask = np.zeros(shape[:2], dtype=bool)
    mask[shape[0] // 4 : -(shape[0] // 4), shape[1] // 4 : -(shape[1] // 4)] = True
    return mask
