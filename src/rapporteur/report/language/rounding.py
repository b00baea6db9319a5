"""How a number is rounded before a language writes it, and what else its numerals share with every other's."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

MINUS = "\u2212"
SIGNIFICANT = 3
MOST_DECIMALS = 6


def rounded(value: float, digits: int | None = None) -> Decimal:
    """`value` with `digits` decimals; without `digits`, whole numbers stay whole, others get three figures.

    Raises ValueError for what is not a finite number: a report never says "nan".
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that a sentence can say")
    places = decimals_for(value) if digits is None else digits
    # Through repr, so that 0.125 means itself and not the binary fraction below it.
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def decimals_for(*values: float) -> int:
    """Decimals that show the smallest of `values` apart from zero with two or more figures, one scale for all."""
    return max((_places(value) for value in values), default=0)


def _places(value: float) -> int:
    if float(value).is_integer():
        return 0
    magnitude = math.floor(math.log10(abs(value)))
    return min(MOST_DECIMALS, max(0, SIGNIFICANT - 1 - magnitude))


def capitalised(text: str) -> str:
    """The text with a capital at its head; what follows keeps its own: "Photographies MS-COCO"."""
    return text[:1].upper() + text[1:]


def probability(p: float) -> float:
    """Raises ValueError outside 0..1."""
    if not 0 <= p <= 1:
        raise ValueError(f"{p} is not a probability")
    return p
