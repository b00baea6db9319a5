"""The card of the landscape model, as model hubs show it: what it is, how it was trained, how well, and its limits.

Its headings are those of Mitchell et al. (Model Cards for Model Reporting, FAccT 2019) that apply here.
"""

from __future__ import annotations

from math import exp

import pandas as pd

from rapporteur.dalle.landscape import Learnt, ModelParams, split
from rapporteur.vocabulary.losses import MODELS

CARD = """\
---
library_name: rapporteur
pipeline_tag: text-to-image
language: en
base_model: {start}
---

# A DALL·E mini of landscapes

Written by the stage `model`; every number follows from `params.yaml` and the data.

## Model

DALL·E mini's architecture ({size:,} weights, {length} tokens a picture, each of {codes:,} codes), begun from \
`{start}`: its text encoder and tokenizer are kept, its decoder was {begun}. It needs the VQGAN that its tokens \
come from.

    rapporteur draw "a lake at dusk" --model artifacts/model

## Training

{pictures} pictures of `{dataset}` that the landscape filter kept, in {views}, with their captions; {held} more \
are held out by the hash of their names. {steps} steps of {batch}, AdamW, learning rate {rate:g} after {warmup} \
steps of warm-up, then a cosine to zero; {blank:.0%} of the captions left empty, for guidance; seed {seed}; \
computed in {precision}.

## Evaluation

Mean cross entropy of a token, in nats, pictures learnt from and held out (losses.parquet has each picture):

| foreseen by | learnt from | held out | perplexity, held out |
| --- | --- | --- | --- |
{losses}

## Intended use and limits

For studying how such models learn. It knows the captions of its data, in their language, and what their \
pictures show; their biases are its own. Its pictures are small and must not be taken for photographs. The \
licence of its weights follows those of `{start}` and of the pictures: see data/README.md."""


def card(tokens: pd.DataFrame, params: ModelParams, learnt: Learnt, losses: pd.DataFrame) -> str:
    """The card as Markdown, with the front matter of a model hub."""
    from rapporteur.dalle.checkpoint import flatten

    seen, held_out = split(tokens, params)
    views = int(tokens["view"].max()) + 1
    means = losses.pivot_table(index="model", columns="split", values="loss").reindex(MODELS)
    rows = [
        f"| {name} | {row['train']:.3f} | {row['held_out']:.3f} | {exp(row['held_out']):.1f} |"
        for name, row in means.iterrows()
    ]
    return CARD.format(
        start=params.start,
        size=sum(leaf.size for leaf in flatten(learnt.weights).values()),
        length=learnt.config.image_length,
        codes=learnt.config.image_vocab_size,
        begun="begun anew" if params.fresh_decoder else "trained on",
        pictures=seen["image_id"].nunique(),
        dataset=", ".join(sorted(tokens["dataset"].unique())),
        views="one view each" if views == 1 else f"{views} views each",
        held=len(held_out),
        steps=learnt.rows[-1]["step"],
        batch=params.batch,
        rate=params.learning_rate,
        warmup=params.warmup,
        blank=params.blank_caption_prob,
        seed=params.seed,
        precision=params.precision or "float64",
        losses="\n".join(rows),
    )
