"""Findings on captions and gold pictures: how many, how long, of what split, under what licence."""

from __future__ import annotations

from functools import partial

import pandas as pd

from rapporteur.findings.finding import Column, Finding, Table, count, measured, named
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Resampling, mean
from rapporteur.study.tables import Study
from rapporteur.vocabulary.captions import KINDS, SPLITS, forbids_derivatives

KIND_LABELS = {
    "original": "légendes d'origine",
    "alternative": "légendes variantes",
    "foil": "légendes pièges",
    "prompt": "requêtes libres",
}
GOLD = "images de référence"
WORLD = "artifacts/world/"  # the gold pictures that this project drew itself lie here


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Counts and caption lengths of every dataset, and how intervals are made."""
    shared = [
        count("study.datasets", "jeux de données", len(study.datasets), "params.yaml"),
        count("study.resamples", "tirages bootstrap", plan.resamples, "params.yaml", method="réglage"),
        Finding("study.confidence", "niveau des intervalles", plan.confidence, "share", 1, "réglage", "params.yaml"),
    ]
    return shared + [finding for dataset in study.datasets for finding in _dataset(study, dataset, plan)]


def _dataset(study: Study, dataset: str, plan: Resampling) -> list[Finding]:
    captions, gold = study.captions(dataset), study.gold(dataset)
    own = captions[captions["original_id"].isna()]  # without the alternatives and foils made from them
    caption_source = study.source("captions/{}/captions.parquet", dataset)
    gold_source = study.source("captions/{}/gold.parquet", dataset)
    drawn_world = bool(gold["file"].str.startswith(WORLD).all()) and len(gold) > 0
    return [
        named(f"study.dataset.{dataset}", "jeu de données", study.label(dataset), "params.yaml"),
        count(f"study.drawn_world.{dataset}", "monde dessiné par le programme (1 : oui)", drawn_world, gold_source),
        count(f"captions.images.{dataset}", GOLD, len(gold), gold_source),
        count(f"captions.captions.{dataset}", "légendes", len(own), caption_source),
        count(f"captions.drawn.{dataset}", "légendes illustrées", (captions["draws"] > 0).sum(), caption_source),
        *[
            count(f"captions.{kind}.{dataset}", KIND_LABELS[kind], (captions["kind"] == kind).sum(), caption_source)
            for kind in KINDS
        ],
        *[
            count(
                f"captions.{split}.{dataset}", f"{GOLD}, partition {split}", (gold["split"] == split).sum(), gold_source
            )
            for split in SPLITS
        ],
        _no_derivatives(gold, dataset, gold_source),
        _words(own, dataset, caption_source, plan),
        _width(gold, dataset, gold_source),
    ]


def _words(captions: pd.DataFrame, dataset: str, source: str, plan: Resampling) -> Finding:
    words = captions["text"].map(lambda text: len(text.split()))
    compute = partial(mean, words, captions["image_id"], plan)
    return measured(f"captions.words.{dataset}", "longueur d'une légende", "words", source, compute)


def _no_derivatives(gold: pd.DataFrame, dataset: str, source: str) -> Finding:
    """How many gold pictures may be shown whole alone, by their licence's name or address."""
    stated = gold["licence"] + " " + gold["licence_url"].fillna("")
    label = f"{GOLD} dont la licence interdit les modifications"
    return count(f"captions.no_derivatives.{dataset}", label, int(stated.map(forbids_derivatives).sum()), source)


def _width(gold: pd.DataFrame, dataset: str, source: str) -> Finding:
    label = f"largeur des {GOLD}"
    width = float(gold["width"].median()) if len(gold) else 0.0
    return count(f"captions.gold_width.{dataset}", label, width, source, unit="pixels", method="médiane")


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """The datasets side by side, and the licences of their pictures."""
    fields = {"images": "captions.images", "captions": "captions.captions", "drawn": "captions.drawn",
              "pictures": "images.pictures", "words": "captions.words"}  # fmt: skip
    rows: list[dict[str, object]] = [
        {"key": dataset, "dataset": study.label(dataset)}
        | {column: known[f"{name}.{dataset}"].value for column, name in fields.items()}
        for dataset in study.datasets
    ]
    columns = (
        Column("dataset", "Jeu de données"),
        Column("images", "Images de référence", "count", 0),
        Column("captions", "Légendes", "count", 0),
        Column("drawn", "Légendes illustrées", "count", 0),
        Column("pictures", "Images générées", "count", 0),
        Column("words", "Mots par légende", "1", 1),
    )
    frame = pd.DataFrame(rows, columns=["key", "dataset", *fields])
    return [Table("corpus", "Jeux de données de l'étude", "artifacts/captions", frame, columns), _licences(study)]


def _licences(study: Study) -> Table:
    rows = [
        {"key": dataset, "dataset": study.label(dataset), "licence": licence or "non précisée", "pictures": pictures}
        for dataset in study.datasets
        for licence, pictures in sorted(study.gold(dataset)["licence"].value_counts().items())
    ]
    frame = pd.DataFrame(rows, columns=["key", "dataset", "licence", "pictures"])
    columns = (
        Column("dataset", "Jeu de données"), Column("licence", "Licence"), Column("pictures", "Images", "count", 0),
    )  # fmt: skip
    return Table("licences", "Licences des images de référence", "artifacts/captions", frame, columns)


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known),
)
