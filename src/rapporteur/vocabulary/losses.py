"""How well each model foresees a picture's tokens: those that no step saw, and as many of those learnt from."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import column, schema

LEARNT = ("start_model", "landscape_model")
BASELINES = ("uniform", "unigram", "bigram")  # what foresees tokens without a caption or a network
MODELS = (*BASELINES, *LEARNT)
SPLITS = ("train", "held_out")

LOSSES = schema(
    "losses",
    {
        "image_id": column(str, "picture whose tokens were foreseen, by its first caption"),
        "split": column(str, "whether the training saw it", checks=pa.Check.isin(SPLITS)),
        "model": column(str, "what foresaw them", checks=pa.Check.isin(MODELS)),
        "loss": column("float64", "mean cross entropy of a token", "nats per token", checks=pa.Check.ge(0)),
    },
)
