"""Prompts of one's own and published lists of prompts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.datasets import read_prompts
from rapporteur.vocabulary.colour_terms import BASIC_TERMS

OURS = Path(__file__).resolve().parents[2] / "data/prompts/prompts.csv"


def _rows() -> list[dict[str, str]]:
    with OURS.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_prompt_is_a_caption_without_a_picture() -> None:
    pictures = read_prompts(OURS)
    assert len(pictures) >= 120
    first = pictures[0]
    assert (first.kind, first.file_name, first.split) == ("prompt", "", "test")
    assert first.captions[0].caption_id == first.image_id
    assert first.attributes == {"attribute": "shape", "expected_shape": "circle"}


def test_our_prompts_are_balanced_and_cross_the_attributes() -> None:
    rows = _rows()
    counts = Counter(row["attribute"] for row in rows)
    assert set(counts) == {"shape", "texture", "colour", "composition"}
    assert max(counts.values()) - min(counts.values()) <= 2
    colours = Counter(row["expected_colour"] for row in rows if row["expected_colour"])
    assert set(colours) == set(BASIC_TERMS) and min(colours.values()) >= 4
    for attribute in counts:
        coloured = [bool(row["expected_colour"]) for row in rows if row["attribute"] == attribute]
        assert sum(coloured) >= len(coloured) * 0.4, attribute
    assert len({row["text"] for row in rows}) == len({row["gloss"] for row in rows}) == len(rows)


def test_our_prompts_name_the_colour_that_they_expect_and_their_articles_are_right() -> None:
    for row in _rows():
        assert row["expected_colour"] in row["text"]
        assert re.search(r"\ba [aeiou]|\ban [^aeiou]", row["text"]) is None, row["text"]
        assert re.search(r"\bde (un|une)\b|'| [?!:;]", row["gloss"]) is None, row["gloss"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text\na dog\n", r"prompts.csv:1: the column `id` is missing"),
        ("id,text\n1,a dog\n1,a cat\n", r"prompts.csv:3: the prompt '1' stands on line 2 already"),
        ("id,text\n1,\n", r":2: a prompt needs an `id` and a `text`"),
        ("id,text\n", r"there is no prompt"),
        ("id,text,attribute\n1,a dog,taille\n", r":2: unknown attribute 'taille'; known: shape, texture"),
        ("id,text,expected_colour\n1,a dog,mauve\n", r":2: unknown colour 'mauve'; known: black"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "prompts.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        read_prompts(path)


def test_published_lists_are_read_as_they_are(shared_data: Path) -> None:
    parti = read_prompts(shared_data / "prompts/PartiPrompts.tsv")
    assert len(parti) == 1632
    assert sum('"' in one.captions[0].text for one in parti) > 20
    for name in ("color", "shape", "texture"):
        found = read_prompts(shared_data / f"prompts/t2i_compbench/{name}_val.txt")
        assert len(found) == 300
        assert found[0].image_id == f"{name}_val-1"


def test_a_line_ends_at_its_end_and_not_at_a_separator_within(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_bytes("a star\u2028in two\r\n\r\na\x0cpage\n".encode())
    found = [(one.image_id, one.captions[0].text) for one in read_prompts(tmp_path / "own.txt")]
    assert found == [("own-1", "a star\u2028in two"), ("own-3", "a\x0cpage")]
