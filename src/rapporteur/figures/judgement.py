"""Whether the landscape model's samples are better: each prompt by both models, and gains by kind of landscape."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.choice import at_random
from rapporteur.figures.figure import Chart
from rapporteur.figures.gaps import GAP, gap_panel, panel_width
from rapporteur.figures.numbers import Numbers
from rapporteur.study.tables import Study
from rapporteur.vocabulary.losses import LEARNT

SAMPLES = "judgement/samples.parquet"
MOST = 16  # prompts that the chart shows
LINE_MM = 5.0
KINDS = "judgement_kinds"
LABELS = 96  # pixels: the names of kinds
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
    if study.table(SAMPLES).empty:  # of a study without a landscape model
        return None
    table = numbers.table(KINDS)
    if table.empty:
        return None
    words = numbers.words
    rows = table.assign(name=[words.word("landscape", kind) for kind in table["kind"]], value=table["gain"])
    order = sorted(rows["name"].unique())
    measures = [name for name in words.vocabularies["gained"] if (rows["measure"] == name).any()]
    panels = [
        gap_panel(
            rows[rows["measure"] == name], order, words.say("axis.gain"), words, first=name == measures[0]
        ).properties(width=panel_width(LABELS, len(measures)), title=words.word("gained", name))
        for name in measures
    ]
    said = [
        words.say(
            "landscape_kinds.said", kind=row["name"], measure=words.word("gained", row["measure"]),
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


CHARTS = (samples_clip, landscape_kinds)
