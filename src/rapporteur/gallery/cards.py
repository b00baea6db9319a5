"""What the gallery shows of each caption: its gold picture, all its draws, and what was measured of them; and the
landscape model's samples beside those of its start.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from PIL import Image

from rapporteur.study.pictures import GOLD_SOURCE, StudyPicture, read_corpus, sample_pictures
from rapporteur.study.tables import Study
from rapporteur.vocabulary.losses import LEARNT
from rapporteur.vocabulary.ratings import SET_ASIDE

SAMPLES = "@samples"  # what the prompts of the landscape model stand under: no dataset can be called so
OVERALL = "overall"  # the attribute that ratings are sorted by
Place = tuple[str, int | None]  # a gold picture's image_id and None, a drawn one's caption_id and seed


@dataclass(frozen=True)
class Shown:
    """A picture of a card. Numbers are None where nobody measured."""

    digest: str  # SHA-256 of its file
    load: Callable[[], Image.Image]
    seed: int | None  # None: gold
    model: str
    clip: float | None  # CLIPScore with the card's caption
    colourfulness: float | None
    rating: float | None  # mean of people's overall ratings, 1 to 5
    licence: str = ""
    licence_url: str = ""
    source_url: str = ""


@dataclass(frozen=True)
class Card:
    """A caption with its pictures, the gold one first."""

    dataset: str
    caption_id: str
    text: str
    pictures: tuple[Shown, ...]


def cards(study: Study) -> Iterator[Card]:
    """Every caption that was drawn, in the order of its table. Raises BadInput for a missing or damaged table."""
    for dataset in study.datasets:
        corpus = read_corpus(dataset, study.root)
        told = _Told(study, dataset)
        gold = {picture.image_id: picture for picture in corpus.pictures if picture.source == GOLD_SOURCE}
        drawn: dict[str | None, list[StudyPicture]] = {}
        for picture in corpus.pictures:
            if picture.source != GOLD_SOURCE:
                drawn.setdefault(picture.caption_id, []).append(picture)
        for row in corpus.captions[corpus.captions["draws"] > 0].itertuples():
            own = [gold[str(row.image_id)]] if str(row.image_id) in gold else []
            pictures = [*own, *sorted(drawn.get(str(row.caption_id), []), key=lambda picture: picture.seed or 0)]
            shown = tuple(told.of(picture, str(row.caption_id)) for picture in pictures)
            yield Card(dataset, str(row.caption_id), str(row.text), shown)


def sample_cards(study: Study) -> Iterator[Card]:
    """Every prompt that the landscape model and its start drew, the start's samples first; none in a study without."""
    index, judged = study.table("samples/index.parquet"), study.table("judgement/samples.parquet")
    scores = judged.set_index(["source", "caption_id", "seed"])["clipscore"].to_dict()
    drawn: dict[str | None, list[StudyPicture]] = {}
    for picture in sample_pictures(index, study.root / "samples"):
        drawn.setdefault(picture.caption_id, []).append(picture)
    texts = dict(zip(index["caption_id"], index["text"], strict=True))
    for name, pictures in drawn.items():
        ordered = sorted(pictures, key=lambda picture: (LEARNT.index(picture.source), picture.seed or 0))
        shown = [
            Shown(one.digest, one.load, one.seed, one.source, scores.get((one.source, name, one.seed)), None, None)
            for one in ordered
        ]
        yield Card(SAMPLES, str(name), str(texts[name]), tuple(shown))


class _Told:
    """What the tables of a dataset say of a picture."""

    def __init__(self, study: Study, dataset: str) -> None:
        scores, ratings = study.scores(dataset), study.table("ratings/ratings.parquet")
        ratings = ratings[(ratings["dataset"] == dataset) & (ratings["attribute"] == OVERALL)]
        ratings = ratings[~ratings["standing"].isin(SET_ASIDE)]
        self._clip = _by_place(scores[scores["pair"].isin(("gold", "generated"))], "clipscore", by_caption=True)
        self._rating = _by_place(ratings, "score", by_caption=True)
        self._colour = _by_place(study.table("colour/{}/colour.parquet", dataset), "colourfulness", by_caption=False)
        self._models = dict(zip(study.images(dataset)["digest"], study.images(dataset)["model"], strict=True))
        self._gold: dict[str, Mapping[Hashable, Any]] = {
            row["image_id"]: row for row in study.gold(dataset).to_dict("records")
        }

    def of(self, picture: StudyPicture, caption_id: str) -> Shown:
        seen = (caption_id, picture.seed)
        gold = self._gold.get(picture.image_id, {}) if picture.seed is None else {}
        credit = {name: _text(gold.get(name)) for name in ("licence", "licence_url", "source_url")}
        colour = self._colour.get(seen if picture.seed is not None else (picture.image_id, None))
        return Shown(
            picture.digest, picture.load, picture.seed, self._models.get(picture.digest, ""), self._clip.get(seen),
            colour, self._rating.get(seen), **credit,
        )  # fmt: skip


def _by_place(frame: pd.DataFrame, column: str, *, by_caption: bool) -> dict[Place, float]:
    """The mean of a column for each picture: a gold one under its caption, or under its own name."""
    gold = frame["seed"].isna()
    name = frame["caption_id"] if by_caption else frame["caption_id"].where(~gold, frame["image_id"])
    found = frame.assign(name=name, place=frame["seed"].fillna(-1)).groupby(["name", "place"], as_index=False)
    rows = found[column].mean().itertuples(index=False, name=None)
    return {(str(key), None if place < 0 else int(place)): float(value) for key, place, value in rows}


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
