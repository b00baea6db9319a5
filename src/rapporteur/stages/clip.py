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
from dataclasses import replace

from rapporteur.clip.encoder import Encoder, unpack
from rapporteur.clip.items import encode, feature_rows, weights_digest
from rapporteur.clip.model import EXACT, Precision
from rapporteur.clip.scorer import Scorer, candidate_texts, mismatched_texts, retrieval_rows, rows_of, variant_texts
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder, write_atomic
from rapporteur.core.keep import ItemStore
from rapporteur.core.params import strict
from rapporteur.core.stage import Stage
from rapporteur.core.tables import table_of, write_table
from rapporteur.study.pictures import read_corpus, reconstructed_pictures
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


def main() -> None:
    dataset = STAGE.dataset()
    params = STAGE.params(ClipParams)
    encoder, store = params.encoder(), ItemStore("clip")
    study = read_corpus(dataset)
    study = replace(study, pictures=[*study.pictures, *reconstructed_pictures(dataset)])
    weights = weights_digest(encoder, store)
    images, texts, kept = encode(encoder, weights, study, store, STAGE.out(dataset))
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
