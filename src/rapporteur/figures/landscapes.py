"""The landscape filter's scores."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.study.tables import Study

LANDSCAPES = "landscapes/landscapes.parquet"
BINS = 24
OUTCOMES = {True: "kept", False: "refused"}


def scores(study: Study, numbers: Numbers) -> Chart | None:
    """Histogram of the filter's score, kept and refused pictures stacked."""
    images = study.table(LANDSCAPES)
    if images.empty:
        return None
    words = numbers.words
    names = [words.word("outcome", outcome) for outcome in OUTCOMES.values()]
    counts = _bins(images)
    counts = counts.assign(outcome=[words.word("outcome", outcome) for outcome in counts["outcome"]])
    bars = alt.Chart(counts).mark_bar(stroke="white", strokeWidth=0.5).encode(
        x=alt.X("start:Q", title=words.say("axis.filter_score"), bin=alt.BinParams(binned=True)),
        x2="end:Q",
        y=alt.Y("images:Q", title=words.say("axis.images")),
        color=alt.Color("outcome:N", scale=alt.Scale(domain=names, range=[theme.BLUE, "#D0D0D0"])),
        order=alt.Order("outcome:N", sort="descending"),
        tooltip=["outcome:N", alt.Tooltip("images:Q", title=words.say("axis.images"))],
    )  # fmt: skip
    kept, refused = numbers.row("landscapes.kept")["value"], numbers.row("landscapes.refused")["value"]
    return Chart(
        "landscape_scores",
        theme.fitted(bars, theme.HALF_MM, 60),
        words.say(
            "landscape_scores.alt",
            kept=kept,
            refused=refused,
            precision=numbers.said("landscapes.precision"),
            recall=numbers.said("landscapes.recall"),
        ),
        words.say("landscape_scores.caption"),
        study.source(LANDSCAPES),
    )


def _bins(images: pd.DataFrame) -> pd.DataFrame:
    """Counts by bin and outcome; scores that are few and whole get a bin each."""
    values = images["score"]
    distinct = np.unique(values)
    if len(distinct) <= BINS and np.allclose(distinct, np.rint(distinct)):
        edges = np.arange(distinct[0] - 0.5, distinct[-1] + 1.5)
    else:
        edges = np.linspace(values.min(), values.max() + 1e-9, BINS + 1)
    rows = [
        {"outcome": label, "images": int(number), "start": round(float(start), 4), "end": round(float(end), 4)}
        for kept, label in OUTCOMES.items()
        for number, start, end in zip(
            np.histogram(values[images["kept"] == kept], edges)[0], edges[:-1], edges[1:], strict=True
        )
        if number
    ]
    return pd.DataFrame(rows)


CHARTS = (scores,)
