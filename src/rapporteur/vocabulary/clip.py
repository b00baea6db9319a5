"""CLIP scores of pictures with texts, and the features that they are computed from."""

from __future__ import annotations

from collections.abc import Iterable

import pandera.pandas as pa

from rapporteur.core.tables import LIST, column, schema

PAIRS = (
    "gold", "generated", "gold_mismatched", "generated_mismatched",
    "gold_alternative", "generated_alternative", "gold_foil", "generated_foil", "reconstructed",
)  # fmt: skip

SCORES = schema(
    "scores",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "gold picture, or the one whose caption was drawn"),
        "caption_id": column(str, "caption that the picture belongs to, also where it is scored with another text"),
        "seed": column("Int64", "number of the draw; null for a gold picture and its reconstruction", nullable=True),
        "pair": column(str, "which picture meets which text", checks=pa.Check.isin(PAIRS)),
        "text": column(str, "text that it was scored with: the caption, another picture's, an alternative or a foil"),
        "cosine": column("float64", "cosine of the features", checks=pa.Check.in_range(-1.000001, 1.000001)),
        "clipscore": column("float64", "2.5 max(cosine, 0), Hessel et al. 2021", "CLIPScore", checks=pa.Check.ge(0)),
        "rank": column(
            "Int64", "of the text among `candidates` for this picture, 1 the best; null if another", nullable=True,
            checks=pa.Check.ge(1),
        ),
        "candidates": column(
            "Int64", "texts compared, the right one included; null as `rank` is", "texts", nullable=True
        ),
        "tokens_cut": column(bool, "the text is longer than the model's context and was cut"),
    },
    unique=["pair", "image_id", "caption_id", "seed"],
)  # fmt: skip

FEATURES = schema(
    "features",
    {
        "key": column(str, "SHA-256 of the picture or text, the model and the code", unique=True),
        "kind": column(str, "what was encoded", checks=pa.Check.isin(("image", "text"))),
        "tokens": column("int64", "tokens of the text, uncut; 0 for a picture", "tokens", checks=pa.Check.ge(0)),
        "feature": column(LIST, "the unit vector"),
    },
)

RETRIEVAL = schema(
    "retrieval",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "pictures": column(str, "whose pictures", checks=pa.Check.isin(("gold", "generated"))),
        "direction": column(str, "what looks for what", checks=pa.Check.isin(("image_to_text", "text_to_image"))),
        "image_id": column(str, "gold picture of the query, or the one whose caption was drawn"),
        "caption_id": column("string", "caption of the query; null for a gold picture", nullable=True),
        "seed": column("Int64", "number of the draw; null for gold pictures", nullable=True),
        "rank": column(
            "int64", "1 plus the wrong candidates that score strictly higher than the right one", checks=pa.Check.ge(1)
        ),
        "candidates": column("int64", "compared, those that are right included", checks=pa.Check.ge(2)),
    },
    unique=["pictures", "direction", "image_id", "caption_id", "seed"],
)  # fmt: skip

SCORED = {
    "cosine": column("float64", "cosine of the features", checks=pa.Check.in_range(-1.000001, 1.000001)),
    "clipscore": column("float64", "2.5 max(cosine, 0), Hessel et al. 2021", "CLIPScore", checks=pa.Check.ge(0)),
    "tokens": column("int64", "tokens of the text, uncut", "tokens", checks=pa.Check.ge(0)),
    "tokens_cut": column(bool, "the text is longer than the model's context and was cut"),
}


def scored(passed: Iterable[str]) -> pa.DataFrameSchema:
    """What `rapporteur clip` writes: the columns that it was given, then SCORED."""
    given = {name: column(str, "as given") for name in passed}
    return schema("scored pairs", given | SCORED)
