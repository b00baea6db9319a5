"""MS-COCO's `captions_*.json` (Lin et al. 2014): `licenses`, `images` and `annotations`."""

from __future__ import annotations

from pathlib import Path
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


def read_coco(path: Path, split: str | None) -> list[Picture]:
    """Pictures in the file's order, captions in the order of their annotations.

    A COCO file is of one split, which it does not state: `split` is recorded as it is given.
    Raises BadInput naming the file and the record.
    """
    if split is None:
        raise BadInput("this layout does not state the split; set `split: train`, `val` or `test`", path)
    content = read_json(path)
    licences = {entry.get("id"): str(entry.get("name", "")) for entry in content.get("licenses") or []}
    entries = records(content, "images", path)
    pictures = {
        image_id: picture
        for place, entry in enumerate(entries)
        for image_id, picture in [_picture(entry, place, split, licences, path)]
    }
    refuse_duplicates((str(entry["id"]) for entry in entries), "image id", path)
    annotations = records(content, "annotations", path)
    for place, entry in enumerate(annotations):
        _attach(entry, f"annotations[{place}]", pictures, path)
    refuse_duplicates((str(entry["id"]) for entry in annotations), "annotation id", path)
    return list(pictures.values())


def _picture(
    entry: dict[str, Any], place: int, split: str, licences: dict[Any, str], path: Path
) -> tuple[str, Picture]:
    label = f"images[{place}]"
    image_id = str(member(entry, "id", label, path))
    file_name = str(member(entry, "file_name", f"{label} (id {image_id})", path))
    return image_id, Picture(image_id, file_name, split, licences.get(entry.get("license"), ""))


def _attach(entry: dict[str, Any], label: str, pictures: dict[str, Picture], path: Path) -> None:
    caption_id = str(member(entry, "id", label, path))
    label = f"{label} (id {caption_id})"
    image_id = str(member(entry, "image_id", label, path))
    if image_id not in pictures:
        raise BadInput(f'{label} names the image {image_id}, which is not under "images"', path)
    text = caption_text(member(entry, "caption", label, path), label, path)
    pictures[image_id].captions.append(Caption(caption_id, text))
