"""Does CLIP prefer a picture's own caption to another wording of it, right or wrong?

Each picture is scored with its caption and with the caption's alternative (right, other words) or foil (one thing
wrong), so that all comparisons are within the picture. Preference: P(own > other) + P(equal) / 2. A blind CLIP has one
half for every kind; one that reads has one half or so for alternatives and near one for foils.
Clusters are gold pictures; the tests are one family over datasets, pictures and kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from rapporteur.findings.finding import (
    DATASET,
    P_HOLM,
    Column,
    Finding,
    PairedTest,
    Table,
    bounds,
    measured,
    table_of_rows,
)
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.statistics.bootstrap import Estimate, Resampling
from rapporteur.statistics.proportions import share
from rapporteur.study.tables import Study

SCORES = "clip/{}/scores.parquet"
PICTURES = ("gold", "generated")
VARIANTS = ("alternative", "foil", "foil_colour", "foil_object", "foil_number", "foil_place", "foil_other")
KEYS = ["image_id", "caption_id", "seed"]


def compared(study: Study, dataset: str, pictures: str) -> pd.DataFrame:
    """A row for each picture and other wording: KEYS, `kind`, `foil_kind`, `difference` (own less other CLIPScore)."""
    own = study.scores(dataset, pictures)[[*KEYS, "clipscore"]]
    captions = study.captions(dataset)
    foils = captions[captions["kind"] == "foil"].drop_duplicates("original_id", keep="last")
    kinds = foils.set_index("original_id")["foil_kind"]
    parts = []
    for kind in ("alternative", "foil"):
        other = study.scores(dataset, f"{pictures}_{kind}")[[*KEYS, "clipscore"]]
        both = own.merge(other, on=KEYS, suffixes=("", "_other"), validate="one_to_one")
        found = both["caption_id"].map(kinds if kind == "foil" else {}).astype("string")
        parts.append(both.assign(kind=kind, foil_kind=found))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(difference=rows["clipscore"] - rows["clipscore_other"])


def _of(rows: pd.DataFrame, variant: str) -> pd.DataFrame:
    kind, _, foil_kind = variant.partition("_")
    return rows[(rows["kind"] == kind) & ((rows["foil_kind"] == foil_kind) if foil_kind else True)]


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """The preference for a picture's own caption, by pictures and kind of other wording."""
    return [
        measured(
            f"clip.{pictures}_over_{variant}", "share", study.source(SCORES, dataset),
            partial(_preference, _of(rows, variant), plan), dataset=dataset,
        )
        for dataset in study.datasets
        for pictures in PICTURES
        for rows in [compared(study, dataset, pictures)]
        for variant in VARIANTS
    ]  # fmt: skip


def _preference(rows: pd.DataFrame, plan: Resampling) -> Estimate:
    wins = (np.sign(rows["difference"]) + 1) / 2
    return share(wins, rows["image_id"], plan, "own_over_other")


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """Own less other caption, one difference a caption; one family."""
    return corrected([test for dataset in study.datasets for test in _tests(study, dataset, plan)])


def _tests(study: Study, dataset: str, plan: Resampling) -> Iterator[PairedTest]:
    for pictures in PICTURES:
        rows = compared(study, dataset, pictures)
        for variant in VARIANTS:
            by_caption = _of(rows, variant).groupby("caption_id")
            yield paired_test(
                f"clip.{pictures}_minus_{variant}",
                dataset=dataset, unit="CLIPScore", source=study.source(SCORES, dataset), plan=plan,
                differences=by_caption["difference"].mean(), clusters=by_caption["image_id"].first(),
            )  # fmt: skip


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """Preference for each kind that the study has, and the p-value of its difference."""
    rows = [
        _row(study, known, dataset, pictures, variant)
        for dataset in study.datasets
        for variant in VARIANTS
        for pictures in PICTURES
        if known[f"clip.{pictures}_over_{variant}.{dataset}"].value is not None
    ]
    words = DATASET, Column("variant", words="variant"), Column("pictures", words="pictures")
    columns = *words, Column("n", "count", 0), Column("preference", "share", 1), *bounds("share", 1), P_HOLM
    return [table_of_rows("clip_foils", "artifacts/clip", rows, *columns)]


def _row(study: Study, known: dict[str, Finding], dataset: str, pictures: str, variant: str) -> dict[str, object]:
    found = known[f"clip.{pictures}_over_{variant}.{dataset}"]
    return {
        "key": dataset, "dataset": study.label(dataset), "variant": variant, "pictures": pictures,
        "n": found.n, "preference": found.value, "low": found.low, "high": found.high,
        "p_holm": known[f"clip.{pictures}_minus_{variant}_p.{dataset}"].value,
        "at_most": known[f"clip.{pictures}_minus_{variant}_p.{dataset}"].at_most,
    }  # fmt: skip
