"""People's ratings by attribute, by what prompts try and against measures, or the plan of what is to be rated where
nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.report.french import capitalised, number
from rapporteur.study.tables import Study

ATTRIBUTES = {"forme": "Forme", "texture": "Texture", "couleur": "Couleur", "ensemble": "Ensemble"}
KINDS = {"Référence": theme.ORANGE, "Générées": theme.BLUE}
SOURCE = "artifacts/findings/findings.json"


def means(study: Study, numbers: Numbers) -> Chart:
    """Mean rating of each attribute with its interval; axes alone, and words that say so, without ratings."""
    names = [name for name in ATTRIBUTES if numbers.has(f"ratings.mean.{name}")]
    return _rated(numbers, names) if names else _plan(study)


def _axes(field: str) -> tuple[alt.X, alt.Y]:
    scale = alt.Scale(domain=[1, 5], nice=False)
    x = alt.X(f"{field}:Q", title="Note (1 à 5)", scale=scale, axis=alt.Axis(values=[1, 2, 3, 4, 5], format="d"))
    return x, alt.Y(
        "attribute:N", title=None, sort=list(ATTRIBUTES.values()), scale=alt.Scale(domain=list(ATTRIBUTES.values()))
    )


def _rated(numbers: Numbers, names: list[str]) -> Chart:
    x, y = _axes("value")
    rows = pd.DataFrame([numbers.row(f"ratings.mean.{name}") | {"attribute": ATTRIBUTES[name]} for name in names])
    base = alt.Chart(rows).encode(y=y)
    spans = base.transform_filter("datum.low !== null").mark_rule(strokeWidth=2, color=theme.BLUE)
    layers = alt.layer(
        spans.encode(x=_axes("low")[0], x2="high:Q"),
        base.mark_point(filled=True, size=50, opacity=1, color=theme.BLUE).encode(
            x=x, tooltip=["attribute:N", alt.Tooltip("value:Q", title="Moyenne", format=".2f")]
        ),
    )
    mark = _mark(numbers)
    said = " ; ".join(f"{ATTRIBUTES[name].lower()} {numbers.said(f'ratings.mean.{name}', 1)}" for name in names)
    chart = layers.properties(title=_titled(mark)) if mark else layers
    return Chart(
        "ratings",
        theme.fitted(chart, theme.HALF_MM, 50),
        f"Note moyenne des images générées par critère : {said}.{mark}",
        f"Évaluation humaine des images générées : moyennes et intervalles à 95 %.{mark}",
        SOURCE,
    )


def _plan(study: Study) -> Chart:
    x, y = _axes("value")
    pictures = sum(len(study.images(name)) for name in study.datasets)
    frame = pd.DataFrame({"attribute": list(ATTRIBUTES.values()), "value": 3})
    words = pd.DataFrame({"text": [f"Aucune note saisie : {pictures} images à noter"]})
    layers = alt.layer(
        alt.Chart(frame).mark_point(opacity=0).encode(x=x, y=y),
        alt.Chart(words)
        .mark_text(color="#666666", fontStyle="italic")
        .encode(text="text:N", x=alt.datum(3), y=alt.value((theme.pixels(50) - 40) / 2)),
    )
    return Chart(
        "ratings",
        theme.fitted(layers, theme.HALF_MM, 50),
        f"Plan de l'évaluation humaine : quatre critères notés de 1 à 5 ; aucune note n'a été saisie, {pictures} "
        "images restent à noter.",
        "Plan de l'évaluation humaine : critères et échelle ; aucune note n'a encore été saisie.",
        SOURCE,
    )


def groups(study: Study, numbers: Numbers) -> Chart | None:
    """Mean ratings by dataset and by what prompts try, gold beside generated, one panel an attribute."""
    frame = numbers.table("ratings_groups")
    if frame.empty:
        return None
    frame = frame.assign(
        group=[_group(dataset, prompt) for dataset, prompt in zip(frame["dataset"], frame["prompt"], strict=True)]
    )
    said = "un panneau par critère, une ligne par jeu de données ou par sorte de demande"
    mark = _mark(numbers)
    overall = " ; ".join(f"{name}, {_extremes(frame, name)}" for name in KINDS if name in set(frame["kind"]))
    return Chart(
        "ratings_groups",
        _panels(frame, Axes("group", "mean", "Note (1 à 5)", (1, 5)), _titled(mark)),
        f"Notes moyennes, {said}. Les plus basses et les plus hautes : {overall}.{mark}",
        f"Notes moyennes et intervalles à 95 %, par jeu de données et par sorte de demande.{mark}",
        SOURCE,
    )


def correlations(study: Study, numbers: Numbers) -> Chart | None:
    """Kendall's correlation of each automatic measure with people's ratings, one panel an attribute."""
    frame = numbers.table("ratings_correlations").rename(columns={"tau_low": "low", "tau_high": "high"})
    if frame.empty:
        return None
    mark = _mark(numbers)
    told = zip(frame["attribute"], frame["measure"], frame["tau"], strict=True)
    said = " ; ".join(f"{attribute}, {measure} {number(tau, 2)}" for attribute, measure, tau in told)
    return Chart(
        "ratings_correlations",
        _panels(frame.assign(kind="Générées"), Axes("measure", "tau", "Tau de Kendall", (-1, 1)), _titled(mark)),
        f"Corrélation de rang (Kendall) entre mesures automatiques et notes humaines : {said}.{mark}",
        f"Mesures automatiques et notes humaines : tau de Kendall et intervalles à 95 %.{mark}",
        SOURCE,
    )


def _mark(numbers: Numbers) -> str:
    return " Notes SIMULÉES." if numbers.row("ratings.simulated")["value"] > 0 else ""


def _titled(mark: str) -> str:
    return "Notes simulées" if mark else ""


def _group(dataset: str, prompt: str) -> str:
    return capitalised(dataset) if prompt == "toutes" else f"{capitalised(dataset)} : {prompt}"


def _extremes(frame: pd.DataFrame, kind: str) -> str:
    rows = frame[frame["kind"] == kind].sort_values("mean")
    ends = [rows.iloc[0], rows.iloc[-1]] if len(rows) > 1 else [rows.iloc[0]]
    return " et ".join(f"{number(row['mean'], 1)} ({row['group']}, {row['attribute']})" for row in ends)


@dataclass(frozen=True)
class Axes:
    """What panels show: the column that names their rows, the one that holds the values, and the values' axis."""

    row: str
    value: str
    title: str
    domain: tuple[int, int]

    def x(self, field: str) -> alt.X:
        ticks = alt.Axis(values=list(range(self.domain[0], self.domain[1] + 1)), format="d")
        return alt.X(f"{field}:Q", title=self.title, scale=alt.Scale(domain=self.domain, nice=False), axis=ticks)

    def tooltip(self) -> list[alt.Tooltip]:
        names = [alt.Tooltip(f"{self.row}:N", title="Ligne"), alt.Tooltip("kind:N", title="Images")]
        numbers = {self.value: "Valeur", "low": "Borne basse", "high": "Borne haute"}
        values = [alt.Tooltip(f"{name}:Q", title=title, format=".2f") for name, title in numbers.items()]
        return [*names, alt.Tooltip("n:Q", title="Effectif"), *values]


def _panels(frame: pd.DataFrame, axes: Axes, heading: str) -> Any:
    """One panel an attribute, side by side, their rows named once."""
    rows = list(dict.fromkeys(frame[axes.row]))
    attributes = list(dict.fromkeys(frame["attribute"]))
    labels = min(230, 8 + 6 * max(map(len, rows)))
    width = (theme.pixels(theme.FULL_MM) - labels - 14 * len(attributes)) // len(attributes)
    panels = [
        _panel(frame[frame["attribute"] == name], axes, rows, first=place == 0).properties(
            width=width,
            height=alt.Step(14),
            title=alt.TitleParams(ATTRIBUTES.get(name, ATTRIBUTES["ensemble"]), anchor="middle", frame="group"),
        )
        for place, name in enumerate(attributes)
    ]
    chart = alt.hconcat(*panels, spacing=14).resolve_scale(color="shared", shape="shared")
    return chart.properties(title=heading) if heading else chart


def _panel(frame: pd.DataFrame, axes: Axes, rows: list[str], *, first: bool) -> Any:
    kinds = [name for name in KINDS if name in set(frame["kind"])]
    legend = alt.Legend() if len(kinds) > 1 else None
    colours = alt.Scale(domain=kinds, range=[KINDS[name] for name in kinds])
    labels = alt.Axis(title=None, domain=False, ticks=False, labels=first, labelLimit=230)
    base = alt.Chart(frame).encode(
        y=alt.Y(f"{axes.row}:N", axis=labels, sort=rows, scale=alt.Scale(domain=rows, paddingInner=0.3)),
        yOffset=alt.YOffset("kind:N", sort=kinds),
        color=alt.Color("kind:N", scale=colours, legend=legend),
    )
    shape = alt.Shape("kind:N", scale=theme.symbols(kinds), legend=legend)
    spans = base.transform_filter("datum.low !== null").mark_rule(strokeWidth=2)
    points = base.mark_point(filled=True, size=40, opacity=1)
    return alt.layer(
        spans.encode(x=axes.x("low"), x2="high:Q"),
        points.encode(x=axes.x(axes.value), shape=shape, tooltip=axes.tooltip()),
    )
