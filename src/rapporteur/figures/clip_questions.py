"""Charts of what CLIP is asked: other wordings, retrieval, the size of a study, failing captions, the ceiling."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import Language
from rapporteur.statistics.planning import half_width
from rapporteur.study.tables import Study

SEEN = ("gold", "generated")
TABLES = "artifacts/findings/tables"
GREY_RULE = "#666666"
MOST_CAPTIONS = 3_000  # at the right end of the plan
LENGTH = "length"  # the feature that stands last


def foils(study: Study, numbers: Numbers) -> Chart | None:
    """Preference for the picture's own caption by kind of other wording, gold beside generated."""
    table = numbers.table("clip_foils")
    if table.empty:
        return None
    words, keys = numbers.words, [key for key in study.datasets if (table["key"] == key).any()]
    width = (theme.pixels(theme.FULL_MM) - 125 - 30 * (len(keys) - 1)) // len(keys)
    panels = [
        _preferences(table[table["key"] == key], width, words, first=key == keys[0]).properties(
            title=words.numerals.capitalised(study.label(key))
        )
        for key in keys
    ]
    said = [
        words.say(
            "in_two_groups",
            dataset=row["dataset"],
            group=words.word("pictures", row["pictures"]),
            other=words.word("variant", row["variant"]),
            said=words.numerals.percent(row["preference"], 0),
        )
        for row in table.to_dict("records")
    ]
    return Chart(
        "clip_foils",
        alt.hconcat(*panels, spacing=14).resolve_scale(color="shared", shape="shared", y="shared"),
        words.say("clip_foils.alt", said=words.numerals.series(said)),
        words.say("clip_foils.caption"),
        f"{TABLES}/clip_foils.parquet",
    )


def _legend(words: Language) -> dict[str, str]:
    """What the legend calls gold and generated pictures."""
    return {kind: words.word("legend", kind) for kind in SEEN}


def _preferences(rows: pd.DataFrame, width: int, words: Language, first: bool) -> Any:
    wordings = [words.word("wording", variant) for variant in words.vocabularies["wording"]]
    shown = rows.assign(
        kind=rows["pictures"].map(_legend(words)), wording=[words.word("wording", name) for name in rows["variant"]]
    )
    y = alt.Y("wording:N", title=None, sort=wordings, axis=alt.Axis(labels=first, ticks=first))
    kinds = alt.YOffset("kind:N", sort=list(_legend(words).values()))
    base, title = alt.Chart(shown).encode(y=y, yOffset=kinds, color=_seen(words)), words.say("axis.preference_for_own")
    x = alt.X("preference:Q", title=title, scale=alt.Scale(domain=[0, 1]),
              axis=alt.Axis(format="~%", tickCount=5))  # fmt: skip
    tooltip = [
        alt.Tooltip("wording:N", title=words.say("axis.against")),
        alt.Tooltip("kind:N", title=words.say("axis.image")),
        alt.Tooltip("preference:Q", title=words.say("axis.preference"), format=".1%"),
        alt.Tooltip("n:Q", title=words.say("axis.comparisons")),
    ]
    chance = alt.Chart(pd.DataFrame({"preference": [0.5]})).mark_rule(strokeDash=[4, 3], color=GREY_RULE)
    layers = [
        chance.encode(x="preference:Q"),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(x=x, shape=_shapes(words), tooltip=tooltip),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=width, height=_step())


def _step() -> alt.Step:
    """The height of one category, whatever is beside it within."""
    return alt.Step(26, **{"for": "position"})


def _seen(words: Language) -> alt.Color:
    return alt.Color("kind:N", scale=theme.kinds(_legend(words)))


def _shapes(words: Language) -> alt.Shape:
    return alt.Shape("kind:N", scale=theme.symbols(list(_legend(words).values())))


def retrieval(study: Study, numbers: Numbers) -> Chart | None:
    """R@1, R@5 and R@10 by direction, gold beside generated, with the chance level."""
    table = numbers.table("clip_retrieval")
    if table.empty:
        return None
    words = numbers.words
    groups = [
        (key, way) for key in study.datasets for way in table.loc[table["key"] == key, "direction"].drop_duplicates()
    ]
    width = (theme.pixels(theme.FULL_MM) - 2 * 50 - 34) // 2
    panels = [
        _recalls(table[(table["key"] == key) & (table["direction"] == way)], width, words).properties(
            title=f"{words.numerals.capitalised(study.label(key))}, {words.word('direction', way)}"
        )
        for key, way in groups
    ]
    said = [
        words.say(
            "clip_retrieval.said",
            dataset=row["dataset"],
            direction=words.word("direction", row["direction"]),
            pictures=words.word("pictures", row["pictures"]),
            recall=words.numerals.percent(row["recall"], 0),
            chance=words.numerals.percent(row["chance"], 0),
        )
        for row in table[table["k"] == 1].to_dict("records")
    ]
    return Chart(
        "clip_retrieval",
        alt.concat(*panels, columns=2, spacing=20).resolve_scale(color="shared", shape="shared"),
        words.say("clip_retrieval.alt", said=words.numerals.series(said)),
        words.say("clip_retrieval.caption"),
        f"{TABLES}/clip_retrieval.parquet",
    )


def _recalls(rows: pd.DataFrame, width: int, words: Language) -> Any:
    shown = rows.assign(kind=rows["pictures"].map(_legend(words)), at="R@" + rows["k"].astype(str))
    order = [f"R@{k}" for k in sorted(rows["k"].unique())]
    base = alt.Chart(shown).encode(
        x=alt.X("at:N", title=None, sort=order, axis=alt.Axis(labelAngle=0), scale=alt.Scale(paddingInner=0.4)),
        xOffset=alt.XOffset("kind:N", sort=list(_legend(words).values())),
    )
    title = words.say("axis.share_of_queries")
    y = alt.Y("recall:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="~%"))
    tooltip = [
        alt.Tooltip("kind:N", title=words.say("axis.image")),
        alt.Tooltip("recall:Q", title=words.say("axis.share"), format=".1%"),
        alt.Tooltip("chance:Q", title=words.say("axis.chance"), format=".1%"),
        alt.Tooltip("n:Q", title=words.say("axis.queries")),
    ]
    seen = _seen(words)
    return alt.layer(
        base.mark_tick(color=GREY_RULE, thickness=2, size=26).encode(y="chance:Q"),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=title), y2="high:Q", color=seen),
        base.mark_point(filled=True, size=45, opacity=1).encode(y=y, color=seen, shape=_shapes(words), tooltip=tooltip),
    ).properties(width=width, height=theme.pixels(34))


def planning(study: Study, numbers: Numbers) -> Chart | None:
    """Half-width of the interval of a mean score against the number of captions, for some numbers of draws."""
    keys = [key for key in study.datasets if numbers.has(f"clip.sd_caption.{key}")]
    if not keys:
        return None
    width = (theme.pixels(theme.FULL_MM) - 2 * 55 - 34) // 2
    panels, said, words = [], [], numbers.words
    for key in keys:
        curves, own = _plan(study, numbers, key)
        title = words.numerals.capitalised(study.label(key))
        panels.append(_plan_chart(curves, own, width, words).properties(title=title))
        told = {"captions": own["captions"], "draws": own["draws"], "width": words.numerals.number(own["width"], 3)}
        said.append(words.say("clip_planning.said", dataset=study.label(key), **told))
    return Chart(
        "clip_planning",
        alt.concat(*panels, columns=2, spacing=20).resolve_scale(color="independent", strokeDash="independent"),
        words.say("clip_planning.alt", said=words.numerals.series(said)),
        words.say("clip_planning.caption"),
        f"{TABLES}/clip_planning.parquet",
    )


def _plan(study: Study, numbers: Numbers, key: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The curves and the study's own place."""
    caption, draw = (numbers.row(f"clip.sd_{name}.{key}")["value"] ** 2 for name in ("caption", "draw"))
    sizes = study.scores(key, "generated").groupby("caption_id").size()
    captions, draws = len(sizes), int(sizes.min())
    grid = np.unique(np.geomspace(5, max(MOST_CAPTIONS, captions), 60).astype(int))
    shown = {1: "1", draws: str(draws), np.inf: numbers.words.say("clip_planning.endless")}
    rows = [
        {"captions": int(count), "draws": label, "width": half_width(int(count), caption + draw / k)}
        for k, label in shown.items()
        for count in grid
    ]
    own = {"captions": captions, "draws": draws, "width": half_width(captions, caption + draw / draws)}
    return pd.DataFrame(rows), own


def _plan_chart(curves: pd.DataFrame, own: dict[str, Any], width: int, words: Language) -> Any:
    names = list(curves["draws"].drop_duplicates())
    dashes = alt.Scale(domain=names, range=[list(dash) for dash in theme.DASHES[: len(names)]])
    title = words.say("clip_planning.legend")
    legend = alt.Legend(title=title, symbolSize=400, titleOrient="left", titleFontWeight="normal")
    base = alt.Chart(curves).encode(
        x=alt.X("captions:Q", title=words.say("axis.captions"), scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(values=[5, 10, 30, 100, 300, 1000, 3000], format="~r")),
        color=alt.Color("draws:N", scale=theme.series(names), legend=legend),
        strokeDash=alt.StrokeDash("draws:N", scale=dashes, legend=legend),
        tooltip=[alt.Tooltip("captions:Q", title=words.say("axis.captions")),
                 alt.Tooltip("draws:N", title=words.say("axis.draws")),
                 alt.Tooltip("width:Q", title=words.say("axis.half_width"), format=".3f")],
    )  # fmt: skip
    values = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]
    y = alt.Y("width:Q", title=words.say("axis.half_width"), scale=alt.Scale(type="log", nice=False),
              axis=alt.Axis(values=values, format="~r"))  # fmt: skip
    cross = alt.Chart(pd.DataFrame([own])).mark_point(shape="cross", size=70, filled=True, color=theme.BLACK, opacity=1)
    curve = base.mark_line(strokeWidth=1.8).encode(y=y)
    return alt.layer(curve, cross.encode(x="captions:Q", y=y)).properties(width=width, height=theme.pixels(40))


def failures(study: Study, numbers: Numbers) -> Chart | None:
    """Effect of what a caption names, and of its length, on its score."""
    table = numbers.table("clip_failures")
    table = table[table["effect"].notna()]
    if table.empty:
        return None
    words = numbers.words
    called = {name: words.word("feature", name) for name in table["feature"]}
    called[LENGTH] = words.say("clip_failures.length")
    features = sorted(table["feature"].unique(), key=lambda name: (name == LENGTH, called[name]))
    table = table.assign(feature=table["feature"].map(called))
    names = [study.label(key) for key in study.datasets if (table["key"] == key).any()]
    title = words.say("axis.effect_size")
    base = alt.Chart(table).encode(
        y=alt.Y("feature:N", title=None, sort=[called[name] for name in features]),
        yOffset=alt.YOffset("dataset:N", sort=names),
        color=alt.Color("dataset:N", scale=theme.series(names)),
    )
    x = alt.X("effect:Q", title=title, scale=alt.Scale(domain=[-1, 1]), axis=alt.Axis(tickCount=5))
    tooltip = [
        alt.Tooltip("feature:N", title=words.say("axis.captions_that_name")),
        alt.Tooltip("effect:Q", title=words.say("axis.effect"), format=".2f"),
        alt.Tooltip("with:Q", title=words.say("axis.with")),
        alt.Tooltip("without:Q", title=words.say("axis.without")),
        alt.Tooltip("p_holm:Q", title=words.say("axis.p_holm"), format=".3f"),
    ]
    shape = alt.Shape("dataset:N", scale=theme.symbols(names))
    layers = [
        alt.Chart(pd.DataFrame({"effect": [0]})).mark_rule(strokeDash=[4, 3], color=GREY_RULE).encode(x="effect:Q"),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(x=x, shape=shape, tooltip=tooltip),
    ]  # fmt: skip
    said = [
        words.say(
            "in_group", dataset=row["dataset"], group=row["feature"], said=words.numerals.number(row["effect"], 2)
        )
        for row in table.to_dict("records")
    ]
    return Chart(
        "clip_failures",
        alt.layer(*layers).properties(width=theme.pixels(theme.FULL_MM) - 190, height=_step()),
        words.say("clip_failures.alt", said=words.numerals.series(said)),
        words.say("clip_failures.caption"),
        f"{TABLES}/clip_failures.parquet",
    )


def lengths(study: Study, numbers: Numbers) -> Chart | None:
    """Mean score of each caption's drawn pictures against its length in words."""
    rows = pd.concat([_lengths(study, key) for key in study.datasets], ignore_index=True)
    if rows.empty or rows["words"].nunique() < 2:
        return None
    words = numbers.words
    names = [study.label(key) for key in study.datasets if (rows["dataset"] == study.label(key)).any()]
    title = words.say("axis.words_of_the_caption")
    points = alt.Chart(rows).mark_point(filled=True, size=26, opacity=0.7).encode(
        x=alt.X("words:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("score:Q", title=words.say("axis.generated_score"), scale=alt.Scale(zero=False)),
        color=alt.Color("dataset:N", scale=theme.series(names)),
        shape=alt.Shape("dataset:N", scale=theme.symbols(names)),
        tooltip=[alt.Tooltip("text:N", title=words.say("axis.caption")),
                 alt.Tooltip("words:Q", title=words.say("axis.words")),
                 alt.Tooltip("score:Q", title=words.say("axis.score"), format=".3f")],
    )  # fmt: skip
    said = [
        words.say("in_dataset", dataset=study.label(key), said=numbers.said(f"clip.score_by_length.{key}"))
        for key in study.datasets
    ]
    return Chart(
        "clip_lengths",
        theme.fitted(points, theme.HALF_MM, 60),
        words.say("clip_lengths.alt", said=words.numerals.series(said)),
        words.say("clip_lengths.caption"),
        "artifacts/clip",
    )


def _lengths(study: Study, key: str) -> pd.DataFrame:
    drawn = study.scores(key, "generated").groupby("caption_id")
    frame = drawn.agg(score=("clipscore", "mean"), text=("text", "first")).round(4)
    return frame.assign(dataset=study.label(key), words=frame["text"].map(lambda text: len(text.split())))


def ceiling(study: Study, numbers: Numbers) -> Chart | None:
    """Mean scores of gold pictures, of gold pictures through the VQGAN, and of generated ones."""
    words = numbers.words
    kinds = {kind: words.word("legend", kind) for kind in ("gold", "reconstructed", "generated")}
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
    title = words.say("axis.mean_score")
    x = alt.X("value:Q", title=title, scale=alt.Scale(zero=False))
    tooltip = [
        alt.Tooltip("kind:N", title=words.say("axis.images")),
        alt.Tooltip("value:Q", title=words.say("axis.mean"), format=".3f"),
    ]
    spans = base.transform_filter("datum.low !== null")
    layers = [
        spans.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            x=x, shape=alt.Shape("dataset:N", scale=theme.symbols(names)), tooltip=tooltip
        ),
    ]
    said = [
        words.say("in_group", dataset=row["dataset"], group=row["kind"], said=words.numerals.number(row["value"], 3))
        for row in rows.to_dict("records")
    ]
    return Chart(
        "clip_ceiling",
        alt.layer(*layers).properties(width=theme.pixels(theme.FULL_MM) - 215, height=_step()),
        words.say("clip_ceiling.alt", said=words.numerals.series(said)),
        words.say("clip_ceiling.caption"),
        "artifacts/findings/findings.json",
    )


CHARTS = (foils, retrieval, planning, failures, lengths, ceiling)
