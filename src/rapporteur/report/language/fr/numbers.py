"""Numbers as French typography writes them.

Decimal comma, thousands in groups of three set apart by a narrow no-break space, the true minus sign,
a no-break space before a unit and a narrow one before a semicolon. Only what Python prints passes here;
the spaces of the prose itself are set by `report/_brand/french.lua`, under Quarto and in the preview alike.
Source: Imprimerie nationale, Lexique des règles typographiques; SI brochure, section 5.4.
"""

from __future__ import annotations

from typing import Any

from rapporteur.report.language.rounding import MINUS, capitalised, decimals_for, probability, rounded

__all__ = [
    "COLON", "LOCALE", "MINUS", "NARROW", "NBSP", "PERCENT", "capitalised", "counted", "decimals_for", "enumeration",
    "interval", "number", "ordinal", "p_value", "percent", "plural", "quantity", "quoted", "series", "signed",
]  # fmt: skip

NBSP = "\u00a0"
NARROW = "\u202f"
COLON = " : "  # no-break once report/_brand/french.lua has passed
PERCENT = f"{NBSP}%"
LOCALE: dict[str, Any] = {"decimal": ",", "thousands": NARROW, "grouping": [3], "currency": ["", "\u00a0€"],
                          "minus": MINUS, "percent": PERCENT}  # fmt: skip
SMALLEST_P = 0.001


def number(value: float, digits: int | None = None) -> str:
    """`value` with `digits` decimals; without `digits`, whole numbers stay whole, others get three figures.

    Raises ValueError for what is not a finite number: a report never says "nan".
    """
    exact = rounded(value, digits)
    whole, _, decimals = f"{abs(exact):f}".partition(".")
    sign = MINUS if exact < 0 else ""
    return sign + _grouped(whole) + (f",{decimals}" if decimals else "")


def percent(share: float, digits: int = 1) -> str:
    """A share between 0 and 1 as a percentage: 0.123 gives "12,3 %"."""
    return f"{number(100 * share, digits)}{PERCENT}"


def signed(value: float, digits: int | None = None) -> str:
    """A difference with its sign, plus included: "+0,12"."""
    text = number(value, digits)
    return text if text.startswith(MINUS) or not text.strip("0,") else f"+{text}"


def interval(low: float, high: float, digits: int | None = None) -> str:
    """Bounds of an interval, "[0,12 ; 0,34]"; the semicolon, because the comma is decimal."""
    return f"[{number(low, digits)}{NARROW};{NBSP}{number(high, digits)}]"


def p_value(p: float, *, at_most: bool = False) -> str:
    """ "p = 0,032", "p ≤ 0,005" for a bound, or "p < 0,001" below what a report need tell apart.

    Raises ValueError outside 0..1.
    """
    if probability(p) < SMALLEST_P:
        return f"p{NBSP}<{NBSP}{number(SMALLEST_P, 3)}"
    return f"p{NBSP}{'≤' if at_most else '='}{NBSP}{number(p, 3)}"


def quantity(value: float, unit: str, digits: int | None = None) -> str:
    """A number, a no-break space, its unit."""
    return f"{number(value, digits)}{NBSP}{unit}"


def ordinal(rank: int, feminine: bool = False) -> str:
    """1er, 1re, 2e, 3e..."""
    if rank < 1:
        raise ValueError(f"{rank} is no rank")
    return {1: "1re" if feminine else "1er"}.get(rank, f"{number(rank)}e")


def plural(count: float, singular: str, plural_form: str | None = None) -> str:
    """The noun that goes with `count`: French takes the plural from 2 on (1,5 image, 2 images)."""
    return singular if abs(count) < 2 else (plural_form or f"{singular}s")


def counted(count: float, singular: str, plural_form: str | None = None) -> str:
    """A count and its noun: "1 200 images"."""
    return f"{number(count, 0 if float(count).is_integer() else 1)}{NBSP}{plural(count, singular, plural_form)}"


def enumeration(words: list[str]) -> str:
    """ "a, b et c"."""
    return " et ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def series(words: list[str]) -> str:
    """ "a ; b ; c": things that have commas of their own."""
    return " ; ".join(words)


def quoted(text: str) -> str:
    """ "« a »": another's words."""
    return f"« {text} »"


def _grouped(whole: str) -> str:
    # Four figures keep together by French custom only in dates; numbers are grouped from 1 000 on.
    head = len(whole) % 3
    groups = [whole[:head]] if head else []
    return NARROW.join(groups + [whole[i : i + 3] for i in range(head, len(whole), 3)])
