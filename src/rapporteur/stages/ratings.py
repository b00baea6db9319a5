"""Ratings: tidy what people said of the pictures, one by one and side by side.

Reads   data/ratings/*.csv and data/comparisons/*.csv, one file a rater (a README describes each). No file is a
        valid answer, nor is a missing data/comparisons. The captions' and the pictures' tables, to tell whether the
        study has the very pictures that were judged (people/standing.py).
Writes  artifacts/ratings/ratings.parquet and comparisons.parquet (vocabulary/ratings.py).
Costs   about 10 ms per thousand ratings.

    python -m rapporteur.stages.ratings
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from rapporteur.core.errors import run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.names import csv_files, kinds, left_out
from rapporteur.core.params import dataset_names, strict
from rapporteur.core.stage import Stage
from rapporteur.core.tables import write_table
from rapporteur.people.answers import read_comparisons, read_folder
from rapporteur.people.standing import of_comparisons, of_ratings, study_digests
from rapporteur.study.tables import Study
from rapporteur.vocabulary.ratings import (
    ABSENT,
    COMPARISONS,
    RATINGS,
    REDRAWN,
    STANDINGS,
    UNVERIFIED,
)

STAGE = Stage(
    "ratings",
    reads=("artifacts/captions", "artifacts/images", "${ratings.folder}", "${ratings.comparisons}"),
    takes=("ratings", "captions"),
)


@strict
class RatingsParams:
    folder: str  # one CSV a rater
    comparisons: str = "data/comparisons"  # likewise, of choices between two pictures


def told(table: pd.DataFrame) -> str:
    """What of a table counts, and what does not, and why."""
    counts = {name: int((table["standing"] == name).sum()) for name in STANDINGS}
    said = {
        ABSENT: "set apart: the study has no such picture",
        REDRAWN: "set apart: the picture was drawn again or replaced since",
        UNVERIFIED: "taken unverified: their file has no digest of the picture",
    }
    return "".join(f", {counts[name]} {text}" for name, text in said.items() if counts[name])


def main() -> None:
    params = STAGE.params(RatingsParams)
    table, compared = read_folder(Path(params.folder)), read_comparisons(Path(params.comparisons))
    if len(table) or len(compared):
        digests = study_digests(Study(dataset_names(STAGE.name)))
        table["standing"], compared["standing"] = of_ratings(table, digests), of_comparisons(compared, digests)
    with new_folder(STAGE.out()) as out:
        write_table(table, out / "ratings.parquet", RATINGS)
        write_table(compared, out / "comparisons.parquet", COMPARISONS)
    raters = len({*table["rater"], *compared["rater"]})
    print(f"ratings: {len(table)} ratings and {len(compared)} comparisons by {raters} raters")
    for name, said, folder in (("ratings", table, params.folder), ("comparisons", compared, params.comparisons)):
        others = csv_files(Path(folder))[1]
        passed = left_out({f"files of other kinds in {folder} ({kinds(others)})": others.total()})
        if told(said) or passed:
            print(f"{name}: of {len(said)}{told(said)}{passed}")


if __name__ == "__main__":
    run_stage(main)
