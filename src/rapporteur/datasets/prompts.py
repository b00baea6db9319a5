"""Prompts of one's own, without pictures: data/prompts/prompts.csv, and published lists of prompts.

A CSV has `id` and `text`, and may have `gloss`, `attribute` (shape, texture, colour, composition), `expected_colour`
and `expected_shape`. PartiPrompts' TSV (`Prompt`, `Category`, …) and T2I-CompBench's text files (a prompt a line) are
read as they are published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.text import Row, csv_rows, read_text
from rapporteur.datasets.record import Caption, Picture
from rapporteur.vocabulary.attributes import TRIED, attribute_code
from rapporteur.vocabulary.colour_terms import BASIC_TERMS

EXPECTED = ("attribute", "expected_colour", "expected_shape")


def read_prompts(path: Path, split: str | None = "test") -> list[Picture]:
    """A picture without a file for each prompt, of the kind "prompt"; `split` is what the study calls them (test).

    Raises BadInput naming file, line and mend.
    """
    lines: dict[str, int] = {}
    found = []
    for line, row in _rows(path):
        if not row["id"] or not row["text"]:
            raise BadInput("a prompt needs an `id` and a `text`; write them, or take the line out", path, line)
        if row["id"] in lines:
            raise BadInput(
                f"the prompt {row['id']!r} stands on line {lines[row['id']]} already; rename one", path, line
            )
        lines[row["id"]] = line
        said = {name: row[name] for name in EXPECTED if row.get(name)}
        said |= {"attribute": attribute_code(said["attribute"])} if "attribute" in said else {}
        _check(said, path, line)
        caption = Caption(row["id"], row["text"])
        found.append(Picture(row["id"], "", split or "test", captions=[caption], kind="prompt", attributes=said))
    if not found:
        raise BadInput("there is no prompt; write one a line under `id,text`", path)
    return found


def _rows(path: Path) -> Iterator[Row]:
    if path.suffix == ".txt":
        yield from _plain_rows(path)
    elif path.suffix == ".tsv":
        for place, (line, row) in enumerate(csv_rows(path, ("prompt",)), 1):
            yield line, {"id": f"{path.stem}-{place}", "text": row["prompt"]}
    else:
        yield from csv_rows(path, ("id", "text"))


def _plain_rows(path: Path) -> Iterator[Row]:
    """A prompt a line; empty lines are passed over, and each prompt is named after its line."""
    content = read_text(path, "the prompts are missing; check `annotations` in params.yaml")
    lines = content.replace("\r\n", "\n").split("\n")  # and nowhere else: U+2028 is part of a prompt
    for line, text in enumerate(lines, 1):
        if text.strip():
            yield line, {"id": f"{path.stem}-{line}", "text": text.strip()}


def _check(said: Mapping[str, str], path: Path, line: int) -> None:
    attribute, colour = said.get("attribute"), said.get("expected_colour")
    if attribute is not None and attribute not in TRIED:
        raise BadInput(f"unknown attribute {attribute!r}; known: {', '.join(TRIED)}", path, line)
    if colour is not None and colour not in BASIC_TERMS:
        raise BadInput(f"unknown colour {colour!r}; known: {', '.join(BASIC_TERMS)}", path, line)
