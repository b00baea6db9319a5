"""Karpathy and Li's `dataset_{flickr8k,flickr30k,coco}.json` (2015): captions with their split."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.datasets.record import (
    Caption,
    Picture,
    caption_text,
    member,
    read_json,
    records,
    refuse_duplicates,
)

# In dataset_coco.json, "restval" is the part of COCO's validation set that everyone trains on.
SPLITS = {"train": "train", "restval": "train", "val": "val", "test": "test"}


def read_karpathy(path: Path, split: str | None = None) -> list[Picture]:
    """Pictures in the file's order, each with the split that the file gives it.

    `image_id` is the file name without its ending (Flickr's own identifier); `filepath`, where the file
    has it (COCO's `val2014`), is a folder before the file name. `split` must be None: the file states it.
    Raises BadInput naming the file and the record.
    """
    if split is not None:
        raise BadInput("this layout states each picture's split; set `split: null`", path)
    entries = records(read_json(path), "images", path)
    pictures = [_picture(entry, f"images[{place}]", path) for place, entry in enumerate(entries)]
    refuse_duplicates((picture.image_id for picture in pictures), "picture", path)
    ids = (caption.caption_id for picture in pictures for caption in picture.captions)
    refuse_duplicates(ids, "sentence id", path)
    return pictures


def _picture(entry: dict[str, Any], label: str, path: Path) -> Picture:
    file_name = str(member(entry, "filename", label, path))
    label = f"{label} ({file_name})"
    split = str(member(entry, "split", label, path))
    if split not in SPLITS:
        raise BadInput(f"{label} is in the unknown split {split!r}; known: {', '.join(SPLITS)}", path)
    folder = str(entry.get("filepath", ""))
    home = f"{folder}/{file_name}" if folder else file_name
    captions = [
        _caption(sentence, f"{label}, sentences[{place}]", path)
        for place, sentence in enumerate(records(entry, "sentences", path))
    ]
    return Picture(PurePosixPath(file_name).stem, home, SPLITS[split], captions=captions)


def _caption(sentence: dict[str, Any], label: str, path: Path) -> Caption:
    caption_id = str(member(sentence, "sentid", label, path))
    return Caption(caption_id, caption_text(member(sentence, "raw", label, path), label, path))
