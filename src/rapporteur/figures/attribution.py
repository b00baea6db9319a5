"""Whose pictures the figures show: the licence and the source of every gold picture on a sheet or under a pointer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from rapporteur.study.tables import Study

FIELDS = ("dataset", "image_id", "licence", "licence_url", "source_url")


def attribution(study: Study, shown: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """One record a picture (FIELDS of vocabulary/captions.py's GOLD), by dataset in the study's order, then by id."""
    wanted: dict[str, set[str]] = {dataset: set() for dataset in study.datasets}
    for dataset, image in shown:
        wanted[dataset].add(image)
    records = []
    for dataset, images in wanted.items():
        gold = study.gold(dataset)
        rows = gold.loc[gold["image_id"].isin(images), list(FIELDS)]
        records += sorted(rows.to_dict("records"), key=lambda record: (len(record["image_id"]), record["image_id"]))
    return [{name: None if pd.isna(record[name]) else record[name] for name in FIELDS} for record in records]
