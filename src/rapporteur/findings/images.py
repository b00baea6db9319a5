"""Findings on the pictures drawn: how many, by which model, with which settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.core.errors import BadInput
from rapporteur.findings.finding import Column, Finding, Table, absent, count, named
from rapporteur.findings.topic import Topic
from rapporteur.findings.weights import parameter_count
from rapporteur.study.tables import Study
from rapporteur.vocabulary.engines import JAX, OBEYS, OFFICIAL

SETTINGS = {
    "condition_scale": "échelle de guidage par la légende",
    "temperature": "température",
    "top_k": "jetons les plus probables retenus (top-k)",
    "top_p": "masse de probabilité retenue (top-p)",
    "steps": "étapes de débruitage",
}
ENGINES = {  # what drew, as it follows "tirées par"
    "jax": "l’implémentation en JAX de ce dépôt",
    "dalle-mini": "le paquet officiel dalle-mini, dans son propre environnement verrouillé",
    "diffusers": "un pipeline de la bibliothèque diffusers",
    "pictures": "un autre générateur, dont les images ont été fournies telles quelles",
    "own": "un générateur propre à cette étude",
}
IGNORED = "réglage sans objet pour ce générateur"
OFFICIAL_TOP_K = 50  # what `top_k: null` means to the sampler
SOURCE = "artifacts/images"


def findings(study: Study, settings: Mapping[str, Any]) -> list[Finding]:
    """Counts of every dataset, the model and its sampler; `settings` is the block `images` of params.yaml."""
    drawn = {dataset: study.images(dataset) for dataset in study.datasets}
    everything = pd.concat(drawn.values()) if drawn else pd.DataFrame(columns=["dataset", "model", "engine", "width"])
    counts = [finding for dataset, index in drawn.items() for finding in _counts(index, dataset, study)]
    return [
        count("images.pictures", "images générées", len(everything), SOURCE),
        *counts,
        *_engines(everything, study),
        *_model(everything, Path(str(settings["model"])), study.labels),
        *_sampler(settings, set(everything["engine"])),
        *_weights(Path(str(settings["model"])), set(everything["engine"])),
    ]


def _counts(index: pd.DataFrame, dataset: str, study: Study) -> list[Finding]:
    source = study.source("images/{}/index.parquet", dataset)
    captions = index["caption_id"].nunique()
    each = "images par légende"
    return [
        count(f"images.pictures.{dataset}", "images générées", len(index), source),
        count(f"images.captions.{dataset}", "légendes illustrées", captions, source),
        absent(f"images.per_caption.{dataset}", each, "count", source, "aucune image")
        if captions == 0
        else count(f"images.per_caption.{dataset}", each, len(index) / captions, source, method="moyenne"),
    ]


def _engines(index: pd.DataFrame, study: Study) -> list[Finding]:
    """What drew: of each dataset and of all."""
    parts = {f"images.engine.{dataset}": index[index["dataset"] == dataset] for dataset in study.datasets}
    return [_engine(name, part) for name, part in ({"images.engine": index} | parts).items()]


def _engine(name: str, index: pd.DataFrame) -> Finding:
    if index.empty:
        return absent(name, "moteur du tirage", "name", SOURCE, "aucune image")
    engines = [label for engine, label in ENGINES.items() if engine in set(index["engine"])]
    return named(name, "moteur du tirage", " et par ".join(engines), SOURCE)


def _model(index: pd.DataFrame, folder: Path, labels: Mapping[str, str]) -> list[Finding]:
    """Name and digest, as the index states them (`folder@digest`); the name that `findings.labels`, or else the
    folder's own configuration gives stands for the folder, and several models are all named.
    """
    if index.empty:
        reason = "aucune image"
        return [
            absent("images.model", "modèle générateur", "name", SOURCE, reason),
            absent("images.model_digest", "empreinte du modèle", "name", SOURCE, reason),
            absent("images.size", "côté d'une image générée", "pixels", SOURCE, reason),
        ]
    parts = [model.rpartition("@") for model in sorted(index["model"].unique())]
    own = {folder.as_posix(): str(_configuration(folder).get("name", folder.as_posix()))}
    names = [labels.get(name) or own.get(name, name) or digest for name, _, digest in parts]
    return [
        named("images.model", "modèle générateur", ", ".join(names), SOURCE),
        named("images.model_digest", "empreinte du modèle", ", ".join(digest[:12] for *_, digest in parts), SOURCE),
        count(
            "images.size", "côté d'une image générée", index["width"].median(), SOURCE, unit="pixels", method="médiane"
        ),
    ]


def _sampler(settings: Mapping[str, Any], engines: set[str]) -> list[Finding]:
    """The settings that what drew obeys; where nothing is drawn yet, those of DALL·E mini."""
    obeyed = {name for engine in engines or {JAX} for name in OBEYS[engine]}
    return [_setting(name, label, settings.get(name), name in obeyed) for name, label in SETTINGS.items()]


def _setting(name: str, label: str, value: float | None, obeyed: bool) -> Finding:
    if not obeyed:
        return absent(f"images.{name}", label, "1", "params.yaml", IGNORED)
    if value is None and name == "top_k":
        value = OFFICIAL_TOP_K
    if value is None or (name == "top_k" and value == 0):
        reason = "laissé au pipeline" if name == "steps" else "réglage désactivé"
        return absent(f"images.{name}", label, "1", "params.yaml", reason)
    return count(f"images.{name}", label, value, "params.yaml", unit="1", method="réglage")


def _configuration(model: Path) -> dict[str, Any]:
    """The model's config.json; empty where its files are not at hand."""
    path = model / "config.json"
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise BadInput(f"not JSON ({error})", path) from None


def _weights(model: Path, engines: set[str]) -> list[Finding]:
    """Size and sequence length, from the model's own files where it is DALL·E mini's kind and they are at hand."""
    labels = ("images.parameters", "paramètres du modèle générateur"), ("images.tokens_per_image", "jetons par image")
    other = bool(engines - {JAX, OFFICIAL})
    config = {} if other else _configuration(model)
    if not config:
        reason = IGNORED if other else "fichiers du modèle absents"
        return [absent(name, label, "count", str(model), reason) for name, label in labels]
    length, source = config.get("image_length"), (model / "config.json").as_posix()
    (first, first_label), (second, second_label) = labels
    return [
        count(first, first_label, parameter_count(model), model.as_posix()),
        absent(second, second_label, "count", source, "non précisé par la configuration")
        if length is None
        else count(second, second_label, length, source, method="configuration du modèle"),
    ]


def tables(known: dict[str, Finding]) -> list[Table]:
    """The settings, as text, for a reader who wants to draw the same pictures."""
    names = ["model", "model_digest", "engine", "parameters", "size", *SETTINGS]
    shown = [finding for name in names if (finding := known[f"images.{name}"]).method != IGNORED]
    rows = [{"setting": finding.label, "value": _text(finding)} for finding in shown]
    columns = Column("setting", "Réglage"), Column("value", "Valeur")
    frame = pd.DataFrame(rows, columns=["setting", "value"])
    return [Table("settings", "Modèle et réglages du tirage", "params.yaml", frame, columns)]


def _text(finding: Finding) -> str:
    value = finding.value
    if value is None:
        return f"– ({finding.method})"
    if isinstance(value, str):
        return value
    number = f"{value:,}".replace(",", "\u202f").replace(".", ",")
    return f"{number} pixels" if finding.unit == "pixels" else number


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.settings),
    tables=lambda given, known, _: tables(known),
)
