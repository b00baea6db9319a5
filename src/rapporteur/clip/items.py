"""The kept vectors of a study's pictures and texts: made where missing, taken again from an earlier output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rapporteur.clip.encoder import Encoder, decided_by, pack, unpack
from rapporteur.clip.model import local_digest
from rapporteur.core.keep import Earlier, ItemStore, Kept, item_key, keep, listed
from rapporteur.core.provenance import previous_output
from rapporteur.study.pictures import Corpus
from rapporteur.vocabulary.clip import FEATURES

TEXTS = 32  # batches of texts between two savings: texts of one width are encoded together


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


def encode(
    encoder: Encoder, weights: str, study: Corpus, store: ItemStore, out: Path
) -> tuple[dict[str, str], dict[str, str], Kept]:
    """Make the missing vectors; returns the keys by picture digest, those by text, and how many were made."""
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
    return images, texts, kept


def feature_rows(store: ItemStore, images: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A row of features.parquet for each item, pictures first, by key."""
    for kind, keys in (("image", images.values()), ("text", texts.values())):
        for key in sorted(keys):
            tokens, _, vector = unpack(store.get(key))
            yield {"key": key, "kind": kind, "tokens": tokens, "feature": vector.tolist()}
