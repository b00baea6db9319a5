"""Colours of every picture of a study, gold and generated, and its obedience to the colours and the form that its
caption names; and the same measures of any pictures, for the verb `colours`.
"""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import LIST, column, schema
from rapporteur.vocabulary.colour_terms import BASIC_TERMS
from rapporteur.vocabulary.forms import FORMS

_NAMED = pa.Check.isin(BASIC_TERMS)
_FORM = pa.Check.isin(FORMS)
_NOT_NEGATIVE = pa.Check.ge(0)


def _measures() -> dict[str, pa.Column]:
    """What colour/statistics.py measures of a picture."""
    return {
        "lightness": column("float64", "mean L*", "CIELAB", checks=pa.Check.in_range(-0.01, 100.01)),
        "a": column("float64", "mean a*, green to red", "CIELAB"),
        "b": column("float64", "mean b*, blue to yellow", "CIELAB"),
        "chroma": column("float64", "mean chroma", "CIELAB", checks=_NOT_NEGATIVE),
        "lightness_std": column("float64", "standard deviation of L* over the pixels", "CIELAB", checks=_NOT_NEGATIVE),
        "a_std": column("float64", "standard deviation of a*", "CIELAB", checks=_NOT_NEGATIVE),
        "b_std": column("float64", "standard deviation of b*", "CIELAB", checks=_NOT_NEGATIVE),
        "chroma_std": column("float64", "standard deviation of chroma", "CIELAB", checks=_NOT_NEGATIVE),
        "saturation": column("float64", "mean saturation of HSV", "share", checks=pa.Check.in_range(0, 1)),
        "hue_entropy": column("float64", "Shannon's entropy of the hue histogram", "bits", checks=_NOT_NEGATIVE),
        "colourfulness": column("float64", "Hasler and Süsstrunk's M, 2003", "sRGB, 0..255", checks=_NOT_NEGATIVE),
        "entropy": column("float64", "Shannon's entropy of L* in 256 levels", "bits", checks=pa.Check.in_range(0, 8)),
        "sharpness": column(
            "float64", "variance of the Laplacian of L*, shorter side at most 128", "CIELAB²", checks=_NOT_NEGATIVE
        ),
        "hue_histogram": column(LIST, "chroma in each of 36 CIELAB hues from 0 degrees on; all 0 for greys", "share"),
        "lab_histogram": column(
            LIST, "mean L*, a*, b* and share of each occupied cell of 20 units a side in turn", "CIELAB, share"
        ),
        "palette": column(LIST, "L*, a*, b*, weight of each colour in turn, the heaviest first", "CIELAB, share"),
    }


COLOUR = schema(
    "colour",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "gold picture that this one is, or whose caption it was drawn from"),
        "caption_id": column("string", "caption that was drawn; null for a gold picture", nullable=True),
        "seed": column("Int64", "number of the draw; null for a gold picture", nullable=True),
        "source": column(str, "where the picture comes from", checks=pa.Check.isin(("gold", "generated"))),
        "key": column(str, "SHA-256 of the picture, the settings and the code that measured it"),
        **_measures(),
        "subject_colours": column(LIST, f"pixels of the subject named {', '.join(BASIC_TERMS)}", "share"),
        "background_colours": column(LIST, "the same for the background", "share"),
        "seen_colour": column(str, "commonest colour name on the subject", checks=_NAMED),
        "seen_background": column(str, "commonest colour name on the background", checks=_NAMED),
        "named_colour": column("string", "colour that the caption gives its subject", nullable=True, checks=_NAMED),
        "named_background": column("string", "colour that the caption gives the ground", nullable=True, checks=_NAMED),
        "subject_share": column("float64", "pixels of the subject in its named colour", "share", nullable=True),
        "obeyed": column("boolean", "the subject's commonest colour is the named one", nullable=True),
        "background_obeyed": column("boolean", "the background's commonest colour is the named one", nullable=True),
        "form_overlaps": column(
            LIST,
            f"Jaccard index of the subject with {', '.join(FORMS)}; empty without a subject or a caption with a form",
            "share",
        ),
        "seen_form": column("string", "form that overlaps the subject most, and by 0.75", nullable=True, checks=_FORM),
        "named_form": column("string", "form that the caption names", nullable=True, checks=_FORM),
        "form_obeyed": column("boolean", "no form overlaps the subject more than the named one", nullable=True),
    },
)  # fmt: skip

COLOURS = schema(
    "colours",
    {
        "file": column(str, "the picture's path from the folder", unique=True),
        "width": column("int64", "width", "pixels", checks=pa.Check.ge(1)),
        "height": column("int64", "height", "pixels", checks=pa.Check.ge(1)),
        **_measures(),
    },
)
