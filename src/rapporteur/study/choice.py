"""Which captions a study draws: by its list, or by the hash of its seed; and which of its pictures are on the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.names import Names
from rapporteur.core.params import strict
from rapporteur.datasets import READERS, Caption, Picture
from rapporteur.study.listed import FOLDER, Entry, read_study_list

TOLD = 10  # lines of a list that a message names

Chosen = tuple[Picture, Caption, Entry]  # a caption to draw, its picture, and its line of the study's list


@strict
class StudyParams:
    """Which captions are drawn. A picture is chosen by the hash of `seed` and its id, so a new one moves no other."""

    split: str
    pictures: int | None = None  # None: all of the split
    captions_per_picture: int = 1
    draws: int  # pictures to draw for each caption
    seed: int = 0
    list: str | None = None  # a CSV of data/studies that names pictures and captions, instead of the seed
    variants: bool = False  # beside each picture's first drawn caption, an alternative and a foil
    draw_alternatives: bool = False  # also draw the alternatives; foils are only scored


@strict
class CaptionsParams:
    layout: str  # coco | karpathy | folder | prompts
    annotations: str
    images: str
    split: str | None = None  # the split that a COCO file is; None where the layout states it
    absent: str = "refuse"  # refuse | leave_out: what to do with a picture that the captions name and the disk lacks
    study: StudyParams


def ranked(pictures: Sequence[Picture], study: StudyParams) -> list[Picture]:
    """The split's captioned pictures by the hash of the seed and their id."""
    candidates = [picture for picture in pictures if picture.split == study.split and picture.captions]
    return sorted(candidates, key=lambda picture: _rank(study.seed, picture.image_id))


def _rank(seed: int, image_id: str) -> str:
    return hashlib.sha256(f"{seed}:{image_id}".encode()).hexdigest()


def chosen(pictures: Sequence[Picture], study: StudyParams, absent: Collection[str] = ()) -> list[Chosen]:
    """The study's captions, in the dataset's order: by its list where it has one, else by its seed.

    Listed pictures whose id is among `absent` are left out, and their lines printed.
    """
    if study.list is not None:
        return _listed(pictures, Path(study.list), absent)
    kept = {picture.image_id for picture in ranked(pictures, study)[: study.pictures]}
    return [
        (picture, caption, Entry(picture.image_id))
        for picture in pictures
        if picture.image_id in kept
        for caption in picture.captions[: study.captions_per_picture]
    ]


def _listed(pictures: Sequence[Picture], path: Path, absent: Collection[str]) -> list[Chosen]:
    by_id = {picture.image_id: place for place, picture in enumerate(pictures)}
    entries = read_study_list(path)
    there = [entry for entry in entries if entry.image_id not in absent]
    _tell_left_out([entry for entry in entries if entry.image_id in absent], len(entries), path)
    found = []
    for entry in there:
        if entry.image_id not in by_id:
            raise BadInput(f"the picture {entry.image_id} is not in the dataset; drop the line", path, entry.line)
        picture = pictures[by_id[entry.image_id]]
        found.append((picture, _caption_of(picture, entry, path), entry))
    return sorted(found, key=lambda one: by_id[one[0].image_id])


def _tell_left_out(entries: Sequence[Entry], listed: int, path: Path) -> None:
    if entries:
        lines = ", ".join(f"line {entry.line} (image {entry.image_id})" for entry in entries[:TOLD])
        more = f" and {len(entries) - TOLD} more" if len(entries) > TOLD else ""
        print(f"captions: {path}: {len(entries)} of {listed} lines left out, their pictures are absent: {lines}{more}")


def _caption_of(picture: Picture, entry: Entry, path: Path) -> Caption:
    for caption in picture.captions:
        if entry.caption_id in ("", caption.caption_id):
            return caption
    has = ", ".join(caption.caption_id for caption in picture.captions) or "none"
    raise BadInput(f"the picture {entry.image_id} has no caption {entry.caption_id}; it has {has}", path, entry.line)


def on_disk(pictures: Sequence[Picture], params: CaptionsParams, names: Names) -> list[Picture]:
    """The pictures whose file is there, under the name that the disk gives it, and the prompts, which have none.

    Raises BadInput for the first absent one where `absent: refuse`.
    """
    found = [(picture, _found(picture, names)) for picture in pictures]
    if params.absent == "refuse":
        absent = [picture for picture, there in found if there is None]
        if absent:
            near = names.near(absent[0].file_name)
            raise BadInput(
                f"the captions name {absent[0].file_name} (image {absent[0].image_id}), which is not in {names.root}"
                f"{f', where {near} is' if near else ''}; {len(absent)} of {len(pictures)} pictures are absent. "
                "Put them there, or set `absent: leave_out`",
                params.annotations,
            )
    return [there for _, there in found if there is not None]


def _found(picture: Picture, names: Names) -> Picture | None:
    if not picture.file_name:
        return picture
    path = names.find(picture.file_name)
    file_name = None if path is None else path.relative_to(names.root).as_posix()
    if file_name is None or file_name == picture.file_name:
        return None if file_name is None else picture
    return replace(picture, file_name=file_name)


def check(params: CaptionsParams, dataset: str) -> None:
    """Refuse values that the types admit and the stage does not know."""
    block, study = f"`captions.{dataset}`", params.study
    if params.layout not in READERS:
        raise BadInput(f"{block}: unknown layout {params.layout!r}; known: {', '.join(READERS)}", "params.yaml")
    if params.absent not in ("refuse", "leave_out"):
        raise BadInput(f"{block}: `absent` is {params.absent!r}; known: refuse, leave_out", "params.yaml")
    if min(study.captions_per_picture, study.draws, 1 if study.pictures is None else study.pictures) < 1:
        raise BadInput(f"{block}: `pictures`, `captions_per_picture` and `draws` start at 1", "params.yaml")
    if study.list is not None and Path(study.list).parent != FOLDER:
        raise BadInput(f"{block}: `list` is {study.list!r}; put it in {FOLDER}, which DVC watches", "params.yaml")
    if study.draw_alternatives and not study.variants:
        raise BadInput(f"{block}: `draw_alternatives` needs `variants: true`", "params.yaml")
