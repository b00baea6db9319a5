"""Flickr30k: Karpathy and Li's captions and split by their address, the pictures out of what the user obtained.

The pictures may not be passed on, so no address of theirs is here: the University of Illinois gives them on request.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import safe_join
from rapporteur.datasets import Picture, read_karpathy
from rapporteur.fetching.checks import Bad, Check, is_json, is_picture
from rapporteur.fetching.client import Client
from rapporteur.fetching.download import Wanted
from rapporteur.fetching.local import take_pictures
from rapporteur.fetching.lock import Lock
from rapporteur.fetching.many import refuse_missing
from rapporteur.fetching.member import Archive, fetch_member
from rapporteur.fetching.study import dataset_params, needed

CAPTIONS = Archive("https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip")
COUNTS = {"train": 29_000, "val": 1_014, "test": 1_000}  # pictures (Karpathy and Li 2015)
ASK = "https://shannon.cs.illinois.edu/DenotationGraph/"
LICENCE = "Flickr's terms; research and education only, no redistribution"
NOTICE = f"""Flickr30k's pictures (Young et al. 2014) are given for research and education only and may not be passed
on: never put them in a public repository or DVC remote. Ask the University of Illinois for them (a form at
{ASK}), then name the folder or the archive (zip, tar, tar.gz):
    rapporteur fetch flickr30k --from flickr30k-images.tar.gz"""


def fetch_flickr30k(
    client: Client, source: Path | None, dataset: str, everything: bool, archive: Archive, lock: Lock
) -> Path:
    """Captions by their address, pictures out of `source`; returns the folder that holds both.

    Without `source` it says where to ask, and looks at what is there. BadInput lists what is missing.
    """
    params = dataset_params(dataset, "karpathy")
    annotations, images = Path(params.annotations), Path(params.images)
    name = annotations.name.removesuffix(".gz")
    refuse_missing(fetch_member(client, archive, name, annotations, has_counts, lock, "research and education"), 1)
    chosen = needed(read_karpathy(annotations, params.split), params, None, everything)
    wanted = wanted_pictures(chosen, images)
    if source is None and not all(lock.holds(one) for one in wanted):
        lock.write()
        raise BadInput(f"pictures are missing in {images}.\n{NOTICE}")
    refuse_missing(take_pictures(source or images, wanted, lock, "pictures of flickr30k"), len(wanted))
    print(f"{len(wanted)} pictures in {images}: for research and education, not to be passed on")
    return images.parent


def wanted_pictures(chosen: list[Picture], folder: Path) -> list[Wanted]:
    check: Check = is_picture()
    return [Wanted("", safe_join(folder, picture.file_name), check, licence=LICENCE) for picture in chosen]


def has_counts(path: Path) -> None:
    """The published split: 29,000 / 1,014 / 1,000 pictures."""
    is_json(path)
    try:
        found = Counter(picture.split for picture in read_karpathy(path))
    except BadInput as error:
        raise Bad(str(error)) from None
    if dict(found) != COUNTS:
        raise Bad(f"its splits have {dict(found)} pictures instead of {COUNTS}")
