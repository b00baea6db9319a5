"""The kept vectors of a study's pictures and texts: made where missing, taken again from an earlier output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rapporteur.clip.encoder import Encoder, decided_by, pack, unpack
from rapporteur.clip.model import EXACT, Features, Precision, local_digest
from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.core.keep import Earlier, ItemStore, Kept, item_key, keep, listed
from rapporteur.core.params import strict
from rapporteur.core.provenance import previous_output
from rapporteur.core.tables import table_of, write_table
from rapporteur.study.pictures import Corpus
from rapporteur.vocabulary.clip import FEATURES

Items = Mapping[str, tuple[int, int, Features]]  # tokens, context length and vector, by picture digest and by text
TEXTS = 32  # batches of texts between two savings: texts of one width are encoded together


@strict
class ClipParams:
    """The block `clip` of params.yaml."""

    model: str  # a folder, one of open_clip's names, or hf-hub:owner/name
    pretrained: str | None = None  # for a name: a tag or a weight file
    batch: int = 32  # pictures or texts encoded at once
    candidates: int = 20  # texts among which the right one is ranked, itself included
    seed: int = 0  # of the candidates and of the mismatched pairs
    precision: Precision | None = None  # null: float64, the same everywhere; bfloat16 is fast where a CPU has AMX

    def encoder(self) -> Encoder:
        if self.batch < 1 or self.candidates < 2:
            raise BadInput("`clip.batch` starts at 1 and `clip.candidates` at 2", "params.yaml")
        return Encoder(self.model, self.pretrained, self.precision or EXACT, self.batch)


def weights_digest(encoder: Encoder, store: ItemStore) -> str:
    """Of the weights. A hub's model is loaded once to know it; a tag always names the same weights."""
    local = local_digest(encoder.model, encoder.pretrained)
    if local is not None:
        return local
    note = item_key({"model": encoder.model, "pretrained": encoder.pretrained})
    if not store.has(note):
        store.put(note, encoder.loaded[3].encode())
    return store.get(note).decode()


def earlier(output: Mapping[str, Path]) -> Earlier:
    """Vectors of an earlier output; none where there is no such output."""
    context = json.loads(output["model.json"].read_bytes())["context_length"] if "model.json" in output else 0

    def item(row: Mapping[Any, Any]) -> bytes:
        vector = np.asarray(row["feature"], dtype=np.float32)
        return pack(vector, row["tokens"], int(context) if row["kind"] == "text" else 0)

    return listed(output.get("features.parquet") if context else None, FEATURES, item)


@dataclass(frozen=True)
class Encoded:
    """The vectors of a study's pictures and texts, by their keys in the store."""

    images: dict[str, str]  # key by picture digest
    texts: dict[str, str]  # key by text
    kept: Kept
    weights: str  # digest of the model's

    def items(self, store: ItemStore) -> Items:
        """Each of them, read from the store."""
        return {name: unpack(store.get(key)) for name, key in (self.images | self.texts).items()}


def encode(encoder: Encoder, study: Corpus, store: ItemStore, out: Path) -> Encoded:
    """Make the vectors that are missing."""
    weights = weights_digest(encoder, store)
    common = decided_by(encoder, weights)
    images = {picture.digest: item_key({"image": picture.digest} | common) for picture in study.pictures}
    named = (*study.captions["text"], *study.variants["text"])
    texts = {text: item_key({"text": text} | common) for text in named}
    before = lambda: earlier(previous_output(out.as_posix()))  # noqa: E731
    by_digest = {picture.digest: picture for picture in reversed(study.pictures)}
    pictures, batch, label = [by_digest[digest] for digest in images], encoder.batch, f"clip {out.name}"
    kept = keep(store, list(images.values()), pictures, encoder.images, batch=batch, label=label, earlier=before)
    many = TEXTS * batch
    kept += keep(
        store, list(texts.values()), list(texts), encoder.texts, batch=many, label=label, unit="texts", earlier=before
    )
    return Encoded(images, texts, kept, weights)


def write_features(found: Encoded, items: Items, encoder: Encoder, folder: Path) -> None:
    """features.parquet, pictures first and by key, and model.json: what `earlier` takes again."""
    context = max(items[text][1] for text in found.texts)
    model = {"model": encoder.model, "pretrained": encoder.pretrained, "digest": found.weights}
    about = model | {"precision": encoder.precision, "context_length": context}
    write_table(table_of(_feature_rows(found, items), FEATURES), folder / "features.parquet", FEATURES)
    write_atomic(folder / "model.json", (json.dumps(about, indent=2) + "\n").encode())


def _feature_rows(found: Encoded, items: Items) -> Iterator[dict[str, Any]]:
    for kind, keys in (("image", found.images), ("text", found.texts)):
        for name, key in sorted(keys.items(), key=lambda item: item[1]):
            tokens, _, vector = items[name]
            yield {"key": key, "kind": kind, "tokens": tokens, "feature": vector.tolist()}
