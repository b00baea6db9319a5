"""What is measured of a picture, as an item that its caption does not decide, and the table's row of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rapporteur.colour.grammar import NamedColours
from rapporteur.colour.measures import MEASURES
from rapporteur.colour.obeyed import SeenColours, judge, plurality, seen_colours
from rapporteur.colour.statistics import colour_statistics
from rapporteur.core.code import code_version
from rapporteur.core.keep import ItemStore, item_key
from rapporteur.core.pictures import picture_array
from rapporteur.form.asked import form_seen
from rapporteur.form.overlap import overlaps
from rapporteur.study.pictures import StudyPicture


def keys_of(pictures: Sequence[StudyPicture], palette: int, forms: bool) -> list[str]:
    """The item key of each picture: its bytes, the palette and the code, and no caption. forms: they are measured."""
    fixed = {"palette": palette, "forms": forms, "code": code_version(measure)}
    return [item_key({"picture": one.digest} | fixed) for one in pictures]


def measure(picture: StudyPicture, colours: int, forms: bool) -> bytes:
    """The picture's statistics, seen colours and overlaps with each form, as JSON."""
    pixels = picture_array(picture.load())
    overlapping = list(overlaps(pixels).values()) if forms else []
    return _item(vars(colour_statistics(pixels, colours)), asdict(seen_colours(pixels)), overlapping)


def _item(statistics: Mapping[str, Any], seen: Mapping[str, Any], overlapping: Sequence[float]) -> bytes:
    return json.dumps({"statistics": statistics, "seen": seen, "forms": list(overlapping)}).encode()


def item_of(row: Mapping[Any, Any]) -> bytes:
    """The item that a row of the table was made from."""
    seen = {part: list(row[f"{part}_colours"]) for part in ("subject", "background")}
    return _item({one.name: _plain(row[one.name]) for one in MEASURES}, seen, row["form_overlaps"])


def _plain(value: Any) -> Any:
    return list(value) if hasattr(value, "__len__") else float(value)


def rows_of(
    pictures: Sequence[StudyPicture],
    keys: Sequence[str],
    store: ItemStore,
    asked: Mapping[str, NamedColours],
    forms: Mapping[str, str | None],
) -> Iterator[dict[str, Any]]:
    """A row of the table for each picture."""
    for picture, key in zip(pictures, keys, strict=True):
        item = json.loads(store.get(key))
        seen = SeenColours(**{part: tuple(shares) for part, shares in item["seen"].items()})
        place = {"dataset": picture.dataset, "image_id": picture.image_id, "caption_id": picture.caption_id}
        origin = {"seed": picture.seed, "source": picture.source, "key": key}
        shown = {"subject_colours": seen.subject, "background_colours": seen.background}
        commonest = {"seen_colour": plurality(seen.subject), "seen_background": plurality(seen.background)}
        said_by = picture.caption_id or f"gold:{picture.image_id}"
        verdict = asdict(judge(seen, asked[said_by])) | form_seen(item["forms"], forms[said_by])
        yield place | origin | item["statistics"] | shown | commonest | verdict
