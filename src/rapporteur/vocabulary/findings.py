"""What the documents may cite: every number of the study with its interval, its method and its source."""

from __future__ import annotations

import pandera.pandas as pa

from rapporteur.core.tables import column, schema

# Units that a finding may have; report/language knows how each is written.
UNITS = (
    "count", "share", "p", "name", "1", "CLIPScore", "ΔE2000", "CIELAB", "pixels", "words", "nats/token", "bits",
    "dB", "score", "codes",
)  # fmt: skip

METRICS_FILE = "metrics.json"  # every number by name, which git tracks

FINDINGS = schema(
    "findings",
    {
        "name": column(str, "what documents cite: the quantity, and the dataset where it is of one", unique=True),
        "quantity": column(str, "<topic>.<what>, whose words report/language has"),
        "dataset": column(str, "name of the dataset in params.yaml; empty: of the whole study"),
        "value": column("float64", "the number; null for a name and for what can't be computed", nullable=True),
        "text": column(str, "the value of a name, or codes; else empty"),
        "low": column("float64", "lower bound of the interval, if there is one", nullable=True),
        "high": column("float64", "upper bound of the interval, if there is one", nullable=True),
        "n": column("int64", "rows that the value comes from", checks=pa.Check.ge(0)),
        "unit": column(str, "unit of the value and its bounds", checks=pa.Check.isin(UNITS)),
        "method": column(str, "code of how it was computed, or of why it was not, with its arguments"),
        "source": column(str, "artifact that it comes from, from the repository's root"),
    },
)
