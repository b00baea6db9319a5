"""Facts and tables as sentences take them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.report.fact import fact, fact_value, facts, has_fact, table, table_frame
from rapporteur.report.language.fr.numbers import MINUS, NARROW, NBSP

pytestmark = pytest.mark.usefixtures("project")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (lambda: fact("clip.gold"), "0,235"),
        (lambda: fact("clip.gold", digits=2), "0,23"),
        (lambda: fact("clip.gold", interval=True), f"0,235{NBSP}[0,211{NARROW};{NBSP}0,251]"),
        (lambda: fact("clip.gold", field="n"), "120"),
        (lambda: fact("clip.gold", field="low", digits=1), "0,2"),
        (lambda: fact("clip.difference", sign=True, digits=2), f"{MINUS}0,03"),
        (lambda: fact("colour.obeyed"), f"12,3{NBSP}%"),
        (lambda: fact("colour.obeyed", interval=True), f"12,3{NBSP}%{NBSP}[10,0{NARROW};{NBSP}15,0]"),
        (lambda: fact("colour.obeyed", unit=False), "12,3"),
        (lambda: fact("images.pictures"), f"12{NARROW}345"),
        (lambda: fact("vqgan.psnr"), f"25,7{NBSP}dB"),
        (lambda: fact("test.p"), f"p{NBSP}<{NBSP}0,001"),
    ],
)
def test_a_fact_is_printed_by_its_unit(text: object, expected: str) -> None:
    assert callable(text) and text() == expected


def test_an_unknown_fact_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(BadInput, match=r'findings.json: no fact is called "clip.golden"; did you mean "clip.gold"'):
        fact("clip.golden")


def test_a_fact_without_a_value_is_refused_with_its_reason() -> None:
    assert fact_value("ratings.mean") is None and not has_fact("ratings.mean") and not has_fact("absent")
    with pytest.raises(BadInput, match=r"has no value .aucune note n'a été saisie."):
        fact("ratings.mean")


def test_an_interval_that_was_not_computed_is_refused() -> None:
    with pytest.raises(BadInput, match=r'"images\.pictures" has no low'):
        fact("images.pictures", interval=True)


def test_missing_findings_name_the_stage_to_run(project: Path) -> None:
    (project / "artifacts/findings/findings.json").unlink()
    with pytest.raises(BadInput, match="run `dvc repro findings`"):
        fact("clip.gold")


def test_changed_findings_are_read_again(project: Path) -> None:
    assert fact("clip.gold") == "0,235"
    path = project / "artifacts/findings/findings.json"
    path.write_text(path.read_text(encoding="utf-8").replace("0.23456", "0.99900"), encoding="utf-8")
    assert fact("clip.gold") == "0,999"


def test_facts_are_found_from_any_folder_of_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "report")
    assert fact("clip.gold") == "0,235"
    assert facts("clip.") == ["clip.difference", "clip.gold"]


def test_a_table_takes_headings_units_and_digits_from_its_index() -> None:
    lines = str(table("scores")).splitlines()
    assert lines[0] == r"| Jeu de données | score | obeyed | Effectif | p |"
    assert lines[2] == f"| formes | 0,235 | 90{NBSP}% | 1{NARROW}200 | <{NBSP}0,001 |"
    assert lines[3] == r"| paysages \| rares | 0,100 | – | 30 | 0,250 |"
    assert lines[1].count(":") == 4  # numbers to the right


def test_a_table_can_be_cut_and_renamed() -> None:
    made = table("scores", {"n": "Nombre"}, digits={"n": 1}, rows=lambda frame: frame["key"] == "shapes")
    assert str(made).splitlines() == ["| Nombre |", "| ----------: |", f"| 1{NARROW}200,0 |"]
    assert list(table_frame("scores")["key"]) == ["shapes", "scenes"]


def test_an_unknown_table_or_column_is_refused() -> None:
    with pytest.raises(BadInput, match='no table is called "score"; did you mean "scores"'):
        table("score")
    with pytest.raises(BadInput, match='no column "scor"; did you mean "score"'):
        table("scores", ["scor"])
    with pytest.raises(BadInput, match="has no row to print"):
        table("scores", rows=lambda frame: frame["key"] == "none")


def test_a_p_value_that_is_a_bound_is_printed_as_one(project: Path) -> None:
    path = project / "artifacts/findings/findings.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known["test.p"] |= {"value": 0.0048, "at_most": True}
    path.write_text(json.dumps(known), encoding="utf-8")
    assert fact("test.p") == f"p{NBSP}≤{NBSP}0,005"
    tables = project / "artifacts/findings/tables"
    frame = pd.read_parquet(tables / "scores.parquet").assign(p=[0.004, 0.25], at_most=[True, False])
    frame.to_parquet(tables / "scores.parquet")
    lines = str(table("scores", ["p"])).splitlines()
    assert lines[2:] == [f"| ≤{NBSP}0,004 |", "| 0,250 |"]


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("value", [1], "`value` of `clip.gold`"),
        ("value", True, "`value` of `clip.gold`"),
        ("value", float("nan"), "`value` of `clip.gold`: .*finite"),
        ("n", -1, "`n` of `clip.gold`"),
        ("low", "0.1", "`low` of `clip.gold`"),
        ("unit", "parsecs", "`unit` of `clip.gold`"),
        ("method", "a text", "`method` of `clip.gold`"),
    ],
)
def test_findings_of_a_teammate_are_held_against_their_schema(
    project: Path, field: str, value: object, fault: str
) -> None:
    path = project / "artifacts/findings/findings.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known["clip.gold"][field] = value
    path.write_text(json.dumps(known), encoding="utf-8")
    with pytest.raises(BadInput, match=f"findings.json: {fault}.*dvc repro -f findings"):
        fact("clip.gold")


@pytest.mark.parametrize("text", ["[]", "[" * 100_000, '{"clip.gold": 1}', "{", "\xff"])
def test_what_is_no_table_of_findings_is_one_line(project: Path, text: str) -> None:
    (project / "artifacts/findings/findings.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match=r"findings\.json: .*dvc repro -f findings"):
        fact("clip.gold")
