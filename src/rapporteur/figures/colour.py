"""Charts of colours: where gold and drawn pictures lie, what they measure, and whether captions are obeyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from skimage.color import lab2rgb

from rapporteur.colour.measures import COMPARED
from rapporteur.figures import theme
from rapporteur.figures.choice import at_random
from rapporteur.figures.figure import Chart
from rapporteur.figures.hover import Point, hover, tooltip
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import Language
from rapporteur.study.album import Album, table_rows
from rapporteur.study.tables import Study

SOURCES = ("gold", "generated")
PARTS = {"subject": "colour.obeyed", "background": "colour.background_obeyed"}
POINTS = 400  # points of a source that a panel shows at most
STRIPS = 5  # captions of a dataset in the palettes


def hex_colours(lab: np.ndarray) -> list[str]:
    """CIELAB values [n, 3] as sRGB hex codes, those out of gamut clipped."""
    rgb = np.rint(lab2rgb(np.asarray(lab, dtype=np.float64).reshape(-1, 1, 3)).reshape(-1, 3) * 255).astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in rgb]


def plane(study: Study, numbers: Numbers) -> Chart | None:
    """Mean colour of each picture in the a*-b* plane, painted in that colour, one panel a dataset."""
    words = numbers.words
    frames = {name: _mean_colours(study, name, words) for name in study.datasets}
    frames = {name: frame for name, frame in frames.items() if not frame.empty}
    if not frames:
        return None
    everything = pd.concat(frames.values())
    shown = hover(Album(study), dict(zip(everything["picture"], everything["point"], strict=True)))
    reach = float(np.ceil(everything[["a", "b"]].abs().max().max() / 10) * 10)
    columns = min(len(frames), 2)
    side = (theme.pixels(theme.FULL_MM) - 70 - 50 * (columns - 1)) // max(columns, 2)
    panels = [
        _plane(frame, reach, side, words).properties(title=words.numerals.capitalised(study.label(name)))
        for name, frame in frames.items()
    ]
    said = [
        words.say(
            "colour_ab.said",
            dataset=study.label(name),
            own=numbers.said(f"colour.delta_e.{name}", 1),
            others=numbers.said(f"colour.delta_e_mismatched.{name}", 1),
        )
        for name in frames
    ]
    return Chart(
        "colour_ab",
        alt.concat(*panels, columns=2, spacing=20),
        words.say("colour_ab.alt", said=words.numerals.series(said)),
        words.say("colour_ab.caption"),
        "artifacts/colour",
        shown.thumbnails,
        shown.pictures,
    )


def _mean_colours(study: Study, dataset: str, words: Language) -> pd.DataFrame:
    """One row a picture that a panel shows: where it lies, its colour, and what its tooltip says and shows."""
    parts = []
    for source in SOURCES:
        rows, label = study.colour(dataset, source), words.word("legend", source)
        kept = rows[rows["key"].isin(at_random(rows["key"], POINTS))]
        colours = hex_colours(kept[["lightness", "a", "b"]].to_numpy()) if len(kept) else []
        said = kept[["a", "b"]].round(2).assign(kind=label, colour=colours, text=_texts(study, dataset, kept), image="")
        parts.append(said.assign(picture=f"{dataset}/{source}/" + kept["key"], point=_points(study, dataset, kept)))
    return pd.concat(parts[::-1], ignore_index=True)  # drawn ones first: the fewer gold ones stay in sight


def _texts(study: Study, dataset: str, rows: pd.DataFrame) -> pd.Series:
    """The caption that each picture was drawn for, or the first one of a gold picture."""
    captions = study.captions(dataset)
    drawn = rows["caption_id"].map(captions.set_index("caption_id")["text"])
    return drawn.fillna(rows["image_id"].map(captions.groupby("image_id", sort=False)["text"].first()))


def _points(study: Study, dataset: str, rows: pd.DataFrame) -> pd.Series:
    """The picture of each row, as a Point: a gold one by its image, a drawn one by its caption and seed."""
    index = study.images(dataset)
    keys = dict(zip(zip(index["caption_id"], index["seed"], strict=True), index["key"], strict=True))
    points = [
        Point(dataset, row.image_id) if row.source == "gold" else Point(dataset, None, [keys[row.caption_id, row.seed]])
        for row in table_rows(rows)
    ]
    return pd.Series(points, index=rows.index, dtype=object)


def _plane(frame: pd.DataFrame, reach: float, side: int, words: Language) -> Any:
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    names = [words.word("legend", source) for source in SOURCES]
    return (
        alt.Chart(frame.drop(columns="point"))
        .mark_point(filled=True, strokeWidth=0.7, opacity=0.95)
        .encode(
            x=alt.X("a:Q", title=words.say("axis.a"), scale=scale),
            y=alt.Y("b:Q", title=words.say("axis.b"), scale=scale),
            fill=alt.Fill("colour:N", scale=None),
            stroke=alt.Stroke("kind:N", scale=alt.Scale(domain=names, range=["#000000", "#8A8A8A"])),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=["diamond", "circle"])),
            size=alt.condition(alt.datum.kind == names[0], alt.value(70), alt.value(26)),
            description="kind:N",
            tooltip=tooltip(
                alt.Tooltip("kind:N", title=words.say("axis.image")),
                alt.Tooltip("text:N", title=words.say("axis.caption")),
            ),
        )
        .properties(width=side, height=side)
    )


def measures(study: Study, numbers: Numbers) -> Chart | None:
    """Means of gold and generated pictures with their intervals, one panel a measure."""
    charted, words = [measure.name for measure in COMPARED if measure.charted], numbers.words
    kinds, capitalised = {source: words.word("legend", source) for source in SOURCES}, words.numerals.capitalised
    rows = [
        numbers.row(f"colour.{measure}_{source}.{dataset}")
        | {"measure": measure, "kind": kinds[source], "dataset": capitalised(study.label(dataset))}
        for measure in charted
        for dataset in study.datasets
        for source in SOURCES
        if numbers.has(f"colour.{measure}_{source}.{dataset}")
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    width = (theme.pixels(theme.FULL_MM) - 130 - 18 * 3) // 4
    panels = [
        panel(
            frame[frame["measure"] == name], words.word("axis", name), width, first=place % 4 == 0,
            kinds=kinds, scale=alt.Scale(zero=False, padding=8), digits=2, words=words,
        )
        for place, name in enumerate(charted)
    ]  # fmt: skip
    said = [
        words.say(
            "colour_measures.said",
            measure=words.word("axis", measure).lower(),
            dataset=study.label(dataset),
            difference=numbers.said(f"colour.{measure}_gold_minus_generated.{dataset}", 1),
        )
        for measure in ("chroma", "colourfulness", "sharpness")
        for dataset in study.datasets
    ]
    return Chart(
        "colour_measures",
        alt.vconcat(
            *[alt.hconcat(*panels[start : start + 4], spacing=18) for start in range(0, len(panels), 4)], spacing=10
        ).resolve_scale(color="shared", shape="shared"),
        words.say("colour_measures.alt", said=words.numerals.series(said)),
        words.say("colour_measures.caption"),
        "artifacts/findings/findings.json",
    )


def panel(
    frame: pd.DataFrame,
    title: str,
    width: int,
    *,
    first: bool,
    kinds: Mapping[str, str],
    scale: alt.Scale,
    digits: int,
    words: Language,
) -> Any:
    """Means and intervals, a line for each dataset and kind of picture; only the first panel of a row names them.

    kinds: what the legend calls each kind.
    """
    axis = alt.Axis(title=None, domain=False, ticks=False, labels=first)
    base = alt.Chart(frame).encode(
        y=alt.Y("dataset:N", axis=axis, sort=None, scale=alt.Scale(padding=0.3)),
        yOffset=alt.YOffset("kind:N", sort=list(kinds.values())),
        color=alt.Color("kind:N", scale=theme.kinds(kinds)),
    )
    x = alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=4))
    tooltip = ["kind:N", alt.Tooltip("value:Q", title=words.say("axis.mean"), format=f".{digits}f")]
    shape = alt.Shape("kind:N", scale=theme.symbols(list(kinds.values())))
    spans = base.transform_filter("datum.low !== null").mark_rule(strokeWidth=2)
    return alt.layer(
        spans.encode(x=alt.X("low:Q", title=title), x2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(x=x, shape=shape, tooltip=tooltip),
    ).properties(width=width, height=alt.Step(20))


def obedience(study: Study, numbers: Numbers) -> Chart | None:
    """Share of pictures that show the colour that their caption names, word by word, subject and background."""
    table = numbers.table("colour_by_name")
    if table.empty:
        return None
    groups = [(key, part) for key in study.datasets for part in PARTS]
    frames = {group: table[(table["key"] == group[0]) & (table["part"] == group[1])] for group in groups}
    frames = {group: frame for group, frame in frames.items() if not frame.empty}
    several, words = len({key for key, _ in frames}) > 1, numbers.words
    width = (theme.pixels(theme.FULL_MM) - 2 * 60 - 30) // 2
    panels, said = [], []
    for (key, part), frame in frames.items():
        title = words.say(
            "colour_obedience.title_of_several" if several else "colour_obedience.title",
            part=words.word("part", part),
            dataset=study.label(key),
        )
        base = f"{PARTS[part]}_base.{key}"
        rate = numbers.row(base)["value"] if numbers.has(base) else None
        panels.append(_obeyed(frame, rate, width, words).properties(title=title))
        share = numbers.said(f"{PARTS[part]}.{key}")
        said.append(words.say("in_group", dataset=study.label(key), group=words.word("part", part), said=share))
    return Chart(
        "colour_obedience",
        alt.concat(*panels, columns=2, spacing=20),
        words.say("colour_obedience.alt", said=words.numerals.series(said)),
        words.say("colour_obedience.caption"),
        "artifacts/findings/tables/colour_by_name.parquet",
    )


def _obeyed(frame: pd.DataFrame, base_rate: float | None, width: int, words: Language) -> Any:
    frame = frame.assign(colour=[words.word("colour_term", term) for term in frame["colour"]])
    title = words.say("axis.share_of_images")
    x = alt.X("share:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="~%", tickCount=5))
    base = alt.Chart(frame).encode(y=alt.Y("colour:N", title=None, sort=alt.SortField("share", order="descending")))
    tooltip = [
        alt.Tooltip("colour:N", title=words.say("axis.colour")),
        alt.Tooltip("share:Q", title=words.say("axis.share"), format=".1%"),
        alt.Tooltip("base:Q", title=words.say("axis.base_rate"), format=".1%"),
        alt.Tooltip("n:Q", title=words.say("axis.images")),
    ]
    layers = [
        base.mark_tick(color=theme.GREY, thickness=2, size=9).encode(x=alt.X("base:Q", title=title)),
        base.mark_rule(strokeWidth=2, color=theme.BLUE).encode(x=alt.X("low:Q", title=title), x2="high:Q"),
        base.mark_point(filled=True, size=45, color=theme.BLUE, opacity=1).encode(x=x, tooltip=tooltip),
    ]
    if base_rate is not None:
        rule = alt.Chart(pd.DataFrame({"share": [base_rate]})).mark_rule(strokeDash=[4, 3], color="#666666")
        layers.insert(0, rule.encode(x="share:Q"))
    return alt.layer(*layers).properties(width=width, height=alt.Step(17))


def palettes(study: Study, numbers: Numbers) -> Chart | None:
    """Five colours with their weights, gold above drawn, for some captions of each dataset."""
    words = numbers.words
    rows = [words.say(f"palettes.{source}") for source in SOURCES]
    frames = {name: _strips(study, name, rows) for name in study.datasets}
    frames = {name: frame for name, frame in frames.items() if not frame.empty}
    if not frames:
        return None
    columns = min(2, len(frames))
    panels = [
        _palette(frame, columns, rows).properties(title=words.numerals.capitalised(study.label(name)))
        for name, frame in frames.items()
    ]
    texts = [text[2:] for frame in frames.values() for text in frame["text"].unique()]
    return Chart(
        "palettes",
        alt.concat(*panels, columns=2, spacing=24),
        words.say("palettes.alt", captions=words.numerals.series(texts)),
        words.say("palettes.caption"),
        "artifacts/colour",
    )


def _strips(study: Study, dataset: str, names: Sequence[str]) -> pd.DataFrame:
    """The palettes of some captions; `names` are those of the rows of gold and of drawn pictures."""
    drawn = study.colour(dataset, "generated")
    drawn = drawn[drawn["seed"] == 0].set_index("caption_id")
    gold = study.colour(dataset, "gold").set_index("image_id")
    texts = study.captions(dataset).set_index("caption_id")["text"]
    rows = []
    for place, caption in enumerate(at_random(drawn.index[drawn["image_id"].isin(gold.index)], STRIPS)):
        text = f"{place}|{texts[caption]}"  # two captions may share a text: the place keeps their rows apart
        rows += _strip(gold.loc[drawn.loc[caption, "image_id"], "palette"], names[0], text)
        rows += _strip(drawn.loc[caption, "palette"], names[1], text)
    return pd.DataFrame(rows, columns=["text", "row", "start", "end", "colour"])


def _strip(palette: Any, row: str, text: str) -> list[dict[str, Any]]:
    colours = np.asarray(palette, dtype=np.float64).reshape(-1, 4)
    ends = np.cumsum(colours[:, 3]) / colours[:, 3].sum()
    starts = np.r_[0, ends[:-1]]
    return [
        {"text": text, "row": row, "start": round(start, 4), "end": round(end, 4), "colour": code}
        for start, end, code in zip(starts, ends, hex_colours(colours[:, :3]), strict=True)
    ]


def _palette(frame: pd.DataFrame, columns: int, names: Sequence[str]) -> Any:
    width = (theme.pixels(theme.FULL_MM) - 24 * (columns - 1)) // columns - 24
    bars = alt.Chart().mark_bar(stroke=None).encode(
        x=alt.X("start:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1])),
        x2="end:Q",
        y=alt.Y("row:N", title=None, sort=list(names), axis=alt.Axis(domain=False, ticks=False),
                scale=alt.Scale(paddingInner=0.06, paddingOuter=0)),
        color=alt.Color("colour:N", scale=None),
    )  # fmt: skip
    header = alt.Header(
        title=None,
        labelOrient="top",
        labelAnchor="start",
        labelFontWeight="normal",
        labelPadding=2,
        labelLimit=width,
        labelExpr="slice(datum.label, 2)",
    )
    return bars.properties(width=width, height=26, data=frame).facet(row=alt.Row("text:N", header=header), spacing=6)


CHARTS = (plane, measures, obedience, palettes)
