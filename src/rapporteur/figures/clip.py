"""Charts of CLIP scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.figure import Chart
from rapporteur.figures.hover import Point, hover, tooltip
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import Language
from rapporteur.study.album import Album
from rapporteur.study.tables import Study

PAIRS = ("gold", "generated", "generated_mismatched")
GRID = 160  # points of a density curve


def distributions(study: Study, numbers: Numbers) -> Chart | None:
    """Densities of gold, generated and mismatched scores, one row a dataset, with means and intervals below."""
    return _distributions(study, numbers, "clip_distributions", theme.FULL_MM, 30)


def distributions_note(study: Study, numbers: Numbers) -> Chart | None:
    """The same for half the width of a page."""
    return _distributions(study, numbers, "clip_distributions_note", theme.HALF_MM, 17)


def _distributions(study: Study, numbers: Numbers, name: str, width_mm: float, height_mm: float) -> Chart | None:
    datasets = [name for name in study.datasets if not study.scores(name, "generated").empty]
    if not datasets:
        return None
    scores = pd.concat([study.scores(name)[["dataset", "pair", "clipscore"]] for name in datasets])
    span = scores["clipscore"].min() - 0.03, scores["clipscore"].max() + 0.03
    words, capitalised = numbers.words, numbers.words.numerals.capitalised
    sizes = theme.pixels(width_mm) - 18, theme.pixels(height_mm)
    rows = [
        _distribution(study, numbers, dataset, span).properties(
            width=sizes[0], height=sizes[1], title=capitalised(study.label(dataset))
        )
        for dataset in datasets
    ]
    return Chart(
        name,
        alt.vconcat(*rows, spacing=6).resolve_scale(color="shared"),
        words.say("clip_distributions.alt", said=" ".join(_said(study, numbers, dataset) for dataset in datasets)),
        words.say("clip_distributions.caption"),
        "artifacts/clip",
    )


def _said(study: Study, numbers: Numbers, dataset: str) -> str:
    words = numbers.words
    means = [f"{words.word('legend', pair).lower()} {numbers.said(f'clip.{pair}.{dataset}')}" for pair in PAIRS]
    name = words.numerals.capitalised(study.label(dataset))
    return words.say("clip_distributions.said", dataset=name, means=", ".join(means))


def _distribution(study: Study, numbers: Numbers, dataset: str, span: tuple[float, float]) -> alt.LayerChart:
    grid, words = np.linspace(*span, GRID), numbers.words
    legend = {pair: words.word("legend", pair) for pair in PAIRS}
    curves, means = [], []
    for place, (pair, label) in enumerate(legend.items()):
        values = study.scores(dataset, pair)["clipscore"].to_numpy()
        if len(values) == 0:
            continue
        curve = density(values, grid)
        curves.append(pd.DataFrame({"score": grid.round(4), "density": curve.round(4), "kind": label, "pair": pair}))
        means.append(numbers.row(f"clip.{pair}.{dataset}") | {"kind": label, "rank": place + 1})
    top = max(curve["density"].max() for curve in curves)
    marks = pd.DataFrame(means).assign(level=lambda frame: -top * 0.07 * frame["rank"])
    last = dataset == study.datasets[-1]
    axis = alt.Axis(labels=last, ticks=last, tickCount=8)
    x = alt.X(
        "score:Q",
        title=words.say("axis.score") if last else None,
        scale=alt.Scale(domain=list(span), nice=False),
        axis=axis,
    )
    y = alt.Y("density:Q", title=None, axis=None, scale=alt.Scale(domain=[-0.25 * top, 1.02 * top], nice=False))
    colour = alt.Color("kind:N", scale=theme.kinds(legend))
    base = alt.Chart(pd.concat(curves)).encode(x=x, y=y, color=colour)
    below = alt.Chart(marks).encode(y=alt.Y("level:Q"), color=colour)
    tooltip = [
        alt.Tooltip("kind:N", title=words.say("axis.pairs")),
        alt.Tooltip("value:Q", title=words.say("axis.mean"), format=".3f"),
    ]
    layers = [
        base.mark_area(opacity=0.25, line=False).encode(y2=alt.datum(0)),
        *theme.lines(base, "kind", list(legend.values()), y),
        below.transform_filter("datum.low !== null").mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q"),
        below.mark_point(filled=True, size=38, opacity=1).encode(
            x="value:Q", shape=alt.Shape("kind:N", scale=theme.symbols(list(legend.values()))), tooltip=tooltip
        ),
    ]
    return alt.layer(*layers)


def density(values: npt.NDArray[np.float64], grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Gaussian kernel density with Silverman's bandwidth (0.9 min(sd, IQR / 1.34) n^-1/5, 1986), at least 0.004."""
    quartiles = np.subtract(*np.quantile(values, [0.75, 0.25])) / 1.34
    spread = min(values.std(), quartiles) if quartiles > 0 else values.std()
    width = max(0.9 * spread * len(values) ** -0.2, 0.004)
    total = np.zeros_like(grid)
    for start in range(0, len(values), 5_000):
        total += np.exp(-(((grid[:, None] - values[start : start + 5_000]) / width) ** 2) / 2).sum(axis=1)
    curve: npt.NDArray[np.float64] = total / (len(values) * width * np.sqrt(2 * np.pi))
    return curve


def best_of_k(study: Study, numbers: Numbers) -> Chart | None:
    """The best of k pictures as k grows, with its band."""
    table = numbers.table("clip_best_of_k")
    if table.empty or table["k"].max() < 2:
        return None
    names = [study.label(key) for key in study.datasets if (table["key"] == key).any()]
    most, words = int(table["k"].max()), numbers.words
    base = alt.Chart(table).encode(
        x=alt.X("k:Q", title=words.say("axis.drawn_per_caption"), axis=alt.Axis(values=_ticks(most), format="d"),
                scale=alt.Scale(domain=[1, most])),
        color=alt.Color("dataset:N", scale=theme.series(names)),
    )  # fmt: skip
    y = alt.Y("mean:Q", title=words.say("axis.best_score"), scale=alt.Scale(zero=False))
    shape = alt.Shape("dataset:N", scale=theme.symbols(names))
    tooltip = ["dataset:N", alt.Tooltip("k:Q"), alt.Tooltip("mean:Q", format=".3f")]
    layers = alt.layer(
        base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title=words.say("axis.best_score")), y2="high:Q"),
        *theme.lines(base, "dataset", names, y),
        base.mark_point(filled=True, size=40, opacity=1).encode(y=y, shape=shape, tooltip=tooltip),
    )
    gains = {key: f"clip.best_of_k_gain.{key}" for key in study.datasets}
    said = [
        words.say("clip_best_of_k.said", dataset=study.label(key), gain=numbers.said(gain, 3))
        for key, gain in gains.items()
        if numbers.has(gain)
    ]
    return Chart(
        "clip_best_of_k",
        theme.fitted(layers, theme.HALF_MM, 60),
        words.say("clip_best_of_k.alt", most=most, said=words.numerals.series(said)),
        words.say("clip_best_of_k.caption"),
        "artifacts/findings/tables/clip_best_of_k.parquet",
    )


def _ticks(most: int) -> list[int]:
    """About ten whole numbers from 1 to `most`: left to itself, a short axis says "1, 2, 2"."""
    return list(range(1, most + 1, -(-most // 10)))


def captions(study: Study, numbers: Numbers) -> Chart | None:
    """Each caption's gold score against the mean score of its drawn pictures, which the tooltip shows."""
    rows = pd.concat([_caption_scores(study, name) for name in study.datasets], ignore_index=True)
    if rows.empty:
        return None
    words = numbers.words
    above = [
        words.say(
            "clip_captions.said",
            dataset=study.label(str(name)),
            above=int((group["generated"] > group["gold"]).sum()),
            all=len(group),
        )
        for name, group in rows.groupby("key", sort=False)
    ]
    shown = hover(Album(study), {row.picture: Point(row.key, row.image_id, [row.drawn]) for row in _each(rows)})
    return Chart(
        "clip_captions",
        theme.fitted(_against_diagonal(rows, [study.label(name) for name in study.datasets], words), theme.HALF_MM, 60),
        words.say("clip_captions.alt", said=words.numerals.series(above)),
        words.say("clip_captions.caption"),
        "artifacts/clip",
        shown.thumbnails,
        shown.pictures,
    )


def _each(rows: pd.DataFrame) -> Iterator[Any]:
    """Rows whose columns are attributes of any type."""
    return iter(rows.itertuples())


def _against_diagonal(rows: pd.DataFrame, names: list[str], words: Language) -> alt.LayerChart:
    span = [float(rows[["gold", "generated"]].min().min()), float(rows[["gold", "generated"]].max().max())]
    scale, axis = alt.Scale(domain=span, nice=True, zero=False), alt.Axis(tickCount=5)
    points = alt.Chart(rows.drop(columns=["image_id", "drawn"])).mark_point(filled=True, size=26, opacity=0.7).encode(
        x=alt.X("gold:Q", title=words.say("axis.gold_score"), scale=scale, axis=axis),
        y=alt.Y("generated:Q", title=words.say("axis.generated_score"), scale=scale, axis=axis),
        color=alt.Color("dataset:N", scale=theme.series(names)),
        shape=alt.Shape("dataset:N", scale=theme.symbols(names)),
        description="text:N",
        tooltip=tooltip(
            alt.Tooltip("text:N", title=words.say("axis.caption")),
            alt.Tooltip("gold:Q", title=words.say("axis.gold"), format=".3f"),
            alt.Tooltip("generated:Q", title=words.say("axis.generated"), format=".3f"),
        ),
    )  # fmt: skip
    ends = pd.DataFrame({"gold": span, "generated": span})
    line = alt.Chart(ends).mark_line(color="#666666", strokeDash=[4, 3], strokeWidth=1)
    return alt.layer(line.encode(x="gold:Q", y=alt.Y("generated:Q", scale=scale)), points)


def _caption_scores(study: Study, dataset: str) -> pd.DataFrame:
    """One row a drawn caption: its gold score, its mean generated score, its text, and which pictures it has."""
    gold = study.scores(dataset, "gold").groupby("caption_id")["clipscore"].mean()
    drawn = study.scores(dataset, "generated").groupby("caption_id").agg(
        generated=("clipscore", "mean"), text=("text", "first")
    )  # fmt: skip
    first = study.images(dataset).sort_values("seed").groupby("caption_id")[["image_id", "key"]].first()
    rows = drawn.join(gold.rename("gold"), how="inner").round(4).join(first.rename(columns={"key": "drawn"}))
    rows = rows.assign(picture=f"{dataset}/" + rows.index.astype(str), image="")
    return rows.reset_index(drop=True).assign(key=dataset, dataset=study.label(dataset))


CHARTS = (distributions, distributions_note, best_of_k, captions)
