"""What the sentences of every language ask of the numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from rapporteur.report.asked import is_firm, share_of_each
from rapporteur.report.language.en.sentences import work as english
from rapporteur.report.language.fr.sentences import work as french
from tests.report.test_prose import record


@pytest.fixture
def study(work: Path) -> Path:
    (work / "dvc.yaml").touch()
    tables = work / "artifacts/findings/tables"
    tables.mkdir(parents=True)
    pd.DataFrame({"key": ["shapes", "scenes"], "dataset": ["formes", "paysages"]}).to_parquet(tables / "corpus.parquet")
    told = {
        "study.dataset.shapes": record("formes", unit="name"),
        "study.dataset.scenes": record("paysages", unit="name"),
        "colour.obeyed.shapes": record(0.5, 0.4, 0.6, unit="share"),
        "colour.obeyed.scenes": record(0.0, unit="share"),  # of one caption
        "form.obeyed.shapes": record(None, unit="share"),
    }
    (tables.parent / "findings.json").write_text(json.dumps(told), encoding="utf-8")
    return work


def test_a_share_of_a_few_captions_is_no_result(study: Path) -> None:
    assert [is_firm(f"colour.obeyed.{key}") for key in ("shapes", "scenes")] == [True, False]
    assert not is_firm("form.obeyed.shapes") and not is_firm("form.obeyed.scenes")
    assert share_of_each("colour.obeyed") == "50,0\u00a0% (formes)"
    assert french.result_of_form_and_colour() == "Couleur : 50,0\u00a0% (formes)"
    assert "paysages" not in english.result_of_form_and_colour()
