"""The words of foils: as they are shipped, and badly edited."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.study.foils import read_foil_lexicon

ROOT = Path(__file__).resolve().parents[3]


def test_what_may_be_written_is_never_what_it_stands_for() -> None:
    lexicon = read_foil_lexicon(ROOT / "data/foils")
    for name, others in {**lexicon.colours, **lexicon.numbers}.items():
        assert others and name not in others
    assert all(other in lexicon.colours for others in lexicon.colours.values() for other in others)
    assert len([place for place in lexicon.places.values() if place.target]) >= 15


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("things.csv", "word,plural\n", r"things.csv:1: the column `class` is missing"),
        ("things.csv", "word,plural,class,palette,kin\nemu,emus,animal\n", r"things.csv:2: 3 values for 5 columns"),
        ("things.csv", "word,plural,class,palette,kin\nemu,emus,animal,plaid,\n", r"things.csv:2: unknown palette"),
        ("colours.csv", "colour,others\n,red\n", r"colours.csv:2: the column `colour` is empty"),
        ("words.csv", "role,words\nbeside,a an\n", r"words.csv:2: unknown role 'beside'; known: before"),
        ("places.csv", None, r"places.csv: this part of the foil lexicon is missing"),
        ("numbers.csv", b"number,others\ndeux\xe9,trois\n", r"numbers.csv:2: not a text in UTF-8"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(work: Path, file: str, text: str | bytes | None, message: str) -> None:
    folder = work / "foils"
    shutil.copytree(ROOT / "data/foils", folder)
    if text is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadInput, match=message):
        read_foil_lexicon(folder)
