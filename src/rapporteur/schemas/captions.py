"""Captions and gold pictures of a dataset, in the same columns whatever the layout they were read from."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import column, schema

SPLITS = ("train", "val", "test")
KINDS = ("original", "alternative", "foil", "prompt")

CAPTIONS = schema(
    "captions",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "gold picture that the caption describes"),
        "caption_id": column(str, "unique within the dataset"),
        "kind": column(str, "where the text comes from", checks=pa.Check.isin(KINDS)),
        "split": column(str, "split of the gold picture", checks=pa.Check.isin(SPLITS)),
        "text": column(str, "the caption as published, trimmed", checks=pa.Check.str_length(min_value=1)),
        "draws": column("int64", "pictures to draw for this caption", "pictures", checks=pa.Check.ge(0)),
    },
    unique=["caption_id"],
)

GOLD = schema(
    "gold",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "identifier of the picture in its dataset", unique=True),
        "split": column(str, "train, val or test", checks=pa.Check.isin(SPLITS)),
        "file": column(str, "path of the picture from the repository's root"),
        "digest": column(str, "SHA-256 of the file", checks=pa.Check.str_length(64, 64)),
        "width": column("int64", "width as decoded", "pixels", checks=pa.Check.gt(0)),
        "height": column("int64", "height as decoded", "pixels", checks=pa.Check.gt(0)),
        "licence": column(str, "licence of the picture as its dataset states it; empty if it does not"),
    },
)
