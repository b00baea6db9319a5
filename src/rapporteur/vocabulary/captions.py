"""Captions and gold pictures of a dataset, in the same columns whatever the layout they were read from."""

from __future__ import annotations

import re

import pandera.pandas as pa

from rapporteur.core.tables import column, schema
from rapporteur.vocabulary.attributes import TRIED
from rapporteur.vocabulary.colour_terms import BASIC_TERMS

SPLITS = ("train", "val", "test")
KINDS = ("original", "alternative", "foil", "prompt")
FOIL_KINDS = ("colour", "object", "number", "place", "other")

CAPTIONS = schema(
    "captions",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "gold picture that the caption describes; a prompt's own id"),
        "caption_id": column(str, "unique within the dataset"),
        "kind": column(str, "where the text comes from", checks=pa.Check.isin(KINDS)),
        "split": column(str, "split of the gold picture", checks=pa.Check.isin(SPLITS)),
        "text": column(str, "the caption as published or made, trimmed", checks=pa.Check.str_length(min_value=1)),
        "draws": column("int64", "pictures to draw for this caption", "pictures", checks=pa.Check.ge(0)),
        "original_id": column("string", "caption that this alternative or foil stands for", nullable=True),
        "foil_kind": column("string", "what a foil gets wrong", nullable=True, checks=pa.Check.isin(FOIL_KINDS)),
        "changed_from": column("string", "words of the original that a foil changes", nullable=True),
        "changed_to": column("string", "words that a foil has in their place", nullable=True),
        "attribute": column("string", "what a prompt tries", nullable=True, checks=pa.Check.isin(TRIED)),
        "expected_colour": column(
            "string", "colour that a prompt gives its subject", nullable=True, checks=pa.Check.isin(BASIC_TERMS)
        ),
        "expected_shape": column("string", "shape that a prompt gives its subject", nullable=True),
    },
    unique=["caption_id"],
)  # fmt: skip

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
        "licence_url": column("string", "where the licence's text is; null if not stated", nullable=True),
        "source_url": column("string", "where the picture was published, for its attribution", nullable=True),
    },
)


def forbids_derivatives(licence: str) -> bool:
    """Whether a licence, by its name or address, is a no-derivatives one: such a picture is shown whole."""
    return re.search(r"(?i)no[- ]?deriv|\bnd\b", licence) is not None
