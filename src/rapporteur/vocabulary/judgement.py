"""The landscape model's samples beside real landscapes: CLIP's view of each, what each is nearest to, its kind and
its mean colour.
"""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import column, schema
from rapporteur.vocabulary.losses import LEARNT, SPLITS

AXES = ("lightness", "a", "b")
_KEY = {"key": column(str, "of its vector in features.parquet")}
_SEEN = {
    "kind": column(str, "kind of landscape that its captions, or its prompt, tell of"),
    "lightness": column("float64", "mean L* of its pixels", "CIELAB"),
    "a": column("float64", "mean a*", "CIELAB"),
    "b": column("float64", "mean b*", "CIELAB"),
}
_NEAREST = {
    "nearest": column(str, "the other picture that the training saw whose CLIP vector is nearest"),
    "nearest_cosine": column("float64", "cosine of the two vectors", checks=pa.Check.in_range(-1.000001, 1.000001)),
}

JUDGED_SAMPLES = schema(
    "judged samples",
    {
        "source": column(str, "what drew it", checks=pa.Check.isin(LEARNT)),
        "caption_id": column(str, "the prompt's id"),
        "text": column(str, "the prompt"),
        "seed": column("int64", "number of the draw, from 0", checks=pa.Check.ge(0)),
        **_KEY,
        **_SEEN,
        "cosine": column("float64", "of picture and prompt", checks=pa.Check.in_range(-1.000001, 1.000001)),
        "clipscore": column("float64", "2.5 max(cosine, 0), Hessel et al. 2021", "CLIPScore", checks=pa.Check.ge(0)),
        **_NEAREST,
    },
    unique=["source", "caption_id", "seed"],
)

REAL_LANDSCAPES = schema(
    "real landscapes",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "picture that the filter kept", unique=True),
        "split": column(str, "whether the training saw it", checks=pa.Check.isin(SPLITS)),
        **_KEY,
        **_SEEN,
        **_NEAREST,
        "bits": column(
            "int64",
            "least number of differing bits of its perceptual hash and that of another picture that the training saw",
            "bits",
            checks=pa.Check.in_range(0, 64),
        ),
        "alike": column(bool, "so few bits that it is nearly the same picture"),
    },
)
