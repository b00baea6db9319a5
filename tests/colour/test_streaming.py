from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest

from rapporteur.colour import streaming
from rapporteur.colour.streaming import write_rows
from rapporteur.core.tables import LIST, column, read_table, schema, table_of, write_table

TABLE = schema(
    "things",
    {
        "name": column(str, "a name"),
        "note": column("string", "a note", nullable=True),
        "size": column("float64", "a size", "1", checks=pa.Check.ge(0)),
        "parts": column(LIST, "parts", "1"),
    },
)


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {"name": f"n{place}", "note": None, "size": place / 4, "parts": [0.5] * (place % 3)} for place in range(count)
    ]


def test_rows_in_chunks_read_as_the_whole_table_does(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "CHUNK", 4)
    assert write_rows(rows(10), work / "chunks.parquet", TABLE) == 10
    write_table(table_of(rows(10), TABLE), work / "whole.parquet", TABLE)
    pd.testing.assert_frame_equal(read_table(work / "chunks.parquet", TABLE), read_table(work / "whole.parquet", TABLE))


def test_equal_rows_give_equal_bytes(work: Path) -> None:
    for name in ("one", "two"):
        write_rows(rows(5), work / f"{name}.parquet", TABLE)
    assert (work / "one.parquet").read_bytes() == (work / "two.parquet").read_bytes()


def test_no_row_gives_an_empty_table(work: Path) -> None:
    assert write_rows([], work / "none.parquet", TABLE) == 0
    assert read_table(work / "none.parquet", TABLE).empty


def test_lists_are_json_in_a_csv(work: Path) -> None:
    write_rows(rows(2), work / "two.csv", TABLE)
    assert (work / "two.csv").read_text() == "name,note,size,parts\nn0,,0.0,[]\nn1,,0.25,[0.5]\n"


@pytest.mark.parametrize("name", ["things.parquet", "things.csv"])
def test_a_row_that_fails_leaves_what_was_there(work: Path, name: str) -> None:
    (work / name).write_text("before")
    bad = [*rows(1), {"name": "x", "note": None, "size": -1.0, "parts": []}]
    with pytest.raises(pa.errors.SchemaError, match="size"):
        write_rows(bad, work / name, TABLE)
    assert [path.name for path in work.iterdir()] == [name]
    assert (work / name).read_text() == "before"


def test_columns_of_earlier_chunks_are_let_go(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []

    def counted(count: int) -> Iterator[dict[str, Any]]:
        for place, row in enumerate(rows(count)):
            if place % 5 == 0:
                # by type: isinstance asks every object for its class, and some that others left here warn at that
                counts.append(sum(issubclass(type(one), pd.Series) for one in gc.get_objects()))
            yield row

    monkeypatch.setattr(streaming, "CHUNK", 5)
    gc.disable()  # what Python collects of itself comes late, and is not what is tested
    try:
        write_rows(counted(60), work / "many.parquet", TABLE)
    finally:
        gc.enable()
    assert len(counts) == 12
    assert max(counts[2:]) <= counts[1]
