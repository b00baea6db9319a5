"""The reader of CSV, on what people and Excel write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.text import csv_rows

PLAIN = "file,text\na.png,un été\nb.png,deux\n"


def rows(path: Path, content: str | bytes, **options: object) -> list[tuple[int, dict[str, str]]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(line, dict(cells)) for line, cells in csv_rows(path, ("file", "text"), **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("file,text", " File , TEXT "),
        PLAIN.replace(",", " , "),
        PLAIN.replace(",", ";").replace("file", '"file"'),
        PLAIN.rstrip("\n"),
        PLAIN + ",\n\n  ,\n",
        PLAIN.replace("\n", ",\n"),  # Excel: a column of nothing
        PLAIN.replace(",", "\t").encode("utf-16"),
        ("\ufeff" + PLAIN.replace(",", "\t")).encode("utf-16-be"),
    ],
)
def test_every_country_s_csv_says_the_same(tmp_path: Path, content: str | bytes) -> None:
    found = rows(tmp_path / "a.csv", content)
    assert found == [(2, {"file": "a.png", "text": "un été"}), (3, {"file": "b.png", "text": "deux"})]


def test_excel_s_line_on_the_separator_is_passed_over_and_lines_stay_right(tmp_path: Path) -> None:
    assert rows(tmp_path / "a.csv", "sep=;\r\nfile;text\r\na.png;x\r\n") == [(3, {"file": "a.png", "text": "x"})]


def test_a_row_s_line_is_the_one_where_it_begins(tmp_path: Path) -> None:
    found = rows(tmp_path / "a.csv", 'file,text\na,"two\nlines"\n\nb,x\n')
    assert [line for line, _ in found] == [2, 5]


def test_others_headings_stay_as_they_are_written_where_asked(tmp_path: Path) -> None:
    (found,) = rows(tmp_path / "a.csv", "FILE,Text,Mon Score\na,b,c\n", own=True)
    assert found[1] == {"file": "a", "text": "b", "Mon Score": "c"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", r"a\.csv:1: the column `file` is missing; the first line names nothing"),
        ("file\n", r"a\.csv:1: the column `text` is missing; the first line names file"),
        ("file,text,TEXT\n", r"a\.csv:1: the column `text` comes twice"),
        ("file,text\na\n", r"a\.csv:2: 1 values for 2 columns"),
        ("file,text\na,b,c\n", r"a\.csv:2: 3 values for 2 columns"),
        ('file,text\nx,y\na,"b\n', r"a\.csv:3: not a CSV"),
        (
            "file,text\nx,y\na,\xe9t\xe9\n".encode("cp1252"),
            r"a\.csv:3: not a text in UTF-8; save the file as “CSV UTF-8”",
        ),
        (b"file,text\na,\0\n", r"a\.csv: not a text: it has zero bytes"),
    ],
)
def test_what_is_no_csv_is_named_with_its_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        rows(tmp_path / "a.csv", content)


def test_blank_rows_are_passed_over_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(tmp_path / "a.csv", "file,text\n1,a\n,\n\n , \n2,b\u2028c\n")
    assert [(line, cells["text"]) for line, cells in found] == [(2, "a"), (6, "b\u2028c")]
    assert "a.csv: 2 blank rows passed over" in capsys.readouterr().err


def test_an_unknown_column_is_refused_where_the_known_ones_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"the column 'mood' is unknown; known: file, text"):
        rows(tmp_path / "a.csv", "file,text,mood\n", known=("file", "text"))


def test_a_heading_of_megabytes_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as raised:
        rows(tmp_path / "a.csv", "x" * 3_000_000 + "\n")
    assert len(str(raised.value)) < 1000


def test_anything_is_rows_or_one_message(tmp_path: Path) -> None:
    random, path = np.random.default_rng(3), tmp_path / "a.csv"
    alphabet = np.frombuffer("file,text;\t\n\r\" 'éaz\x00\x1f\ufeff".encode() + b"\xff\xfe\x80", np.uint8)
    for _ in range(2000):
        path.write_bytes(b"file,text\n"[: random.integers(0, 11)] + random.choice(alphabet, 40).tobytes())
        try:
            found = list(csv_rows(path, ("file", "text")))
        except BadInput as error:
            assert str(error).startswith(str(path))
        else:
            assert all(set(cells) >= {"file", "text"} for _, cells in found)
