"""The words that speak for a landscape and those that speak against one.

A phrase counts in its singular and its regular plural; where two phrases overlap, the longer one is heard
("baseball field" and not "field"), so a misleading use is one more line of the lexicon. A phrase marked "modifier"
counts only as a noun of its own: before a function word or the caption's end ("a wide plain under the sky", not
"a plain white shirt"). Scenery in the name of a street or a shop ("Ocean Avenue") is not heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.text import csv_rows

COLUMNS = ("phrase", "class", "weight", "unless")
SCENERY, NOTHING = "scenery", "nothing"
MODIFIER, ANYWHERE = "modifier", "anywhere"
WORD = re.compile(r"[a-z]+")
_FUNCTION_WORDS = frozenset((
    "a", "about", "above", "across", "after", "against", "along", "amid", "and", "around", "as", "at", "before",
    "behind", "below", "beneath", "beside", "between", "beyond", "but", "by", "can", "during", "for", "from",
    "full", "has", "have", "in", "inside", "into", "is", "are", "near", "next", "of", "off", "on", "or", "over",
    "that", "the", "through", "to", "toward", "towards", "under", "up", "was", "were", "when", "where", "which",
    "while", "with", "within", "without",
))  # fmt: skip
_ELSEWHERE = frozenset(("a", "as", "at", "but", "can", "has", "in", "is", "off", "on", "or", "under", "was"))
# What follows scenery in the name of a street or a business.
_NAMES = frozenset(("avenue", "ave", "boulevard", "blvd", "drive", "st", "rd", "plaza", "hotel", "inn", "cafe"))


@dataclass(frozen=True)
class Entry:
    """A phrase, what it speaks of, how strongly (0..1), and the classes beside which it says nothing.

    With ANYWHERE among them, such a class in another caption of the picture is enough.
    """

    phrase: str
    kind: str
    weight: float
    unless: frozenset[str]


class Lexicon:
    """Entries found by the words of a caption."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}
        for entry in entries:
            for words in _forms(entry.phrase):
                self._by_first.setdefault(words[0], []).append((words, entry))
        for found in self._by_first.values():
            found.sort(key=lambda pair: -len(pair[0]))

    def heard(self, caption: str) -> list[Entry]:
        """The entries of a caption from left to right, the longest phrase at each word."""
        words = WORD.findall(caption.lower())
        place, found = 0, []
        while place < len(words):
            if words[place] not in self._by_first:  # most words: this loop is the filter's cost
                place += 1
                continue
            entry, length = self._longest(words, place)
            place += length
            if entry is not None and not _modifies(entry, words[place] if place < len(words) else "a"):
                found.append(entry)
        return found

    def understands(self, caption: str) -> bool:
        """Whether a caption has a phrase of the lexicon or an English word that few other languages have: one that has
        none says nothing to the filter, whatever it says.
        """
        words = WORD.findall(caption.lower())
        return any(word in self._by_first or (word in _FUNCTION_WORDS and word not in _ELSEWHERE) for word in words)

    def _longest(self, words: Sequence[str], place: int) -> tuple[Entry | None, int]:
        for phrase, entry in self._by_first[words[place]]:
            if len(phrase) == 1 or tuple(words[place : place + len(phrase)]) == phrase:
                return entry, len(phrase)
        return None, 1


def _modifies(entry: Entry, following: str) -> bool:
    """Whether the phrase only qualifies the next word."""
    if following in _NAMES:
        return entry.kind == SCENERY
    return MODIFIER in entry.unless and following not in _FUNCTION_WORDS


def _forms(phrase: str) -> Iterator[tuple[str, ...]]:
    """The phrase and its regular plural, as words."""
    words = tuple(WORD.findall(phrase))
    yield words
    last = words[-1]
    if last.endswith(("s", "x", "ch", "sh")):
        yield (*words[:-1], last + "es")
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        yield (*words[:-1], last[:-1] + "ies")
    else:
        yield (*words[:-1], last + "s")


def read_lexicon(path: Path) -> Lexicon:
    """The lexicon of a CSV (data/landscapes/README.md). Raises BadInput naming file, line and mend."""
    entries = list(_entries(path))
    if not any(entry.kind == SCENERY for entry in entries):
        raise BadInput(f"no line of the class `{SCENERY}`; without one nothing is a landscape", path)
    return Lexicon(entries)


def _entries(path: Path) -> Iterator[Entry]:
    seen: dict[str, int] = {}
    absent = "the lexicon is missing; put it back or name another as `landscapes.lexicon`"
    for line, row in csv_rows(path, COLUMNS, known=COLUMNS, absent=absent, comments=True):
        entry = _entry([row[name] for name in COLUMNS], path, line)
        if entry.phrase in seen:
            raise BadInput(f"{entry.phrase!r} stands on line {seen[entry.phrase]} already; keep one", path, line)
        seen[entry.phrase] = line
        yield entry


def _entry(values: Sequence[str], path: Path, line: int) -> Entry:
    phrase, kind, weight, unless = (value.strip() for value in values)
    try:
        strength = float(weight)
    except ValueError:
        strength = -1.0
    if not 0 <= strength <= 1:
        raise BadInput(f"the weight of {phrase!r} is {weight!r}; give a number from 0 to 1", path, line)
    if " ".join(WORD.findall(phrase)) != phrase or not phrase or not kind:
        raise BadInput(f"{phrase!r}: write small letters and single blanks, and a class", path, line)
    return Entry(phrase, kind, strength, frozenset(unless.split()))
