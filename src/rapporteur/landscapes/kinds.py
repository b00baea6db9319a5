"""What kind of landscape captions tell of: mountain, forest, plain, as a table of words says (data/landscapes)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.text import csv_rows
from rapporteur.landscapes.lexicon import WORD, Entry, Lexicon

COLUMNS = ("kind", "phrase")
OTHER = "other"


class Kinds:
    """The kinds of a table, in its order."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        told = list(entries)
        self.names = tuple(dict.fromkeys(entry.kind for entry in told))
        self._lexicon = Lexicon(told)

    def of(self, captions: Iterable[str]) -> str:
        """The kind that most captions name first; of equals the one that comes first in the table; OTHER where none
        names any.
        """
        heard = Counter(found[0].kind for caption in captions if (found := self._lexicon.heard(caption)))
        return max(self.names, key=lambda name: heard[name]) if heard else OTHER


def read_kinds(path: Path) -> Kinds:
    """The kinds of a CSV with the columns kind, phrase. Raises BadInput naming file, line and mend."""
    absent = "the kinds of landscape are missing; put the file back or name another as `judgement.kinds`"
    seen: dict[str, int] = {}
    entries = []
    for line, row in csv_rows(path, COLUMNS, known=COLUMNS, absent=absent, comments=True):
        kind, phrase = row["kind"], row["phrase"]
        if not phrase or " ".join(WORD.findall(phrase)) != phrase:
            raise BadInput(f"{phrase!r}: write a phrase in small letters with single blanks", path, line)
        if not kind or WORD.fullmatch(kind) is None or kind == OTHER:
            raise BadInput(f"{kind!r}: name the kind by one word in small letters, other than {OTHER!r}", path, line)
        if phrase in seen:
            raise BadInput(f"{phrase!r} stands on line {seen[phrase]} already; keep one", path, line)
        seen[phrase] = line
        entries.append(Entry(phrase, kind, 1.0, frozenset()))
    if not entries:
        raise BadInput("it names no kind of landscape; write one a line under `kind,phrase`", path)
    return Kinds(entries)
