"""Findings: every number, test and table that the documents may cite.

Reads   the artifacts of all stages before it; the labels `findings.truth` and measures `findings.measures`,
        where params.yaml names such files; what benchmarks found of the measures themselves (benchmarks/results).
Writes  artifacts/findings/findings.json and findings.parquet (vocabulary/findings.py), tables/<name>.parquet and
        tables/index.json (units, digits and vocabularies of their columns).
Costs   under 10 s on one core for two datasets of 100 captions; no model is loaded.

    python -m rapporteur.stages.findings
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as arrow
from pyarrow import parquet

from rapporteur.core.errors import run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import dataset_names, strict
from rapporteur.core.stage import Stage
from rapporteur.core.tables import table_of, write_table
from rapporteur.findings import topics
from rapporteur.findings.finding import Finding, Table, record, rounded
from rapporteur.findings.landscapes import read_truth
from rapporteur.findings.topic import Given
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.findings import FINDINGS

STAGE = Stage(
    "findings",
    reads=(
        "artifacts/captions",
        "artifacts/images",
        "artifacts/clip",
        "artifacts/colour",
        "artifacts/ratings",
        "artifacts/landscapes",
        "artifacts/tokens",
        "artifacts/model",
        "artifacts/samples",
        "${findings.truth}",
        "benchmarks/results/shapes_obedience.json",
        "benchmarks/results/tifa.json",
    ),
    takes=("findings", "captions", "images"),
)


@strict
class FindingsParams:
    """The block `findings` of params.yaml."""

    seed: int = 0
    resamples: int = 10_000  # of the bootstrap and of permutation tests
    confidence: float = 0.95  # level of the intervals
    labels: dict[str, str]  # name of each dataset, as the documents write it
    truth: str  # labels of landscapes: a CSV, or a folder of raters' files
    measures: str | None = None  # JSON of numbers about the sample models


def gather(study: Study, params: FindingsParams, settings: Mapping[str, Any]) -> tuple[list[Finding], list[Table]]:
    """All findings, sorted by name, and all tables; `settings` is the block `images`."""
    plan = Resampling(params.seed, params.resamples, params.confidence)
    measures = None if params.measures is None else Path(params.measures)
    given, every = Given(study, plan, read_truth(Path(params.truth)), settings, measures), topics()
    every = [topic for topic in every if not topic.needs or study.plans(topic.needs)]
    tests = [test for topic in every for test in topic.tests(given)]
    found = [finding for topic in every for finding in topic.findings(given)]
    found = sorted([*found, *(one for test in tests for one in test.findings())], key=lambda finding: finding.name)
    known = {finding.name: finding for finding in found}
    tables = [table for topic in every for table in topic.tables(given, known, tests)]
    return found, tables


def write(found: Sequence[Finding], tables: Sequence[Table], folder: Path) -> None:
    """Write the findings and the tables under `folder`, with the same bytes for the same numbers."""
    _write_json(folder / "findings.json", {finding.name: record(finding) for finding in found})
    write_table(table_of(map(_row, found), FINDINGS), folder / "findings.parquet", FINDINGS)
    (folder / "tables").mkdir()
    for table in tables:
        content = arrow.Table.from_pandas(_rounded(table.frame), preserve_index=False).replace_schema_metadata(None)
        parquet.write_table(content, folder / "tables" / f"{table.name}.parquet", compression="zstd")
    _write_json(folder / "tables" / "index.json", {table.name: _heading(table) for table in tables})


def _row(finding: Finding) -> dict[str, Any]:
    """A row of findings.parquet: a name or codes in a column of their own, the method in one line."""
    fields = record(finding) | {"name": finding.name, "method": str(finding.method)}
    return fields | ({"value": None, "text": finding.value} if isinstance(finding.value, str) else {"text": ""})


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its floats rounded as findings are; empty cells stay empty."""
    floats = frame.select_dtypes("float64").map(lambda value: value if pd.isna(value) else rounded(float(value)))
    return frame.assign(**floats)


def _heading(table: Table) -> dict[str, Any]:
    return {"source": table.source, "columns": [asdict(column) for column in table.columns]}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    params = STAGE.params(FindingsParams)
    settings = STAGE.shared("images")
    found, tables = gather(Study(dataset_names("findings"), params.labels), params, settings)
    with new_folder(STAGE.out()) as folder:
        write(found, tables, folder)
    absent = sum(finding.value is None for finding in found)
    print(f"findings: {len(found)} findings ({absent} without a value, each with its reason), {len(tables)} tables")


if __name__ == "__main__":
    run_stage(main)
