"""Beside a drawn caption: another that says the same, and a foil that says one thing wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.datasets import Caption, Picture
from rapporteur.study.choice import Chosen, StudyParams
from rapporteur.study.foils import FoilLexicon
from rapporteur.study.listed import Entry, alternative_of, foil_of


def variants(study: StudyParams, drawn: Sequence[Chosen], lexicon: FoilLexicon) -> Iterator[dict[str, Any]]:
    """An alternative and a foil of each picture's first drawn caption, as far as there is one."""
    seen: set[str] = set()
    for picture, caption, entry in drawn:
        if picture.image_id not in seen:
            seen.add(picture.image_id)
            yield from _alternative(picture, caption, entry, study)
            yield from _foil(picture, caption, entry, study, lexicon)


def _alternative(picture: Picture, caption: Caption, entry: Entry, study: StudyParams) -> Iterator[dict[str, Any]]:
    text = alternative_of(picture, caption, entry)
    if text is not None:
        draws = study.draws if study.draw_alternatives else 0
        yield _row(picture, caption, "alternative", text) | {"draws": draws}


def _foil(
    picture: Picture, caption: Caption, entry: Entry, study: StudyParams, lexicon: FoilLexicon
) -> Iterator[dict[str, Any]]:
    try:
        found = foil_of(picture, caption, entry, study.seed, lexicon)
    except BadInput as error:
        raise BadInput(str(error), study.list, entry.line) from None
    if found is not None:
        source, foil = found
        change = {"foil_kind": foil.kind, "changed_from": foil.changed_from, "changed_to": foil.changed_to}
        yield _row(picture, source, "foil", foil.text) | change | {"draws": 0}


def _row(picture: Picture, caption: Caption, kind: str, text: str) -> dict[str, Any]:
    place = {"image_id": picture.image_id, "split": picture.split, "original_id": caption.caption_id}
    return place | {"caption_id": f"{caption.caption_id}-{kind}", "kind": kind, "text": text}
