"""CLIP: how well each picture of a dataset's study fits its caption, its alternative, its foil and another's caption.

Reads   artifacts/captions/<dataset> and its gold pictures, artifacts/images/<dataset>, the CLIP model, and
        artifacts/reconstructions/<dataset>: gold pictures as the VQGAN gives them back.
Writes  artifacts/clip/<dataset>/scores.parquet, retrieval.parquet, features.parquet (vocabulary/clip.py), model.json.
Keeps   each vector in .items/clip: one new caption costs its own text and pictures.
Costs   3 s to load torch, then about 4 ms a picture with the sample model and 0.4 s with ViT-B/32 on one core in
        float64, half of it in float32. With nothing to encode, torch is not loaded.

    python -m rapporteur.stages.clip shapes
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rapporteur.clip.encoder import Encoder, decided_by, pack, unpack
from rapporteur.clip.model import EXACT, Precision, local_digest
from rapporteur.clip.scorer import Scorer, candidate_texts, mismatched_texts, retrieval_rows, rows_of, variant_texts
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder, write_atomic
from rapporteur.core.keep import Earlier, ItemStore, Kept, item_key, keep, listed
from rapporteur.core.params import strict
from rapporteur.core.provenance import previous_output
from rapporteur.core.stage import Stage
from rapporteur.core.tables import table_of, write_table
from rapporteur.study.pictures import Study, read_study, reconstructed_pictures
from rapporteur.vocabulary.clip import FEATURES, RETRIEVAL, SCORES

STAGE = Stage(
    "clip",
    reads=(
        "artifacts/captions/{dataset}",
        "artifacts/images/{dataset}",
        "artifacts/reconstructions/{dataset}",
        "${clip.model}",
    ),
    each=True,
)

TEXTS = 32  # batches of texts between two savings: texts of one width are encoded together


@strict
class ClipParams:
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


def encode(
    encoder: Encoder, weights: str, study: Study, store: ItemStore, dataset: str
) -> tuple[dict[str, str], dict[str, str], Kept]:
    """Make the missing vectors; returns the keys by picture digest, those by text, and how many were made."""
    common = decided_by(encoder, weights)
    images = {picture.digest: item_key({"image": picture.digest} | common) for picture in study.pictures}
    named = (*study.captions["text"], *study.variants["text"])
    texts = {text: item_key({"text": text} | common) for text in named}
    before = lambda: earlier(previous_output(STAGE.out(dataset).as_posix()))  # noqa: E731
    by_digest = {picture.digest: picture for picture in reversed(study.pictures)}
    pictures, batch, label = [by_digest[digest] for digest in images], encoder.batch, f"clip {dataset}"
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


def main() -> None:
    dataset = STAGE.dataset()
    params = STAGE.params(ClipParams)
    encoder, store = params.encoder(), ItemStore("clip")
    study = read_study(dataset)
    study = replace(study, pictures=[*study.pictures, *reconstructed_pictures(dataset)])
    weights = weights_digest(encoder, store)
    images, texts, kept = encode(encoder, weights, study, store, dataset)
    items = {name: unpack(store.get(key)) for name, key in (images | texts).items()}
    vectors = {name: vector for name, (_, _, vector) in items.items()}
    cut = {text: items[text][0] > items[text][1] for text in texts}
    borrowed = mismatched_texts(study.captions, params.seed)
    candidates = candidate_texts(study.captions, params.candidates, params.seed)
    scorer = Scorer(vectors, cut, borrowed, candidates, variant_texts(study.variants))
    scores = table_of(rows_of(study, scorer), SCORES)
    found = ({"dataset": dataset} | row for row in retrieval_rows(study, vectors))
    model = {"model": params.model, "pretrained": params.pretrained, "digest": weights}
    about = model | {"precision": encoder.precision, "context_length": max(items[text][1] for text in texts)}
    with new_folder(STAGE.out(dataset)) as out:
        write_table(scores, out / "scores.parquet", SCORES)
        write_table(table_of(found, RETRIEVAL), out / "retrieval.parquet", RETRIEVAL)
        write_table(table_of(feature_rows(store, images, texts), FEATURES), out / "features.parquet", FEATURES)
        write_atomic(out / "model.json", (json.dumps(about, indent=2) + "\n").encode())
    print(f"clip: {len(scores)} pairs; {kept.made} of {len(items)} pictures and texts encoded now")


if __name__ == "__main__":
    run_stage(main)
