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

from dataclasses import replace

from rapporteur.clip.items import ClipParams, encode, write_features
from rapporteur.clip.scorer import Scorer, candidate_texts, mismatched_texts, retrieval_rows, rows_of, variant_texts
from rapporteur.core.errors import run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import ItemStore
from rapporteur.core.stage import Stage
from rapporteur.core.tables import table_of, write_table
from rapporteur.study.pictures import read_corpus, reconstructed_pictures
from rapporteur.vocabulary.clip import RETRIEVAL, SCORES

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


def main() -> None:
    dataset = STAGE.dataset()
    params = STAGE.params(ClipParams)
    encoder, store = params.encoder(), ItemStore("clip")
    study = read_corpus(dataset)
    study = replace(study, pictures=[*study.pictures, *reconstructed_pictures(dataset)])
    encoded = encode(encoder, study, store, STAGE.out(dataset))
    items = encoded.items(store)
    vectors = {name: vector for name, (_, _, vector) in items.items()}
    cut = {text: items[text][0] > items[text][1] for text in encoded.texts}
    borrowed = mismatched_texts(study.captions, params.seed)
    candidates = candidate_texts(study.captions, params.candidates, params.seed)
    scorer = Scorer(vectors, cut, borrowed, candidates, variant_texts(study.variants))
    scores = table_of(rows_of(study, scorer), SCORES)
    found = ({"dataset": dataset} | row for row in retrieval_rows(study, vectors))
    with new_folder(STAGE.out(dataset)) as out:
        write_table(scores, out / "scores.parquet", SCORES)
        write_table(table_of(found, RETRIEVAL), out / "retrieval.parquet", RETRIEVAL)
        write_features(encoded, items, encoder, out)
    print(f"clip: {len(scores)} pairs; {encoded.kept.made} of {len(items)} pictures and texts encoded now")


if __name__ == "__main__":
    run_stage(main)
