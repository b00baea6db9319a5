"""Tables written and read frame by frame are those that are written and read at once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from pyarrow.parquet import ParquetFile

from rapporteur.core import batches
from rapporteur.core.errors import BadInput
from rapporteur.core.tables import LIST, column, read_table, schema, table_of, write_table

TABLE = schema(
    "things",
    {
        "name": column(str, "a name", unique=True),
        "size": column("int64", "a size", checks=pa.Check.ge(0)),
        "note": column("string", "a note", nullable=True),
        "words": column(LIST, "words"),
    },
    unique=["name"],
)


def _frame(*names: str, size: int = 1) -> pd.DataFrame:
    return table_of([{"name": name, "size": size, "words": [name]} for name in names], TABLE)


def test_one_frame_gives_the_bytes_of_a_table_written_at_once(tmp_path: Path) -> None:
    write_table(_frame("a", "b"), tmp_path / "once.parquet", TABLE)
    assert batches.write_frames([_frame("a", "b")], tmp_path / "frames.parquet", TABLE) == 2
    assert (tmp_path / "frames.parquet").read_bytes() == (tmp_path / "once.parquet").read_bytes()


def test_no_frame_gives_an_empty_table(tmp_path: Path) -> None:
    assert batches.write_frames([], tmp_path / "none.parquet", TABLE) == 0
    assert read_table(tmp_path / "none.parquet", TABLE).empty


def test_frames_become_row_groups_of_one_table(tmp_path: Path) -> None:
    path = tmp_path / "two.parquet"
    assert batches.write_frames(iter([_frame("a", "b"), _frame("c")]), path, TABLE) == 3
    assert ParquetFile(path).num_row_groups == 2
    assert read_table(path, TABLE)["name"].tolist() == ["a", "b", "c"]


def test_a_name_that_comes_again_in_a_later_frame_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"row 4, column `name`: 'a' comes twice \(a name\)"):
        batches.write_frames([_frame("a", "b"), _frame("c", "a")], tmp_path / "things.parquet", TABLE)


def test_a_bad_value_in_a_later_frame_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"row 3, column `size`: -1"):
        batches.write_frames([_frame("a", "b"), _frame("c", size=-1)], tmp_path / "things.parquet", TABLE)


def test_what_is_read_frame_by_frame_is_the_whole_table_s_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "things.parquet"
    write_table(_frame(*"abcde"), path, TABLE)
    monkeypatch.setattr(batches, "ROWS", 2)
    frames = list(batches.read_frames(path, TABLE, ("name", "size")))
    assert [len(frame) for frame in frames] == [2, 2, 1]
    pd.testing.assert_frame_equal(pd.concat(frames), read_table(path, TABLE)[["name", "size"]])


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "things.parquet"
    with pytest.raises(BadInput, match=r"things.parquet: the table `things` is missing; run `dvc repro`"):
        list(batches.read_frames(path, TABLE, ("name",)))
    path.write_bytes(b"no parquet")
    with pytest.raises(BadInput, match=r"not a readable parquet"):
        list(batches.read_frames(path, TABLE, ("name",)))
    _frame("a").drop(columns="size").to_parquet(path)
    with pytest.raises(BadInput, match=r"the table `things` lacks the column 'size'"):
        list(batches.read_frames(path, TABLE, ("name",)))
    _frame("a", "b", size=-1).to_parquet(path)
    with pytest.raises(BadInput, match=r"row 1, column `size`: -1"):
        list(batches.read_frames(path, TABLE, ("size",)))
