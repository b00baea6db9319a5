"""Findings on the pictures drawn: how many, by which model, with which settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.core.errors import BadInput
from rapporteur.findings.finding import Column, Finding, Table, absent, count, named, table_of_rows
from rapporteur.findings.topic import Topic
from rapporteur.findings.weights import parameter_count
from rapporteur.study.tables import Study
from rapporteur.vocabulary.engines import JAX, OBEYS, OFFICIAL
from rapporteur.vocabulary.phrase import Phrase

SETTINGS = ("condition_scale", "temperature", "top_k", "top_p", "steps")
ENGINES = ("jax", "dalle-mini", "diffusers", "pictures", "own")  # in the order in which they are told
IGNORED = Phrase("setting_without_object")
OFFICIAL_TOP_K = 50  # what `top_k: null` means to the sampler
SOURCE = "artifacts/images"


def findings(study: Study, settings: Mapping[str, Any]) -> list[Finding]:
    """Counts of every dataset, the model and its sampler; `settings` is the block `images` of params.yaml."""
    drawn = {dataset: study.images(dataset) for dataset in study.datasets}
    everything = pd.concat(drawn.values()) if drawn else pd.DataFrame(columns=["dataset", "model", "engine", "width"])
    counts = [finding for dataset, index in drawn.items() for finding in _counts(index, dataset, study)]
    return [
        count("images.pictures", len(everything), SOURCE),
        *counts,
        *_engines(everything, study),
        *_model(everything, Path(str(settings["model"])), study.labels),
        *_sampler(settings, set(everything["engine"])),
        *_weights(Path(str(settings["model"])), set(everything["engine"])),
    ]


def _counts(index: pd.DataFrame, dataset: str, study: Study) -> list[Finding]:
    source = study.source("images/{}/index.parquet", dataset)
    captions = index["caption_id"].nunique()
    return [
        count("images.pictures", len(index), source, dataset=dataset),
        count("images.captions", captions, source, dataset=dataset),
        absent("images.per_caption", "count", source, "no_pictures", dataset=dataset)
        if captions == 0
        else count("images.per_caption", len(index) / captions, source, dataset=dataset, method="mean"),
    ]


def _engines(index: pd.DataFrame, study: Study) -> list[Finding]:
    """What drew: of each dataset and of all."""
    parts = {dataset: index[index["dataset"] == dataset] for dataset in study.datasets}
    return [_engine(dataset, part) for dataset, part in ({"": index} | parts).items()]


def _engine(dataset: str, index: pd.DataFrame) -> Finding:
    if index.empty:
        return absent("images.engine", "codes", SOURCE, "no_pictures", dataset=dataset)
    engines = [f"engine.{engine}" for engine in ENGINES if engine in set(index["engine"])]
    return named("images.engine", " ".join(engines), SOURCE, dataset=dataset, unit="codes")


def _model(index: pd.DataFrame, folder: Path, labels: Mapping[str, str]) -> list[Finding]:
    """Name and digest, as the index states them (`folder@digest`); the name that `findings.labels`, or else the
    folder's own configuration gives stands for the folder, and several models are all named.
    """
    if index.empty:
        units = {"images.model": "name", "images.model_digest": "name", "images.size": "pixels"}
        return [absent(name, unit, SOURCE, "no_pictures") for name, unit in units.items()]
    parts = [model.rpartition("@") for model in sorted(index["model"].unique())]
    own = {folder.as_posix(): str(configuration(folder).get("name", folder.as_posix()))}
    names = [labels.get(name) or own.get(name, name) or digest for name, _, digest in parts]
    return [
        named("images.model", ", ".join(names), SOURCE),
        named("images.model_digest", ", ".join(digest[:12] for *_, digest in parts), SOURCE),
        count("images.size", index["width"].median(), SOURCE, unit="pixels", method="median"),
    ]


def _sampler(settings: Mapping[str, Any], engines: set[str]) -> list[Finding]:
    """The settings that what drew obeys; where nothing is drawn yet, those of DALL·E mini."""
    obeyed = {name for engine in engines or {JAX} for name in OBEYS[engine]}
    return [_setting(name, settings.get(name), name in obeyed) for name in SETTINGS]


def _setting(name: str, value: float | None, obeyed: bool) -> Finding:
    if not obeyed:
        return absent(f"images.{name}", "1", "params.yaml", IGNORED)
    if value is None and name == "top_k":
        value = OFFICIAL_TOP_K
    if value is None or (name == "top_k" and value == 0):
        reason = "left_to_the_pipeline" if name == "steps" else "setting_off"
        return absent(f"images.{name}", "1", "params.yaml", reason)
    return count(f"images.{name}", value, "params.yaml", unit="1", method="setting")


def configuration(model: Path) -> dict[str, Any]:
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
    parameters, tokens = "images.parameters", "images.tokens_per_image"
    other = bool(engines - {JAX, OFFICIAL})
    config = {} if other else configuration(model)
    if not config:
        reason = IGNORED if other else Phrase("model_files_absent")
        return [absent(name, "count", str(model), reason) for name in (parameters, tokens)]
    length, source = config.get("image_length"), (model / "config.json").as_posix()
    return [
        count(parameters, parameter_count(model), model.as_posix()),
        absent(tokens, "count", source, "not_in_the_configuration")
        if length is None
        else count(tokens, length, source, method="model_configuration"),
    ]


def tables(known: dict[str, Finding]) -> list[Table]:
    """The settings, each by its finding's name, for a reader who wants to draw the same pictures."""
    names = ["model", "model_digest", "engine", "parameters", "size", *SETTINGS]
    shown = [finding for name in names if (finding := known[f"images.{name}"]).method != IGNORED]
    rows = [{"setting": finding.name, "value": finding.name} for finding in shown]
    columns = Column("setting", words="finding"), Column("value", words="value")
    return [table_of_rows("settings", "params.yaml", rows, *columns, key=False)]


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.settings),
    tables=lambda given, known, _: tables(known),
)
