"""Charts of colours: where gold and drawn pictures lie, what they measure, and whether captions are obeyed."""

from __future__ import annotations

from collections.abc import Sequence
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
from rapporteur.report.french import capitalised
from rapporteur.report.language.fr.words import MEASURES
from rapporteur.study.album import Album, table_rows
from rapporteur.study.tables import Study

SOURCES = {"gold": "Référence", "generated": "Générée"}
PARTS = {"sujet": "colour.obeyed", "fond": "colour.background_obeyed"}
POINTS = 400  # points of a source that a panel shows at most
STRIPS = 5  # captions of a dataset in the palettes


def hex_colours(lab: np.ndarray) -> list[str]:
    """CIELAB values [n, 3] as sRGB hex codes, those out of gamut clipped."""
    rgb = np.rint(lab2rgb(np.asarray(lab, dtype=np.float64).reshape(-1, 1, 3)).reshape(-1, 3) * 255).astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in rgb]


def plane(study: Study, numbers: Numbers) -> Chart | None:
    """Mean colour of each picture in the a*-b* plane, painted in that colour, one panel a dataset."""
    frames = {name: _mean_colours(study, name) for name in study.datasets}
    frames = {name: frame for name, frame in frames.items() if not frame.empty}
    if not frames:
        return None
    everything = pd.concat(frames.values())
    shown = hover(Album(study), dict(zip(everything["picture"], everything["point"], strict=True)))
    reach = float(np.ceil(everything[["a", "b"]].abs().max().max() / 10) * 10)
    columns = min(len(frames), 2)
    side = (theme.pixels(theme.FULL_MM) - 70 - 50 * (columns - 1)) // max(columns, 2)
    panels = [
        _plane(frame, reach, side).properties(title=capitalised(study.label(name))) for name, frame in frames.items()
    ]
    said = " ; ".join(
        f"{study.label(name)} : ΔE2000 moyen {numbers.said(f'colour.delta_e.{name}', 1)} par légende, "
        f"{numbers.said(f'colour.delta_e_mismatched.{name}', 1)} entre légendes différentes"
        for name in frames
    )
    return Chart(
        "colour_ab",
        alt.concat(*panels, columns=2, spacing=20),
        f"Couleur moyenne des images dans le plan a*, b* de CIELAB, références en losanges, générées en ronds. {said}.",
        "Couleur moyenne des images dans le plan a*, b* de CIELAB, chaque point peint de cette couleur.",
        "artifacts/colour",
        shown.thumbnails,
        shown.pictures,
    )


def _mean_colours(study: Study, dataset: str) -> pd.DataFrame:
    """One row a picture that a panel shows: where it lies, its colour, and what its tooltip says and shows."""
    parts = []
    for source, label in SOURCES.items():
        rows = study.colour(dataset, source)
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


def _plane(frame: pd.DataFrame, reach: float, side: int) -> Any:
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    names = list(SOURCES.values())
    return (
        alt.Chart(frame.drop(columns="point"))
        .mark_point(filled=True, strokeWidth=0.7, opacity=0.95)
        .encode(
            x=alt.X("a:Q", title="a* (du vert au rouge)", scale=scale),
            y=alt.Y("b:Q", title="b* (du bleu au jaune)", scale=scale),
            fill=alt.Fill("colour:N", scale=None),
            stroke=alt.Stroke("kind:N", scale=alt.Scale(domain=names, range=["#000000", "#8A8A8A"])),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=["diamond", "circle"])),
            size=alt.condition(alt.datum.kind == names[0], alt.value(70), alt.value(26)),
            description="kind:N",
            tooltip=tooltip(alt.Tooltip("kind:N", title="Image"), alt.Tooltip("text:N", title="Légende")),
        )
        .properties(width=side, height=side)
    )


def measures(study: Study, numbers: Numbers) -> Chart | None:
    """Means of gold and generated pictures with their intervals, one panel a measure."""
    charted = [measure.name for measure in COMPARED if measure.charted]
    rows = [
        numbers.row(f"colour.{measure}_{source}.{dataset}")
        | {"measure": measure, "kind": label, "dataset": capitalised(study.label(dataset))}
        for measure in charted
        for dataset in study.datasets
        for source, label in SOURCES.items()
        if numbers.has(f"colour.{measure}_{source}.{dataset}")
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    width = (theme.pixels(theme.FULL_MM) - 130 - 18 * 3) // 4
    panels = [
        panel(
            frame[frame["measure"] == name], MEASURES[name][1], width, first=place % 4 == 0,
            kinds=list(SOURCES.values()), scale=alt.Scale(zero=False, padding=8), digits=2,
        )
        for place, name in enumerate(charted)
    ]  # fmt: skip
    said = " ; ".join(
        f"{MEASURES[measure][1].lower()}, {study.label(dataset)} : différence "
        f"{numbers.said(f'colour.{measure}_gold_minus_generated.{dataset}', 1)}"
        for measure in ("chroma", "colourfulness", "sharpness")
        for dataset in study.datasets
    )
    return Chart(
        "colour_measures",
        alt.vconcat(
            *[alt.hconcat(*panels[start : start + 4], spacing=18) for start in range(0, len(panels), 4)], spacing=10
        ).resolve_scale(color="shared", shape="shared"),
        f"Moyennes des mesures de couleur des références et des images générées ; référence moins générées, {said}.",
        "Mesures de couleur des images de référence et des images générées : moyennes et intervalles à 95 %.",
        "artifacts/findings/findings.json",
    )


def panel(
    frame: pd.DataFrame, title: str, width: int, *, first: bool, kinds: Sequence[str], scale: alt.Scale, digits: int
) -> Any:
    """Means and intervals, a line for each dataset and kind of picture; only the first panel of a row names them."""
    axis = alt.Axis(title=None, domain=False, ticks=False, labels=first)
    base = alt.Chart(frame).encode(
        y=alt.Y("dataset:N", axis=axis, sort=None, scale=alt.Scale(padding=0.3)),
        yOffset=alt.YOffset("kind:N", sort=list(kinds)),
        color=alt.Color("kind:N", scale=theme.kinds(*kinds)),
    )
    x = alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=4))
    tooltip = ["kind:N", alt.Tooltip("value:Q", title="Moyenne", format=f".{digits}f")]
    shape = alt.Shape("kind:N", scale=theme.symbols(list(kinds)))
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
    several = len({key for key, _ in frames}) > 1
    width = (theme.pixels(theme.FULL_MM) - 2 * 60 - 30) // 2
    panels, said = [], []
    for (key, part), frame in frames.items():
        title = f"Couleur du {part}" + (f", {study.label(key)}" if several else "")
        base = f"{PARTS[part]}_base.{key}"
        rate = numbers.row(base)["value"] if numbers.has(base) else None
        panels.append(_obeyed(frame, rate, width).properties(title=title))
        said.append(f"{study.label(key)}, {part} : {numbers.said(f'{PARTS[part]}.{key}')}")
    return Chart(
        "colour_obedience",
        alt.concat(*panels, columns=2, spacing=20),
        "Part des images générées qui montrent la couleur nommée, couleur par couleur, avec intervalle. En tout, "
        f"{' ; '.join(said)}.",
        "Part des images générées qui montrent la couleur que nomme leur légende, avec intervalle à 95 % ; "
        "tirets : taux de base, le même mot cherché sur les images d'autres légendes ; barres grises : ce taux, mot "
        "par mot.",
        "artifacts/findings/tables/colour_by_name.parquet",
    )


def _obeyed(frame: pd.DataFrame, base_rate: float | None, width: int) -> Any:
    x = alt.X(
        "share:Q", title="Part des images", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="~%", tickCount=5)
    )
    base = alt.Chart(frame).encode(y=alt.Y("colour:N", title=None, sort=alt.SortField("share", order="descending")))
    tooltip = [
        alt.Tooltip("colour:N", title="Couleur"),
        alt.Tooltip("share:Q", title="Part", format=".1%"),
        alt.Tooltip("base:Q", title="Taux de base", format=".1%"),
        alt.Tooltip("n:Q", title="Images"),
    ]
    layers = [
        base.mark_tick(color=theme.GREY, thickness=2, size=9).encode(x=alt.X("base:Q", title="Part des images")),
        base.mark_rule(strokeWidth=2, color=theme.BLUE).encode(x=alt.X("low:Q", title="Part des images"), x2="high:Q"),
        base.mark_point(filled=True, size=45, color=theme.BLUE, opacity=1).encode(x=x, tooltip=tooltip),
    ]
    if base_rate is not None:
        rule = alt.Chart(pd.DataFrame({"share": [base_rate]})).mark_rule(strokeDash=[4, 3], color="#666666")
        layers.insert(0, rule.encode(x="share:Q"))
    return alt.layer(*layers).properties(width=width, height=alt.Step(17))


def palettes(study: Study, numbers: Numbers) -> Chart | None:
    """Five colours with their weights, gold above drawn, for some captions of each dataset."""
    frames = {name: _strips(study, name) for name in study.datasets}
    frames = {name: frame for name, frame in frames.items() if not frame.empty}
    if not frames:
        return None
    columns = min(2, len(frames))
    panels = [
        _palette(frame, columns).properties(title=capitalised(study.label(name))) for name, frame in frames.items()
    ]
    texts = " ; ".join(text[2:] for frame in frames.values() for text in frame["text"].unique())
    return Chart(
        "palettes",
        alt.concat(*panels, columns=2, spacing=24),
        f"Palettes de cinq couleurs de l'image de référence et d'une image générée, pour les légendes : {texts}.",
        "Palettes pondérées de cinq couleurs, pour des légendes choisies au hasard : en haut l'image de référence "
        "(R), en bas la première image générée (G).",
        "artifacts/colour",
    )


def _strips(study: Study, dataset: str) -> pd.DataFrame:
    drawn = study.colour(dataset, "generated")
    drawn = drawn[drawn["seed"] == 0].set_index("caption_id")
    gold = study.colour(dataset, "gold").set_index("image_id")
    texts = study.captions(dataset).set_index("caption_id")["text"]
    rows = []
    for place, caption in enumerate(at_random(drawn.index[drawn["image_id"].isin(gold.index)], STRIPS)):
        text = f"{place}|{texts[caption]}"  # two captions may share a text: the place keeps their rows apart
        rows += _strip(gold.loc[drawn.loc[caption, "image_id"], "palette"], "R", text)
        rows += _strip(drawn.loc[caption, "palette"], "G", text)
    return pd.DataFrame(rows, columns=["text", "row", "start", "end", "colour"])


def _strip(palette: Any, row: str, text: str) -> list[dict[str, Any]]:
    colours = np.asarray(palette, dtype=np.float64).reshape(-1, 4)
    ends = np.cumsum(colours[:, 3]) / colours[:, 3].sum()
    starts = np.r_[0, ends[:-1]]
    return [
        {"text": text, "row": row, "start": round(start, 4), "end": round(end, 4), "colour": code}
        for start, end, code in zip(starts, ends, hex_colours(colours[:, :3]), strict=True)
    ]


def _palette(frame: pd.DataFrame, columns: int) -> Any:
    width = (theme.pixels(theme.FULL_MM) - 24 * (columns - 1)) // columns - 24
    bars = alt.Chart().mark_bar(stroke=None).encode(
        x=alt.X("start:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1])),
        x2="end:Q",
        y=alt.Y("row:N", title=None, sort=["R", "G"], axis=alt.Axis(domain=False, ticks=False),
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
