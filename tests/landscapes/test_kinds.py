from __future__ import annotations

from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.text import csv_rows
from rapporteur.landscapes.kinds import OTHER, read_kinds
from tests.house import ROOT

KINDS = ROOT / "data/landscapes/kinds.csv"


@pytest.mark.parametrize(
    ("captions", "kind"),
    [
        (["a calm lake surrounded by mountains"], "water"),
        (["mountains above a calm lake"], "mountain"),
        (["a mountain lake", "mountains"], "mountain"),  # a tie: the table's order
        (["cliffs above the sea", "the coast", "a beach"], "sea"),
        (["Sand dunes.", "a sandy desert"], "desert"),
        (["the woods", "a man in wooden shoes"], "forest"),
        (["a dog on a sofa", ""], OTHER),
        ([], OTHER),
    ],
)
def test_the_kind_that_most_captions_name_first(captions: list[str], kind: str) -> None:
    assert read_kinds(KINDS).of(captions) == kind


def test_every_prompt_of_the_study_has_a_kind_and_each_kind_as_many() -> None:
    kinds = read_kinds(KINDS)
    found = [kinds.of([row["text"]]) for _, row in csv_rows(ROOT / "data/prompts/landscapes.csv", ("id", "text"))]
    assert {kind: found.count(kind) for kind in kinds.names} == dict.fromkeys(kinds.names, 5)
    assert len(found) == 5 * len(kinds.names)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sea,Open Sea", "write a phrase in small letters"),
        ("sea,", "write a phrase in small letters"),
        ("high sea,waves", "name the kind by one word"),
        ("other,waves", "name the kind by one word"),
        (",waves", "name the kind by one word"),
        ("lake,sea", "'sea' stands on line 2 already"),
    ],
)
def test_a_bad_line_is_named(line: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "kinds.csv"
    file.write_text(f"kind,phrase\nsea,sea\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=said) as error:
        read_kinds(file)
    assert "kinds.csv:3" in str(error.value)


def test_an_empty_table_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    (file := tmp_path / "kinds.csv").write_text("kind,phrase\n# nothing\n", encoding="utf-8")
    with pytest.raises(BadInput, match="names no kind of landscape"):
        read_kinds(file)
    with pytest.raises(BadInput, match=r"judgement\.kinds"):
        read_kinds(tmp_path / "none.csv")
