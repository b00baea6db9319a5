"""People's ratings by attribute, or the plan of what is to be rated where nobody has."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rapporteur.evidence import Study
from rapporteur.figures import theme
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers

ATTRIBUTES = {"forme": "Forme", "texture": "Texture", "couleur": "Couleur", "ensemble": "Ensemble"}
SOURCE = "artifacts/findings/findings.json"


def means(study: Study, numbers: Numbers) -> Chart:
    """Mean rating of each attribute with its interval; axes alone, and words that say so, without ratings."""
    names = [name for name in ATTRIBUTES if numbers.has(f"ratings.mean.{name}")]
    return _rated(numbers, names) if names else _plan(study)


def _axes() -> tuple[alt.X, alt.Y]:
    scale = alt.Scale(domain=[1, 5], nice=False)
    x = alt.X("value:Q", title="Note (1 à 5)", scale=scale, axis=alt.Axis(values=[1, 2, 3, 4, 5], format="d"))
    return x, alt.Y(
        "attribute:N", title=None, sort=list(ATTRIBUTES.values()), scale=alt.Scale(domain=list(ATTRIBUTES.values()))
    )


def _rated(numbers: Numbers, names: list[str]) -> Chart:
    x, y = _axes()
    rows = pd.DataFrame([numbers.row(f"ratings.mean.{name}") | {"attribute": ATTRIBUTES[name]} for name in names])
    base = alt.Chart(rows).encode(y=y)
    spans = base.transform_filter("datum.low !== null").mark_rule(strokeWidth=2, color=theme.BLUE)
    layers = alt.layer(
        spans.encode(x=alt.X("low:Q", title="Note (1 à 5)"), x2="high:Q"),
        base.mark_point(filled=True, size=50, opacity=1, color=theme.BLUE).encode(
            x=x, tooltip=["attribute:N", alt.Tooltip("value:Q", title="Moyenne", format=".2f")]
        ),
    )
    simulated = numbers.row("ratings.simulated")["value"] > 0
    mark = " Notes SIMULÉES." if simulated else ""
    said = " ; ".join(f"{ATTRIBUTES[name].lower()} {numbers.said(f'ratings.mean.{name}', 1)}" for name in names)
    chart = layers.properties(title="Notes simulées") if simulated else layers
    return Chart(
        "ratings",
        theme.fitted(chart, theme.HALF_MM, 50),
        f"Note moyenne des images générées par critère : {said}.{mark}",
        f"Évaluation humaine des images générées : moyennes et intervalles à 95 %.{mark}",
        SOURCE,
    )


def _plan(study: Study) -> Chart:
    x, y = _axes()
    pictures = sum(len(study.images(name)) for name in study.datasets)
    frame = pd.DataFrame({"attribute": list(ATTRIBUTES.values()), "value": 3})
    words = pd.DataFrame({"text": [f"Aucune note saisie : {pictures} images à noter"]})
    layers = alt.layer(
        alt.Chart(frame).mark_point(opacity=0).encode(x=x, y=y),
        alt.Chart(words).mark_text(color="#666666", fontStyle="italic").encode(
            text="text:N", x=alt.datum(3), y=alt.value((theme.pixels(50) - 40) / 2)
        ),
    )  # fmt: skip
    return Chart(
        "ratings",
        theme.fitted(layers, theme.HALF_MM, 50),
        f"Plan de l'évaluation humaine : quatre critères notés de 1 à 5 ; aucune note n'a été saisie, {pictures} "
        "images restent à noter.",
        "Plan de l'évaluation humaine : critères et échelle ; aucune note n'a encore été saisie.",
        SOURCE,
    )
