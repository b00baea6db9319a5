"""CLIP: how well each picture of a dataset's study fits its caption, its alternative, its foil and another's caption.

Reads   artifacts/captions/<dataset> and its gold pictures, artifacts/images/<dataset>, the CLIP model, and
        artifacts/reconstructions/<dataset>: gold pictures as the VQGAN gives them back.
Writes  artifacts/clip/<dataset>/scores.parquet, retrieval.parquet, features.parquet (schemas/clip.py) and model.json.
Costs   3 s to load torch, then about 2 ms per picture with the sample model and 200 ms with ViT-B/32 on one core;
        one new caption costs its own text and pictures. With nothing to encode, torch is not loaded.

    python -m rapporteur.stages.clip shapes
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rapporteur.clip.retrieval import generated_rows, gold_rows
from rapporteur.clip.score import clipscore, cosine
from rapporteur.core.code import code_version
from rapporteur.core.engine import make_missing, missing
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder, write_atomic
from rapporteur.core.items import ItemStore, item_key
from rapporteur.core.params import stage_params, strict
from rapporteur.core.provenance import previous_output
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.gallery import (
    GENERATED_SOURCE,
    GOLD_SOURCE,
    RECONSTRUCTED_SOURCE,
    Study,
    StudyPicture,
    read_study,
    reconstructed_pictures,
)
from rapporteur.models.clip import (
    Features,
    Precision,
    image_features,
    load_clip,
    local_digest,
    text_features,
    text_widths,
    token_counts,
)
from rapporteur.schemas.clip import FEATURES, RETRIEVAL, SCORES

TEXTS = 8  # batches of texts between two savings: the last batch of each width is filled up, so few are better
LIBRARIES = ("torch", "torchvision", "open_clip_torch")


@strict
class ClipParams:
    model: str  # a folder, one of open_clip's names, or hf-hub:owner/name
    pretrained: str | None  # for a name: a tag or a weight file
    batch: int  # pictures or texts encoded at once; part of every key, for it moves the last bits
    candidates: int  # texts among which the right one is ranked, itself included
    seed: int  # of the candidates and of the mismatched pairs
    precision: Precision | None = None  # null: float32; bfloat16 is 4 times as fast where a CPU has AMX


class Encoder:
    """The CLIP model, loaded when it is first used."""

    def __init__(self, params: ClipParams, store: ItemStore) -> None:
        self.params, self.store = params, store

    @cached_property
    def loaded(self) -> tuple[Any, Any, Any, str]:
        return load_clip(self.params.model, self.params.pretrained, self.precision)

    @property
    def precision(self) -> Precision:
        return self.params.precision or "float32"

    @cached_property
    def digest(self) -> str:
        """Of the weights. A hub's model is loaded once to know it; a tag always names the same weights."""
        local = local_digest(self.params.model, self.params.pretrained)
        if local is not None:
            return local
        note = item_key({"model": self.params.model, "pretrained": self.params.pretrained})
        if not self.store.has(note):
            self.store.put(note, self.loaded[3].encode())
        return self.store.get(note).decode()

    def key(self, kind: str, content: str) -> str:
        """The item key of a picture (by digest) or a text."""
        how = {"model": self.digest, "batch": self.params.batch, "precision": self.precision}
        return item_key({kind: content} | how | self._versions)

    @cached_property
    def _versions(self) -> dict[str, object]:
        return {"code": code_version(Encoder), "libraries": [version(name) for name in LIBRARIES]}

    def images(self, pictures: list[StudyPicture]) -> list[bytes]:
        from rapporteur.models.clip_encoding import in_threads  # imports torch

        network, preprocess, _, _ = self.loaded
        loaded = in_threads(lambda picture: picture.load(), pictures)
        return [pack(vector) for vector in image_features(network, preprocess, loaded, self.params.batch)]

    def texts(self, texts: list[str]) -> list[bytes]:
        network, _, tokenizer, _ = self.loaded
        vectors = text_features(network, tokenizer, texts, self.params.batch)
        counts = token_counts(tokenizer, texts)
        return [pack(vector, count, tokenizer.context_length) for vector, count in zip(vectors, counts, strict=True)]

    def by_width(self, texts: list[str]) -> list[str]:
        """The texts in an order that fills batches, for each text is cropped to its own width."""
        network, _, tokenizer, _ = self.loaded
        widths = text_widths(network, tokenizer, texts)
        return [text for _, text in sorted(zip(widths, texts, strict=True), key=lambda pair: pair[0])]


def pack(vector: Features, tokens: int = 0, context: int = 0) -> bytes:
    """An item: tokens of the text, context length, then the vector as little-endian float32."""
    return struct.pack("<ii", tokens, context) + vector.astype("<f4").tobytes()


def unpack(item: bytes) -> tuple[int, int, Features]:
    """Tokens, context length and vector of an item."""
    tokens, context = struct.unpack_from("<ii", item)
    return tokens, context, np.frombuffer(item, dtype="<f4", offset=8).astype(np.float32)


def refill(store: ItemStore, wanted: set[str], output: Mapping[str, Path]) -> None:
    """Put wanted features of an earlier output back into the store; none where there is no such output."""
    try:
        rows = read_table(output["features.parquet"], FEATURES).to_dict("records")
        context = int(json.loads(output["model.json"].read_text(encoding="utf-8"))["context_length"])
    except (KeyError, BadInput):
        return
    for row in (row for row in rows if row["key"] in wanted):
        vector = np.asarray(row["feature"], dtype=np.float32)
        store.put(row["key"], pack(vector, row["tokens"], context if row["kind"] == "text" else 0))


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


def rows_of(study: Study, scorer: Scorer) -> Iterator[dict[str, Any]]:
    """The rows of each picture: gold ones and their like with each caption, generated ones with the one drawn."""
    captions = {image: list(rows["caption_id"]) for image, rows in study.captions.groupby("image_id", sort=False)}
    for picture in study.pictures:
        for caption in captions[picture.image_id] if picture.caption_id is None else [picture.caption_id]:
            yield from scorer.rows(picture, caption)


def retrieval_rows(study: Study, vectors: Mapping[str, Features]) -> Iterator[dict[str, Any]]:
    """Each picture among all texts and each text among all pictures: gold with the originals, generated with theirs."""
    originals = study.captions[study.captions["original_id"].isna()]
    gold = {one.image_id: vectors[one.digest] for one in study.pictures if one.source == GOLD_SOURCE}
    texts = dict(zip(study.captions["caption_id"], study.captions["text"], strict=True))
    names = ["image_id", "caption_id", "seed", "digest"]
    drawn = [[getattr(one, name) for name in names] for one in study.pictures if one.source == GENERATED_SOURCE]
    made = pd.DataFrame(drawn, columns=names).assign(text=lambda table: table["caption_id"].map(texts))
    yield from gold_rows(originals, gold, vectors)
    yield from generated_rows(made, vectors, vectors)


def encode(encoder: Encoder, study: Study, dataset: str) -> tuple[dict[str, str], dict[str, str], int]:
    """Make the missing features; returns the keys by picture digest, those by text, and how many were made."""
    images = {picture.digest: encoder.key("image", picture.digest) for picture in study.pictures}
    texts = {text: encoder.key("text", text) for text in (*study.captions["text"], *study.variants["text"])}
    keys = [*images.values(), *texts.values()]
    if wanted := {keys[place] for place in missing(encoder.store, keys)}:
        refill(encoder.store, wanted, previous_output(f"artifacts/clip/{dataset}"))
    by_digest = {picture.digest: picture for picture in reversed(study.pictures)}
    batch, store = encoder.params.batch, encoder.store
    pictures, image_keys = [by_digest[digest] for digest in images], list(images.values())
    made = make_missing(store, image_keys, pictures, encoder.images, batch, f"clip {dataset}", "pictures")
    new = [text for text, key in texts.items() if not store.has(key)]
    new = encoder.by_width(new) if new else []
    many = TEXTS * batch
    made += make_missing(store, [texts[text] for text in new], new, encoder.texts, many, f"clip {dataset}", "texts")
    return images, texts, made


def feature_rows(store: ItemStore, images: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A row of features.parquet for each item, pictures first, by key."""
    for kind, keys in (("image", images.values()), ("text", texts.values())):
        for key in sorted(keys):
            tokens, _, vector = unpack(store.get(key))
            yield {"key": key, "kind": kind, "tokens": tokens, "feature": vector.tolist()}


def check(params: ClipParams) -> None:
    if params.batch < 1 or params.candidates < 2:
        raise BadInput("`clip.batch` starts at 1 and `clip.candidates` at 2", "params.yaml")


def main() -> None:
    dataset = sys.argv[1]
    params = stage_params(ClipParams, "clip")
    check(params)
    study = read_study(dataset)
    study = replace(study, pictures=[*study.pictures, *reconstructed_pictures(dataset)])
    encoder = Encoder(params, ItemStore("clip"))
    images, texts, made = encode(encoder, study, dataset)
    items = {name: unpack(encoder.store.get(key)) for name, key in (images | texts).items()}
    vectors = {name: vector for name, (_, _, vector) in items.items()}
    cut = {text: items[text][0] > items[text][1] for text in texts}
    borrowed = mismatched_texts(study.captions, params.seed)
    candidates = candidate_texts(study.captions, params.candidates, params.seed)
    scorer = Scorer(vectors, cut, borrowed, candidates, variant_texts(study.variants))
    scores = table_of(rows_of(study, scorer), SCORES)
    found = ({"dataset": dataset} | row for row in retrieval_rows(study, vectors))
    model = {"model": params.model, "pretrained": params.pretrained, "digest": encoder.digest}
    about = model | {"context_length": max(items[text][1] for text in texts)}
    with new_folder(Path("artifacts/clip") / dataset) as out:
        write_table(scores, out / "scores.parquet", SCORES)
        write_table(table_of(found, RETRIEVAL), out / "retrieval.parquet", RETRIEVAL)
        write_table(table_of(feature_rows(encoder.store, images, texts), FEATURES), out / "features.parquet", FEATURES)
        write_atomic(out / "model.json", (json.dumps(about, indent=2) + "\n").encode())
    print(f"clip: {len(scores)} pairs; {made} of {len(items)} pictures and texts encoded now")


if __name__ == "__main__":
    run_stage(main)
