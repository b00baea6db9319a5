from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import LIST, column, read_table, schema, table_of, write_table

TABLE = schema(
    "scores",
    {
        "caption_id": column(str, "the caption"),
        "seed": column("Int64", "the draw", nullable=True),
        "score": column("float64", "CLIPScore", "CLIPScore", checks=pa.Check.between(0, 2.5)),
        "words": column(LIST, "words of the caption"),
    },
    unique=["caption_id", "seed"],
)
ROWS = [
    {"caption_id": "a", "seed": 0, "score": 0.5, "words": ["red", "star"]},
    {"caption_id": "b", "seed": None, "score": 0.7, "words": []},
]


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    write_table(table_of(ROWS, TABLE), path, TABLE)
    back = read_table(path, TABLE)
    assert list(back.columns) == list(TABLE.columns)
    assert back["seed"].dtype == "Int64"
    assert [list(words) for words in back["words"]] == [["red", "star"], []]
    assert back["score"].tolist() == [0.5, 0.7]


def test_a_table_without_rows_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    write_table(table_of([], TABLE), path, TABLE)
    assert read_table(path, TABLE).dtypes.astype(str).to_dict()["seed"] == "Int64"


def test_the_same_rows_give_the_same_bytes_whatever_the_column_order_and_index(tmp_path: Path) -> None:
    frame = table_of(ROWS, TABLE)
    write_table(frame, tmp_path / "a.parquet", TABLE)
    write_table(frame[frame.columns[::-1]].set_index(pd.Index([7, 9])), tmp_path / "b.parquet", TABLE)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_bad_row_is_named_by_file_row_and_column(tmp_path: Path) -> None:
    rows = [ROWS[0], ROWS[1] | {"score": 9.0}]
    with pytest.raises(BadInput, match=r"scores.parquet: row 2, column `score`: 9.0 fails .*CLIPScore"):
        write_table(table_of(rows, TABLE), tmp_path / "scores.parquet", TABLE)
    assert not (tmp_path / "scores.parquet").exists()


def test_a_duplicate_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="scores.parquet"):
        write_table(table_of([ROWS[0], ROWS[0]], TABLE), tmp_path / "scores.parquet", TABLE)


def test_a_foreign_column_is_refused(tmp_path: Path) -> None:
    frame = table_of(ROWS, TABLE).assign(extra=1)
    with pytest.raises(BadInput, match="extra"):
        write_table(frame, tmp_path / "scores.parquet", TABLE)


@pytest.mark.parametrize(("content", "message"), [(None, "is missing; run `dvc repro`"), (b"text", "not a readable")])
def test_an_absent_or_foreign_file_says_what_to_run(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "scores.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_table(path, TABLE)
