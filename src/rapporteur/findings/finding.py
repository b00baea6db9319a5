"""A finding (one number of the study), a paired test, and a table to print: what topic modules return.

None of them has a language: what a number means, how it was computed and what a column is called are codes, whose words
report/language has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from rapporteur.statistics.bootstrap import Estimate, Undefined
from rapporteur.vocabulary.phrase import Phrase, phrase

DIGITS = 12  # significant ones kept: what lies beyond differs between processors


@dataclass(frozen=True)
class Finding:
    """One number with all that a reader needs to judge it.

    `value` is a number, a name (unit "name"), codes (unit "codes"), or None where it can't be computed, which `method`
    explains. `n` counts rows: pictures, captions or ratings. `meaning` says what the quantity is, where its own name is
    not enough; `p` names the quantity that tests it.
    """

    quantity: str  # <topic>.<what>
    value: float | int | str | None
    unit: str
    n: int
    method: Phrase
    source: str
    low: float | None = None
    high: float | None = None
    dataset: str = ""  # "": of the whole study
    meaning: Phrase | None = None
    p: str = ""
    at_most: bool = False  # the value is a bound: a p-value at the floor of its resampling

    @property
    def name(self) -> str:
        """What the documents call it: the quantity, and the dataset where it is of one."""
        return named_of(self.quantity, self.dataset)

    @property
    def label(self) -> Phrase:
        """What it is."""
        return self.meaning or Phrase(self.quantity)


def named_of(quantity: str, dataset: str = "") -> str:
    """The name of a finding."""
    return f"{quantity}.{dataset}" if dataset else quantity


@dataclass(frozen=True)
class Column:
    """How the documents print a table's column; `digits` None leaves text, or a number's own digits.

    `words` is the vocabulary of report/language that the column's codes belong to ("finding" and "value": names of
    findings, printed as what they are and as their value); "" for numbers and texts as they are. `about`: what the
    heading's words speak of.
    """

    name: str
    unit: str = "1"
    digits: int | None = None
    words: str = ""
    about: Mapping[str, float] = field(default_factory=dict)


AT_MOST = "at_most"  # of a table's p-values: whether they are bounds
DATASET = Column("dataset")
P_HOLM = Column("p_holm", "p", 3)


def bounds(unit: str, digits: int) -> tuple[Column, Column]:
    """The columns of an interval."""
    return Column("low", unit, digits), Column("high", unit, digits)


@dataclass(frozen=True)
class Table:
    """A table for the documents. Columns of the frame that `columns` leaves out (`key`) serve to choose rows."""

    name: str
    source: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]


def table_of_rows(name: str, source: str, rows: list[dict[str, Any]], *columns: Column, key: bool = True) -> Table:
    """The table of these rows, with the columns in their order even where there is no row."""
    names = [*(["key"] if key else []), *[column.name for column in columns]]
    names += [AT_MOST] if any(column.unit == "p" for column in columns) else []
    return Table(name, source, pd.DataFrame(rows, columns=names), columns)


@dataclass(frozen=True)
class PairedTest:
    """A paired difference, its permutation p-value and Holm's correction over its family."""

    difference: Finding
    p: float | None
    p_holm: float | None = None
    family: int = 1
    at_most: bool = False  # p is the least that its resampling can give

    @property
    def name(self) -> str:
        return self.difference.name

    @property
    def dataset(self) -> str:
        return self.difference.dataset

    def findings(self) -> list[Finding]:
        """The difference, and the corrected p-value that it names."""
        of, quantity = self.difference, self.difference.p
        meaning = Phrase("p_value", {"of": of.label})
        if self.p_holm is None:
            return [of, Finding(quantity, None, "p", 0, of.method, of.source, dataset=of.dataset, meaning=meaning)]
        method = Phrase("paired_permutation_holm", {"tests": self.family})
        found = Finding(quantity, self.p_holm, "p", of.n, method, of.source, dataset=of.dataset, meaning=meaning)
        return [of, replace(found, at_most=self.at_most)]


def count(
    quantity: str,
    value: float,
    source: str,
    *,
    dataset: str = "",
    unit: str = "count",
    method: str = "count",
    meaning: Phrase | None = None,
) -> Finding:
    """A plain number without interval: a count, or a quantity that was set or read."""
    number = int(value) if float(value).is_integer() else float(value)
    n = int(value) if unit == "count" else 1
    return Finding(quantity, number, unit, n, Phrase(method), source, dataset=dataset, meaning=meaning)


def named(quantity: str, text: str, source: str, *, dataset: str = "", unit: str = "name") -> Finding:
    """A name, such as a model's; or codes, whose words report/language has (unit "codes")."""
    return Finding(quantity, text, unit, 1, Phrase("reading"), source, dataset=dataset)


def absent(
    quantity: str,
    unit: str,
    source: str,
    reason: str | Phrase,
    *,
    dataset: str = "",
    meaning: Phrase | None = None,
    p: str = "",
) -> Finding:
    """A finding without a value, and why."""
    return Finding(quantity, None, unit, 0, phrase(reason), source, dataset=dataset, meaning=meaning, p=p)


def measured(
    quantity: str,
    unit: str,
    source: str,
    compute: Callable[[], Estimate],
    *,
    dataset: str = "",
    meaning: Phrase | None = None,
    p: str = "",
) -> Finding:
    """The estimate that `compute` returns, or the reason that it raises as Undefined."""
    try:
        found = compute()
    except Undefined as undefined:
        return absent(quantity, unit, source, undefined.reason, dataset=dataset, meaning=meaning, p=p)
    return Finding(
        quantity, found.value, unit, found.n, found.method, source, found.low, found.high, dataset, meaning, p
    )


def rounded(value: float | int | str | None) -> float | int | str | None:
    """A float at DIGITS significant digits. Raises ValueError for NaN and infinities: none leaves this stage."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        raise ValueError("a finding must be finite or absent")
    return float(f"{value:.{DIGITS}g}")


def record(finding: Finding) -> dict[str, Any]:
    """A finding as findings.json has it, without its name."""
    fields: dict[str, Any] = {
        "quantity": finding.quantity,
        "dataset": finding.dataset,
        "value": rounded(finding.value),
        "low": rounded(finding.low),
        "high": rounded(finding.high),
        "n": finding.n,
        "unit": finding.unit,
        "method": finding.method.record(),
        "source": finding.source,
    }
    meaning = {} if finding.meaning is None else {"meaning": finding.meaning.record()}
    tested = {"p": named_of(finding.p, finding.dataset)} if finding.p else {}
    return fields | meaning | tested | ({"at_most": True} if finding.at_most else {})
