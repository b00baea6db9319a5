"""Drawn pictures: which caption and seed each answers, and the shard that holds it."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import column, schema
from rapporteur.vocabulary.engines import OBEYS

_COLUMNS = {
    "dataset": column(str, "name of the dataset in params.yaml"),
    "image_id": column(str, "gold picture of the caption"),
    "caption_id": column(str, "caption that was drawn"),
    "text": column(str, "the caption's text, as given to the model", checks=pa.Check.str_length(min_value=1)),
    "seed": column("int64", "number of the draw, from 0", checks=pa.Check.ge(0)),
    "key": column(str, "SHA-256 of all that decides the picture", checks=pa.Check.str_length(64, 64)),
    "shard": column(str, "zip file that holds the picture"),
    "member": column(str, "name of the PNG in the shard"),
    "digest": column(str, "SHA-256 of the PNG", checks=pa.Check.str_length(64, 64)),
    "model": column(str, "name and digest of the model that drew it"),
    "engine": column(str, "what drew it (vocabulary/engines.py)", checks=pa.Check.isin(tuple(OBEYS))),
    "width": column("int64", "width", "pixels", checks=pa.Check.gt(0)),
    "height": column("int64", "height", "pixels", checks=pa.Check.gt(0)),
}

IMAGES = schema("images", dict(_COLUMNS), unique=["caption_id", "seed"])

SAMPLES = schema(
    "samples",
    _COLUMNS
    | {
        "source": column(
            str,
            "the landscape model, or the model it started from",
            checks=pa.Check.isin(("landscape_model", "start_model")),
        )
    },
    unique=["caption_id", "seed", "source"],
)
