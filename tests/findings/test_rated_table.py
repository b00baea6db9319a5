"""The committed table of people's ratings of five models is what the code gives today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import rated
from tests.findings.test_tifa_table import numbers


def test_a_rerun_with_fewer_resamples_gives_the_committed_values_and_nearly_the_bounds(shared_data: Path) -> None:
    committed = json.loads(rated.RESULT.read_text(encoding="utf-8"))
    rerun = rated.measure(rated.read(shared_data / rated.SOURCE), resamples=1_000)
    expected, found = numbers(committed), numbers(rerun)
    assert expected.keys() == found.keys() and len(found) > 100
    for path, value in expected.items():
        if path.endswith(("/low", "/high", "/p", "/p_holm")):
            assert found[path] == pytest.approx(value, abs=0.05), path
        elif not path.endswith("/resamples"):
            assert found[path] == value, path
