"""The benchmarks' results become findings with their intervals, or say which benchmark is to be run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.findings import checks
from rapporteur.vocabulary.phrase import Phrase

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_tracked_results_are_read_as_they_stand() -> None:
    found = {each.name: each for each in checks.findings(ROOT / "benchmarks/results")}
    shapes = json.loads((ROOT / "benchmarks/results/shapes_obedience.json").read_text(encoding="utf-8"))
    subject, said = found["check.shapes_subject"], shapes["subject"]["all"]
    assert (subject.value, subject.low, subject.high, subject.n) == tuple(
        said[name] for name in ("value", "low", "high", "n")
    )
    assert found["check.eye_subject"].n == 60
    assert found["check.tifa_pictures"].value == 800
    assert found["check.tifa_kendall"].method.about["what"] == Phrase("kendall_tau_b")
    assert found["check.form_gold"].low > found["check.form_drawn"].high  # type: ignore[operator]
    assert (found["check.rated_raters"].value, found["check.rated_prompts"].value) == (27, 27)


# The means that the data's source states, to two decimals (prompt_match).
@pytest.mark.parametrize(("model", "mean"), [("craiyon", 3.80), ("dall-e", 4.21), ("own", 4.57)])
def test_people_s_means_are_those_published(model: str, mean: float) -> None:
    [table] = checks.tables(ROOT / "benchmarks/results")
    rows = table.frame[table.frame["question"] == "prompt_match"].set_index("model")
    assert round(rows.loc[model, "mean"], 2) == mean
    assert rows.loc[model, "low"] < mean < rows.loc[model, "high"]
    assert len(table.frame) == 6 * len(checks.ASKED)
    assert rows["strength"].sum() == pytest.approx(0, abs=1e-3)  # an average model's is 0
    assert rows["strength"].idxmax() == "own" and rows["strength"].idxmin() == "glide"


def test_without_that_benchmark_its_table_is_empty(tmp_path: Path) -> None:
    [table] = checks.tables(tmp_path)
    assert table.frame.empty


def test_a_benchmark_that_was_not_run_is_named(tmp_path: Path) -> None:
    found = checks.findings(tmp_path)
    assert {each.value for each in found} == {None}
    assert any(each.method.about["command"] == "python -m benchmarks.tifa" for each in found)


@pytest.mark.parametrize("content", ["{}", "no JSON", '{"pictures": 3, "subject": 4}'])
def test_a_result_of_another_form_is_refused_with_its_mend(tmp_path: Path, content: str) -> None:
    (tmp_path / "shapes_obedience.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=r"shapes_obedience\.json.*run python -m benchmarks\.shapes_obedience"):
        checks.findings(tmp_path)
