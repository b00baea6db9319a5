"""The models that the study speaks of, side by side: DALL·E, DALL·E mini and the one at hand, with its CLIP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rapporteur.findings.finding import Column, Finding, Table, table_of_rows
from rapporteur.findings.images import configuration
from rapporteur.findings.topic import Given, Topic
from rapporteur.findings.weights import parameter_count
from rapporteur.vocabulary.published import INSTRUMENTS

SOURCE = "params.yaml"
# Quantities that a model's config.json states, by the names that DALL·E mini's has.
CONFIGURED = {
    "image_tokens": "image_length",
    "codes": "image_vocab_size",
    "text_tokens": "max_text_length",
    "encoder_layers": "encoder_layers",
    "decoder_layers": "decoder_layers",
}


def at_hand(given: Given, known: Mapping[str, Finding]) -> dict[str, Any]:
    """What is known of the study's own model, by quantity."""
    config = configuration(Path(given.settings["model"])) if known["images.parameters"].value is not None else {}
    found = {quantity: config.get(name) for quantity, name in CONFIGURED.items()}
    found["picture_side"] = known["images.size"].value
    found["parameters"] = known["images.parameters"].value
    return found | {"clip_parameters": _clip(given)}


def _clip(given: Given) -> int | None:
    """Parameters of the CLIP that scored, where it is a folder that is at hand."""
    for dataset in given.study.datasets:
        path = given.study.root / "clip" / dataset / "model.json"
        folder = Path(json.loads(path.read_text(encoding="utf-8"))["model"]) if path.is_file() else None
        if folder is not None and folder.is_dir():
            return parameter_count(folder) or None
    return None


def tables(given: Given, known: Mapping[str, Finding]) -> list[Table]:
    """A row a quantity."""
    own = at_hand(given, known)
    rows = [
        {"quantity": quantity, "dalle": dalle, "dalle_mini": mini, "here": own.get(quantity)}
        for quantity, (dalle, mini) in INSTRUMENTS.items()
    ]
    models = [Column(name, "count", 0) for name in ("dalle", "dalle_mini", "here")]
    table = table_of_rows("instruments", SOURCE, rows, Column("quantity", words="instrument"), *models, key=False)
    numbers = table.frame.astype(dict.fromkeys(("dalle", "dalle_mini", "here"), "float64"))
    return [Table(table.name, table.source, numbers, table.columns)]


TOPIC = Topic(findings=lambda given: [], tables=lambda given, known, _: tables(given, known))
