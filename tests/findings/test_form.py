"""Findings on form against the same numbers computed plainly from the table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rapporteur.findings import form
from rapporteur.findings.colour import base_rate
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from tests.builders import Builder


@pytest.fixture
def study(tmp_path: Path) -> Study:
    builder = Builder(tmp_path)
    builder.write()
    return Study(["shapes", "landscapes"], {}, tmp_path / "artifacts")


def test_the_share_is_of_the_captions_that_name_a_form(study: Study) -> None:
    found = {finding.name: finding for finding in form.findings(study, Resampling(seed=1, resamples=400))}
    obeyed = study.colour("shapes", "generated")["form_obeyed"]
    share = found["form.obeyed.shapes"]
    assert share.value == pytest.approx(obeyed.mean()) and share.n == len(obeyed)
    assert share.low is not None and share.high is not None and share.low < share.value < share.high
    assert found["form.obeyed_gold.shapes"].value == 1.0
    assert found["form.obeyed.landscapes"].value is None and found["form.obeyed.landscapes"].method
    assert found["form.obeyed_base.shapes"].value is None, "one form is named: no caption names another"


def test_pictures_that_show_no_form_count_as_disobeying() -> None:
    rows = pd.DataFrame({
        "named": ["star", "star", "ring", "ring"], "seen": pd.array(["star", None, "ring", None], dtype="string"),
        "image_id": ["a", "b", "c", "d"],
    })  # fmt: skip
    assert base_rate(rows, "named", "seen", Resampling(seed=1, resamples=50)).value == 0
    assert base_rate(rows, "named", "seen", Resampling(seed=1, resamples=50), excess=True).value == 0.5
