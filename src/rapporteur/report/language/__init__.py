"""What is said to readers, a package for each language; numbers, tables and code have none.

A language is a package beside `fr` with the same tables of words, the same functions on numbers, and its sentences;
tests/report/test_language.py tells what one lacks. Nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from rapporteur.core.errors import BadInput
from rapporteur.vocabulary.phrase import Phrase, phrase_of

DEFAULT = "fr"


class Numerals(Protocol):
    """How a language writes numbers and lists; the functions of its module `numbers`."""

    NBSP: str
    COLON: str  # between a name and what is said of it
    PERCENT: str  # what follows the number of a percentage
    LOCALE: dict[str, Any]  # of the numbers on charts, as d3-format takes it

    def number(self, value: float, digits: int | None = None) -> str: ...
    def percent(self, share: float, digits: int = 1) -> str: ...
    def signed(self, value: float, digits: int | None = None) -> str: ...
    def interval(self, low: float, high: float, digits: int | None = None) -> str: ...
    def p_value(self, p: float, *, at_most: bool = False) -> str: ...
    def decimals_for(self, *values: float) -> int: ...
    def counted(self, count: float, singular: str, plural_form: str | None = None) -> str: ...
    def enumeration(self, words: list[str]) -> str: ...
    def series(self, words: list[str]) -> str: ...
    def quoted(self, text: str) -> str: ...
    def capitalised(self, text: str) -> str: ...


@dataclass(frozen=True)
class Lint:
    """How dates, references and promises are typed, as regular expressions that ignore case."""

    dates: tuple[str, ...]  # numbers that may be typed
    reference: str  # what stands before the number of a figure, table, section or equation
    promise: str  # "[to be written]" and its like
    unresolved: str  # a reference that a renderer left open, in its own words


@dataclass(frozen=True)
class Language:
    """The words of a language: phrases by code, headings of tables, words of codes by vocabulary, and its numerals."""

    name: str
    phrases: Mapping[str, str]
    headings: Mapping[str, str]
    vocabularies: Mapping[str, Mapping[str, str]]
    screen: Mapping[str, str]  # what the rating page says of itself
    numerals: Numerals
    lint: Lint
    gallery: Mapping[str, str]  # what the gallery says of itself

    def say(self, code: str | Phrase | Mapping[str, Any], /, **about: Any) -> str:
        """The words of a phrase's code, or of `<vocabulary>.<code>`; numbers and phrases among the arguments are said.

        Raises BadInput for a code without words.
        """
        if isinstance(code, Phrase):
            return self.say(code.code, **code.about)
        if not isinstance(code, str):
            return self.say(phrase_of(code))
        if code in self.phrases:
            return self.phrases[code].format(**{name: self._argument(value) for name, value in about.items()})
        vocabulary, _, word = code.partition(".")
        if word in self.vocabularies.get(vocabulary, {}):
            return self.vocabularies[vocabulary][word]
        raise BadInput(f'the language "{self.name}" has no words for "{code}"; add them to report/language/{self.name}')

    def _argument(self, value: Any) -> str:
        if isinstance(value, Phrase | Mapping):
            return self.say(value)
        if not isinstance(value, int | float):
            return str(value)
        return self.numerals.number(value, decimals_set(value))

    def word(self, vocabulary: str, code: str) -> str:
        """What a code of a vocabulary is called; the code itself where the vocabulary is open and lacks it."""
        return self.vocabularies[vocabulary].get(code, code)

    def heading(self, table: str, column: str, about: Mapping[str, Any]) -> str:
        """What heads a table's column."""
        words = self.headings.get(f"{table}.{column}", self.headings.get(column, column))
        return words.format(**{name: self._argument(value) for name, value in about.items()})

    def label(self, record: Mapping[str, Any]) -> str:
        """What a number of findings.json is."""
        return self.say(record["meaning"] if "meaning" in record else str(record["quantity"]))


def decimals_set(value: float) -> int:
    """Decimals of a number that someone set, without the zeros of a measurement: 0.05 has two, 3,470,400 none."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@cache
def language(name: str = DEFAULT) -> Language:
    """The language of a name. Raises BadInput for one that has no package here."""
    try:
        found: Language = import_module(f"{__name__}.{name}").LANGUAGE
    except ModuleNotFoundError:
        raise BadInput(f'there is no language "{name}" in report/language') from None
    return found


_spoken = ContextVar("spoken", default=DEFAULT)


def speak(name: str) -> None:
    """Choose the language of all that is printed from now on. Raises BadInput for an unknown one."""
    _spoken.set(language(name).name)


@contextmanager
def speaking(name: str) -> Iterator[Language]:
    """Speak a language within the block; one without a package here is passed over, as of a foreign document."""
    known = name in languages()
    token = _spoken.set(name if known else _spoken.get())
    try:
        yield spoken()
    finally:
        _spoken.reset(token)


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a package here, the default first."""
    names = [path.parent.name for path in Path(__file__).parent.glob("*/__init__.py")]
    return tuple(sorted(names, key=lambda name: (name != DEFAULT, name)))


def spoken() -> Language:
    """The language that was chosen."""
    return language(_spoken.get())
