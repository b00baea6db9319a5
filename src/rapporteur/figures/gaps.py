"""Differences with their intervals beside a line at zero: a panel a measure, each with its own scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from rapporteur.figures import theme
from rapporteur.report.language import Language

STEP = 20  # pixels of a line
GAP = 18  # between panels


def gap_panel(rows: pd.DataFrame, order: Sequence[str], title: str, words: Language, *, first: bool) -> Any:
    """One panel of rows `name`, `n`, `value`, `low`, `high`; a difference without an interval is a point alone.

    order: the names from top to bottom, those without a row too; title: of the axis; only the first panel of a row
    names its lines.
    """
    axis = alt.Axis(labels=first, ticks=False, domain=False, labelLimit=200)
    y = alt.Y("name:N", sort=list(order), title=None, scale=alt.Scale(domain=list(order)), axis=axis)
    x = alt.X("value:Q", title=title, axis=alt.Axis(tickCount=4))
    titles = {"value": "axis.value", "low": "axis.low", "high": "axis.high"}
    tooltip = [
        alt.Tooltip("name:N", title=words.say("axis.row")),
        alt.Tooltip("n:Q", title=words.say("axis.n")),
        *[alt.Tooltip(f"{field}:Q", title=words.say(said), format=".3f") for field, said in titles.items()],
    ]
    base = alt.Chart(rows).encode(y=y)
    zero = alt.Chart(pd.DataFrame({"value": [0.0]})).mark_rule(strokeDash=[4, 3], color=theme.GREY).encode(x="value:Q")
    spans = base.transform_filter("datum.low !== null").mark_rule(strokeWidth=2, color=theme.BLUE)
    points = base.mark_point(filled=True, size=50, opacity=1, color=theme.BLUE).encode(x=x, tooltip=tooltip)
    layers = zero, spans.encode(x=alt.X("low:Q", title=title), x2="high:Q"), points
    return alt.layer(*layers).properties(height=alt.Step(STEP))


def panel_width(labels: int, columns: int) -> int:
    """The width in pixels of each panel of a row of the full width, whose lines' names take `labels`."""
    return int((theme.pixels(theme.FULL_MM) - labels - GAP * (columns - 1)) // columns)
