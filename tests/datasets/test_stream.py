from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.datasets import stream
from rapporteur.datasets.stream import members

CONTENT: dict[str, Any] = {
    "info": {"year": 2017, "note": "é \"quoted\" [1, 2], {}"},
    "images": [{"id": 12345, "nested": [[1], {"a": [2]}]}, 7, "text, ] }", None, 1.5e3],
    "none": [],
    "year": 2014,
    "last": True,
}  # fmt: skip


def gathered(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, place, value in members(path):
        if place is None:
            found[name] = value
        else:
            found.setdefault(name, []).append(value)
            assert len(found[name]) == place + 1
    return found


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_read_by_pieces_of_any_length_is_what_json_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, indent: int | None
) -> None:
    monkeypatch.setattr(stream, "PIECE", piece)
    path = tmp_path / "content.json"
    path.write_text(json.dumps(CONTENT, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")
    assert gathered(path) == CONTENT


def test_a_gzipped_file_and_one_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = json.dumps(CONTENT)
    (tmp_path / "plain.json").write_text(text, encoding="utf-8-sig")
    (tmp_path / "zipped.json.gz").write_bytes(gzip.compress(text.encode()))
    assert gathered(tmp_path / "plain.json") == gathered(tmp_path / "zipped.json.gz") == CONTENT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "content.json: expected a JSON object"),
        ("", "content.json: expected a JSON object"),
        ('{"a": [1, 2', "content.json:1: not JSON .it ends too early. at a"),
        ('{"a": [1, "tw', r"content.json:1: not JSON .unterminated string.* at a\[1\]"),
        ('{"a": [\n{"id": 1}\n{"id": 2}]}', r"content.json:3: not JSON .a comma is missing. at a\[0\]"),
        ('{"a": [1,]}', "a value is missing after a comma"),
        ('{"a": 1,}', "a value is missing after a comma"),
        ('{"a" 1}', 'a colon is missing. at "a"'),
        ("{a: 1}", "a name in quotes is missing"),
        ('{"a": 1} {}', "there is more text after its end"),
        ('{"a": 1', 'it ends too early. at "a"'),
        ('{"a": [{"id": 1},\n\n {"id": nope}]}', r"content.json:3: not JSON .expecting value. at a\[1\]"),
    ],
)
def test_a_fault_is_told_with_its_line_and_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    path = tmp_path / "content.json"
    path.write_text(text, encoding="utf-8")
    for piece in (1, 1 << 20):
        monkeypatch.setattr(stream, "PIECE", piece)
        with pytest.raises(BadInput, match=message):
            gathered(path)


def test_a_cut_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.json.gz"
    path.write_bytes(gzip.compress(json.dumps(CONTENT).encode())[:-20])
    with pytest.raises(BadInput, match="cut.json.gz: not a JSON text"):
        gathered(path)


def test_a_record_without_end_is_given_up_before_the_whole_file_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PIECE", 16)
    monkeypatch.setattr(stream, "LONGEST", 64)
    path = tmp_path / "content.json"
    path.write_text('{"a": ["' + 1000 * "x")
    seen: list[int] = []
    read = stream._Text.read

    def counted(text: stream._Text, most: int) -> None:
        read(text, most)
        seen.append(len(text.text))

    monkeypatch.setattr(stream._Text, "read", counted)
    with pytest.raises(BadInput, match=r"unterminated string.* at a\[0\]"):
        gathered(path)
    assert max(seen) < 200
