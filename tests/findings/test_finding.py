"""A finding is a finite number with its method, or a reason."""

from __future__ import annotations

import math

import pytest

from rapporteur.findings.finding import count, measured, record, rounded
from rapporteur.statistics.bootstrap import Estimate, Undefined
from rapporteur.vocabulary.phrase import Phrase


def test_what_can_not_be_computed_has_no_value_and_says_why() -> None:
    def undefined() -> Estimate:
        raise Undefined("few_of_each_kind", fewest=5)

    found = measured("clip.gold", "CLIPScore", "a.parquet", undefined, dataset="x")
    assert found.value is None and found.low is None and found.n == 0
    assert found.method == Phrase("few_of_each_kind", {"fewest": 5})


def test_other_faults_are_not_hidden() -> None:
    def broken() -> Estimate:
        raise KeyError("clipscore")

    with pytest.raises(KeyError):
        measured("clip.gold", "CLIPScore", "a.parquet", broken)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_neither_nan_nor_infinity_leaves(value: float) -> None:
    with pytest.raises(ValueError, match="finite or absent"):
        rounded(value)


def test_twelve_digits_are_kept() -> None:
    assert rounded(0.1 + 0.2) == 0.3
    assert rounded(1234567.123456789) == 1234567.12346
    assert rounded(7) == 7 and rounded("name") == "name" and rounded(None) is None


def test_a_whole_count_is_an_integer_and_a_mean_is_not() -> None:
    assert record(count("a.b", 12.0, "x"))["value"] == 12
    assert isinstance(record(count("a.b", 12.0, "x"))["value"], int)
    assert record(count("a.b", 2.5, "x"))["value"] == 2.5
