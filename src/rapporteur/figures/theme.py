"""One look for every figure: sizes for an A4 page in 10 point type, colours that the colour-blind and a
photocopier tell apart, and how numbers are written.

Colours: M. Okabe and K. Ito, Color Universal Design, 2008. Orange and blue differ in lightness too, and each kind
of picture has its own dash and symbol besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from rapporteur.figures import fonts

FULL_MM, HALF_MM = 170, 83
FONT = fonts.FAMILY
FONT_SIZE = 10.5  # CSS pixels, 96 to the inch: 8 points

ORANGE, BLUE, GREEN, GREY, BLACK = "#E69F00", "#0072B2", "#009E73", "#8C8C8C", "#222222"
KINDS = {"gold": ORANGE, "generated": BLUE, "matched": BLUE, "generated_mismatched": GREY, "mismatched": GREY}
SERIES = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", BLACK)
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])
SYMBOLS = ("circle", "diamond", "triangle-up", "square", "cross", "triangle-down")


def pixels(millimetres: float) -> int:
    """CSS pixels, 96 to the inch."""
    return round(millimetres * 96 / 25.4)


def config(locale: Mapping[str, Any]) -> dict[str, Any]:
    """The theme as a Vega-Lite configuration, with the numbers of a locale (as d3-format takes it)."""
    text = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": FONT_SIZE, "titleFontSize": FONT_SIZE,
            "titleFontWeight": "normal", "labelColor": BLACK, "titleColor": BLACK}  # fmt: skip
    line = {"domainColor": "#666666", "tickColor": "#666666", "gridColor": "#E4E4E4"}
    return {
        "background": "white",
        "font": FONT,
        "padding": 2,
        "view": {"stroke": None},
        "axis": text | line | {"titlePadding": 6, "labelLimit": 300, "labelFlush": False, "labelOverlap": "greedy"},
        "legend": text
        | {"orient": "top", "title": None, "offset": 4, "labelLimit": 300, "symbolOpacity": 1, "symbolSize": 60},
        "header": text | {"labelFontWeight": "bold", "labelLimit": 400},
        "title": {"font": FONT, "fontSize": FONT_SIZE, "fontWeight": "bold", "anchor": "start", "offset": 4},
        "text": {"font": FONT, "fontSize": FONT_SIZE},
        "locale": {"number": dict(locale)},
    }


def kinds(names: Mapping[str, str]) -> alt.Scale:
    """The colours of kinds of pictures, in the order given; `names` are what the legend calls them."""
    return alt.Scale(domain=list(names.values()), range=[KINDS[kind] for kind in names])


def series(names: list[str]) -> alt.Scale:
    """One colour for each name."""
    return alt.Scale(domain=names, range=[SERIES[place % len(SERIES)] for place in range(len(names))])


def lines(base: alt.Chart, field: str, names: list[str], y: alt.Y) -> list[alt.Chart]:
    """A line for each name, each with its own dash. Layers, for a dash that is encoded would dash the legend's
    symbols too.
    """
    return [
        base.transform_filter(alt.datum[field] == name)
        .mark_line(strokeWidth=1.8, strokeDash=DASHES[place % len(DASHES)])
        .encode(y=y)
        for place, name in enumerate(names)
    ]


def symbols(names: list[str]) -> alt.Scale:
    """One symbol for each name."""
    return alt.Scale(domain=names, range=[SYMBOLS[place % len(SYMBOLS)] for place in range(len(names))])


def fitted(chart: Any, width_mm: float, height_mm: float) -> Any:
    """A single or layered chart whose axes and legend fit in the size given."""
    size = {"width": pixels(width_mm), "height": pixels(height_mm)}
    return chart.properties(**size, autosize=alt.AutoSizeParams(type="fit", contains="padding"))
