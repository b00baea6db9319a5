"""The score of a picture with a text, from their features."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

WEIGHT = 2.5  # Hessel et al. (2021), "CLIPScore: A Reference-free Evaluation Metric for Image Captioning"
Vectors = npt.NDArray[np.float32]


def cosine(image: Vectors, texts: Vectors) -> npt.NDArray[np.float64]:
    """float64 [texts]: cosines of unit vectors [texts, width] with a unit vector [width], or each with its own."""
    return np.asarray((image.astype(np.float64) * texts.astype(np.float64)).sum(axis=-1))


def clipscore(value: float) -> float:
    """CLIPScore of a cosine (Hessel et al. 2021, eq. 1)."""
    return WEIGHT * max(value, 0.0)
