"""Charts of gold against drawn colours: which hues they share, and how far apart they lie by caption."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from rapporteur.colour.measures import COMPARED
from rapporteur.figures import theme
from rapporteur.figures.colour import SOURCES, hex_colours, panel
from rapporteur.figures.figure import Chart
from rapporteur.figures.gaps import GAP, gap_panel, panel_width
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import Language
from rapporteur.study.tables import Study

BINS = 36
STEP = 360 / BINS
PAINT = (65.0, 45.0)  # lightness and chroma in which a hue is painted: all of sRGB's hues have them, but for a few
HUES = (40, 95, 145, 200, 270, 325)  # degrees of CIELAB whose colour the axis names
DISTANCES = ("delta_e", "emd_lab", "emd_palette")
COLUMNS, LABELS = 4, 130  # of differences: panels in a row, and pixels for the names of datasets
ENDS = {"matched": "", "mismatched": "_mismatched"}


def hues(study: Study, numbers: Numbers) -> Chart | None:
    """How the chroma spreads over the hues: drawn pictures as bars in their hue, gold ones as a line."""
    frames = {name: _hues(study, name) for name in study.datasets}
    frames = {name: frame for name, frame in frames.items() if not frame.empty}
    if not frames:
        return None
    width = (theme.pixels(theme.FULL_MM) - 70 * min(len(frames), 2)) // min(len(frames), 2)
    words = numbers.words
    panels = [
        _panel(frame, width, words).properties(title=words.numerals.capitalised(study.label(name)))
        for name, frame in frames.items()
    ]
    said = [
        words.say(
            "colour_hues.said",
            dataset=study.label(name),
            gold=_main_hues(frame, "gold", words),
            generated=_main_hues(frame, "generated", words),
        )
        for name, frame in frames.items()
    ]
    return Chart(
        "colour_hues",
        alt.concat(*panels, columns=2, spacing=24),
        words.say("colour_hues.alt", said=words.numerals.series(said)),
        words.say("colour_hues.caption"),
        "artifacts/colour",
    )


def _hues(study: Study, dataset: str) -> pd.DataFrame:
    """One row a hue and source: the share of the chroma of all pictures."""
    paint = hex_colours(_painted(np.arange(BINS) * STEP + STEP / 2))
    parts = []
    for source in SOURCES:
        rows = study.colour(dataset, source)
        chroma = np.stack(rows["hue_histogram"].to_list()).T @ rows["chroma"].to_numpy() if len(rows) else np.zeros(1)
        if chroma.sum() > 0:
            shares = np.round(chroma / chroma.sum(), 5)
            start = np.arange(BINS) * STEP
            parts.append(pd.DataFrame({"start": start, "end": start + STEP, "share": shares, "source": source}))
            parts[-1]["colour"] = paint
    return pd.concat(parts, ignore_index=True) if len(parts) == len(SOURCES) else pd.DataFrame()


def _painted(degrees: np.ndarray) -> np.ndarray:
    lightness, chroma = PAINT
    angles = np.radians(degrees)
    return np.stack([np.full_like(angles, lightness), chroma * np.cos(angles), chroma * np.sin(angles)], axis=1)


def _main_hues(frame: pd.DataFrame, source: str, words: Language) -> str:
    """The two bins of most chroma, in words."""
    rows = frame[frame["source"] == source].nlargest(2, "share")
    return words.numerals.enumeration(
        [words.say("colour_hues.degrees", start=int(start), end=int(start + STEP)) for start in rows["start"]]
    )


def _panel(frame: pd.DataFrame, width: int, words: Language) -> Any:
    frame = frame.assign(kind=[words.word("legend", source) for source in frame["source"]])
    named = " : ".join(f"datum.value == {degree} ? '{words.word('hue', str(degree))}'" for degree in HUES)
    axis = alt.Axis(values=list(HUES), labelExpr=f"{named} : ''", grid=False, labelOverlap=False)
    x = alt.X("start:Q", title=words.say("axis.hue"), scale=alt.Scale(domain=[0, 360], nice=False), axis=axis)
    y = alt.Y("share:Q", title=words.say("axis.share_of_chroma"), axis=alt.Axis(format="~%", tickCount=4))
    tooltip = [
        alt.Tooltip("kind:N", title=words.say("axis.image")),
        alt.Tooltip("start:Q", title=words.say("axis.from_degrees")),
        alt.Tooltip("share:Q", title=words.say("axis.share"), format=".1%"),
    ]
    base = alt.Chart(frame)
    bars = (
        base.transform_filter(alt.datum.source == "generated")
        .mark_rect(stroke=None)
        .encode(x=x, x2="end:Q", y=y, y2=alt.datum(0), color=alt.Color("colour:N", scale=None), tooltip=tooltip)
    )
    gold = frame[frame["source"] == "gold"]
    closed = pd.concat([gold, gold.tail(1).assign(start=gold["end"].max())])  # the last step has a width too
    line = (
        alt.Chart(closed)
        .mark_line(interpolate="step-after", strokeWidth=1.6, color=theme.BLACK)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    return alt.layer(bars, line).properties(width=width, height=150)


def differences(study: Study, numbers: Numbers) -> Chart | None:
    """Paired differences of gold and drawn pictures, one panel a measure; none of a study without gold pictures."""
    words, capitalised = numbers.words, numbers.words.numerals.capitalised
    name = "colour.{}_gold_minus_generated.{}"
    rows = [
        numbers.row(name.format(measure.name, dataset))
        | {"measure": measure.name, "name": capitalised(study.label(dataset))}
        for measure in COMPARED
        if measure.charted
        for dataset in study.datasets
        if numbers.has(name.format(measure.name, dataset))
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    order, charted = list(dict.fromkeys(frame["name"])), list(dict.fromkeys(frame["measure"]))
    width = panel_width(LABELS, COLUMNS)
    panels = [
        gap_panel(
            frame[frame["measure"] == measure], order, words.word("axis", measure), words, first=place % COLUMNS == 0
        ).properties(width=width)
        for place, measure in enumerate(charted)
    ]
    said = [
        words.say(
            "colour_measures.said", measure=words.word("axis", measure).lower(), dataset=study.label(dataset),
            difference=numbers.said(name.format(measure, dataset), 1),
        )
        for measure in charted
        for dataset in study.datasets
        if numbers.has(name.format(measure, dataset))
    ]  # fmt: skip
    rows_of_panels = [alt.hconcat(*panels[at : at + COLUMNS], spacing=GAP) for at in range(0, len(panels), COLUMNS)]
    return Chart(
        "colour_differences",
        alt.vconcat(*rows_of_panels, spacing=10),
        words.say("colour_differences.alt", said=words.numerals.series(said)),
        words.say("colour_differences.caption"),
        "artifacts/findings/findings.json",
    )


def distances(study: Study, numbers: Numbers) -> Chart | None:
    """Three distances of colour, to the pictures of the own caption and to those of others, one panel a distance."""
    words = numbers.words
    kinds, capitalised = {kind: words.word("legend", kind) for kind in ENDS}, words.numerals.capitalised
    rows = [
        numbers.row(f"colour.{distance}{end}.{dataset}")
        | {"distance": distance, "kind": kinds[kind], "dataset": capitalised(study.label(dataset))}
        for distance in DISTANCES
        for dataset in study.datasets
        for kind, end in ENDS.items()
        if numbers.has(f"colour.{distance}{end}.{dataset}")
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    width = (theme.pixels(theme.FULL_MM) - 130 - 22 * 2) // 3
    panels = [
        panel(
            frame[frame["distance"] == name], words.word("axis", name), width, first=place == 0, kinds=kinds,
            scale=alt.Scale(zero=True), digits=1, words=words,
        )
        for place, name in enumerate(DISTANCES)
    ]  # fmt: skip
    said = [
        words.say(
            "colour_distances.said",
            distance=words.word("axis", distance),
            dataset=study.label(dataset),
            own=numbers.said(f"colour.{distance}.{dataset}", 1),
            others=numbers.said(f"colour.{distance}_mismatched.{dataset}", 1),
        )
        for distance in DISTANCES
        for dataset in study.datasets
    ]
    return Chart(
        "colour_distances",
        alt.hconcat(*panels, spacing=22).resolve_scale(color="shared", shape="shared"),
        words.say("colour_distances.alt", said=words.numerals.series(said)),
        words.say("colour_distances.caption"),
        "artifacts/findings/findings.json",
    )


CHARTS = (distances, hues, differences)
