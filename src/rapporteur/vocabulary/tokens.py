"""Pictures as codebook tokens, with the captions to learn from."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import LIST, column, schema
from rapporteur.vocabulary.captions import SPLITS

TOKENS = schema(
    "tokens",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "picture that was encoded"),
        "view": column("int64", "0 for its central square, then random crops of it", checks=pa.Check.ge(0)),
        "split": column(str, "train, val or test", checks=pa.Check.isin(SPLITS)),
        "key": column(str, "SHA-256 of the picture, the VQGAN and the encoding code"),
        "captions": column(LIST, "the picture's captions, list of str"),
        "tokens": column(LIST, "codebook ids in raster order, list of int", "codebook id"),
    },
    unique=["image_id", "view"],
)
