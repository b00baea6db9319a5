"""Whether the landscape model's samples are better: each prompt by both models, and gains by kind of landscape."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.choice import at_random
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import Language
from rapporteur.study.tables import Study
from rapporteur.vocabulary.losses import LEARNT

SAMPLES = "judgement/samples.parquet"
MOST = 16  # prompts that the chart shows
LINE_MM = 5.0
KINDS = "judgement_kinds"
KIND_STEP, LABELS, GAP = 20, 96, 18  # pixels: a kind's line, the names of kinds, between panels
COLOURS = {"start_model": theme.ORANGE, "landscape_model": theme.BLUE}


def samples_clip(study: Study, numbers: Numbers) -> Chart | None:
    """Mean CLIPScore of each prompt's samples by the start model and by the landscape model, the best gain first."""
    samples = study.table(SAMPLES)
    if samples.empty:
        return None
    words = numbers.words
    texts = samples.drop_duplicates("caption_id").set_index("caption_id")["text"]
    means = samples.groupby(["caption_id", "source"])["clipscore"].mean().round(4).unstack().reindex(columns=LEARNT)
    means = means.dropna().loc[lambda table: at_random(table.index, MOST)]
    order = [str(texts[one]) for one in (means[LEARNT[1]] - means[LEARNT[0]]).sort_values(ascending=False).index]
    names = {source: words.say(f"sheet.{source}") for source in LEARNT}
    rows = means.reset_index().melt("caption_id", var_name="source", value_name="score")
    rows = rows.assign(text=rows["caption_id"].map(texts), kind=rows["source"].map(names))
    return Chart(
        "samples_clip",
        theme.fitted(_layers(rows, order, numbers), theme.FULL_MM, 16 + LINE_MM * len(means)),
        words.say(
            "samples_clip.alt",
            start=numbers.said("judgement.clip_start_model", 3),
            landscape=numbers.said("judgement.clip_landscape_model", 3),
            gain=numbers.said("judgement.clip_gain", 3),
        ),
        words.say("samples_clip.caption"),
        study.source(SAMPLES),
    )


def _layers(rows: pd.DataFrame, order: list[str], numbers: Numbers) -> alt.LayerChart:
    words = numbers.words
    names = [words.say(f"sheet.{source}") for source in LEARNT]
    y = alt.Y("text:N", sort=order, title=None, axis=alt.Axis(grid=False, ticks=False, domain=False, labelPadding=6))
    x = alt.X("score:Q", title=words.say("axis.mean_score"), scale=alt.Scale(zero=False))
    scale = alt.Scale(domain=names, range=[COLOURS[source] for source in LEARNT])
    tooltip = [
        alt.Tooltip("text:N", title=words.say("sheet.prompt_head")),
        alt.Tooltip("kind:N", title=words.say("axis.image")),
        alt.Tooltip("score:Q", title=words.say("axis.mean_score"), format=".3f"),
    ]
    base = alt.Chart(rows)
    between = base.mark_rule(color=theme.GREY).encode(y=y, x="min(score):Q", x2="max(score):Q")
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        y=y, x=x, color=alt.Color("kind:N", scale=scale), shape=alt.Shape("kind:N", scale=theme.symbols(names)),
        tooltip=tooltip,
    )  # fmt: skip
    return alt.layer(between, points)


def landscape_kinds(study: Study, numbers: Numbers) -> Chart | None:
    """What the training gained on each kind of landscape: a panel a measure, each with its own scale."""
    table = numbers.table(KINDS)
    if table.empty:
        return None
    words = numbers.words
    rows = table.assign(landscape=[words.word("landscape", kind) for kind in table["kind"]])
    order = sorted(rows["landscape"].unique())
    measures = [name for name in words.vocabularies["gained"] if (rows["measure"] == name).any()]
    width = (theme.pixels(theme.FULL_MM) - LABELS - GAP * (len(measures) - 1)) // len(measures)
    panels = [
        _gains(rows[rows["measure"] == name], order, words, first=name == measures[0]).properties(
            width=width, height=alt.Step(KIND_STEP), title=words.word("gained", name)
        )
        for name in measures
    ]
    said = [
        words.say(
            "landscape_kinds.said", kind=row["landscape"], measure=words.word("gained", row["measure"]),
            gain=words.numerals.signed(row["gain"], 3),
        )
        for row in rows[rows["measure"] == measures[0]].to_dict("records")
    ]  # fmt: skip
    return Chart(
        "landscape_kinds",
        alt.hconcat(*panels, spacing=GAP),
        words.say("landscape_kinds.alt", said=words.numerals.series(said)),
        words.say("landscape_kinds.caption"),
        f"artifacts/findings/tables/{KINDS}.parquet",
    )


def _gains(rows: pd.DataFrame, order: list[str], words: Language, first: bool) -> alt.LayerChart:
    y = alt.Y(
        "landscape:N", sort=order, title=None, scale=alt.Scale(domain=order), axis=alt.Axis(labels=first, ticks=first)
    )
    x = alt.X("gain:Q", title=words.say("axis.gain"), axis=alt.Axis(tickCount=4))
    tooltip = [
        alt.Tooltip("landscape:N", title=words.heading(KINDS, "kind", {})),
        alt.Tooltip("n:Q", title=words.heading(KINDS, "n", {})),
        *[
            alt.Tooltip(f"{name}:Q", title=words.heading(KINDS, name, {}), format=".3f")
            for name in ("gain", "low", "high")
        ],
    ]
    base = alt.Chart(rows).encode(y=y)
    nothing = alt.Chart(pd.DataFrame({"gain": [0.0]})).mark_rule(strokeDash=[4, 3], color=theme.GREY).encode(x="gain:Q")
    spans = base.transform_filter("datum.low !== null").mark_rule(strokeWidth=2, color=theme.BLUE)
    points = base.mark_point(filled=True, size=50, opacity=1, color=theme.BLUE).encode(x=x, tooltip=tooltip)
    return alt.layer(nothing, spans.encode(x=alt.X("low:Q", title=words.say("axis.gain")), x2="high:Q"), points)


CHARTS = (samples_clip, landscape_kinds)
