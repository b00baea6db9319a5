"""Colours of every picture of a study, gold and generated, and its obedience to the colours and the form that its
caption names; and the same measures of any pictures, for the verb `colours`.
"""

from __future__ import annotations

import math

import pandera.pandas as pa

from rapporteur.colour.measures import MEASURES, Measure
from rapporteur.core.tables import LIST, column, schema
from rapporteur.vocabulary.colour_terms import BASIC_TERMS
from rapporteur.vocabulary.forms import FORMS

_NAMED = pa.Check.isin(BASIC_TERMS)
_FORM = pa.Check.isin(FORMS)
ROUNDING = 1e-6  # a mean of many rounded numbers may lie this far beyond a bound


def _column(measure: Measure) -> pa.Column:
    if measure.many:
        return column(LIST, measure.meaning, measure.unit)
    low = -math.inf if measure.low is None else measure.low - ROUNDING
    high = math.inf if measure.high is None else measure.high + ROUNDING
    return column("float64", measure.meaning, measure.scale or measure.unit, checks=pa.Check.in_range(low, high))


_MEASURED = {measure.name: _column(measure) for measure in MEASURES}

COLOUR = schema(
    "colour",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "gold picture that this one is, or whose caption it was drawn from"),
        "caption_id": column("string", "caption that was drawn; null for a gold picture", nullable=True),
        "seed": column("Int64", "number of the draw; null for a gold picture", nullable=True),
        "source": column(str, "where the picture comes from", checks=pa.Check.isin(("gold", "generated"))),
        "key": column(str, "SHA-256 of the picture, the settings and the code that measured it"),
        **_MEASURED,
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
        **_MEASURED,
    },
)
