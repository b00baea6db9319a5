"""Findings on captions and gold pictures: how many, how long, of what split, under what licence."""

from __future__ import annotations

from functools import partial

import pandas as pd

from rapporteur.findings.finding import DATASET, Column, Finding, Table, count, measured, named, table_of_rows
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Resampling, mean
from rapporteur.study.tables import Study
from rapporteur.vocabulary.captions import KINDS, SPLITS, forbids_derivatives

WORLD = "artifacts/world/"  # the gold pictures that this project drew itself lie here


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Counts and caption lengths of every dataset, and how intervals are made."""
    shared = [
        count("study.datasets", len(study.datasets), "params.yaml"),
        count("study.resamples", plan.resamples, "params.yaml", method="setting"),
        count("study.confidence", plan.confidence, "params.yaml", unit="share", method="setting"),
    ]
    return shared + [finding for dataset in study.datasets for finding in _dataset(study, dataset, plan)]


def _dataset(study: Study, dataset: str, plan: Resampling) -> list[Finding]:
    captions, gold = study.captions(dataset), study.gold(dataset)
    own = captions[captions["original_id"].isna()]  # without the alternatives and foils made from them
    caption_source = study.source("captions/{}/captions.parquet", dataset)
    gold_source = study.source("captions/{}/gold.parquet", dataset)
    drawn_world = bool(gold["file"].str.startswith(WORLD).all()) and len(gold) > 0
    return [
        named("study.dataset", study.label(dataset), "params.yaml", dataset=dataset),
        count("study.drawn_world", drawn_world, gold_source, dataset=dataset),
        count("captions.images", len(gold), gold_source, dataset=dataset),
        count("captions.captions", len(own), caption_source, dataset=dataset),
        count("captions.drawn", (captions["draws"] > 0).sum(), caption_source, dataset=dataset),
        *[
            count(f"captions.{kind}", (captions["kind"] == kind).sum(), caption_source, dataset=dataset)
            for kind in KINDS
        ],
        *[count(f"captions.{split}", (gold["split"] == split).sum(), gold_source, dataset=dataset) for split in SPLITS],
        _no_derivatives(gold, dataset, gold_source),
        _words(own, dataset, caption_source, plan),
        _width(gold, dataset, gold_source),
    ]


def _words(captions: pd.DataFrame, dataset: str, source: str, plan: Resampling) -> Finding:
    words = captions["text"].map(lambda text: len(text.split()))
    compute = partial(mean, words, captions["image_id"], plan)
    return measured("captions.words", "words", source, compute, dataset=dataset)


def _no_derivatives(gold: pd.DataFrame, dataset: str, source: str) -> Finding:
    """How many gold pictures may be shown whole alone, by their licence's name or address."""
    stated = gold["licence"] + " " + gold["licence_url"].fillna("")
    return count("captions.no_derivatives", int(stated.map(forbids_derivatives).sum()), source, dataset=dataset)


def _width(gold: pd.DataFrame, dataset: str, source: str) -> Finding:
    width = float(gold["width"].median()) if len(gold) else 0.0
    return count("captions.gold_width", width, source, dataset=dataset, unit="pixels", method="median")


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """The datasets side by side, and the licences of their pictures."""
    fields = {"images": "captions.images", "captions": "captions.captions", "drawn": "captions.drawn",
              "pictures": "images.pictures", "words": "captions.words"}  # fmt: skip
    rows: list[dict[str, object]] = [
        {"key": dataset, "dataset": study.label(dataset)}
        | {column: known[f"{name}.{dataset}"].value for column, name in fields.items()}
        for dataset in study.datasets
    ]
    counts = [Column(name, "count", 0) for name in ("images", "captions", "drawn", "pictures")]
    corpus = table_of_rows("corpus", "artifacts/captions", rows, DATASET, *counts, Column("words", "1", 1))
    return [corpus, _licences(study)]


def _licences(study: Study) -> Table:
    rows = [
        {"key": dataset, "dataset": study.label(dataset), "licence": licence, "pictures": pictures}
        for dataset in study.datasets
        for licence, pictures in sorted(study.gold(dataset)["licence"].value_counts().items())
    ]
    columns = DATASET, Column("licence", words="licence"), Column("pictures", "count", 0)
    return table_of_rows("licences", "artifacts/captions", rows, *columns)


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known),
)
