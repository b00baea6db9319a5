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
from rapporteur.report.language import Language
from rapporteur.study.album import Album, drawn_captions, table_rows
from rapporteur.study.tables import Study

SAMPLES = "samples/index.parquet"
SMALL, TEXT = 6.5, 7.5  # points
LINE_MM, SMALL_MM = TEXT * 1.2 * 25.4 / 72, SMALL * 1.2 * 25.4 / 72
WORDS_MM = 30.0  # the column of captions


def compact(album: Album, dataset: str, words: Language, captions: int, draws: int = 3) -> Sheet | None:
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
    kind = "sheet.compact_gold" if golden else "sheet.compact"
    return Sheet(
        f"sheet_{dataset}_note",
        canvas.done(),
        words.say(f"{kind}.alt", model=_model(album.study, dataset, words), captions=_list(rows["text"], words)),
        words.say(f"{kind}.caption", dataset=album.study.label(dataset)),
        f"artifacts/images/{dataset}",
        _shown(dataset, rows["image_id"] if golden else []),
    )


def full(album: Album, dataset: str, words: Language, captions: int, draws: int) -> Sheet | None:
    """For the report: a row a caption, its gold picture, then the pictures drawn."""
    rows, golden = _captions(album.study, dataset, captions)
    if rows.empty:
        return None
    most = min(draws, int(album.study.images(dataset).groupby("caption_id").size().max()))
    side = min(24.0, (FULL_MM - WORDS_MM - 3 * GAP_MM) / (most + golden) - GAP_MM)
    # As wide as the text, however few the pictures: the documents would blow a narrow sheet up beyond the page.
    canvas = Canvas(FULL_MM, LINE_MM + 1 + len(rows) * (side + GAP_MM))
    first = WORDS_MM + golden * (side + GAP_MM) + 3 * GAP_MM
    heads = {0: "sheet.caption_head", first: "sheet.generated_head"} | ({WORDS_MM: "sheet.gold_head"} if golden else {})
    _heads(canvas, {place: words.say(head) for place, head in heads.items()})
    for place, row in enumerate(table_rows(rows)):
        y = LINE_MM + 1 + place * (side + GAP_MM)
        canvas.words(wrapped(row.text, WORDS_MM - 2, TEXT, 5), 0, y + side / 2, TEXT, middle=True)
        if golden:
            canvas.picture(album.gold(dataset, row.image_id), WORDS_MM, y, side, gold=True)
        for number_, picture in enumerate(album.draws(dataset, row.caption_id, most)):
            canvas.picture(picture, first + number_ * (side + GAP_MM), y, side)
    model, kind = _model(album.study, dataset, words), "sheet.full_gold" if golden else "sheet.full"
    return Sheet(
        f"sheet_{dataset}",
        canvas.done(),
        words.say(f"{kind}.alt", most=most, model=model, captions=_list(rows["text"], words)),
        words.say("sheet.full.caption", dataset=album.study.label(dataset)),
        f"artifacts/images/{dataset}",
        _shown(dataset, rows["image_id"] if golden else []),
    )


def gold(album: Album, dataset: str, words: Language, columns: int = 6, lines: int = 2) -> Sheet | None:
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
        words.say("sheet.gold.alt", captions=_list(texts[images], words)),
        words.say("sheet.gold.caption", dataset=album.study.label(dataset)),
        f"artifacts/captions/{dataset}",
        _shown(dataset, images),
    )


def extremes(album: Album, dataset: str, words: Language, each: int = 4) -> Sheet | None:
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
    for line, (end, rows) in enumerate({"best": best, "worst": worst}.items()):
        canvas.words([words.say(f"sheet.extremes.{end}")], 0, line * step, TEXT, bold=True)
        for place, row in enumerate(table_rows(rows)):
            x, y = place * (cell + 3 * GAP_MM), line * step + head
            if golden:
                canvas.picture(album.gold(dataset, row.image_id), x, y, side, gold=True)
            canvas.picture(album.drawn(f"images/{dataset}", row), x + golden * (side + GAP_MM), y, side)
            text = f"{words.numerals.number(row.clipscore, 2)} – {row.text}"
            canvas.words(wrapped(text, cell, SMALL, 3), x, y + side + 0.3, SMALL)
    return Sheet(
        f"extremes_{dataset}",
        canvas.done(),
        words.say(
            "sheet.extremes.alt",
            model=_model(album.study, dataset, words),
            best=_list(best["text"], words),
            worst=_list(worst["text"], words),
        ),
        words.say(
            "sheet.extremes_gold.caption" if golden else "sheet.extremes.caption", dataset=album.study.label(dataset)
        ),
        f"artifacts/clip/{dataset}",
        _shown(dataset, [*best["image_id"], *worst["image_id"]] if golden else []),
    )


def landscapes(album: Album, words: Language, each: int = 6) -> Sheet | None:
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
    groups = {side: rows for side, rows in {"kept": kept, "refused": refused}.items() if len(rows)}
    canvas = Canvas(FULL_MM, step * len(groups))
    for line, (side_of_filter, rows) in enumerate(groups.items()):
        canvas.words([words.say(f"sheet.landscapes.{side_of_filter}")], 0, line * step, TEXT, bold=True)
        for place, row in enumerate(table_rows(rows)):
            x, y = place * (side + 2 * GAP_MM), line * step + head
            canvas.picture(album.gold(row.dataset, row.image_id), x, y, side, foot=True)
            score = words.numerals.number(row.score, 2)
            told = words.say("sheet.landscapes.reason", score=score, reasons=row.reasons)
            reason = wrapped(told, side, SMALL, 3, bold=True)
            canvas.words(reason, x, y + side + 0.3, SMALL, bold=True)
            below = y + side + 0.3 + len(reason) * SMALL_MM
            canvas.words(wrapped(row.captions[0], side, SMALL, 2), x, below, SMALL)
    return Sheet(
        "landscapes_filter",
        canvas.done(),
        words.say("sheet.landscapes.alt", kept=_list(_first(kept), words), refused=_list(_first(refused), words)),
        words.say("sheet.landscapes.caption"),
        "artifacts/landscapes/landscapes.parquet",
        [(row.dataset, row.image_id) for rows in groups.values() for row in table_rows(rows)],
    )


def samples(album: Album, words: Language) -> Sheet | None:
    """The same prompts drawn by the start model and by the landscape model."""
    return _samples(album, words, "samples", FULL_MM, prompts=5, draws=3)


def samples_note(album: Album, words: Language) -> Sheet | None:
    """The same for the note: fewer prompts, on 108 mm."""
    return _samples(album, words, "samples_note", 108, prompts=3, draws=3)


def _samples(album: Album, said: Language, name: str, width: float, *, prompts: int, draws: int) -> Sheet | None:
    """At most so many draws of a prompt; so many prompts as make the sheet as high as `prompts` with all `draws`."""
    index = album.study.table(SAMPLES)
    if index.empty:
        return None
    most = min(draws, int(index.groupby(["source", "caption_id"]).size().max()))
    columns = {source: said.say(f"sheet.{source}") for source in ("start_model", "landscape_model")}
    words = WORDS_MM * (0.6 + 0.4 * width / FULL_MM)
    side, least = (
        min(26.0 * width / FULL_MM, (width - words - GAP_MM) / (2 * count) - GAP_MM) for count in (most, draws)
    )
    texts = list(dict.fromkeys(index["text"]))[: max(1, round(prompts * (least + GAP_MM) / (side + GAP_MM)))]
    block = most * (side + GAP_MM) + 2 * GAP_MM
    lefts = {source: words + place * block for place, source in enumerate(columns)}
    canvas = Canvas(words + 2 * block - 3 * GAP_MM, LINE_MM + 1 + len(texts) * (side + GAP_MM) - GAP_MM)
    _heads(canvas, {0: said.say("sheet.prompt_head")} | {lefts[source]: title for source, title in columns.items()})
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
        said.say("sheet.samples.alt", captions=_list(texts, said)),
        said.say("sheet.samples.caption"),
        "artifacts/samples",
    )


def nearest(album: Album, words: Language, most: int = 6) -> Sheet | None:
    """Samples of the landscape model that lie nearest to a picture of its training, one a prompt, each above it."""
    judged = album.study.table("judgement/samples.parquet")
    mine = judged[judged["source"] == "landscape_model"].sort_values(["nearest_cosine", "key"], ascending=[False, True])
    mine = mine.drop_duplicates("caption_id").head(most)
    real = album.study.table("judgement/landscapes.parquet").set_index("image_id")["dataset"]
    if mine.empty:
        return None
    drawn = {(row.source, row.caption_id, row.seed): row for row in table_rows(album.study.table(SAMPLES))}
    side = (FULL_MM - WORDS_MM / 2 - 2 * GAP_MM * most) / most
    canvas = Canvas(FULL_MM, 2 * side + GAP_MM + LINE_MM + 0.5)
    for line, head in enumerate(("sheet.nearest.drawn", "sheet.nearest.real")):
        canvas.words(
            wrapped(words.say(head), WORDS_MM / 2 - 1, TEXT, 4), 0, line * (side + GAP_MM) + side / 2, TEXT, middle=True
        )
    for place, row in enumerate(table_rows(mine)):
        x = WORDS_MM / 2 + place * (side + 2 * GAP_MM)
        canvas.picture(album.drawn("samples", drawn[row.source, row.caption_id, row.seed]), x, 0, side)
        canvas.picture(album.gold(str(real[row.nearest]), row.nearest), x, side + GAP_MM, side, foot=True)
        canvas.words([words.numerals.number(row.nearest_cosine, 2)], x, 2 * side + GAP_MM + 0.5, SMALL)
    return Sheet(
        "samples_nearest",
        canvas.done(),
        words.say("sheet.nearest.alt", captions=_list(mine["text"], words)),
        words.say("sheet.nearest.caption"),
        "artifacts/judgement",
        [(str(real[name]), name) for name in mine["nearest"]],
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


def _model(study: Study, dataset: str, words: Language) -> str:
    names = study.images(dataset)["model"].str.split("@").str[0].unique()
    return ", ".join(words.say("sheet.model", name=name) for name in sorted(names))


def _first(rows: pd.DataFrame) -> list[str]:
    return [str(captions[0]) for captions in rows["captions"]]


def _list(texts: Sequence[Any] | pd.Series, words: Language) -> str:
    return words.numerals.series([words.numerals.quoted(str(text)) for text in texts])
