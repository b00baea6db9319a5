"""Retrieval: how often a picture finds its caption among all captions of its study, and a caption its picture.

R@k is the share of queries whose right answer is among the k first. Clusters are gold pictures. The chance level is
what a random order would give these very queries: 1 - C(wrong, k) / C(candidates, k) for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import comb

import pandas as pd

from rapporteur.findings.finding import Column, Finding, Table, absent, count, measured
from rapporteur.statistics.bootstrap import Estimate, Resampling
from rapporteur.statistics.proportions import share
from rapporteur.study.tables import Study
from rapporteur.vocabulary.clip import RETRIEVAL

RANKS = "clip/{}/retrieval.parquet"
DEPTHS = (1, 5, 10)
PICTURES = {"gold": "images de référence", "generated": "images générées"}
SHORT = {"gold": "référence", "generated": "générée"}  # in tables
DIRECTIONS = {"image_to_text": "image → légende", "text_to_image": "légende → image"}


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
    for pictures, seen in PICTURES.items():
        for direction, way in DIRECTIONS.items():
            part = rows[(rows["pictures"] == pictures) & (rows["direction"] == direction)]
            head, right = f"clip.{pictures}_{direction}", _right(study, dataset, pictures, direction)
            for k in DEPTHS:
                label = f"R@{k}, {way}, {seen}"
                recall = partial(_recall, part, k, plan)
                yield measured(f"{head}_r{k}.{dataset}", label, "share", source, recall)
                yield _chance(f"{head}_chance{k}.{dataset}", f"hasard : {label}", part, right, k, source)
            yield _candidates(f"{head}_candidates.{dataset}", f"candidats par requête, {way}, {seen}", part, source)


def _recall(rows: pd.DataFrame, k: int, plan: Resampling) -> Estimate:
    return share(rows["rank"] <= k, rows["image_id"], plan, f"part des requêtes de rang {k} au plus")


def _right(study: Study, dataset: str, pictures: str, direction: str) -> pd.Series:
    """How many candidates are right for a picture's query: each of its captions, where it looks for any of them."""
    gold = study.scores(dataset, "gold").groupby("image_id").size()
    return gold if (pictures, direction) == ("gold", "image_to_text") else gold.clip(upper=1)


def _chance(name: str, label: str, rows: pd.DataFrame, right: pd.Series, k: int, source: str) -> Finding:
    if rows.empty:
        return absent(name, label, "share", source, "aucune requête")
    answers = rows["image_id"].map(right).fillna(1).astype(int)
    missed = [
        comb(max(candidates - good, 0), k) / comb(candidates, k) if candidates > k else 0.0
        for candidates, good in zip(rows["candidates"].astype(int), answers, strict=True)
    ]
    value = 1 - sum(missed) / len(missed)
    return Finding(name, label, value, "share", len(rows), "ordre au hasard, loi hypergéométrique", source)


def _candidates(name: str, label: str, rows: pd.DataFrame, source: str) -> Finding:
    if rows.empty:
        return absent(name, label, "count", source, "aucune requête")
    return count(name, label, float(rows["candidates"].max()), source, method="maximum")


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """One row for each dataset, pictures, direction and k."""
    rows = [
        {"key": dataset, "dataset": study.label(dataset), "pictures": SHORT[pictures], "direction": way, "k": k,
         "n": found.n, "recall": found.value, "low": found.low, "high": found.high,
         "chance": known[name.format("chance")].value}
        for dataset in study.datasets
        for pictures in PICTURES
        for direction, way in DIRECTIONS.items()
        for k in DEPTHS
        for name in [f"clip.{pictures}_{direction}_{{}}{k}.{dataset}"]
        for found in [known[name.format("r")]]
        if found.value is not None
    ]  # fmt: skip
    columns = (
        Column("dataset", "Jeu de données"), Column("pictures", "Image"), Column("direction", "Recherche"),
        Column("k", "k", "count", 0), Column("n", "Requêtes", "count", 0), Column("recall", "R@k", "share", 1),
        Column("low", "Borne basse", "share", 1), Column("high", "Borne haute", "share", 1),
        Column("chance", "Hasard", "share", 1),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["key", *[column.name for column in columns]])
    return [Table("clip_retrieval", "Recherche par CLIP dans toute l’étude", "artifacts/clip", frame, columns)]
