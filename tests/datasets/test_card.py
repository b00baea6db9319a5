"""The data card, held against the schemas and the files that it speaks of."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pandera.pandas as pa
import pytest

from rapporteur.vocabulary.attributes import TRIED
from rapporteur.vocabulary.captions import CAPTIONS, FOIL_KINDS, GOLD, KINDS

ROOT = Path(__file__).resolve().parents[2]
CARD = ROOT / "data/README.md"


def described(table: str) -> list[str]:
    """The columns that the card's table of `<table>.parquet` describes, in its order."""
    text = CARD.read_text(encoding="utf-8").split(f"/{table}.parquet`", 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert lines is not None
    return re.findall(r"^\| `(\w+)` \| \S", lines[0], re.MULTILINE)


@pytest.mark.parametrize("schema", [CAPTIONS, GOLD], ids=lambda schema: schema.name)
def test_every_column_of_a_table_is_described_in_its_order(schema: pa.DataFrameSchema) -> None:
    assert described(str(schema.name)) == list(schema.columns)


@pytest.mark.parametrize("word", [*KINDS, *FOIL_KINDS])
def test_every_kind_of_caption_and_of_foil_is_named(word: str) -> None:
    assert f"`{word}`" in CARD.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "count"),
    [("prompts/prompts.csv", "129 prompts"), ("landscapes/labels/modele-de-langue.csv", "300 images")],
)
def test_the_counts_to_expect_are_those_of_the_files(path: str, count: str) -> None:
    with (ROOT / "data" / path).open(encoding="utf-8", newline="") as stream:
        rows = len(list(csv.DictReader(stream)))
    assert count.startswith(f"{rows} ")
    assert count in CARD.read_text(encoding="utf-8")


def test_the_prompts_are_counted_as_their_readme_says() -> None:
    with (ROOT / "data/prompts/prompts.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = Counter(row["attribute"] for row in rows)
    parts = ", ".join(f"{found[name]} {name}" for name in TRIED)
    colours, shapes = (sum(bool(row[name]) for row in rows) for name in ("expected_colour", "expected_shape"))
    said = f"{len(rows)} prompts: {parts}; {colours} name a colour and {shapes} a shape."
    assert said in (ROOT / "data/prompts/README.md").read_text(encoding="utf-8")
