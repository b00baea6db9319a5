"""What the findings say of licences."""

from __future__ import annotations

from pathlib import Path

import pytest

from rapporteur.core.tables import table_of, write_table
from rapporteur.findings import captions
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.captions import GOLD
from tests.builders import Builder

PLAN = Resampling(0, 200, 0.95)
LICENCES = [
    ("Attribution-NonCommercial-NoDerivs License", None, 1),
    ("sans nom", "http://creativecommons.org/licenses/by-nd/2.0/", 1),
    ("Attribution License", "http://creativecommons.org/licenses/by/2.0/", 0),
    ("", None, 0),
]


@pytest.mark.parametrize(("licence", "address", "expected"), LICENCES)
def test_pictures_whose_licence_forbids_changes_are_counted(
    work: Path, licence: str, address: str | None, expected: int
) -> None:
    Builder(Path(), shapes=4, scenes=3).write()
    study = Study(["shapes"])
    rows = study.gold("shapes").to_dict("records")
    stated = [dict(row) | {"licence": licence, "licence_url": address} if place == 0 else dict(row)
              for place, row in enumerate(rows)]  # fmt: skip
    write_table(table_of(stated, GOLD), study.path("captions/{}/gold.parquet", "shapes"), GOLD)
    found = {each.name: each.value for each in captions.findings(Study(["shapes"]), PLAN)}
    assert found["captions.no_derivatives.shapes"] == expected
