"""Captions: read a dataset in its published layout and say which captions are to be drawn.

Reads   the dataset's annotation file and folder of pictures, both named in `captions.<dataset>`; the study's list
        (data/studies), where one is named; the words of foils (data/foils).
Writes  artifacts/captions/<dataset>/captions.parquet and gold.parquet (vocabulary/captions.py).
Costs   about 3 s, and for the 616,767 captions of COCO 2014 8 s and 0.5 GB on one core; every picture on the disk
        is read once for its digest (a second per GB), and those of the study are decoded whole.

    python -m rapporteur.stages.captions shapes
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rapporteur.core.batches import write_frames
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.names import Names, left_out
from rapporteur.core.stage import Stage
from rapporteur.core.tables import write_table
from rapporteur.datasets import READERS, Picture
from rapporteur.study.captions import caption_frames, gold_table
from rapporteur.study.choice import CaptionsParams, check, chosen, on_disk
from rapporteur.study.foils import read_foil_lexicon
from rapporteur.study.variants import variants
from rapporteur.vocabulary.captions import CAPTIONS, GOLD

STAGE = Stage(
    "captions",
    reads=("data/foils", "data/studies", "${item.annotations}", "${item.images}"),
    takes=("captions.{dataset}",),
    each=True,
)


def main() -> None:
    dataset = STAGE.dataset()
    params = STAGE.params(CaptionsParams, dataset)
    check(params, dataset)
    pictures = READERS[params.layout](Path(params.annotations), params.split)
    names = Names(Path(params.images))
    present = on_disk(pictures, params, names)
    absent = {picture.image_id for picture in pictures} - {picture.image_id for picture in present}
    drawn = chosen(present, params.study, absent)
    if not drawn:
        raise BadInput(_nothing_to_draw(params, pictures, bool(present)), params.annotations)
    made = list(variants(params.study, drawn, read_foil_lexicon())) if params.study.variants else []
    draws = {caption.caption_id: params.study.draws for _, caption, _ in drawn}
    studied = {picture.image_id for picture, _, _ in drawn}
    with new_folder(STAGE.out(dataset)) as out:
        captions = write_frames(caption_frames(dataset, pictures, draws, made), out / "captions.parquet", CAPTIONS)
        write_table(gold_table(dataset, present, Path(params.images), studied), out / "gold.parquet", GOLD)
    told = left_out(
        {
            f"pictures that are not in {params.images}": len(pictures) - len(present),
            "pictures without a caption": sum(not picture.captions for picture in present),
            f"pictures in {params.images} that no caption is about": names.unasked(),
        }
    )
    print(f"captions: {len(pictures)} pictures, {captions} captions, {len(studied)} pictures in the study{told}")
    if params.study.variants:
        print(f"captions: {_summary(made)}")


def _nothing_to_draw(params: CaptionsParams, pictures: Sequence[Picture], some: bool) -> str:
    if pictures and not some:
        first = pictures[0].file_name
        return f"none of its {len(pictures)} pictures is in {params.images}; check `images` (the first is {first})"
    if params.study.list is not None:
        return f"no picture that {params.study.list} names is in {params.images}; put them there"
    return f"no picture of the split {params.study.split!r} has a caption"


def _summary(made: Sequence[Mapping[str, Any]]) -> str:
    kinds = Counter(str(row["foil_kind"]) for row in made if row["kind"] == "foil")
    foils = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())) or "none"
    return f"{sum(row['kind'] == 'alternative' for row in made)} alternatives; foils: {foils}"


if __name__ == "__main__":
    run_stage(main)
