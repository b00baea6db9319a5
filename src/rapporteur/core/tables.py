"""Tables: every parquet is written and read through one schema whose columns have a unit and a meaning.

The bytes of a written table depend on its rows and on pyarrow's version alone (the version is in the file;
the lock pins it).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
from pyarrow import parquet

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic

LIST = object  # a column of lists; its elements are checked by the schema's own `checks`


def column(
    dtype: Any, meaning: str, unit: str = "", nullable: bool = False, unique: bool = False, checks: Any = None
) -> pa.Column:
    """A schema's column with its meaning and its unit ("" for names and flags)."""
    return pa.Column(
        dtype, checks=checks, nullable=nullable, unique=unique, description=meaning, metadata={"unit": unit}
    )


def schema(name: str, columns: dict[str, pa.Column], unique: list[str] | None = None) -> pa.DataFrameSchema:
    """A table with exactly these columns, in this order."""
    return pa.DataFrameSchema(columns, name=name, strict=True, ordered=True, unique=unique)


def table_of(rows: Iterable[dict[str, Any]], table: pa.DataFrameSchema) -> pd.DataFrame:
    """Rows as a frame of the schema's columns and dtypes, also when there is no row."""
    frame = pd.DataFrame(list(rows), columns=list(table.columns))
    return frame.astype({name: str(part.dtype) for name, part in table.columns.items()})


def write_table(frame: pd.DataFrame, path: Path, table: pa.DataFrameSchema) -> None:
    """Validate and write a parquet. Raises BadInput naming the file, the row and the column."""
    ordered = frame.reindex(columns=list(table.columns)) if set(frame.columns) == set(table.columns) else frame
    checked = validate(ordered.reset_index(drop=True), path, table)
    content = arrow.Table.from_pandas(checked, preserve_index=False).replace_schema_metadata(None)
    out = io.BytesIO()
    parquet.write_table(content, out, compression="zstd", compression_level=3)
    write_atomic(path, out.getvalue())


def read_frame(path: Path, name: str) -> pd.DataFrame:
    """A parquet as a frame. By pyarrow itself: pandas's own reading now and then aborts the process at its end
    (apache/arrow#34314). Raises BadInput for a missing or foreign file; `name` is the table's, for the message.
    """
    try:
        frame: pd.DataFrame = parquet.read_table(path).to_pandas(ignore_metadata=True)
    except FileNotFoundError:
        raise BadInput(f"the table `{name}` is missing; run `dvc repro` or `dvc pull`", path) from None
    except (arrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"not a readable parquet ({error}); remove it and run `dvc repro`", path) from None
    return frame


def read_table(path: Path, table: pa.DataFrameSchema) -> pd.DataFrame:
    """Read and validate a parquet. Raises BadInput for a missing, foreign or invalid file."""
    frame = read_frame(path, table.name or "")
    missing = [name for name in table.columns if name not in frame.columns]
    if missing:
        raise BadInput(f"the table `{table.name}` lacks the column {missing[0]!r}", path)
    typed = frame.astype({name: str(part.dtype) for name, part in table.columns.items() if name in frame})
    return validate(typed, path, table)


def validate(frame: pd.DataFrame, path: Path, table: pa.DataFrameSchema) -> pd.DataFrame:
    """The frame as the schema has it. Raises BadInput naming file, row, column and meaning of the first fault."""
    try:
        return table.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        raise BadInput(_first_failure(errors.failure_cases, table), path) from None


def _first_failure(cases: pd.DataFrame, table: pa.DataFrameSchema) -> str:
    case = cases.iloc[0]
    name, row = case["column"], case["index"]
    place = "" if pd.isna(row) else f"row {int(row) + 1}, "
    if case["check"] == "column_in_schema":
        return f"the table `{table.name}` has a column {case['failure_case']!r} that its schema lacks"
    meaning = table.columns[name].description if name in table.columns else ""
    found = getattr(case["failure_case"], "item", lambda: case["failure_case"])()
    return f"{place}column `{name}`: {found!r} fails {case['check']} ({meaning})"
