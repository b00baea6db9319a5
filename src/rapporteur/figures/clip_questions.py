"""Charts of what CLIP is asked: other wordings, retrieval, the size of a study, failing captions, the ceiling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.report.french import number, percent
from rapporteur.statistics.planning import half_width
from rapporteur.study.tables import Study

SEEN = {"référence": "Référence", "générée": "Générée"}
WORDINGS = {
    "autre légende juste": "autre légende juste",
    "légende fausse, toutes sortes": "légende fausse",
    "légende fausse : couleur": "– couleur fausse",
    "légende fausse : objet": "– objet faux",
    "légende fausse : nombre": "– nombre faux",
    "légende fausse : lieu": "– lieu faux",
    "légende fausse : autre chose": "– autre chose",
}
TABLES = "artifacts/findings/tables"
GREY_RULE = "#666666"
MOST_CAPTIONS = 3_000  # at the right end of the plan
ENDLESS = "sans fin"
LENGTH = "longueur, en mots"


def foils(study: Study, numbers: Numbers) -> Chart | None:
    """Preference for the picture's own caption by kind of other wording, gold beside generated."""
    table = numbers.table("clip_foils")
    if table.empty:
        return None
    keys = [key for key in study.datasets if (table["key"] == key).any()]
    width = (theme.pixels(theme.FULL_MM) - 125 - 30 * (len(keys) - 1)) // len(keys)
    panels = [
        _preferences(table[table["key"] == key], width, first=key == keys[0]).properties(title=_heading(study, key))
        for key in keys
    ]
    said = " ; ".join(
        f"{row['dataset']}, {row['pictures']}, {row['variant']} : {percent(row['preference'], 0)}"
        for row in table.to_dict("records")
    )
    return Chart(
        "clip_foils",
        alt.hconcat(*panels, spacing=14).resolve_scale(color="shared", shape="shared", y="shared"),
        f"Part des images que CLIP accorde mieux à leur légende qu'à une autre, avec intervalle, par sorte d'autre "
        f"légende. {said}.",
        "Préférence de CLIP pour la légende d'origine, dans la même image, avec intervalle à 95 % ; tirets : hasard.",
        f"{TABLES}/clip_foils.parquet",
    )


def _heading(study: Study, key: str) -> str:
    """The dataset's name with a capital, its own capitals kept."""
    label = study.label(key)
    return label[:1].upper() + label[1:]


def _preferences(rows: pd.DataFrame, width: int, first: bool) -> Any:
    shown = rows.assign(kind=rows["pictures"].map(SEEN), wording=rows["variant"].map(WORDINGS))
    y = alt.Y("wording:N", title=None, sort=list(WORDINGS.values()), axis=alt.Axis(labels=first, ticks=first))
    base = alt.Chart(shown).encode(y=y, yOffset=alt.YOffset("kind:N", sort=list(SEEN.values())), color=_seen())
    x = alt.X("preference:Q", title="Préférence pour l'origine", scale=alt.Scale(domain=[0, 1]),
              axis=alt.Axis(format="~%", tickCount=5))  # fmt: skip
    tooltip = [
        alt.Tooltip("wording:N", title="Face à"),
        alt.Tooltip("kind:N", title="Image"),
        alt.Tooltip("preference:Q", title="Préférence", format=".1%"),
        alt.Tooltip("n:Q", title="Comparaisons"),
    ]
    chance = alt.Chart(pd.DataFrame({"preference": [0.5]})).mark_rule(strokeDash=[4, 3], color=GREY_RULE)
    layers = [
        chance.encode(x="preference:Q"),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title="Préférence pour l'origine"), x2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(x=x, shape=_shapes(), tooltip=tooltip),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=width, height=_step())


def _step() -> alt.Step:
    """The height of one category, whatever is beside it within."""
    return alt.Step(26, **{"for": "position"})


def _seen() -> alt.Color:
    return alt.Color("kind:N", scale=theme.kinds(*SEEN.values()))


def _shapes() -> alt.Shape:
    return alt.Shape("kind:N", scale=theme.symbols(list(SEEN.values())))


def retrieval(study: Study, numbers: Numbers) -> Chart | None:
    """R@1, R@5 and R@10 by direction, gold beside generated, with the chance level."""
    table = numbers.table("clip_retrieval")
    if table.empty:
        return None
    groups = [
        (key, way) for key in study.datasets for way in table.loc[table["key"] == key, "direction"].drop_duplicates()
    ]
    width = (theme.pixels(theme.FULL_MM) - 2 * 50 - 34) // 2
    panels = [
        _recalls(table[(table["key"] == key) & (table["direction"] == way)], width).properties(
            title=f"{_heading(study, key)}, {way}"
        )
        for key, way in groups
    ]
    said = " ; ".join(
        f"{row['dataset']}, {row['direction']}, {row['pictures']} : {percent(row['recall'], 0)} (hasard "
        f"{percent(row['chance'], 0)})"
        for row in table[table["k"] == 1].to_dict("records")
    )
    return Chart(
        "clip_retrieval",
        alt.concat(*panels, columns=2, spacing=20).resolve_scale(color="shared", shape="shared"),
        f"Part des requêtes dont la bonne réponse est parmi les k premières, avec intervalle. R@1 : {said}.",
        "Recherche par CLIP dans toute l'étude : part des requêtes dont la bonne réponse est parmi les k premières, "
        "avec intervalle à 95 % ; traits gris : ordre au hasard.",
        f"{TABLES}/clip_retrieval.parquet",
    )


def _recalls(rows: pd.DataFrame, width: int) -> Any:
    shown = rows.assign(kind=rows["pictures"].map(SEEN), at="R@" + rows["k"].astype(str))
    order = [f"R@{k}" for k in sorted(rows["k"].unique())]
    base = alt.Chart(shown).encode(
        x=alt.X("at:N", title=None, sort=order, axis=alt.Axis(labelAngle=0), scale=alt.Scale(paddingInner=0.4)),
        xOffset=alt.XOffset("kind:N", sort=list(SEEN.values())),
    )
    y = alt.Y("recall:Q", title="Part des requêtes", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="~%"))
    tooltip = [alt.Tooltip("kind:N", title="Image"), alt.Tooltip("recall:Q", title="Part", format=".1%"),
               alt.Tooltip("chance:Q", title="Hasard", format=".1%"), alt.Tooltip("n:Q", title="Requêtes")]  # fmt: skip
    return alt.layer(
        base.mark_tick(color=GREY_RULE, thickness=2, size=26).encode(y="chance:Q"),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title="Part des requêtes"), y2="high:Q", color=_seen()),
        base.mark_point(filled=True, size=45, opacity=1).encode(y=y, color=_seen(), shape=_shapes(), tooltip=tooltip),
    ).properties(width=width, height=theme.pixels(34))


def planning(study: Study, numbers: Numbers) -> Chart | None:
    """Half-width of the interval of a mean score against the number of captions, for some numbers of draws."""
    keys = [key for key in study.datasets if numbers.has(f"clip.sd_caption.{key}")]
    if not keys:
        return None
    width = (theme.pixels(theme.FULL_MM) - 2 * 55 - 34) // 2
    panels, said = [], []
    for key in keys:
        curves, own = _plan(study, numbers, key)
        panels.append(_plan_chart(curves, own, width).properties(title=_heading(study, key)))
        size = f"{own['captions']} légendes de {own['draws']} tirages"
        said.append(f"{study.label(key)} : ± {number(own['width'], 3)} avec {size}")
    return Chart(
        "clip_planning",
        alt.concat(*panels, columns=2, spacing=20).resolve_scale(color="independent", strokeDash="independent"),
        "Demi-largeur de l'intervalle du score moyen selon le nombre de légendes, pour un tirage, ceux de l'étude et "
        f"des tirages sans fin. L'étude : {' ; '.join(said)}.",
        "Demi-largeur attendue de l'intervalle à 95 % du score CLIP moyen selon le nombre de légendes et de tirages "
        "par légende ; croix : l'étude. Échelles logarithmiques.",
        f"{TABLES}/clip_planning.parquet",
    )


def _plan(study: Study, numbers: Numbers, key: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The curves and the study's own place."""
    caption, draw = (numbers.row(f"clip.sd_{name}.{key}")["value"] ** 2 for name in ("caption", "draw"))
    sizes = study.scores(key, "generated").groupby("caption_id").size()
    captions, draws = len(sizes), int(sizes.min())
    grid = np.unique(np.geomspace(5, max(MOST_CAPTIONS, captions), 60).astype(int))
    shown = {1: "1", draws: str(draws), np.inf: ENDLESS}
    rows = [
        {"captions": int(count), "draws": label, "width": half_width(int(count), caption + draw / k)}
        for k, label in shown.items()
        for count in grid
    ]
    own = {"captions": captions, "draws": draws, "width": half_width(captions, caption + draw / draws)}
    return pd.DataFrame(rows), own


def _plan_chart(curves: pd.DataFrame, own: dict[str, Any], width: int) -> Any:
    names = list(curves["draws"].drop_duplicates())
    dashes = alt.Scale(domain=names, range=[list(dash) for dash in theme.DASHES[: len(names)]])
    legend = alt.Legend(title="Tirages :", symbolSize=400, titleOrient="left", titleFontWeight="normal")
    base = alt.Chart(curves).encode(
        x=alt.X("captions:Q", title="Légendes", scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(values=[5, 10, 30, 100, 300, 1000, 3000], format="~r")),
        color=alt.Color("draws:N", scale=theme.series(names), legend=legend),
        strokeDash=alt.StrokeDash("draws:N", scale=dashes, legend=legend),
        tooltip=[alt.Tooltip("captions:Q", title="Légendes"), alt.Tooltip("draws:N", title="Tirages"),
                 alt.Tooltip("width:Q", title="Demi-largeur", format=".3f")],
    )  # fmt: skip
    values = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]
    y = alt.Y("width:Q", title="Demi-largeur", scale=alt.Scale(type="log", nice=False),
              axis=alt.Axis(values=values, format="~r"))  # fmt: skip
    cross = alt.Chart(pd.DataFrame([own])).mark_point(shape="cross", size=70, filled=True, color=theme.BLACK, opacity=1)
    curve = base.mark_line(strokeWidth=1.8).encode(y=y)
    return alt.layer(curve, cross.encode(x="captions:Q", y=y)).properties(width=width, height=theme.pixels(40))


def failures(study: Study, numbers: Numbers) -> Chart | None:
    """Effect of what a caption names, and of its length, on its score."""
    table = numbers.table("clip_failures")
    table = table[table["effect"].notna()].replace({"feature": {"(longueur, en mots)": LENGTH}})
    if table.empty:
        return None
    names = [study.label(key) for key in study.datasets if (table["key"] == key).any()]
    title = "Taille d'effet (à droite : mieux notées)"
    base = alt.Chart(table).encode(
        y=alt.Y(
            "feature:N", title=None, sort=sorted(table["feature"].unique(), key=lambda name: (name == LENGTH, name))
        ),
        yOffset=alt.YOffset("dataset:N", sort=names),
        color=alt.Color("dataset:N", scale=theme.series(names)),
    )
    x = alt.X("effect:Q", title=title, scale=alt.Scale(domain=[-1, 1]), axis=alt.Axis(tickCount=5))
    tooltip = [
        alt.Tooltip("feature:N", title="Légendes qui nomment"),
        alt.Tooltip("effect:Q", title="Effet", format=".2f"),
        alt.Tooltip("with:Q", title="Avec"),
        alt.Tooltip("without:Q", title="Sans"),
        alt.Tooltip("p_holm:Q", title="p (Holm)", format=".3f"),
    ]
    shape = alt.Shape("dataset:N", scale=theme.symbols(names))
    layers = [
        alt.Chart(pd.DataFrame({"effect": [0]})).mark_rule(strokeDash=[4, 3], color=GREY_RULE).encode(x="effect:Q"),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(x=x, shape=shape, tooltip=tooltip),
    ]  # fmt: skip
    said = " ; ".join(
        f"{row['dataset']}, {row['feature']} : {number(row['effect'], 2)}" for row in table.to_dict("records")
    )
    return Chart(
        "clip_failures",
        alt.layer(*layers).properties(width=theme.pixels(theme.FULL_MM) - 190, height=_step()),
        f"Taille d'effet de ce que nomme la légende sur le score CLIP des images tirées, avec intervalle. {said}.",
        "Score CLIP des légendes qui nomment une chose, face aux autres : delta de Cliff, et rho de Spearman pour la "
        "longueur, avec intervalle à 95 %.",
        f"{TABLES}/clip_failures.parquet",
    )


def _length_last(features: Iterable[str]) -> list[str]:
    return sorted(features, key=lambda name: (name == LENGTH, name))


def lengths(study: Study, numbers: Numbers) -> Chart | None:
    """Mean score of each caption's drawn pictures against its length in words."""
    rows = pd.concat([_lengths(study, key) for key in study.datasets], ignore_index=True)
    if rows.empty or rows["words"].nunique() < 2:
        return None
    names = [study.label(key) for key in study.datasets if (rows["dataset"] == study.label(key)).any()]
    points = alt.Chart(rows).mark_point(filled=True, size=26, opacity=0.7).encode(
        x=alt.X("words:Q", title="Mots de la légende", scale=alt.Scale(zero=False), axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("score:Q", title="CLIPScore, images générées", scale=alt.Scale(zero=False)),
        color=alt.Color("dataset:N", scale=theme.series(names)),
        shape=alt.Shape("dataset:N", scale=theme.symbols(names)),
        tooltip=[alt.Tooltip("text:N", title="Légende"), alt.Tooltip("words:Q", title="Mots"),
                 alt.Tooltip("score:Q", title="CLIPScore", format=".3f")],
    )  # fmt: skip
    said = " ; ".join(f"{study.label(key)} : {numbers.said(f'clip.score_by_length.{key}')}" for key in study.datasets)
    return Chart(
        "clip_lengths",
        theme.fitted(points, theme.HALF_MM, 60),
        f"Score CLIP moyen des images tirées selon la longueur de la légende, un point par légende. "
        f"Corrélation de Spearman : {said}.",
        "Score CLIP des images générées (moyenne par légende) selon la longueur de la légende.",
        "artifacts/clip",
    )


def _lengths(study: Study, key: str) -> pd.DataFrame:
    drawn = study.scores(key, "generated").groupby("caption_id")
    frame = drawn.agg(score=("clipscore", "mean"), text=("text", "first")).round(4)
    return frame.assign(dataset=study.label(key), words=frame["text"].map(lambda text: len(text.split())))


def ceiling(study: Study, numbers: Numbers) -> Chart | None:
    """Mean scores of gold pictures, of gold pictures through the VQGAN, and of generated ones."""
    kinds = {"gold": "Référence", "reconstructed": "Référence passée par le VQGAN", "generated": "Générée"}
    keys = [key for key in study.datasets if numbers.has(f"clip.reconstructed.{key}")]
    if not keys:
        return None
    rows = pd.DataFrame(
        [
            numbers.row(f"clip.{name}.{key}") | {"kind": kind, "dataset": study.label(key)}
            for key in keys
            for name, kind in kinds.items()
        ]
    )
    names = [study.label(key) for key in keys]
    base = alt.Chart(rows).encode(
        y=alt.Y("kind:N", title=None, sort=list(kinds.values())),
        yOffset=alt.YOffset("dataset:N", sort=names),
        color=alt.Color("dataset:N", scale=theme.series(names)),
    )
    x = alt.X("value:Q", title="CLIPScore moyen", scale=alt.Scale(zero=False))
    tooltip = [alt.Tooltip("kind:N", title="Images"), alt.Tooltip("value:Q", title="Moyenne", format=".3f")]
    spans = base.transform_filter("datum.low !== null")
    layers = [
        spans.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title="CLIPScore moyen"), x2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            x=x, shape=alt.Shape("dataset:N", scale=theme.symbols(names)), tooltip=tooltip
        ),
    ]
    said = " ; ".join(f"{row['dataset']}, {row['kind']} : {number(row['value'], 3)}" for row in rows.to_dict("records"))
    return Chart(
        "clip_ceiling",
        alt.layer(*layers).properties(width=theme.pixels(theme.FULL_MM) - 215, height=_step()),
        f"Score CLIP moyen, avec intervalle : références, mêmes images passées par le VQGAN, images tirées. {said}.",
        "Ce que le VQGAN laisse passer : score CLIP moyen avec intervalle à 95 %.",
        "artifacts/findings/findings.json",
    )
