"""MS-COCO: the captions file out of its official archive, and only the pictures that the study needs, one by one.

The addresses are those of Amazon's S3, where images.cocodataset.org is kept: under its own name that server has no
certificate, and what http brings can be changed on its way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import safe_join
from rapporteur.datasets import Picture, read_coco
from rapporteur.datasets.record import read_json, records
from rapporteur.fetching.checks import Bad, Check, all_of, is_json, is_picture
from rapporteur.fetching.client import Client
from rapporteur.fetching.download import Wanted
from rapporteur.fetching.local import take_pictures
from rapporteur.fetching.lock import Lock
from rapporteur.fetching.many import Missing, fetch_all, refuse_missing
from rapporteur.fetching.member import Archive, fetch_member
from rapporteur.fetching.study import dataset_params, landscapes, needed

SERVER = "https://s3.amazonaws.com/images.cocodataset.org"
LICENCE = "CC BY 4.0"  # of the annotations
# Pictures and captions as published (Lin et al. 2014; Chen et al. 2015).
COUNTS = {
    "train2014": (82_783, 414_113),
    "val2014": (40_504, 202_654),
    "train2017": (118_287, 591_753),
    "val2017": (5_000, 25_014),
}
# Size and SHA-256 of the archives, where they are known from others that fetched them.
ARCHIVES = {"2014": (252_872_794, "031296bbc80c45a1d1f76bf9a90ead27e94e99ec629208449507a4917a3bf009")}


@dataclass(frozen=True)
class Choice:
    """What to fetch beyond the default: an own list of ids, the landscapes too, all; and from where."""

    dataset: str = "coco"
    ids: Path | None = None
    all_landscapes: bool = False
    everything: bool = False
    fiftyone: Path | None = None
    server: str = SERVER


def fetch_coco(client: Client, choice: Choice, lock: Lock) -> Path:
    """Fetch what is missing and return the folder that holds it all. BadInput lists what could not be had."""
    params = dataset_params(choice.dataset, "coco")
    annotations, images = Path(params.annotations), Path(params.images)
    part = _part_of(annotations, choice.dataset)
    refuse_missing(_annotations(client, choice, part, annotations, lock), 1)
    pictures = read_coco(annotations, params.split)
    chosen = needed(pictures, params, choice.ids, choice.everything)
    if choice.all_landscapes:
        chosen = _both(pictures, chosen, landscapes(pictures))
    wanted = wanted_pictures(chosen, annotations, images, choice.server, part)
    label = f"pictures of {part}"
    if choice.fiftyone is None:
        missing = fetch_all(client, wanted, lock, label)
    else:
        missing = take_pictures(_media(choice.fiftyone, part), wanted, lock, label)
    refuse_missing(missing, len(wanted))
    print(f"{len(wanted)} pictures of {part} in {images}, each with its licence in {lock.path}")
    return _home(annotations, images)


def _part_of(annotations: Path, dataset: str) -> str:
    found = re.fullmatch(r"captions_((?:train|val)(?:2014|2017))\.json", annotations.name)
    if not found:
        raise BadInput(
            f"`captions.{dataset}.annotations` is {annotations}; what can be fetched is "
            "captions_{train,val}{2014,2017}.json",
            "params.yaml",
        )
    return found[1]


def _annotations(client: Client, choice: Choice, part: str, target: Path, lock: Lock) -> list[Missing]:
    if choice.fiftyone is not None:
        return _annotations_of_fiftyone(choice.fiftyone, target, lock)
    year = part[-4:]
    size, digest = ARCHIVES.get(year, (None, None))
    archive = Archive(f"{choice.server}/annotations/annotations_trainval{year}.zip", size, digest)
    check = all_of(is_json, _has_counts(part))
    return fetch_member(client, archive, target.name, target, check, lock, LICENCE)


def _has_counts(part: str) -> Check:
    def check(path: Path) -> None:
        content = json.loads(path.read_bytes())
        found = tuple(len(content.get(name) or ()) for name in ("images", "annotations"))
        if found != COUNTS[part]:
            raise Bad(f"it has {found[0]} images and {found[1]} captions; {part} has {COUNTS[part]}")

    return check


def wanted_pictures(chosen: Sequence[Picture], annotations: Path, folder: Path, server: str, part: str) -> list[Wanted]:
    """Where each picture is, what it must look like and whose it is, by the captions file."""
    entries = {str(entry["id"]): entry for entry in records(read_json(annotations), "images", annotations)}
    return [_wanted(picture, entries[picture.image_id], folder, server, part) for picture in chosen]


def _wanted(picture: Picture, entry: Mapping[str, Any], folder: Path, server: str, part: str) -> Wanted:
    path = urlsplit(str(entry.get("coco_url") or "")).path or f"/{part}/{picture.file_name}"
    flickr = str(entry.get("flickr_url") or "")
    photo = re.match(r"(\d+)_", flickr.rsplit("/", 1)[-1])
    notes = {
        "licence_url": picture.licence_url,
        "flickr_url": flickr,
        "flickr_id": photo[1] if photo else "",
    }
    check = is_picture(entry.get("width"), entry.get("height"))
    return Wanted(server + path, safe_join(folder, picture.file_name), check, licence=picture.licence, notes=notes)


def _annotations_of_fiftyone(folder: Path, target: Path, lock: Lock) -> list[Missing]:
    """The captions file beside the export; its own labels.json has boxes and no captions."""
    wanted = Wanted("", target, is_json, licence=LICENCE)
    if lock.holds(wanted):
        lock.write()
        return []
    missing = take_pictures(folder, [wanted], lock, "captions")
    if missing:
        raise BadInput(
            f"holds no sound {target.name}, and an export's labels.json has no captions: put that file in "
            f"{target.parent}, or fetch it (`rapporteur fetch coco` without --from-fiftyone), then go on with this",
            folder,
        )
    return missing


def _media(folder: Path, part: str) -> Path:
    """The pictures of an export (data/ beside labels.json), or of fiftyone's zoo (validation/data/, train/data/)."""
    split = "validation" if part.startswith("val") else "train"
    for place in (folder / "data", folder / split / "data"):
        if place.is_dir():
            return place
    raise BadInput(f"is no fiftyone export: it has neither data/ nor {split}/data/", folder)


def _both(pictures: Sequence[Picture], *parts: Sequence[Picture]) -> list[Picture]:
    kept = {picture.image_id for part in parts for picture in part}
    return [picture for picture in pictures if picture.image_id in kept]


def _home(annotations: Path, images: Path) -> Path:
    """The folder that holds captions and pictures: what DVC is to track."""
    parents = [parent for parent in images.parents if parent in annotations.parents]
    return parents[0] if parents and len(parents[0].parts) > 1 else images
