"""The study's contact sheets. What they show is chosen at random unless their caption says how."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rapporteur.figures.choice import at_random
from rapporteur.figures.figure import Sheet, Shown
from rapporteur.figures.sheets import GAP_MM, Canvas, wrapped
from rapporteur.figures.theme import FULL_MM
from rapporteur.report.french import number
from rapporteur.study.album import Album, drawn_captions, table_rows
from rapporteur.study.tables import Study

SMALL, TEXT = 6.5, 7.5  # points
LINE_MM, SMALL_MM = TEXT * 1.2 * 25.4 / 72, SMALL * 1.2 * 25.4 / 72
WORDS_MM = 30.0  # the column of captions


def compact(album: Album, dataset: str, captions: int, draws: int = 3) -> Sheet | None:
    """For the note: captions side by side, each above its gold picture and three drawn ones, two by two."""
    rows, golden = _captions(album.study, dataset, captions)
    if rows.empty:
        return None
    cell = (FULL_MM - 3 * GAP_MM * (len(rows) - 1)) / max(len(rows), 4)
    side, head = (cell - GAP_MM) / 2, 2 * LINE_MM + 0.8
    canvas = Canvas(FULL_MM, head + 2 * side + GAP_MM)
    for place, row in enumerate(table_rows(rows)):
        x = place * (cell + 3 * GAP_MM)
        canvas.words(wrapped(row.text, cell, TEXT, 2), x, 0, TEXT)
        shown = [album.gold(dataset, row.image_id)] if golden else []
        pictures = [*shown, *album.draws(dataset, row.caption_id, draws + 1 - len(shown))]
        for number_, picture in enumerate(pictures):
            left, top = x + number_ % 2 * (side + GAP_MM), head + number_ // 2 * (side + GAP_MM)
            canvas.picture(picture, left, top, side, gold=golden and number_ == 0)
    label = album.study.label(dataset)
    return Sheet(
        f"sheet_{dataset}_note",
        canvas.done(),
        f"{'Image de référence et images' if golden else 'Images'} générées par {_model(album.study, dataset)} pour "
        f"les légendes : {_list(rows['text'])}.",
        f"Images générées ({label}) pour des légendes choisies au hasard"
        + (" ; encadrée, l'image de référence." if golden else "."),
        f"artifacts/images/{dataset}",
        _shown(dataset, rows["image_id"] if golden else []),
    )


def full(album: Album, dataset: str, captions: int, draws: int) -> Sheet | None:
    """For the report: a row a caption, its gold picture, then the pictures drawn."""
    rows, golden = _captions(album.study, dataset, captions)
    if rows.empty:
        return None
    most = min(draws, int(album.study.images(dataset).groupby("caption_id").size().max()))
    side = min(24.0, (FULL_MM - WORDS_MM - 3 * GAP_MM) / (most + golden) - GAP_MM)
    # As wide as the text, however few the pictures: the documents would blow a narrow sheet up beyond the page.
    canvas = Canvas(FULL_MM, LINE_MM + 1 + len(rows) * (side + GAP_MM))
    first = WORDS_MM + golden * (side + GAP_MM) + 3 * GAP_MM
    _heads(canvas, {0: "Légende", first: "Images générées"} | ({WORDS_MM: "Référence"} if golden else {}))
    for place, row in enumerate(table_rows(rows)):
        y = LINE_MM + 1 + place * (side + GAP_MM)
        canvas.words(wrapped(row.text, WORDS_MM - 2, TEXT, 5), 0, y + side / 2, TEXT, middle=True)
        if golden:
            canvas.picture(album.gold(dataset, row.image_id), WORDS_MM, y, side, gold=True)
        for number_, picture in enumerate(album.draws(dataset, row.caption_id, most)):
            canvas.picture(picture, first + number_ * (side + GAP_MM), y, side)
    return Sheet(
        f"sheet_{dataset}",
        canvas.done(),
        f"{'Image de référence et ' if golden else ''}{most} images générées par {_model(album.study, dataset)} pour "
        f"chacune des légendes : {_list(rows['text'])}.",
        f"Images générées ({album.study.label(dataset)}), légendes choisies au hasard.",
        f"artifacts/images/{dataset}",
        _shown(dataset, rows["image_id"] if golden else []),
    )


def gold(album: Album, dataset: str, columns: int = 6, lines: int = 2) -> Sheet | None:
    """Gold pictures with one of their captions."""
    captions = album.study.captions(dataset)
    texts = captions[captions["kind"] == "original"].groupby("image_id", sort=True)["text"].first()
    images = at_random(set(texts.index) & set(album.study.gold(dataset)["image_id"]), columns * lines)
    if not images:
        return None
    side = (FULL_MM - 2 * GAP_MM * (columns - 1)) / columns
    step = side + 3 * SMALL_MM + 1.5
    canvas = Canvas(FULL_MM, step * -(-len(images) // columns))
    for place, image in enumerate(images):
        x, y = place % columns * (side + 2 * GAP_MM), place // columns * step
        canvas.picture(album.gold(dataset, image), x, y, side, foot=True)
        canvas.words(wrapped(texts[image], side, SMALL, 3), x, y + side + 0.3, SMALL)
    return Sheet(
        f"gold_{dataset}",
        canvas.done(),
        f"Images de référence avec une de leurs légendes : {_list(texts[images])}.",
        f"Images de référence ({album.study.label(dataset)}) et une de leurs légendes, choisies au hasard.",
        f"artifacts/captions/{dataset}",
        _shown(dataset, images),
    )


def extremes(album: Album, dataset: str, each: int = 4) -> Sheet | None:
    """The pictures that CLIP scores best and worst, at most one a caption, each beside its gold picture."""
    index = album.study.images(dataset)
    golden = not album.study.gold(dataset).empty
    if golden:
        index = index[index["image_id"].isin(album.study.gold(dataset)["image_id"])]
    scores = album.study.scores(dataset, "generated")[["caption_id", "seed", "clipscore"]]
    scored = index.merge(scores, on=["caption_id", "seed"]).sort_values(["clipscore", "key"], kind="stable")
    worst = scored.groupby("caption_id", sort=False).head(1).head(each)
    best = scored[::-1].groupby("caption_id", sort=False).head(1).head(each)
    if len(index["caption_id"].unique()) < 2 * each:
        return None
    cell = (FULL_MM - 3 * GAP_MM * (each - 1)) / each
    side, head = (cell - GAP_MM) / 2, LINE_MM + 0.8
    step = head + side + 3 * SMALL_MM + 2
    canvas = Canvas(FULL_MM, 2 * step)
    for line, (title, rows) in enumerate({"Les mieux notées par CLIP": best, "Les moins bien notées": worst}.items()):
        canvas.words([title], 0, line * step, TEXT, bold=True)
        for place, row in enumerate(table_rows(rows)):
            x, y = place * (cell + 3 * GAP_MM), line * step + head
            if golden:
                canvas.picture(album.gold(dataset, row.image_id), x, y, side, gold=True)
            canvas.picture(album.drawn(f"images/{dataset}", row), x + golden * (side + GAP_MM), y, side)
            text = f"{number(row.clipscore, 2)} – {row.text}"
            canvas.words(wrapped(text, cell, SMALL, 3), x, y + side + 0.3, SMALL)
    return Sheet(
        f"extremes_{dataset}",
        canvas.done(),
        f"Images générées par {_model(album.study, dataset)} au plus haut score CLIP, pour : {_list(best['text'])} ; "
        f"et au plus bas, pour : {_list(worst['text'])}.",
        f"Images générées ({album.study.label(dataset)}) aux scores CLIP les plus hauts et les plus bas, une par "
        + ("légende, à droite de leur image de référence (encadrée)." if golden else "légende."),
        f"artifacts/clip/{dataset}",
        _shown(dataset, [*best["image_id"], *worst["image_id"]] if golden else []),
    )


def landscapes(album: Album, each: int = 6) -> Sheet | None:
    """Kept pictures, chosen at random, and the refused ones that came nearest, with score and reason."""
    images = album.study.table("landscapes/landscapes.parquet")
    images = images[images["dataset"].isin(album.study.datasets)].set_index("image_id", drop=False).rename_axis(None)
    images = images[np.array([album.has_gold(row.dataset, row.image_id) for row in table_rows(images)], dtype=bool)]
    kept = images.loc[at_random(images.loc[images["kept"], "image_id"], each)]
    refused = images[~images["kept"]].sort_values(["score", "image_id"], ascending=[False, True]).head(each)
    if images.empty:
        return None
    side = (FULL_MM - 2 * GAP_MM * (each - 1)) / each
    head = LINE_MM + 0.8
    step = head + side + 5 * SMALL_MM + 1.5
    groups = {"Retenues (au hasard)": kept, "Refusées (les plus proches du seuil)": refused}
    groups = {title: rows for title, rows in groups.items() if len(rows)}
    canvas = Canvas(FULL_MM, step * len(groups))
    for line, (title, rows) in enumerate(groups.items()):
        canvas.words([title], 0, line * step, TEXT, bold=True)
        for place, row in enumerate(table_rows(rows)):
            x, y = place * (side + 2 * GAP_MM), line * step + head
            canvas.picture(album.gold(row.dataset, row.image_id), x, y, side, foot=True)
            reason = wrapped(f"{number(row.score, 2)} : {row.reasons}", side, SMALL, 3, bold=True)
            canvas.words(reason, x, y + side + 0.3, SMALL, bold=True)
            below = y + side + 0.3 + len(reason) * SMALL_MM
            canvas.words(wrapped(row.captions[0], side, SMALL, 2), x, below, SMALL)
    return Sheet(
        "landscapes_filter",
        canvas.done(),
        f"Images retenues par le filtre des paysages : {_list(_first(kept))} ; refusées : {_list(_first(refused))}.",
        "Images retenues et refusées par le filtre des paysages, avec leur score, la règle et une légende.",
        "artifacts/landscapes/landscapes.parquet",
        [(row.dataset, row.image_id) for rows in groups.values() for row in table_rows(rows)],
    )


def samples(album: Album) -> Sheet | None:
    """The same prompts drawn by the start model and by the landscape model."""
    return _samples(album, "samples", FULL_MM, prompts=5, draws=3)


def samples_note(album: Album) -> Sheet | None:
    """The same for the note: fewer prompts, on 108 mm."""
    return _samples(album, "samples_note", 108, prompts=3, draws=3)


def _samples(album: Album, name: str, width: float, *, prompts: int, draws: int) -> Sheet | None:
    index = album.study.table("samples/index.parquet")
    texts = list(dict.fromkeys(index["text"]))[:prompts]
    if not texts:
        return None
    most = min(draws, int(index.groupby(["source", "caption_id"]).size().max()))
    columns = {"start_model": "Modèle de départ", "landscape_model": "Modèle de paysages"}
    words = WORDS_MM * (0.6 + 0.4 * width / FULL_MM)
    side = min(26.0 * width / FULL_MM, (width - words - GAP_MM) / (2 * most) - GAP_MM)
    block = most * (side + GAP_MM) + 2 * GAP_MM
    lefts = {source: words + place * block for place, source in enumerate(columns)}
    canvas = Canvas(words + 2 * block - 3 * GAP_MM, LINE_MM + 1 + len(texts) * (side + GAP_MM) - GAP_MM)
    _heads(canvas, {0: "Requête"} | {lefts[source]: title for source, title in columns.items()})
    for place, text in enumerate(texts):
        y = LINE_MM + 1 + place * (side + GAP_MM)
        canvas.words(wrapped(text, words - 2, TEXT, 5), 0, y + side / 2, TEXT, middle=True)
        for source, left in lefts.items():
            rows = index[(index["text"] == text) & (index["source"] == source)].sort_values("seed").head(most)
            for number_, row in enumerate(table_rows(rows)):
                canvas.picture(album.drawn("samples", row), left + number_ * (side + GAP_MM), y, side)
    return Sheet(
        name,
        canvas.done(),
        "Images tirées du modèle de départ (à gauche) et du modèle de paysages (à droite) pour les requêtes : "
        f"{_list(texts)}.",
        "Mêmes requêtes, mêmes graines : modèle de départ et modèle de paysages.",
        "artifacts/samples",
    )


def _shown(dataset: str, images: Iterable[str]) -> Shown:
    """The gold pictures of a sheet, each once."""
    return [(dataset, image) for image in dict.fromkeys(images)]


def _captions(study: Study, dataset: str, most: int) -> tuple[pd.DataFrame, bool]:
    """Drawn captions, chosen at random, and whether the dataset has gold pictures: then only captions with theirs."""
    captions, gold = drawn_captions(study, dataset), study.gold(dataset)["image_id"]
    if len(gold):
        captions = captions[captions["image_id"].isin(gold)]
    captions = captions.set_index("caption_id", drop=False)
    return captions.loc[at_random(captions.index, most)], len(gold) > 0


def _heads(canvas: Canvas, heads: dict[float, str]) -> None:
    for x, title in heads.items():
        canvas.words([title], x, 0, TEXT, bold=True)


def _model(study: Study, dataset: str) -> str:
    names = study.images(dataset)["model"].str.split("@").str[0].unique()
    return ", ".join(f"le modèle {name}" for name in sorted(names))


def _first(rows: pd.DataFrame) -> list[str]:
    return [str(captions[0]) for captions in rows["captions"]]


def _list(texts: Sequence[Any] | pd.Series) -> str:
    return " ; ".join(f"« {text} »" for text in texts)
