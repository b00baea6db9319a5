"""The list of a study: which pictures, which of their captions, and the texts that a person wrote for them.

A study's list is a CSV under data/studies, tracked by git and meant to be edited (data/studies/README.md). It
is read here; `python -m rapporteur.study` writes a first one.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.text import csv_rows
from rapporteur.datasets.record import Caption, Picture
from rapporteur.study.foils import Foil, FoilLexicon, foils_of, make_foil, single_change
from rapporteur.study.foils.rules import KINDS

FOLDER = Path("data/studies")


@dataclass(frozen=True)
class Entry:
    """A line of the list. Where `alternative` or `foil` is empty, a rule makes it."""

    image_id: str
    caption_id: str = ""  # empty: the picture's first caption
    alternative: str = ""
    foil: str = ""
    foil_kind: str = ""  # colour | object | number | place, or other for a foil written by hand; empty: any
    line: int = 0  # of the file, 0 where there is none


COLUMNS = tuple(field.name for field in fields(Entry))[:-1]


def read_study_list(path: Path) -> list[Entry]:
    """The lines of a study's list. Raises BadInput naming file, line and mend."""
    entries, seen = [], dict[tuple[str, str], int]()
    for line, row in csv_rows(path, ("image_id",)):
        entry = Entry(**{name: row.get(name, "") for name in COLUMNS}, line=line)  # type: ignore[arg-type]
        place = entry.image_id, entry.caption_id
        if not entry.image_id:
            raise BadInput("the column `image_id` is empty; name a picture, or take the line out", path, line)
        if place in seen:
            raise BadInput(f"the same picture and caption stand on line {seen[place]}; keep one", path, line)
        _check_kind(entry, path)
        seen[place] = line
        entries.append(entry)
    if not entries:
        raise BadInput("there is no picture; name one a line under `image_id`", path)
    return entries


def _check_kind(entry: Entry, path: Path) -> None:
    known = (*KINDS, "other") if entry.foil else KINDS
    if entry.foil_kind and entry.foil_kind not in known:
        raise BadInput(f"unknown foil_kind {entry.foil_kind!r}; known: {', '.join(known)}", path, entry.line)
    if entry.foil and not entry.foil_kind:
        raise BadInput(f"a foil written by hand needs its foil_kind: {', '.join(known)}", path, entry.line)


def alternative_of(picture: Picture, caption: Caption, entry: Entry) -> str | None:
    """A faithful text for the same picture: the one written by hand, else another annotator's first that differs."""
    if entry.alternative:
        return entry.alternative
    own = _plain(caption.text)
    return next((other.text for other in picture.captions if _plain(other.text) != own), None)


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")


def foil_of(
    picture: Picture, caption: Caption, entry: Entry, seed: int, lexicon: FoilLexicon
) -> tuple[Caption, Foil] | None:
    """The foil written by hand, else one that a rule makes of this caption or, where no rule applies, of the picture's
    next one; with the caption that it was made from. None where no caption admits any.

    Raises BadInput for one written by hand that changes nothing.
    """
    if entry.foil:
        before, after = single_change(caption.text, entry.foil)
        return caption, Foil(entry.foil, entry.foil_kind, before, after)
    kinds = (entry.foil_kind,) if entry.foil_kind else KINDS
    for source in (caption, *(other for other in picture.captions if other is not caption)):
        foil = make_foil(_from(picture, source), f"{seed}:{source.caption_id}", lexicon, kinds)
        if foil is not None:
            return source, foil
    return None


def _from(picture: Picture, caption: Caption) -> list[str]:
    """The picture's captions, this one first."""
    return [caption.text, *(other.text for other in picture.captions if other is not caption)]


def balanced(pictures: Sequence[Picture], most: int | None, lexicon: FoilLexicon) -> list[Entry]:
    """A first list: the pictures in their order, those without any foil passed over; each has the kind of foil that was
    taken least so far among those that its captions admit, and its first caption that admits it.
    """
    taken: Counter[str] = Counter()
    entries: list[Entry] = []
    for picture in pictures:
        offers = _offers(picture, lexicon)
        if offers and (most is None or len(entries) < most):
            kind = min((name for name in KINDS if name in offers), key=lambda name: taken[name])
            taken[kind] += 1
            entries.append(Entry(picture.image_id, offers[kind], foil_kind=kind))
    return entries


def _offers(picture: Picture, lexicon: FoilLexicon) -> dict[str, str]:
    """By kind of foil, the first caption that admits it."""
    offers: dict[str, str] = {}
    for caption in picture.captions:
        for foil in foils_of(_from(picture, caption), lexicon):
            offers.setdefault(foil.kind, caption.caption_id)
    return offers


def list_text(entries: Sequence[Entry]) -> str:
    """The list as CSV."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(astuple(entry)[:-1] for entry in entries)
    return out.getvalue()
