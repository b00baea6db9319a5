"""A finding (one number of the study), a paired test, and a table to print: what topic modules return."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from rapporteur.statistics.bootstrap import Estimate, Undefined

DIGITS = 12  # significant ones kept: what lies beyond differs between processors


@dataclass(frozen=True)
class Finding:
    """One number with all that a reader needs to judge it.

    `value` is a number, a name (unit "name"), or None where it can't be computed, which `method` explains.
    `n` counts rows: pictures, captions or ratings.
    """

    name: str
    label: str
    value: float | int | str | None
    unit: str
    n: int
    method: str
    source: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Column:
    """How the documents print a table's column; `digits` None leaves text, or a number's own digits."""

    name: str
    label: str
    unit: str = "1"
    digits: int | None = None


@dataclass(frozen=True)
class Table:
    """A table for the documents. Columns of the frame that `columns` leaves out (`key`) serve to choose rows."""

    name: str
    caption: str
    source: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class PairedTest:
    """A paired difference, its permutation p-value and Holm's correction over its family."""

    name: str
    dataset: str
    question: str
    difference: Finding
    p: float | None
    p_holm: float | None = None
    family: int = 1

    def findings(self) -> list[Finding]:
        """The difference, and the corrected p-value beside it."""
        head, dataset = self.difference.name.rsplit(".", 1)
        label = f"valeur p : {self.difference.label}"
        name, source, n = f"{head}_p.{dataset}", self.difference.source, self.difference.n
        if self.p_holm is None:
            return [self.difference, absent(name, label, "p", source, self.difference.method)]
        method = f"permutation appariée bilatérale, signes retournés par grappe ; Holm sur {self.family} tests"
        return [self.difference, Finding(name, label, self.p_holm, "p", n, method, source)]


def count(
    name: str, label: str, value: float, source: str, *, unit: str = "count", method: str = "dénombrement"
) -> Finding:
    """A plain number without interval: a count, or a quantity that was set or read."""
    number = int(value) if float(value).is_integer() else float(value)
    return Finding(name, label, number, unit, int(value) if unit == "count" else 1, method, source)


def named(name: str, label: str, text: str, source: str, method: str = "relevé") -> Finding:
    """A name, such as a model's."""
    return Finding(name, label, text, "name", 1, method, source)


def absent(name: str, label: str, unit: str, source: str, reason: str) -> Finding:
    """A finding without a value, and why."""
    return Finding(name, label, None, unit, 0, reason, source)


def measured(name: str, label: str, unit: str, source: str, compute: Callable[[], Estimate]) -> Finding:
    """The estimate that `compute` returns, or the reason that it raises as Undefined."""
    try:
        found = compute()
    except Undefined as reason:
        return absent(name, label, unit, source, str(reason))
    return Finding(name, label, found.value, unit, found.n, found.method, source, found.low, found.high)


def rounded(value: float | int | str | None) -> float | int | str | None:
    """A float at DIGITS significant digits. Raises ValueError for NaN and infinities: none leaves this stage."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        raise ValueError("a finding must be finite or absent")
    return float(f"{value:.{DIGITS}g}")


def record(finding: Finding) -> dict[str, float | int | str | None]:
    """A finding as findings.json has it, without its name."""
    return {
        "value": rounded(finding.value),
        "low": rounded(finding.low),
        "high": rounded(finding.high),
        "n": finding.n,
        "unit": finding.unit,
        "method": finding.method,
        "source": finding.source,
        "label": finding.label,
    }
