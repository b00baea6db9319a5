"""Rows to a parquet or a CSV, a thousand at a time: memory does not grow with the number of pictures.

The file appears whole or not at all, and the same rows give the same bytes. In a CSV a list is JSON text.
"""

from __future__ import annotations

import csv
import gc
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pandera.pandas as pa
import pyarrow as arrow
from pyarrow import parquet

from rapporteur.core.files import whole_file
from rapporteur.core.tables import table_of

CHUNK = 1000  # rows of a row group
_TYPES = {
    "str": arrow.string(), "string": arrow.string(), "float64": arrow.float64(), "int64": arrow.int64(),
    "Int64": arrow.int64(), "boolean": arrow.bool_(), "object": arrow.list_(arrow.float64()),
}  # fmt: skip

Row = dict[str, Any]


def write_rows(rows: Iterable[Row], path: Path, table: pa.DataFrameSchema) -> int:
    """Check rows against a schema and write them as a parquet, or as a CSV where the name ends so; how many."""
    write = _write_csv if path.suffix == ".csv" else _write_parquet
    with whole_file(path) as stream:
        return write(_chunks(iter(rows)), stream, table)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
        gc.collect()  # pandera's validation leaves cycles that hold their frame: 1.4 kB a row until collected


def _write_parquet(chunks: Iterable[list[Row]], stream: IO[bytes], table: pa.DataFrameSchema) -> int:
    columns = arrow.schema([(name, _arrow_type(part)) for name, part in table.columns.items()])
    written = 0
    with parquet.ParquetWriter(stream, columns, compression="zstd", compression_level=3) as writer:
        for chunk in chunks:
            frame = table.validate(table_of(chunk, table))
            content = arrow.Table.from_pandas(frame, schema=columns, preserve_index=False)
            writer.write_table(content.replace_schema_metadata(None))
            written += len(chunk)
    return written


def _arrow_type(part: pa.Column) -> arrow.DataType:
    return _TYPES[str(part.dtype).removesuffix("[python]")]


def _write_csv(chunks: Iterable[list[Row]], stream: IO[bytes], table: pa.DataFrameSchema) -> int:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer, written = csv.writer(text, lineterminator="\n"), 0
    writer.writerow(table.columns)
    for chunk in chunks:
        table.validate(table_of(chunk, table))
        writer.writerows([_cell(row[name]) for name in table.columns] for row in chunk)
        written += len(chunk)
    text.detach()  # flushes; the stream stays open
    return written


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | tuple) else value
