"""The training log: what was seen and lost, step by step, without clock times (a rebuild gives it again)."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import column, schema

LOG = schema(
    "log",
    {
        "step": column("int64", "optimiser updates done", "updates", checks=pa.Check.ge(0)),
        "images": column("int64", "pictures seen so far, repeats included", "pictures", checks=pa.Check.ge(0)),
        "split": column(str, "what the loss was measured on", checks=pa.Check.isin(("train", "held_out"))),
        "loss": column("float64", "mean cross entropy of an image token", "nats per token", checks=pa.Check.gt(0)),
        "learning_rate": column("float64", "learning rate of the update", checks=pa.Check.ge(0)),
    },
)
