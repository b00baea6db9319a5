"""Which text each picture of a study meets, and the score of each pair.

A picture is scored with its caption, ranked among candidates, with another picture's caption, with the alternative and
the foil; and each picture looks for its text among all, each text for its picture (clip/retrieval.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from rapporteur.clip.model import Features
from rapporteur.clip.retrieval import generated_rows, gold_rows
from rapporteur.clip.score import clipscore, cosine
from rapporteur.study.pictures import GENERATED_SOURCE, GOLD_SOURCE, RECONSTRUCTED_SOURCE, Corpus, StudyPicture


def ring(names: Sequence[str], seed: int) -> list[str]:
    """The distinct names in an order that their hashes give, so that a new name moves no other."""
    return sorted(set(names), key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())


def mismatched_texts(captions: pd.DataFrame, seed: int) -> dict[str, str]:
    """For each caption id, the text of a caption of another picture.

    The pictures stand in a ring; each borrows from the next one its caption of the same place (the first the first).
    So no picture keeps its own and each lends once, except that a text which is also the picture's own is passed over
    for the following picture's. A caption for which there is no other text is left out.
    """
    pictures = {str(image): rows for image, rows in captions.groupby("image_id", sort=False)}
    texts = {image: list(rows["text"]) for image, rows in pictures.items()}
    order = ring(list(texts), seed)
    borrowed = {}
    for place, image in enumerate(order):
        for number, caption in enumerate(pictures[image]["caption_id"]):
            offers = (texts[other][number % len(texts[other])] for other in _after(order, place))
            text = next((offer for offer in offers if offer not in texts[image]), None)
            if text is not None:
                borrowed[str(caption)] = text
    return borrowed


def candidate_texts(captions: pd.DataFrame, count: int, seed: int) -> dict[str, list[str]]:
    """For each caption id, its own text, then up to `count` - 1 texts of other pictures.

    The distinct texts stand in a ring; the candidates are those that follow, without the picture's own.
    """
    order = ring(list(captions["text"]), seed)
    places = {text: place for place, text in enumerate(order)}
    own = {image: set(rows["text"]) for image, rows in captions.groupby("image_id", sort=False)}
    found = {}
    for image, caption, text in captions[["image_id", "caption_id", "text"]].itertuples(index=False):
        others = (other for other in _after(order, places[text]) if other not in own[image])
        found[caption] = [text, *islice(others, count - 1)]
    return found


def variant_texts(variants: pd.DataFrame) -> dict[str, dict[str, str]]:
    """For each caption id that has them, the texts of its alternative and of its foil, by kind."""
    found: dict[str, dict[str, str]] = {}
    for original, kind, text in variants[["original_id", "kind", "text"]].itertuples(index=False):
        found.setdefault(original, {})[kind] = text
    return found


def _after(order: Sequence[str], place: int) -> Iterator[str]:
    """The others of a ring, from the next one on."""
    return (order[(place + step) % len(order)] for step in range(1, len(order)))


@dataclass(frozen=True)
class Scorer:
    """Scores pictures with texts whose features are known."""

    vectors: Mapping[str, Features]  # by picture digest and by text
    cut: Mapping[str, bool]  # which texts were cut
    borrowed: Mapping[str, str]  # `mismatched_texts`
    candidates: Mapping[str, Sequence[str]]  # `candidate_texts`
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # `variant_texts`

    def rows(self, picture: StudyPicture, caption_id: str) -> Iterator[dict[str, Any]]:
        """The picture with its caption, ranked among the candidates, then with a caption that is not its own, and with
        the caption's alternative and foil, where there are; a reconstruction meets its own caption alone.
        """
        kind = picture.source
        texts = self.candidates[caption_id]
        image = self.vectors[picture.digest]
        cosines = cosine(image, np.stack([self.vectors[text] for text in texts]))
        rank = {"rank": 1 + int((cosines[1:] > cosines[0]).sum()), "candidates": len(texts)}
        yield self._row(picture, caption_id, texts[0], float(cosines[0])) | {"pair": kind} | rank
        if kind == RECONSTRUCTED_SOURCE:
            return
        others = {"mismatched": self.borrowed.get(caption_id)} | dict(self.variants.get(caption_id, {}))
        for name, other in others.items():
            if other is not None:
                value = float(cosine(image, self.vectors[other][None])[0])
                none = {"pair": f"{kind}_{name}", "rank": None, "candidates": None}
                yield self._row(picture, caption_id, other, value) | none

    def _row(self, picture: StudyPicture, caption_id: str, text: str, value: float) -> dict[str, Any]:
        place = {"dataset": picture.dataset, "image_id": picture.image_id, "caption_id": caption_id}
        score = {"cosine": value, "clipscore": clipscore(value), "tokens_cut": self.cut[text]}
        return place | {"seed": picture.seed, "text": text} | score


def rows_of(study: Corpus, scorer: Scorer) -> Iterator[dict[str, Any]]:
    """The rows of each picture: gold ones and their like with each caption, generated ones with the one drawn."""
    captions = {image: list(rows["caption_id"]) for image, rows in study.captions.groupby("image_id", sort=False)}
    for picture in study.pictures:
        for caption in captions[picture.image_id] if picture.caption_id is None else [picture.caption_id]:
            yield from scorer.rows(picture, caption)


def retrieval_rows(study: Corpus, vectors: Mapping[str, Features]) -> Iterator[dict[str, Any]]:
    """Each picture among all texts and each text among all pictures: gold with the originals, generated with theirs."""
    originals = study.captions[study.captions["original_id"].isna()]
    gold = {one.image_id: vectors[one.digest] for one in study.pictures if one.source == GOLD_SOURCE}
    texts = dict(zip(study.captions["caption_id"], study.captions["text"], strict=True))
    names = ["image_id", "caption_id", "seed", "digest"]
    drawn = [[getattr(one, name) for name in names] for one in study.pictures if one.source == GENERATED_SOURCE]
    made = pd.DataFrame(drawn, columns=names).assign(text=lambda table: table["caption_id"].map(texts))
    yield from gold_rows(originals, gold, vectors)
    yield from generated_rows(made, vectors, vectors)
