"""People's ratings of pictures, one row a rater, picture and attribute; and their choices between two pictures."""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from rapporteur.core.tables import column, schema
from rapporteur.vocabulary.attributes import RATED

LOWEST, HIGHEST = 1, 5

VERIFIED, UNVERIFIED, REDRAWN, ABSENT = "verified", "unverified", "redrawn", "absent"
STANDINGS = (VERIFIED, UNVERIFIED, REDRAWN, ABSENT)  # from the best to the worst
SET_ASIDE = (REDRAWN, ABSENT)  # what was said of these pictures counts in no estimate
JUDGED = "SHA-256 of the picture that was judged; null where the rater's file is from before digests"
STANDING = "whether the study has this very picture; null: not compared with the study"

IDENTITY = ["rater", "dataset", "image_id", "caption_id", "seed", "attribute"]

RATINGS = schema(
    "ratings",
    {
        "rater": column(str, "name or pseudonym of the rater: the file's name"),
        "dataset": column(str, "name of the dataset in params.yaml"),
        "image_id": column(str, "gold picture, or the one whose caption was drawn"),
        "caption_id": column(str, "caption that was shown beside the picture"),
        "seed": column("Int64", "number of the draw; null for a gold picture", nullable=True),
        "attribute": column(str, "what was judged", checks=pa.Check.isin(RATED)),
        "score": column(
            "Int64", "how well the picture shows it, 5 the best; null: not applicable", "1 to 5", nullable=True,
            checks=pa.Check.in_range(LOWEST, HIGHEST),
        ),
        "simulated": column(bool, "made by a program, not by a person"),
        "digest": column("string", JUDGED, nullable=True),
        "standing": column("string", STANDING, nullable=True, checks=pa.Check.isin(STANDINGS)),
    },
    unique=IDENTITY,
)  # fmt: skip

SOURCES = ("gold", "generated")
CHOICES = ("left", "right", "equal")

COMPARISONS = schema(
    "comparisons",
    {
        "rater": column(str, "name or pseudonym of the rater: the file's name"),
        "dataset": column(str, "name of the dataset in params.yaml"),
        "caption_id": column(str, "caption that was shown above the two pictures"),
        "image_id": column(str, "gold picture of that caption; a prompt's own id"),
        "left_source": column(str, "where the left picture comes from", checks=pa.Check.isin(SOURCES)),
        "left_seed": column("Int64", "number of its draw; null for a gold picture", nullable=True),
        "right_source": column(str, "where the right picture comes from", checks=pa.Check.isin(SOURCES)),
        "right_seed": column("Int64", "number of its draw; null for a gold picture", nullable=True),
        "choice": column(str, "which fits the caption better", checks=pa.Check.isin(CHOICES)),
        "simulated": column(bool, "made by a program, not by a person"),
        "left_digest": column("string", JUDGED, nullable=True),
        "right_digest": column("string", JUDGED, nullable=True),
        "standing": column("string", STANDING, nullable=True, checks=pa.Check.isin(STANDINGS)),
    },
)


def is_time(text: str) -> bool:
    """Whether a rater's file may have this under `time`: an ISO 8601 date and time, or nothing."""
    try:
        return not text or bool(datetime.fromisoformat(text))
    except ValueError:
        return False
