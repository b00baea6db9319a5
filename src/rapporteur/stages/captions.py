"""Captions: read a dataset in its published layout and say which captions are to be drawn.

Reads   the dataset's annotation file and folder of pictures, both named in `captions.<dataset>`; the study's list
        (data/studies), where one is named; the words of foils (data/foils).
Writes  artifacts/captions/<dataset>/captions.parquet and gold.parquet (schemas/captions.py).
Costs   about 3 s, and for the 616,767 captions of COCO 2014 8 s and 0.5 GB on one core; every picture on the disk
        is read once for its digest (a second per GB), and those of the study are decoded whole.

    python -m rapporteur.stages.captions shapes
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image, UnidentifiedImageError

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import stage_params, strict
from rapporteur.core.pictures import load_picture, safe_join
from rapporteur.core.provenance import file_digest
from rapporteur.core.tables import table_of, write_table
from rapporteur.datasets import READERS, Caption, Picture
from rapporteur.foils import FoilLexicon, read_foil_lexicon
from rapporteur.schemas.batches import write_frames
from rapporteur.schemas.captions import CAPTIONS, GOLD
from rapporteur.studies import FOLDER, Entry, alternative_of, foil_of, read_study_list

PICTURES = 10_000  # of a frame of captions
TOLD = 10  # lines of a list that a message names
PLAIN_NAME = re.compile(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*")  # a file name that stays in its folder

Chosen = tuple[Picture, Caption, Entry]  # a caption to draw, its picture, and its line of the study's list


@strict
class Study:
    """Which captions are drawn. A picture is chosen by the hash of `seed` and its id, so a new one moves no other."""

    split: str
    pictures: int | None  # None: all of the split
    captions_per_picture: int
    draws: int  # pictures to draw for each caption
    seed: int
    list: str | None = None  # a CSV of data/studies that names pictures and captions, instead of the seed
    variants: bool = False  # beside each picture's first drawn caption, an alternative and a foil
    draw_alternatives: bool = False  # also draw the alternatives; foils are only scored


@strict
class CaptionsParams:
    layout: str  # coco | karpathy | folder | prompts
    annotations: str
    images: str
    split: str | None  # the split that a COCO file is; None where the layout states it
    absent: str  # refuse | leave_out: what to do with a picture that the captions name and the disk lacks
    study: Study


def ranked(pictures: Sequence[Picture], study: Study) -> list[Picture]:
    """The split's captioned pictures by the hash of the seed and their id."""
    candidates = [picture for picture in pictures if picture.split == study.split and picture.captions]
    return sorted(candidates, key=lambda picture: _rank(study.seed, picture.image_id))


def _rank(seed: int, image_id: str) -> str:
    return hashlib.sha256(f"{seed}:{image_id}".encode()).hexdigest()


def chosen(pictures: Sequence[Picture], study: Study, absent: Collection[str] = ()) -> list[Chosen]:
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


def variants(study: Study, drawn: Sequence[Chosen], lexicon: FoilLexicon) -> Iterator[dict[str, Any]]:
    """An alternative and a foil of each picture's first drawn caption, as far as there is one."""
    seen: set[str] = set()
    for picture, caption, entry in drawn:
        if picture.image_id not in seen:
            seen.add(picture.image_id)
            yield from _alternative(picture, caption, entry, study)
            yield from _foil(picture, caption, entry, study, lexicon)


def _alternative(picture: Picture, caption: Caption, entry: Entry, study: Study) -> Iterator[dict[str, Any]]:
    text = alternative_of(picture, caption, entry)
    if text is not None:
        draws = study.draws if study.draw_alternatives else 0
        yield _row(picture, caption, "alternative", text) | {"draws": draws}


def _foil(
    picture: Picture, caption: Caption, entry: Entry, study: Study, lexicon: FoilLexicon
) -> Iterator[dict[str, Any]]:
    try:
        found = foil_of(picture, caption, entry, study.seed, lexicon)
    except BadInput as error:
        raise BadInput(str(error), study.list, entry.line) from None
    if found is not None:
        source, foil = found
        change = {"foil_kind": foil.kind, "changed_from": foil.changed_from, "changed_to": foil.changed_to}
        yield _row(picture, source, "foil", foil.text) | change | {"draws": 0}


def _row(picture: Picture, caption: Caption, kind: str, text: str) -> dict[str, Any]:
    place = {"image_id": picture.image_id, "split": picture.split, "original_id": caption.caption_id}
    return place | {"caption_id": f"{caption.caption_id}-{kind}", "kind": kind, "text": text}


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
        width, height = load_picture(path).size if picture.image_id in whole else _header_size(path)
        place = {"dataset": dataset, "image_id": picture.image_id, "split": picture.split}
        content = {"file": path.as_posix(), "digest": file_digest(path), "width": width, "height": height}
        licence = {"licence": picture.licence, "licence_url": picture.licence_url or None}
        rows.append(place | content | licence | {"source_url": picture.source_url or None})
    return table_of(rows, GOLD)


def _header_size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError) as error:
        raise BadInput(f"not a picture that can be read ({error}); replace the file", path) from None


def on_disk(pictures: Sequence[Picture], params: CaptionsParams) -> list[Picture]:
    """The pictures whose file is there, and the prompts, which have none.

    Raises BadInput for the first absent one where `absent: refuse`.
    """
    folder = Path(params.images)
    listed: dict[str, frozenset[str]] = {}
    present = [one for one in pictures if not one.file_name or _is_there(folder, one.file_name, listed)]
    if len(present) < len(pictures) and params.absent == "refuse":
        have = {picture.image_id for picture in present}
        first = next(picture for picture in pictures if picture.image_id not in have)
        raise BadInput(
            f"the captions name {first.file_name} (image {first.image_id}), which is not in {folder}; "
            f"{len(pictures) - len(present)} of {len(pictures)} pictures are absent. "
            "Put them there, or set `absent: leave_out`",
            params.annotations,
        )
    return present


def _is_there(folder: Path, file_name: str, listed: dict[str, frozenset[str]]) -> bool:
    """Whether a picture is on the disk. Each folder is listed once (`listed`): to ask the disk for each of COCO's
    pictures takes 3 s, whether they are there or not.
    """
    home, _, name = file_name.rpartition("/")
    if not PLAIN_NAME.fullmatch(file_name):
        return safe_join(folder, file_name).exists()
    if home not in listed:
        at = folder / home
        listed[home] = frozenset(entry.name for entry in at.iterdir()) if at.is_dir() else frozenset()
    return name in listed[home] and safe_join(folder, file_name).exists()


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


def main() -> None:
    dataset = sys.argv[1]
    params = stage_params(CaptionsParams, "captions", dataset)
    check(params, dataset)
    pictures = READERS[params.layout](Path(params.annotations), params.split)
    present = on_disk(pictures, params)
    absent = {picture.image_id for picture in pictures} - {picture.image_id for picture in present}
    drawn = chosen(present, params.study, absent)
    if not drawn:
        raise BadInput(_nothing_to_draw(params), params.annotations)
    made = list(variants(params.study, drawn, read_foil_lexicon())) if params.study.variants else []
    draws = {caption.caption_id: params.study.draws for _, caption, _ in drawn}
    studied = {picture.image_id for picture, _, _ in drawn}
    with new_folder(Path("artifacts/captions") / dataset) as out:
        captions = write_frames(caption_frames(dataset, pictures, draws, made), out / "captions.parquet", CAPTIONS)
        write_table(gold_table(dataset, present, Path(params.images), studied), out / "gold.parquet", GOLD)
    print(f"captions: {len(pictures)} pictures, {captions} captions, {len(studied)} pictures in the study")
    if params.study.variants:
        print(f"captions: {_summary(made)}")


def _nothing_to_draw(params: CaptionsParams) -> str:
    if params.study.list is not None:
        return f"no picture that {params.study.list} names is in {params.images}; put them there"
    return f"no picture of the split {params.study.split!r} has a caption"


def _summary(made: Sequence[Mapping[str, Any]]) -> str:
    kinds = Counter(str(row["foil_kind"]) for row in made if row["kind"] == "foil")
    foils = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())) or "none"
    return f"{sum(row['kind'] == 'alternative' for row in made)} alternatives; foils: {foils}"


if __name__ == "__main__":
    run_stage(main)
