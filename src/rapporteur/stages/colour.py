"""Colour: what colours each picture of a dataset's study has, and whether they are those of its caption.

Reads   artifacts/captions/<dataset> and its gold pictures, artifacts/images/<dataset>.
Writes  artifacts/colour/<dataset>/colour.parquet (colour/table.py), one row a picture, gold first.
Costs   about 10 ms per 256x256 picture of a shape and 30 ms per photograph on one core, nearly all of it to find the
        subject; a picture measured before, or a new caption for it, costs nothing. Rows are written a thousand at
        a time.

    python -m rapporteur.stages.colour shapes
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rapporteur.colour.asked import asked_colours
from rapporteur.colour.grammar import NamedColours
from rapporteur.colour.measures import MEASURES
from rapporteur.colour.obeyed import SeenColours, judge, plurality, seen_colours
from rapporteur.colour.statistics import colour_statistics
from rapporteur.colour.streaming import write_rows
from rapporteur.colour.table import COLOUR
from rapporteur.core.code import code_version
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import ItemStore, item_key, keep, listed
from rapporteur.core.params import strict
from rapporteur.core.pictures import picture_array
from rapporteur.core.provenance import previous_output
from rapporteur.core.stage import Stage
from rapporteur.form.asked import asked_forms, form_seen
from rapporteur.form.overlap import overlaps
from rapporteur.study.pictures import StudyPicture, read_corpus

STAGE = Stage("colour", reads=("artifacts/captions/{dataset}", "artifacts/images/{dataset}"), each=True)

TABLE = "colour.parquet"


@strict
class ColourParams:
    palette: int = 5  # colours in a palette


def keys_of(pictures: Sequence[StudyPicture], params: ColourParams, forms: bool) -> list[str]:
    """The item key of each picture: its bytes, the settings and the code, and no caption. forms: they are measured."""
    fixed = {"palette": params.palette, "forms": forms, "code": code_version(measure)}
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


def main() -> None:
    dataset = STAGE.dataset()
    params = STAGE.params(ColourParams)
    if not 1 <= params.palette <= 16:
        raise BadInput(f"`colour.palette` is {params.palette}; give 1 to 16", "params.yaml")
    study = read_corpus(dataset)
    forms = asked_forms(study.captions)
    measured = any(forms.values())
    store, keys = ItemStore("colour"), keys_of(study.pictures, params, measured)
    out = STAGE.out(dataset)
    make = lambda batch: [measure(picture, params.palette, measured) for picture in batch]  # noqa: E731
    before = lambda: listed(previous_output(out.as_posix()).get(TABLE), COLOUR, item_of)  # noqa: E731
    kept = keep(store, keys, study.pictures, make, batch=16, label=f"colour {dataset}", earlier=before)
    with new_folder(out) as folder:
        write_rows(rows_of(study.pictures, keys, store, asked_colours(study.captions), forms), folder / TABLE, COLOUR)
    print(f"colour {dataset}: {len(keys)} pictures, {kept.made} measured now, {kept.back} taken from the last run")


if __name__ == "__main__":
    run_stage(main)
