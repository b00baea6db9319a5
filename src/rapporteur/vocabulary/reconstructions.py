"""Gold pictures through a VQGAN and back: which picture each is of, and the shard that holds it."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import column, schema

RECONSTRUCTIONS = schema(
    "reconstructions",
    {
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "gold picture that was encoded and decoded", unique=True),
        "key": column(str, "SHA-256 of the gold picture, the VQGAN and the code", checks=pa.Check.str_length(64, 64)),
        "shard": column(str, "zip file that holds the picture"),
        "member": column(str, "name of the PNG in the shard"),
        "digest": column(str, "SHA-256 of the PNG", checks=pa.Check.str_length(64, 64)),
        "vqgan": column(str, "name and digest of the VQGAN"),
        "side": column("int64", "width and height", "pixels", checks=pa.Check.gt(0)),
    },
)
