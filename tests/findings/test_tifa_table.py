"""The committed table of TIFA's real ratings is what the code gives today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import tifa


def numbers(content: Any, prefix: str = "") -> dict[str, float]:
    """Every number of a nested result by its path."""
    if isinstance(content, dict):
        parts = [numbers(value, f"{prefix}/{name}") for name, value in content.items()]
        return {path: value for part in parts for path, value in part.items()}
    return {prefix: float(content)} if isinstance(content, (int, float)) else {}


def test_a_rerun_with_fewer_resamples_gives_the_committed_values_and_nearly_the_bounds(shared_data: Path) -> None:
    committed = json.loads(tifa.RESULT.read_text(encoding="utf-8"))
    rerun = tifa.measure(tifa.read(shared_data / "ratings_tifa"), resamples=1_000)
    expected, found = numbers(committed), numbers(rerun)
    assert expected.keys() == found.keys() and len(found) > 60
    for path, value in expected.items():
        if path.endswith(("/low", "/high")):
            assert found[path] == pytest.approx(value, abs=0.02), path
        elif path.endswith(("/p", "/p_holm")):
            assert found[path] == pytest.approx(value, abs=0.03), path
        elif not path.endswith("/resamples"):
            assert found[path] == value, path


def test_kendalls_value_is_the_published_one_and_what_was_published_as_spearmans_is_pearsons() -> None:
    """Y. Hu et al., 2023, print 0.2314 and 0.3318; the latter is numpy.corrcoef in their notebook."""
    table = json.loads(tifa.RESULT.read_text(encoding="utf-8"))
    assert table["kendall"]["value"] == pytest.approx(table["published"]["kendall"], abs=5e-5)
    assert table["pearson"] == pytest.approx(table["published"]["pearson_named_spearman"], abs=5e-5)
    assert table["kendall"]["low"] > 0 and table["spearman"]["low"] > 0
