"""Colours of every picture of a study, gold and generated, and its obedience to the colours of its caption."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.basic_terms import BASIC_TERMS
from rapporteur.core.tables import LIST, column, schema

_NAMED = pa.Check.isin(BASIC_TERMS)

COLOUR = schema(
    "colour",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "gold picture that this one is, or whose caption it was drawn from"),
        "caption_id": column("string", "caption that was drawn; null for a gold picture", nullable=True),
        "seed": column("Int64", "number of the draw; null for a gold picture", nullable=True),
        "source": column(str, "where the picture comes from", checks=pa.Check.isin(("gold", "generated"))),
        "key": column(str, "SHA-256 of the picture, the settings and the code that measured it"),
        "lightness": column("float64", "mean L*", "CIELAB", checks=pa.Check.in_range(-0.01, 100.01)),
        "a": column("float64", "mean a*, green to red", "CIELAB"),
        "b": column("float64", "mean b*, blue to yellow", "CIELAB"),
        "chroma": column("float64", "mean chroma", "CIELAB", checks=pa.Check.ge(0)),
        "hue_entropy": column(
            "float64", "entropy of the chroma-weighted histogram of 36 hues", "bits", checks=pa.Check.ge(0)
        ),
        "colourfulness": column("float64", "Hasler and Süsstrunk's M, 2003", "sRGB, 0..255", checks=pa.Check.ge(0)),
        "palette": column(LIST, "L*, a*, b*, weight of each colour in turn, the heaviest first", "CIELAB, share"),
        "subject_colours": column(LIST, f"pixels of the subject named {', '.join(BASIC_TERMS)}", "share"),
        "background_colours": column(LIST, "the same for the background", "share"),
        "seen_colour": column(str, "commonest colour name on the subject", checks=_NAMED),
        "seen_background": column(str, "commonest colour name on the background", checks=_NAMED),
        "named_colour": column("string", "colour that the caption gives its subject", nullable=True, checks=_NAMED),
        "named_background": column("string", "colour that the caption gives the ground", nullable=True, checks=_NAMED),
        "subject_share": column("float64", "pixels of the subject in its named colour", "share", nullable=True),
        "obeyed": column("boolean", "the subject's commonest colour is the named one", nullable=True),
        "background_obeyed": column("boolean", "the background's commonest colour is the named one", nullable=True),
    },
)  # fmt: skip
