"""Findings and tables on the disk, with the same bytes for the same numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as arrow
from pyarrow import parquet

from rapporteur.core.files import write_atomic
from rapporteur.core.provenance import md5_of
from rapporteur.core.tables import table_of, write_table
from rapporteur.findings.finding import Finding, Table, record, rounded
from rapporteur.vocabulary.findings import FINDINGS, NAMES_FILE, SOURCES_FILE, Names


def write(found: Sequence[Finding], tables: Sequence[Table], folder: Path, names: Names | None = None) -> None:
    """Write the findings, the tables and what names are called in further languages under `folder`."""
    _write_json(folder / NAMES_FILE, names or {})
    _write_json(folder / "findings.json", {finding.name: record(finding) for finding in found})
    write_table(table_of(map(_row, found), FINDINGS), folder / "findings.parquet", FINDINGS)
    (folder / "tables").mkdir()
    for table in tables:
        content = arrow.Table.from_pandas(_rounded(table.frame), preserve_index=False).replace_schema_metadata(None)
        parquet.write_table(content, folder / "tables" / f"{table.name}.parquet", compression="zstd")
    _write_json(folder / "tables" / "index.json", {table.name: _heading(table) for table in tables})


def write_sources(found: Sequence[Finding], tables: Sequence[Table], folder: Path, read: Sequence[str]) -> None:
    """The MD5 of each file that a number or a table was read from, by which DVC knows it too.

    read: what the stage declares that it reads: of other sources it would not see a change.
    """
    named = sorted({each.source for each in found} | {each.source for each in tables})
    known = [path for path in map(Path, named) if path.is_file() and any(path.is_relative_to(one) for one in read)]
    _write_json(folder / SOURCES_FILE, {path.as_posix(): md5_of(path) for path in known})


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


def write_metrics(found: Sequence[Finding], path: Path) -> None:
    """Every number by its name, with six significant digits: what a reviewer compares, and what no processor moves."""
    numbers = {one.name: one.value for one in found if isinstance(one.value, int | float)}
    content = {
        name: int(value) if float(value).is_integer() else float(f"{value:.6g}") for name, value in numbers.items()
    }
    write_atomic(path, (json.dumps(content, indent=1, sort_keys=True) + "\n").encode())


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
