"""Numbers as English typography writes them.

Decimal point, thousands set apart by a comma, the true minus sign, a no-break space before a unit (none before the
percent sign), "[a, b]" for an interval.
Source: SI brochure, section 5.4; The Chicago Manual of Style, 17th edition, 9.18 and 9.54.
"""

from __future__ import annotations

from typing import Any

from rapporteur.report.language.rounding import MINUS, capitalised, decimals_for, probability, rounded

__all__ = [
    "COLON", "LOCALE", "MINUS", "NBSP", "PERCENT", "capitalised", "counted", "decimals_for", "enumeration",
    "interval", "number", "p_value", "percent", "plural", "quoted", "series", "signed",
]  # fmt: skip

NBSP = "\u00a0"
COLON = ": "
PERCENT = "%"
LOCALE: dict[str, Any] = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""], "minus": MINUS,
                          "percent": PERCENT}  # fmt: skip
SMALLEST_P = 0.001


def number(value: float, digits: int | None = None) -> str:
    """`value` with `digits` decimals; without `digits`, whole numbers stay whole, others get three figures.

    Raises ValueError for what is not a finite number: a report never says "nan".
    """
    exact = rounded(value, digits)
    return (MINUS if exact < 0 else "") + f"{abs(exact):,f}"


def percent(share: float, digits: int = 1) -> str:
    """A share between 0 and 1 as a percentage: 0.123 gives "12.3%"."""
    return f"{number(100 * share, digits)}{PERCENT}"


def signed(value: float, digits: int | None = None) -> str:
    """A difference with its sign, plus included: "+0.12"."""
    text = number(value, digits)
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def interval(low: float, high: float, digits: int | None = None) -> str:
    """Bounds of an interval, "[0.12, 0.34]"."""
    return f"[{number(low, digits)},{NBSP}{number(high, digits)}]"


def p_value(p: float, *, at_most: bool = False) -> str:
    """ "p = 0.032", "p ≤ 0.005" for a bound, or "p < 0.001" below what a report need tell apart.

    Raises ValueError outside 0..1.
    """
    if probability(p) < SMALLEST_P:
        return f"p{NBSP}<{NBSP}{number(SMALLEST_P, 3)}"
    return f"p{NBSP}{'≤' if at_most else '='}{NBSP}{number(p, 3)}"


def plural(count: float, singular: str, plural_form: str | None = None) -> str:
    """The noun that goes with `count`: English has the singular for one alone (1 picture, 0 pictures)."""
    return singular if abs(count) == 1 else (plural_form or f"{singular}s")


def counted(count: float, singular: str, plural_form: str | None = None) -> str:
    """A count and its noun: "1,200 pictures"."""
    return f"{number(count, 0 if float(count).is_integer() else 1)}{NBSP}{plural(count, singular, plural_form)}"


def enumeration(words: list[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def series(words: list[str]) -> str:
    """ "a; b; c": things that have commas of their own."""
    return "; ".join(words)


def quoted(text: str) -> str:
    """ "“a”": another's words."""
    return f"“{text}”"
