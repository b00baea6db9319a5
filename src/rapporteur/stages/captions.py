"""Captions: read a dataset in its published layout and say which captions are to be drawn.

Reads   the dataset's annotation file and folder of pictures, both named in `captions.<dataset>`.
Writes  artifacts/captions/<dataset>/captions.parquet and gold.parquet (schemas/captions.py).
Costs   about 3 s; every picture on the disk is read once for its digest (a second per GB), and those of the study are
        decoded whole.

    python -m rapporteur.stages.captions shapes
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import stage_params, strict
from rapporteur.core.pictures import load_picture, safe_join
from rapporteur.core.provenance import file_digest
from rapporteur.core.tables import table_of, write_table
from rapporteur.datasets import READERS, Picture
from rapporteur.schemas.captions import CAPTIONS, GOLD


@strict
class Study:
    """Which captions are drawn. A picture is chosen by the hash of `seed` and its id, so a new one moves no other."""

    split: str
    pictures: int | None  # None: all of the split
    captions_per_picture: int
    draws: int  # pictures to draw for each caption
    seed: int


@strict
class CaptionsParams:
    layout: str  # coco | karpathy
    annotations: str
    images: str
    split: str | None  # the split that a COCO file is; None where the layout states it
    absent: str  # refuse | leave_out: what to do with a picture that the captions name and the disk lacks
    study: Study


def chosen(pictures: Sequence[Picture], study: Study) -> list[Picture]:
    """The study's pictures, in the dataset's order."""
    candidates = [picture for picture in pictures if picture.split == study.split and picture.captions]
    ranked = sorted(candidates, key=lambda picture: _rank(study.seed, picture.image_id))
    kept = {picture.image_id for picture in ranked[: study.pictures]}
    return [picture for picture in candidates if picture.image_id in kept]


def _rank(seed: int, image_id: str) -> str:
    return hashlib.sha256(f"{seed}:{image_id}".encode()).hexdigest()


def caption_table(dataset: str, pictures: Sequence[Picture], study: Study) -> pd.DataFrame:
    """One row a caption; `draws` is zero outside the study."""
    drawn = {
        caption.caption_id
        for picture in chosen(pictures, study)
        for caption in picture.captions[: study.captions_per_picture]
    }
    rows = (
        {
            "dataset": dataset,
            "image_id": picture.image_id,
            "caption_id": caption.caption_id,
            "kind": "original",
            "split": picture.split,
            "text": caption.text,
            "draws": study.draws if caption.caption_id in drawn else 0,
        }
        for picture in pictures
        for caption in picture.captions
    )
    return table_of(rows, CAPTIONS)


def gold_table(dataset: str, pictures: Sequence[Picture], folder: Path, study: Study) -> pd.DataFrame:
    """One row a picture on the disk; those of the study are decoded whole."""
    whole = {picture.image_id for picture in chosen(pictures, study)}
    rows = []
    for picture in pictures:
        path = safe_join(folder, picture.file_name)
        width, height = load_picture(path).size if picture.image_id in whole else _header_size(path)
        place = {"dataset": dataset, "image_id": picture.image_id, "split": picture.split}
        content = {"file": path.as_posix(), "digest": file_digest(path), "width": width, "height": height}
        rows.append(place | content | {"licence": picture.licence})
    return table_of(rows, GOLD)


def _header_size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError) as error:
        raise BadInput(f"not a picture that can be read ({error}); replace the file", path) from None


def on_disk(pictures: Sequence[Picture], params: CaptionsParams) -> list[Picture]:
    """The pictures whose file is there. Raises BadInput for the first absent one where `absent: refuse`."""
    folder = Path(params.images)
    present = [picture for picture in pictures if safe_join(folder, picture.file_name).exists()]
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


def check(params: CaptionsParams, dataset: str) -> None:
    """Refuse values that the types admit and the stage does not know."""
    block = f"`captions.{dataset}`"
    if params.layout not in READERS:
        raise BadInput(f"{block}: unknown layout {params.layout!r}; known: {', '.join(READERS)}", "params.yaml")
    if params.absent not in ("refuse", "leave_out"):
        raise BadInput(f"{block}: `absent` is {params.absent!r}; known: refuse, leave_out", "params.yaml")
    study = params.study
    if min(study.captions_per_picture, study.draws, 1 if study.pictures is None else study.pictures) < 1:
        raise BadInput(f"{block}: `pictures`, `captions_per_picture` and `draws` start at 1", "params.yaml")


def main() -> None:
    dataset = sys.argv[1]
    params = stage_params(CaptionsParams, "captions", dataset)
    check(params, dataset)
    pictures = READERS[params.layout](Path(params.annotations), params.split)
    present = on_disk(pictures, params)
    if not chosen(present, params.study):
        raise BadInput(f"no picture of the split {params.study.split!r} has a caption", params.annotations)
    drawn = {picture.image_id for picture in chosen(present, params.study)}
    study = caption_table(dataset, present, params.study)
    captions = caption_table(dataset, pictures, params.study)
    captions["draws"] = captions["caption_id"].map(study.set_index("caption_id")["draws"]).fillna(0).astype("int64")
    with new_folder(Path("artifacts/captions") / dataset) as out:
        write_table(captions, out / "captions.parquet", CAPTIONS)
        write_table(gold_table(dataset, present, Path(params.images), params.study), out / "gold.parquet", GOLD)
    print(f"captions: {len(pictures)} pictures, {len(captions)} captions, {len(drawn)} pictures in the study")


if __name__ == "__main__":
    run_stage(main)
