"""A dataset as tables: a row a caption, and a row a gold picture (vocabulary/captions.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.core.pictures import load_picture, picture_size, safe_join
from rapporteur.core.provenance import file_digest
from rapporteur.core.tables import table_of
from rapporteur.datasets import Picture
from rapporteur.vocabulary.captions import CAPTIONS, GOLD

PICTURES = 10_000  # of a frame of captions


def caption_frames(
    dataset: str, pictures: Sequence[Picture], draws: Mapping[str, int], made: Sequence[Mapping[str, Any]] = ()
) -> Iterator[pd.DataFrame]:
    """One row a caption as published, then the rows made; `draws` is zero for a caption that it does not name.

    Frame by frame, for COCO's 616,767 captions as one frame would cost half a gigabyte.
    """
    for start in range(0, len(pictures), PICTURES):
        some = pictures[start : start + PICTURES]
        frame = _published(dataset, some, draws)
        last = start + len(some) == len(pictures)
        yield pd.concat([frame, _of_dataset(dataset, made)], ignore_index=True) if last and made else frame


def _published(dataset: str, pictures: Sequence[Picture], draws: Mapping[str, int]) -> pd.DataFrame:
    """Column by column; what is the same in every row, or nowhere, is written once."""
    said = [(picture, caption) for picture in pictures for caption in picture.captions]
    columns: dict[str, Any] = {
        "dataset": dataset,
        "image_id": [picture.image_id for picture, _ in said],
        "caption_id": [caption.caption_id for _, caption in said],
        "kind": [picture.kind for picture, _ in said],
        "split": [picture.split for picture, _ in said],
        "text": [caption.text for _, caption in said],
        "draws": [draws.get(caption.caption_id, 0) for _, caption in said],
    }
    if any(picture.attributes for picture in pictures):
        for name in ("attribute", "expected_colour", "expected_shape"):
            columns[name] = [(picture.attributes or {}).get(name) for picture, _ in said]
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(said)))
    for name in CAPTIONS.columns.keys() - columns:
        frame[name] = pd.NA
    return _typed(frame)


def _of_dataset(dataset: str, made: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return table_of([{"dataset": dataset} | dict(row) for row in made], CAPTIONS)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[list(CAPTIONS.columns)].astype({name: str(part.dtype) for name, part in CAPTIONS.columns.items()})


def gold_table(dataset: str, pictures: Sequence[Picture], folder: Path, whole: set[str]) -> pd.DataFrame:
    """One row a picture on the disk; those of the study (`whole`) are decoded whole."""
    rows = []
    for picture in (picture for picture in pictures if picture.file_name):
        path = safe_join(folder, picture.file_name)
        width, height = load_picture(path).size if picture.image_id in whole else picture_size(path)
        place = {"dataset": dataset, "image_id": picture.image_id, "split": picture.split}
        content = {"file": path.as_posix(), "digest": file_digest(path), "width": width, "height": height}
        licence = {"licence": picture.licence, "licence_url": picture.licence_url or None}
        rows.append(place | content | licence | {"source_url": picture.source_url or None})
    return table_of(rows, GOLD)
