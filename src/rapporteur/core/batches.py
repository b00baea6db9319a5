"""Tables of millions of rows: written and read frame by frame through their schema, in the memory of one frame.

What a frame cannot tell, that a column is unique, is held over the whole table: 60 bytes a row for each such column
while it is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
from pyarrow import parquet

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import table_of, validate

ROWS = 1 << 16  # rows of a frame: small enough for any memory, and what is paid once a frame is lost among them


def write_frames(frames: Iterable[pd.DataFrame], path: Path, table: pa.DataFrameSchema) -> int:
    """Validate and write a parquet, a row group a frame; returns how many rows it has.

    The file is not put in place at once: write it into a `new_folder`. One frame gives the bytes of `write_table`.
    Raises BadInput naming the file, the row and the column.
    """
    checked = _checked(frames, path, table)
    first = arrow.Table.from_pandas(next(checked, table_of([], table)), preserve_index=False)
    schema, rows = first.schema.remove_metadata(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        with parquet.ParquetWriter(stream, schema, compression="zstd", compression_level=3) as out:
            rest = (arrow.Table.from_pandas(frame, schema, preserve_index=False) for frame in checked)
            for content in chain([first], rest):
                out.write_table(content.replace_schema_metadata(None))
                rows += content.num_rows
        stream.flush()
        os.fsync(stream.fileno())
    return rows


def _checked(frames: Iterable[pd.DataFrame], path: Path, table: pa.DataFrameSchema) -> Iterator[pd.DataFrame]:
    """The frames, each validated, with rows numbered through the table."""
    unique = [*(table.unique or []), *(name for name, part in table.columns.items() if part.unique)]
    seen: dict[str, set[Any]] = {name: set() for name in unique}
    start = 0
    for frame in frames:
        numbered = frame.set_axis(pd.RangeIndex(start, start + len(frame)))
        checked = validate(numbered, path, table)
        for name, values in seen.items():
            _refuse_known(checked[name], values, path, table)
        start += len(frame)
        yield checked


def _refuse_known(column: pd.Series, seen: set[Any], path: Path, table: pa.DataFrameSchema) -> None:
    new = set(column)
    if not new.isdisjoint(seen):
        row = next(place for place, value in enumerate(column) if value in seen)
        meaning = table.columns[str(column.name)].description
        raise BadInput(
            f"row {column.index[row] + 1}, column `{column.name}`: {column.iloc[row]!r} comes twice ({meaning})", path
        )
    seen |= new


def read_frames(path: Path, table: pa.DataFrameSchema, names: Sequence[str]) -> Iterator[pd.DataFrame]:
    """The columns `names` of a parquet, validated frame by frame. Raises BadInput for a missing or invalid file."""
    part = table.select_columns(list(names))
    part.unique = None  # of the whole table, not of a frame
    start = 0
    try:
        with parquet.ParquetFile(path) as content:
            _refuse_lacking(content.schema_arrow.names, path, table)
            for batch in content.iter_batches(ROWS, columns=list(names)):
                frame = batch.to_pandas().set_axis(pd.RangeIndex(start, start + batch.num_rows))
                start += batch.num_rows
                yield validate(_typed(frame, part), path, part)
    except FileNotFoundError:
        raise BadInput(f"the table `{table.name}` is missing; run `dvc repro` or `dvc pull`", path) from None
    except (arrow.ArrowInvalid, OSError) as error:
        raise BadInput(f"not a readable parquet ({error}); remove it and run `dvc repro`", path) from None


def _refuse_lacking(found: Sequence[str], path: Path, table: pa.DataFrameSchema) -> None:
    missing = [name for name in table.columns if name not in found]
    if missing:
        raise BadInput(f"the table `{table.name}` lacks the column {missing[0]!r}", path)


def _typed(frame: pd.DataFrame, table: pa.DataFrameSchema) -> pd.DataFrame:
    return frame[list(table.columns)].astype({name: str(part.dtype) for name, part in table.columns.items()})
