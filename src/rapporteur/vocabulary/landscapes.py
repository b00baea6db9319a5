"""Images by how much their captions speak of natural scenery."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import LIST, column, schema
from rapporteur.vocabulary.captions import SPLITS

LANDSCAPES = schema(
    "landscapes",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "identifier of the picture in its dataset", unique=True),
        "split": column(str, "train, val or test", checks=pa.Check.isin(SPLITS)),
        "score": column("float64", "how much the captions speak of scenery", "0 to 1", checks=pa.Check.in_range(0, 1)),
        "kept": column(bool, "the score reaches the threshold"),
        "reasons": column(str, "+phrase for, -phrase against, each with the numbers of its captions, from 1"),
        "captions": column(LIST, "the picture's captions, list of str"),
    },
)
