"""Numbers in French."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapporteur.report.language.fr import numbers as french
from rapporteur.report.language.fr.numbers import MINUS, NARROW, NBSP


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.23456, None, "0,235"),
        (0.23456, 2, "0,23"),
        (0.125, 2, "0,12"),
        (0.375, 2, "0,38"),
        (12, None, "12"),
        (1234, None, f"1{NARROW}234"),
        (1234567.891, 1, f"1{NARROW}234{NARROW}567,9"),
        (-0.5, 1, f"{MINUS}0,5"),
        (-0.001, 2, "0,00"),
        (123.4, None, "123"),
        (0.00012345, None, "0,000123"),
        (0, None, "0"),
    ],
)
def test_a_number_has_a_decimal_comma_and_grouped_thousands(value: float, digits: int | None, text: str) -> None:
    assert french.number(value, digits) == text


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_a_printed_number_reads_back_within_half_a_last_digit(value: float, digits: int) -> None:
    text = french.number(value, digits)
    back = float(text.replace(NARROW, "").replace(",", ".").replace(MINUS, "-"))
    assert abs(back - value) <= 0.5 * 10**-digits * (1 + 1e-9) + abs(value) * 1e-15
    assert "." not in text and "-" not in text


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_report_never_says_nan(value: float) -> None:
    with pytest.raises(ValueError, match="not a number"):
        french.number(value)


def test_a_share_is_a_percentage_with_its_space() -> None:
    assert french.percent(0.1234) == f"12,3{NBSP}%"
    assert french.percent(1, 0) == f"100{NBSP}%"


def test_a_capital_at_the_head_leaves_the_others_alone() -> None:
    assert french.capitalised("photographies MS-COCO") == "Photographies MS-COCO"
    assert french.capitalised("étude") == "Étude" and french.capitalised("") == ""


def test_an_interval_has_a_semicolon() -> None:
    assert french.interval(0.12, 0.34, 2) == f"[0,12{NARROW};{NBSP}0,34]"
    assert french.interval(-1, 2.5, 1) == f"[{MINUS}1,0{NARROW};{NBSP}2,5]"


def test_a_small_p_is_not_given_false_precision() -> None:
    assert french.p_value(0.00001) == f"p{NBSP}<{NBSP}0,001"
    assert french.p_value(0.0321) == f"p{NBSP}={NBSP}0,032"
    with pytest.raises(ValueError, match="probability"):
        french.p_value(1.2)


def test_a_difference_shows_its_sign_unless_it_is_zero() -> None:
    assert french.signed(0.5, 1) == "+0,5"
    assert french.signed(-0.5, 1) == f"{MINUS}0,5"
    assert french.signed(0.001, 1) == "0,0"


def test_ordinals_and_plurals_follow_french() -> None:
    assert [french.ordinal(1), french.ordinal(1, feminine=True), french.ordinal(3)] == ["1er", "1re", "3e"]
    assert french.counted(0, "image") == f"0{NBSP}image"
    assert french.counted(1.5, "image") == f"1,5{NBSP}image"
    assert french.counted(1200, "image") == f"1{NARROW}200{NBSP}images"
    assert french.counted(2, "jeu", "jeux") == f"2{NBSP}jeux"
    assert french.enumeration(["a", "b", "c"]) == "a, b et c"
    assert french.enumeration(["a"]) == "a"
