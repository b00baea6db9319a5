"""Charts of gold against drawn colours: which hues they share, and how far apart they lie by caption."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.colour import SOURCES, hex_colours, panel
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.report.french import capitalised
from rapporteur.study.tables import Study

BINS = 36
STEP = 360 / BINS
PAINT = (65.0, 45.0)  # lightness and chroma in which a hue is painted: all of sRGB's hues have them, but for a few
HUES = {40: "rouge", 95: "jaune", 145: "vert", 200: "cyan", 270: "bleu", 325: "violet"}  # degrees of CIELAB
DISTANCES = {
    "delta_e": "ΔE2000 des moyennes",
    "emd_lab": "Transport, CIELAB",
    "emd_palette": "Transport, palettes",
}
ENDS = {"": "Générée", "_mismatched": "Générée, autre légende"}


def hues(study: Study, numbers: Numbers) -> Chart | None:
    """How the chroma spreads over the hues: drawn pictures as bars in their hue, gold ones as a line."""
    frames = {name: _hues(study, name) for name in study.datasets}
    frames = {name: frame for name, frame in frames.items() if not frame.empty}
    if not frames:
        return None
    width = (theme.pixels(theme.FULL_MM) - 70 * min(len(frames), 2)) // min(len(frames), 2)
    panels = [_panel(frame, width).properties(title=capitalised(study.label(name))) for name, frame in frames.items()]
    said = " ; ".join(
        f"{study.label(name)} : surtout {_main_hues(frame, 'Référence')} pour les références, "
        f"{_main_hues(frame, 'Générée')} pour les images générées"
        for name, frame in frames.items()
    )
    return Chart(
        "colour_hues",
        alt.concat(*panels, columns=2, spacing=24),
        f"Répartition du chroma selon la teinte, par dix degrés de CIELAB ; {said}.",
        "Part du chroma portée par chaque teinte, en degrés de CIELAB : barres pour les images générées, ligne noire "
        "pour les références.",
        "artifacts/colour",
    )


def _hues(study: Study, dataset: str) -> pd.DataFrame:
    """One row a hue and source: the share of the chroma of all pictures."""
    paint = hex_colours(_painted(np.arange(BINS) * STEP + STEP / 2))
    parts = []
    for source, label in SOURCES.items():
        rows = study.colour(dataset, source)
        chroma = np.stack(rows["hue_histogram"].to_list()).T @ rows["chroma"].to_numpy() if len(rows) else np.zeros(1)
        if chroma.sum() > 0:
            shares = np.round(chroma / chroma.sum(), 5)
            start = np.arange(BINS) * STEP
            parts.append(pd.DataFrame({"start": start, "end": start + STEP, "share": shares, "kind": label}))
            parts[-1]["colour"] = paint
    return pd.concat(parts, ignore_index=True) if len(parts) == len(SOURCES) else pd.DataFrame()


def _painted(degrees: np.ndarray) -> np.ndarray:
    lightness, chroma = PAINT
    angles = np.radians(degrees)
    return np.stack([np.full_like(angles, lightness), chroma * np.cos(angles), chroma * np.sin(angles)], axis=1)


def _main_hues(frame: pd.DataFrame, kind: str) -> str:
    """The two bins of most chroma, in words."""
    rows = frame[frame["kind"] == kind].nlargest(2, "share")
    return " et ".join(f"{start:.0f} à {start + STEP:.0f} degrés" for start in rows["start"])


def _panel(frame: pd.DataFrame, width: int) -> Any:
    words = " : ".join(f"datum.value == {degree} ? '{word}'" for degree, word in HUES.items())
    axis = alt.Axis(values=list(HUES), labelExpr=f"{words} : ''", grid=False, labelOverlap=False)
    x = alt.X("start:Q", title="Teinte", scale=alt.Scale(domain=[0, 360], nice=False), axis=axis)
    y = alt.Y("share:Q", title="Part du chroma", axis=alt.Axis(format="~%", tickCount=4))
    tooltip = [alt.Tooltip("kind:N", title="Image"), alt.Tooltip("start:Q", title="À partir de (degrés)"),
               alt.Tooltip("share:Q", title="Part", format=".1%")]  # fmt: skip
    base = alt.Chart(frame)
    bars = (
        base.transform_filter(alt.datum.kind == "Générée")
        .mark_rect(stroke=None)
        .encode(x=x, x2="end:Q", y=y, y2=alt.datum(0), color=alt.Color("colour:N", scale=None), tooltip=tooltip)
    )
    gold = frame[frame["kind"] == "Référence"]
    closed = pd.concat([gold, gold.tail(1).assign(start=gold["end"].max())])  # the last step has a width too
    line = (
        alt.Chart(closed)
        .mark_line(interpolate="step-after", strokeWidth=1.6, color=theme.BLACK)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    return alt.layer(bars, line).properties(width=width, height=150)


def distances(study: Study, numbers: Numbers) -> Chart | None:
    """Three distances of colour, to the pictures of the own caption and to those of others, one panel a distance."""
    rows = [
        numbers.row(f"colour.{distance}{end}.{dataset}")
        | {"distance": distance, "kind": label, "dataset": capitalised(study.label(dataset))}
        for distance in DISTANCES
        for dataset in study.datasets
        for end, label in ENDS.items()
        if numbers.has(f"colour.{distance}{end}.{dataset}")
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    width = (theme.pixels(theme.FULL_MM) - 130 - 22 * 2) // 3
    panels = [
        panel(
            frame[frame["distance"] == name], title, width, first=place == 0, kinds=list(ENDS.values()),
            scale=alt.Scale(zero=True), digits=1,
        )
        for place, (name, title) in enumerate(DISTANCES.items())
    ]  # fmt: skip
    said = " ; ".join(
        f"{DISTANCES[distance]}, {study.label(dataset)} : {numbers.said(f'colour.{distance}.{dataset}', 1)} contre "
        f"{numbers.said(f'colour.{distance}_mismatched.{dataset}', 1)}"
        for distance in DISTANCES
        for dataset in study.datasets
    )
    return Chart(
        "colour_distances",
        alt.hconcat(*panels, spacing=22).resolve_scale(color="shared", shape="shared"),
        f"Distances de couleur à la référence, images de la même légende contre images d’autres légendes. {said}.",
        "Distances de couleur entre une référence et les images générées pour sa légende ou pour d’autres : moyennes "
        "et intervalles à 95 %.",
        "artifacts/findings/findings.json",
    )
