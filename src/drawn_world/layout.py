"""The two layouts in which captioned pictures are published, written from drawn pictures.

COCO's captions layout (Chen et al. 2015, "Microsoft COCO Captions") and that of Karpathy and Li's splits (2015),
member for member, so that whatever reads the real files reads these.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from drawn_world.paint import Picture

JPEG_QUALITY = 90
LICENCE = {
    "url": "https://creativecommons.org/publicdomain/zero/1.0/",
    "id": 1,
    "name": "CC0 1.0 Universal Public Domain Dedication",
}
INFO = {
    "description": "Shapes drawn by rapporteur",
    "url": "",
    "version": "1.0",
    "year": 2026,
    "contributor": "rapporteur",
    "date_created": "2026/07/01",
}


@dataclass(frozen=True)
class Captioned:
    """A picture's file name, split and captions; `number` is its id in layouts that count."""

    number: int
    file_name: str
    split: str
    captions: tuple[str, ...]


def jpeg_bytes(picture: Picture) -> bytes:
    """JPEG without metadata; colour at full resolution, for the colours are what is measured."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return out.getvalue()


def write_coco(path: Path, entries: Sequence[Captioned], size: int) -> None:
    """`annotations/captions_*.json`: info, licenses, images and annotations; at most ten captions a picture."""
    images = [
        {
            "license": LICENCE["id"],
            "file_name": entry.file_name,
            "coco_url": "",
            "height": size,
            "width": size,
            "date_captured": "2026-07-01 00:00:00",
            "flickr_url": "",
            "id": entry.number,
        }
        for entry in entries
    ]
    annotations = [
        {"image_id": entry.number, "id": entry.number * 10 + place, "caption": caption}
        for entry in entries
        for place, caption in enumerate(entry.captions)
    ]
    _write_json(path, {"info": INFO, "licenses": [LICENCE], "images": images, "annotations": annotations})


def write_karpathy(path: Path, entries: Sequence[Captioned], dataset: str = "flickr30k") -> None:
    """`dataset_flickr30k.json`: images with their split and tokenised sentences; ids count from 0."""
    images, sentence = [], 0
    for number, entry in enumerate(entries):
        sentences = [
            {"tokens": tokens(caption), "raw": caption, "imgid": number, "sentid": sentence + place}
            for place, caption in enumerate(entry.captions)
        ]
        sentence += len(sentences)
        ids = [row["sentid"] for row in sentences]
        images.append(
            {"sentids": ids, "imgid": number, "sentences": sentences, "split": entry.split, "filename": entry.file_name}
        )
    _write_json(path, {"images": images, "dataset": dataset})


def tokens(caption: str) -> list[str]:
    """Lower-case words without punctuation, as Karpathy's files have them; a hyphen parts no word."""
    return re.findall(r"[a-z0-9]+(?:[-'][a-z0-9]+)*", caption.lower())


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")
