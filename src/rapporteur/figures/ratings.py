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
from rapporteur.report.language import Language
from rapporteur.study.tables import Study
from rapporteur.vocabulary.attributes import RATED

KINDS = {"gold": theme.ORANGE, "generated": theme.BLUE}
SOURCE = "artifacts/findings/findings.json"


def means(study: Study, numbers: Numbers) -> Chart:
    """Mean rating of each attribute with its interval; axes alone, and words that say so, without ratings."""
    names = [name for name in RATED if numbers.has(f"ratings.mean.{name}")]
    return _rated(numbers, names) if names else _plan(study, numbers.words)


def _criteria(words: Language) -> dict[str, str]:
    return {attribute: words.word("criterion", attribute) for attribute in RATED}


def _axes(field: str, words: Language) -> tuple[alt.X, alt.Y]:
    scale, ticks = alt.Scale(domain=[1, 5], nice=False), alt.Axis(values=[1, 2, 3, 4, 5], format="d")
    x = alt.X(f"{field}:Q", title=words.say("axis.rating"), scale=scale, axis=ticks)
    names = list(_criteria(words).values())
    return x, alt.Y("attribute:N", title=None, sort=names, scale=alt.Scale(domain=names))


def _rated(numbers: Numbers, names: list[str]) -> Chart:
    words = numbers.words
    (x, y), criteria = _axes("value", words), _criteria(words)
    rows = pd.DataFrame([numbers.row(f"ratings.mean.{name}") | {"attribute": criteria[name]} for name in names])
    base = alt.Chart(rows).encode(y=y)
    spans = base.transform_filter("datum.low !== null").mark_rule(strokeWidth=2, color=theme.BLUE)
    layers = alt.layer(
        spans.encode(x=_axes("low", words)[0], x2="high:Q"),
        base.mark_point(filled=True, size=50, opacity=1, color=theme.BLUE).encode(
            x=x, tooltip=["attribute:N", alt.Tooltip("value:Q", title=words.say("axis.mean"), format=".2f")]
        ),
    )
    mark = _mark(numbers)
    said = [f"{criteria[name].lower()} {numbers.said(f'ratings.mean.{name}', 1)}" for name in names]
    chart = layers.properties(title=words.say("ratings.title")) if mark else layers
    return Chart(
        "ratings",
        theme.fitted(chart, theme.HALF_MM, 50),
        words.say("ratings.alt", said=words.numerals.series(said)) + mark,
        words.say("ratings.caption") + mark,
        SOURCE,
    )


def _plan(study: Study, words: Language) -> Chart:
    x, y = _axes("value", words)
    pictures = sum(len(study.images(name)) for name in study.datasets)
    frame = pd.DataFrame({"attribute": list(_criteria(words).values()), "value": 3})
    said = pd.DataFrame({"text": [words.say("ratings.plan", pictures=pictures)]})
    layers = alt.layer(
        alt.Chart(frame).mark_point(opacity=0).encode(x=x, y=y),
        alt.Chart(said)
        .mark_text(color="#666666", fontStyle="italic")
        .encode(text="text:N", x=alt.datum(3), y=alt.value((theme.pixels(50) - 40) / 2)),
    )
    return Chart(
        "ratings",
        theme.fitted(layers, theme.HALF_MM, 50),
        words.say("ratings.plan.alt", pictures=pictures),
        words.say("ratings.plan.caption"),
        SOURCE,
    )


def groups(study: Study, numbers: Numbers) -> Chart | None:
    """Mean ratings by dataset and by what prompts try, gold beside generated, one panel an attribute."""
    frame = numbers.table("ratings_groups")
    if frame.empty:
        return None
    words, mark = numbers.words, _mark(numbers)
    pairs = zip(frame["dataset"], frame["prompt"], strict=True)
    frame = frame.assign(group=[_group(dataset, prompt, words) for dataset, prompt in pairs])
    ends = [
        words.say("ratings_groups.extremes", kind=words.word("kind", kind), ends=_extremes(frame, kind, words))
        for kind in KINDS
        if kind in set(frame["kind"])
    ]
    return Chart(
        "ratings_groups",
        _panels(frame, Axes("group", "mean", words.say("axis.rating"), (1, 5), words), mark),
        words.say("ratings_groups.alt", said=words.numerals.series(ends)) + mark,
        words.say("ratings_groups.caption") + mark,
        SOURCE,
    )


def correlations(study: Study, numbers: Numbers) -> Chart | None:
    """Kendall's correlation of each automatic measure with people's ratings, one panel an attribute."""
    frame = numbers.table("ratings_correlations").rename(columns={"tau_low": "low", "tau_high": "high"})
    if frame.empty:
        return None
    words, mark = numbers.words, _mark(numbers)
    frame = frame.assign(measure=[words.word("judged_by", measure) for measure in frame["measure"]])
    said = [
        words.say(
            "ratings_correlations.said",
            attribute=words.word("attribute", attribute),
            measure=measure,
            tau=words.numerals.number(tau, 2),
        )
        for attribute, measure, tau in zip(frame["attribute"], frame["measure"], frame["tau"], strict=True)
    ]
    axes = Axes("measure", "tau", words.say("axis.kendall_tau"), (-1, 1), words)
    return Chart(
        "ratings_correlations",
        _panels(frame.assign(kind="generated"), axes, mark),
        words.say("ratings_correlations.alt", said=words.numerals.series(said)) + mark,
        words.say("ratings_correlations.caption") + mark,
        SOURCE,
    )


def public(study: Study, numbers: Numbers) -> Chart | None:
    """What people say of published pictures by several models, one panel a question."""
    frame = numbers.table("check_rated")
    if frame.empty:
        return None
    words = numbers.words
    frame = frame.assign(attribute=frame["question"], kind="generated")
    frame["model"] = [words.word("rated_model", model) for model in frame["model"]]
    said = [
        words.say(
            "check_rated.said",
            question=words.word("question", str(question)),
            models=words.numerals.enumeration(
                [f"{row.model} {words.numerals.number(row.mean, 1)}" for row in rows.itertuples()]  # type: ignore[arg-type]
            ),
        )
        for question, rows in frame.groupby("question", sort=False)
    ]
    axes = Axes("model", "mean", words.say("axis.rating"), (1, 5), words, titles="question")
    return Chart(
        "check_rated",
        _panels(frame, axes, ""),
        words.say("check_rated.alt", said=words.numerals.series(said)),
        words.say("check_rated.caption"),
        SOURCE,
    )


def _mark(numbers: Numbers) -> str:
    return numbers.words.say("ratings.mark") if numbers.row("ratings.simulated")["value"] > 0 else ""


def _group(dataset: str, prompt: str, words: Language) -> str:
    name = words.numerals.capitalised(dataset)
    return words.say("ratings_groups.group", dataset=name, prompt=words.word("prompt", prompt)) if prompt else name


def _extremes(frame: pd.DataFrame, kind: str, words: Language) -> str:
    rows = frame[frame["kind"] == kind].sort_values("mean")
    ends = [rows.iloc[0], rows.iloc[-1]] if len(rows) > 1 else [rows.iloc[0]]
    told = [
        words.say(
            "ratings_groups.end",
            mean=words.numerals.number(row["mean"], 1),
            group=row["group"],
            attribute=words.word("attribute", row["attribute"]),
        )
        for row in ends
    ]
    return words.numerals.enumeration(told)


@dataclass(frozen=True)
class Axes:
    """What panels show: the column that names their rows, the one that holds the values, and the values' axis."""

    row: str
    value: str
    title: str
    domain: tuple[int, int]
    words: Language
    titles: str = "criterion"  # the vocabulary of the panels' titles

    def x(self, field: str) -> alt.X:
        ticks = alt.Axis(values=list(range(self.domain[0], self.domain[1] + 1)), format="d")
        return alt.X(f"{field}:Q", title=self.title, scale=alt.Scale(domain=self.domain, nice=False), axis=ticks)

    def tooltip(self) -> list[alt.Tooltip]:
        titled = {"row": f"{self.row}:N", "images": "kind:N", "n": "n:Q"}
        plain = [alt.Tooltip(field, title=self.words.say(f"axis.{name}")) for name, field in titled.items()]
        numbers = {"value": self.value, "low": "low", "high": "high"}
        return plain + [
            alt.Tooltip(f"{field}:Q", title=self.words.say(f"axis.{name}"), format=".2f")
            for name, field in numbers.items()
        ]


def _panels(frame: pd.DataFrame, axes: Axes, mark: str) -> Any:
    """One panel an attribute, side by side, their rows named once."""
    rows = list(dict.fromkeys(frame[axes.row]))
    attributes = list(dict.fromkeys(frame["attribute"]))
    labels = min(230, 8 + 6 * max(map(len, rows)))
    width = (theme.pixels(theme.FULL_MM) - labels - 14 * len(attributes)) // len(attributes)
    panels = [
        _panel(frame[frame["attribute"] == name], axes, rows, first=place == 0).properties(
            width=width,
            height=alt.Step(14),
            title=alt.TitleParams(axes.words.word(axes.titles, name), anchor="middle", frame="group"),
        )
        for place, name in enumerate(attributes)
    ]
    chart = alt.hconcat(*panels, spacing=14).resolve_scale(color="shared", shape="shared")
    return chart.properties(title=axes.words.say("ratings.title")) if mark else chart


def _panel(frame: pd.DataFrame, axes: Axes, rows: list[str], *, first: bool) -> Any:
    called = {kind: axes.words.word("kind", kind) for kind in KINDS if kind in set(frame["kind"])}
    frame, kinds = frame.assign(kind=frame["kind"].map(called)), list(called.values())
    legend = alt.Legend() if len(kinds) > 1 else None
    colours = alt.Scale(domain=kinds, range=[KINDS[kind] for kind in called])
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


CHARTS = (means, groups, correlations, public)
