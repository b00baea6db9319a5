"""Retrieval: how often a picture finds its caption among all captions of its study, and a caption its picture.

R@k is the share of queries whose right answer is among the k first. Clusters are gold pictures. The chance level is
what a random order would give these very queries: 1 - C(wrong, k) / C(candidates, k) for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import comb

import pandas as pd

from rapporteur.findings.finding import DATASET, Column, Finding, Table, absent, bounds, count, measured, table_of_rows
from rapporteur.statistics.bootstrap import Estimate, Resampling
from rapporteur.statistics.proportions import share
from rapporteur.study.tables import Study
from rapporteur.vocabulary.clip import RETRIEVAL
from rapporteur.vocabulary.phrase import Phrase

RANKS = "clip/{}/retrieval.parquet"
DEPTHS = (1, 5, 10)
PICTURES = ("gold", "generated")
DIRECTIONS = ("image_to_text", "text_to_image")


def queries(study: Study, dataset: str) -> pd.DataFrame:
    """The ranks of a dataset; none where the stage clip wrote none."""
    if not study.path(RANKS, dataset).is_file():
        return pd.DataFrame(columns=list(RETRIEVAL.columns))
    return study.retrieval(dataset)


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """R@1, R@5 and R@10 with their chance levels, by pictures and direction, and how many candidates there were."""
    return [finding for dataset in study.datasets for finding in _dataset(study, dataset, plan)]


def _dataset(study: Study, dataset: str, plan: Resampling) -> Iterator[Finding]:
    rows, source = queries(study, dataset), study.source(RANKS, dataset)
    for pictures in PICTURES:
        for direction in DIRECTIONS:
            part = rows[(rows["pictures"] == pictures) & (rows["direction"] == direction)]
            head, right = f"clip.{pictures}_{direction}", _right(study, dataset, pictures, direction)
            for k in DEPTHS:
                recall = partial(_recall, part, k, plan)
                yield measured(f"{head}_r{k}", "share", source, recall, dataset=dataset)
                yield replace(_chance(f"{head}_chance{k}", part, right, k, source), dataset=dataset)
            yield replace(_candidates(f"{head}_candidates", part, source), dataset=dataset)


def _recall(rows: pd.DataFrame, k: int, plan: Resampling) -> Estimate:
    return share(rows["rank"] <= k, rows["image_id"], plan, Phrase("recall_at", {"k": k}))


def _right(study: Study, dataset: str, pictures: str, direction: str) -> pd.Series:
    """How many candidates are right for a picture's query: each of its captions, where it looks for any of them."""
    gold = study.scores(dataset, "gold").groupby("image_id").size()
    return gold if (pictures, direction) == ("gold", "image_to_text") else gold.clip(upper=1)


def _chance(quantity: str, rows: pd.DataFrame, right: pd.Series, k: int, source: str) -> Finding:
    if rows.empty:
        return absent(quantity, "share", source, "no_query")
    answers = rows["image_id"].map(right).fillna(1).astype(int)
    missed = [
        comb(max(candidates - good, 0), k) / comb(candidates, k) if candidates > k else 0.0
        for candidates, good in zip(rows["candidates"].astype(int), answers, strict=True)
    ]
    value = 1 - sum(missed) / len(missed)
    return Finding(quantity, value, "share", len(rows), Phrase("hypergeometric"), source)


def _candidates(quantity: str, rows: pd.DataFrame, source: str) -> Finding:
    if rows.empty:
        return absent(quantity, "count", source, "no_query")
    return count(quantity, float(rows["candidates"].max()), source, method="maximum")


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """One row for each dataset, pictures, direction and k."""
    rows = [
        {"key": dataset, "dataset": study.label(dataset), "pictures": pictures, "direction": direction, "k": k,
         "n": found.n, "recall": found.value, "low": found.low, "high": found.high,
         "chance": known[name.format("chance")].value}
        for dataset in study.datasets
        for pictures in PICTURES
        for direction in DIRECTIONS
        for k in DEPTHS
        for name in [f"clip.{pictures}_{direction}_{{}}{k}.{dataset}"]
        for found in [known[name.format("r")]]
        if found.value is not None
    ]  # fmt: skip
    words = DATASET, Column("pictures", words="pictures"), Column("direction", words="direction")
    counts = Column("k", "count", 0), Column("n", "count", 0)
    columns = *words, *counts, Column("recall", "share", 1), *bounds("share", 1), Column("chance", "share", 1)
    return [table_of_rows("clip_retrieval", "artifacts/clip", rows, *columns)]
