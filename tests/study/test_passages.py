"""Marks in documents, for studies with and without a stage."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rapporteur.core import flow
from rapporteur.study.passages import passages

KNOWN = {"model", "tokens", "clip"}
TEXT = """\
A phrase<!-- with: model -->, and its model<!-- end --><!-- without: model: and no more -->.

<!-- with: model -->
# A section

Its text.
<!-- end -->

| work | stages |
| --- | --- |
| training | `tokens`, `model` |
| scoring | `clip`, `model` |
| a risk <!-- with: tokens --> | |
| `not_a_stage` | |
"""


def test_a_study_with_every_stage_keeps_all_and_loses_the_marks() -> None:
    text = passages(TEXT, KNOWN, KNOWN)
    assert text.startswith("A phrase, and its model.\n\n# A section\n\nIts text.\n\n| work")
    assert "| training |" in text and "| a risk | |" in text and "<!--" not in text


def test_a_study_without_a_stage_speaks_of_something_else() -> None:
    text = passages(TEXT, {"clip"}, KNOWN)
    assert text.startswith("A phrase and no more.\n\n\n| work")
    assert [line for line in text.splitlines() if line.startswith("|")][2:] == [
        "| scoring | `clip`, `model` |", "| `not_a_stage` | |",
    ]  # fmt: skip


@pytest.mark.parametrize("lacks", [set(), {"world"}, {"world", "landscapes", "tokens", "model", "samples"}])
def test_every_mark_of_the_documents_is_understood(repository: Path, lacks: set[str]) -> None:
    known = flow.declared()
    for path in (repository / "report").glob("*.qmd"):
        text = path.read_text(encoding="utf-8")
        assert "<!--" not in passages(text, known.keys() - lacks, known), path
        assert text.count("<!-- with:") - text.count("<!-- end -->") == sum(
            line.startswith("|") and "<!-- with:" in line for line in text.splitlines()
        )


@pytest.mark.parametrize(
    "name", ["note.qmd", "rapport.qmd", "slides.qmd", "en/note.qmd", "en/report.qmd", "en/slides.qmd"]
)
def test_a_study_whose_samples_are_not_judged_has_documents_without_them(repository: Path, name: str) -> None:
    known = flow.declared()
    text = passages((repository / "report" / name).read_text(encoding="utf-8"), set(known) - {"judgement"}, known)
    assert not re.search(r'"judgement|#tbl-judgement|samples_clip|samples_nearest', text)
    assert ("answer_on_landscapes()" in text) == (not name.endswith("note.qmd"))
