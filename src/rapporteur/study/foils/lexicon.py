"""The words that a foil may change, and those beside which it may: data/foils/*.csv (data/foils/README.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.text import csv_rows

FOLDER = Path("data/foils")
COLUMNS = {
    "colours.csv": ("colour", "others"),
    "numbers.csv": ("number", "others"),
    "things.csv": ("word", "plural", "class", "palette", "kin"),
    "places.csv": ("phrase", "setting", "target", "kin"),
    "words.csv": ("role", "words"),
}
ROLES = (
    "before", "plural", "measure", "after", "thing", "scenery_bars", "container_bars", "number_bars", "place_bars",
    "place_left", "singular", "irregular",
)  # fmt: skip
NO_TARGET = "-"  # in the column kin
PALETTES = {"any": None, "coat": ("white", "black", "brown", "grey", "gray")}  # None: every colour


@dataclass(frozen=True)
class Thing:
    """A thing in one grammatical number, `phrase`; only things of one class and number stand in for each other."""

    phrase: tuple[str, ...]
    plural: bool
    kind: str  # "": its colour may change, itself not
    palette: str  # any | coat | "" (its colour may not change)
    forms: frozenset[str]  # the words of its singular and its plural
    kin: frozenset[str]  # `forms`, and words that make it true, or nearly so, of a picture
    target: bool  # may be written in place of another; what is to be found anywhere (a chair) may not


@dataclass(frozen=True)
class Place:
    """Where a scene is, as a whole phrase with its preposition."""

    phrase: tuple[str, ...]
    setting: str
    target: bool  # may be written in place of another
    kin: frozenset[str]


@dataclass(frozen=True)
class FoilLexicon:
    """What data/foils holds."""

    colours: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, tuple[str, ...]]
    things: Mapping[tuple[str, ...], Thing]
    places: Mapping[tuple[str, ...], Place]
    roles: Mapping[str, frozenset[str]]


def read_foil_lexicon(folder: Path = FOLDER) -> FoilLexicon:
    """The lexicon of a folder. Raises BadInput naming file, line and mend."""
    colours = {row[0]: tuple(row[1].split()) for _, row in _rows(folder, "colours.csv")}
    numbers = {row[0]: tuple(row[1].split()) for _, row in _rows(folder, "numbers.csv")}
    things = {thing.phrase: thing for line, row in _rows(folder, "things.csv") for thing in _things(row, folder, line)}
    places = {place.phrase: place for place in map(_place, (row for _, row in _rows(folder, "places.csv")))}
    return FoilLexicon(colours, numbers, things, places, _roles(folder))


def _rows(folder: Path, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Line number and trimmed values of each line that is neither empty nor a comment."""
    path, columns = folder / name, COLUMNS[name]
    absent = "this part of the foil lexicon is missing; put it back"
    for line, row in csv_rows(path, columns, known=columns, absent=absent, comments=True):
        if not row[columns[0]]:
            raise BadInput(f"the column `{columns[0]}` is empty; fill it in, or take the line out", path, line)
        yield line, [row[column] for column in columns]


def _things(row: Sequence[str], folder: Path, line: int) -> Iterator[Thing]:
    word, plural, kind, palette, kin = row
    if palette and palette not in PALETTES:
        raise BadInput(f"unknown palette {palette!r}; known: {', '.join(PALETTES)}", folder / "things.csv", line)
    forms = frozenset((*word.split(), *plural.split()))
    true, target = forms | frozenset(kin.split()), NO_TARGET not in kin.split()
    yield Thing(tuple(plural.split()), True, kind, palette, forms, true, target)
    if plural != word:  # one sheep, two sheep: its number is not to be seen, and either will do
        yield Thing(tuple(word.split()), False, kind, palette, forms, true, target)


def _place(row: Sequence[str]) -> Place:
    phrase, setting, target, kin = row
    return Place(tuple(phrase.split()), setting, target == "yes", frozenset((*kin.split(), setting)))


def _roles(folder: Path) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {role: frozenset() for role in ROLES}
    for line, (role, words) in _rows(folder, "words.csv"):
        if role not in found:
            raise BadInput(f"unknown role {role!r}; known: {', '.join(ROLES)}", folder / "words.csv", line)
        found[role] |= frozenset(words.split())
    return found
