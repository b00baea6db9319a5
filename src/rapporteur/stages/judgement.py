"""Judgement: the samples of the landscape model and of its start, beside real landscapes: CLIP, colour, kind.

Reads   artifacts/samples, artifacts/tokens, artifacts/captions/<dataset>/gold.parquet and its pictures, the CLIP model
        and the words of each kind of landscape (`judgement.kinds`, a CSV: kind, phrase).
Writes  artifacts/judgement/samples.parquet and landscapes.parquet (vocabulary/judgement.py): the score of each sample
        with its prompt, what each picture is nearest to, its kind and its mean colour, and pictures held out that have
        nearly their like in the training; features.parquet (vocabulary/clip.py) and model.json.
Keeps   each vector in .items/clip; each perceptual hash and mean colour in .items/judgement.
Costs   3 s to load torch, then about 8 ms a picture with the sample model on one core.

    python -m rapporteur.stages.judgement
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from rapporteur.clip.items import ClipParams, encode, write_features
from rapporteur.clip.judged import mean_colours, perceptual_hashes, prompts_of, real_rows, sample_rows, seen_rows
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import ItemStore
from rapporteur.core.params import strict
from rapporteur.core.stage import Stage, artifact
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.dalle.landscape import ModelParams, is_held_out, some
from rapporteur.landscapes.kinds import read_kinds
from rapporteur.study.pictures import Corpus, gold_of, sample_pictures
from rapporteur.vocabulary.captions import GOLD
from rapporteur.vocabulary.images import SAMPLES
from rapporteur.vocabulary.judgement import JUDGED_SAMPLES, REAL_LANDSCAPES
from rapporteur.vocabulary.tokens import TOKENS

STAGE = Stage(
    "judgement",
    reads=(
        "artifacts/samples",
        "artifacts/tokens",
        "artifacts/captions/${landscapes.dataset}/gold.parquet",
        "${clip.model}",
        "${judgement.kinds}",
    ),
    takes=("judgement", "clip", "landscapes.dataset", "model"),
)

OUT = STAGE.out()


@strict
class JudgementParams:
    kinds: str = "data/landscapes/kinds.csv"  # the words of each kind of landscape: kind, phrase
    alike: int = 6  # bits of 64 in which the perceptual hashes of nearly the same picture differ at most
    most: int = 2000  # real landscapes compared: each takes CLIP's time, half a second with ViT-B/32 on a CPU


def main() -> None:
    params = STAGE.params(JudgementParams)
    kinds = read_kinds(Path(params.kinds))
    encoder = STAGE.params(ClipParams, block="clip").encoder()
    model = STAGE.params(ModelParams, block="model")
    tokens = read_table(artifact("tokens") / "tokens.parquet", TOKENS)
    gold = read_table(artifact("captions", str(STAGE.shared("landscapes.dataset"))) / "gold.parquet", GOLD)
    kept = gold[gold["image_id"].isin(tokens["image_id"])]
    real = gold_of(kept[kept["image_id"].isin(some(kept["image_id"], params.most, model.seed))])
    split = ["held_out" if is_held_out(one.image_id, model.held_out, model.seed) else "train" for one in real]
    if split.count("train") < 2:
        raise BadInput(
            f"{split.count('train')} pictures learnt from to compare with; keep more landscapes", "params.yaml"
        )
    index = read_table(artifact("samples") / "index.parquet", SAMPLES)
    samples, prompts = sample_pictures(index), prompts_of(index)
    corpus = Corpus(prompts, [*real, *samples], pd.DataFrame({"text": []}))
    store = ItemStore("clip")
    found = encode(encoder, corpus, store, OUT)
    items = found.items(store)
    vectors = {name: vector for name, (_, _, vector) in items.items()}
    of_real = np.stack([vectors[one.digest] for one in real]).astype(np.float64)
    beside = ItemStore("judgement")
    hashes, colours = perceptual_hashes(real, beside), mean_colours([*real, *samples], beside)
    texts = dict(zip(prompts["caption_id"], prompts["text"], strict=True))
    captions = dict(zip(tokens["image_id"], tokens["captions"], strict=True))
    words = [captions[one.image_id] for one in real] + [[texts[str(one.caption_id)]] for one in samples]
    told = seen_rows([*real, *samples], words, found.images, kinds, colours)
    learnt = [(one.image_id, vectors[one.digest]) for one, part in zip(real, split, strict=True) if part == "train"]
    rows = [*real_rows(real, split, of_real, hashes, params.alike), *sample_rows(samples, texts, vectors, learnt)]
    every = [row | more for row, more in zip(rows, told, strict=True)]
    with new_folder(OUT) as folder:
        write_table(table_of(every[len(real) :], JUDGED_SAMPLES), folder / "samples.parquet", JUDGED_SAMPLES)
        write_table(table_of(every[: len(real)], REAL_LANDSCAPES), folder / "landscapes.parquet", REAL_LANDSCAPES)
        write_features(found, items, encoder, folder)
    print(
        f"judgement: {len(samples)} samples, {len(real)} of {len(kept)} real landscapes; {found.kept.made} encoded now"
    )


if __name__ == "__main__":
    run_stage(main)
