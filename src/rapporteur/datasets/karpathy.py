"""Karpathy and Li's `dataset_{flickr8k,flickr30k,coco}.json` (2015): captions with their split.

The file of MS-COCO has a fourth split, `restval`: the 30,504 pictures of val2014 that are left when 5,000 are taken for
`val` and 5,000 for `test`. As is usual since their paper, it counts as `train`, which so has 82,783 + 30,504 = 113,287
pictures; `filepath` still tells the two apart (train2014, val2014).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.datasets.record import Caption, Picture, caption_text, label, member, records, refuse_duplicates, scalar
from rapporteur.datasets.stream import members

SPLITS = {"train": "train", "restval": "train", "val": "val", "test": "test"}


def read_karpathy(path: Path, split: str | None = None) -> list[Picture]:
    """Pictures in the file's order, each with the split that the file gives it, `restval` as `train`.

    `image_id` is the file name without its ending (Flickr's own identifier); `filepath`, where the file
    has it (COCO's `val2014`), is a folder before the file name. `split` must be None: the file states it.
    Raises BadInput naming the file and the record.
    """
    if split is not None:
        raise BadInput("this layout states each picture's split; set `split: null`", path)
    pictures = [_picture(entry, f"images[{place}]", path) for place, entry in enumerate(_entries(path))]
    refuse_duplicates((picture.image_id for picture in pictures), "picture", path)
    ids = (caption.caption_id for picture in pictures for caption in picture.captions)
    refuse_duplicates(ids, "sentence id", path)
    return pictures


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """The records under "images", one by one: with its tokens, all of COCO as one object would cost a gigabyte."""
    found = False
    for name, place, entry in members(path):
        if name != "images":
            continue
        found = True
        if place is not None and isinstance(entry, dict):
            yield entry
        elif entry != []:
            where = "" if place is None else f"; images[{place}] is none"
            raise BadInput(f'expected a list of objects under "images"{where}', path)
    if not found:
        raise BadInput('expected a list of objects under "images"', path)


def _picture(entry: dict[str, Any], where: str, path: Path) -> Picture:
    file_name = label(entry, "filename", where, path)
    where = f"{where} ({file_name})"
    split = label(entry, "split", where, path)
    if split not in SPLITS:
        raise BadInput(f"{where} is in the unknown split {split!r}; known: {', '.join(SPLITS)}", path)
    folder = scalar(entry.get("filepath") or "", f'{where}: "filepath"', path)
    home = f"{folder}/{file_name}" if folder else file_name
    captions = [
        _caption(sentence, f"{where}, sentences[{place}]", path)
        for place, sentence in enumerate(records(entry, "sentences", path))
    ]
    return Picture(PurePosixPath(file_name).stem, home, SPLITS[split], captions=captions)


def _caption(sentence: dict[str, Any], where: str, path: Path) -> Caption:
    caption_id = label(sentence, "sentid", where, path)
    return Caption(caption_id, caption_text(member(sentence, "raw", where, path), where, path))
