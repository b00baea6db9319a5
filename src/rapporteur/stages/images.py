"""Images: draw the captions of a dataset's study with a text-to-image model.

Reads   artifacts/captions/<dataset>/captions.parquet; the folder `images.model`, whatever kind of generator it is
        (draw/kinds.py), and for DALL·E mini `images.vqgan`.
Writes  artifacts/images/<dataset>/index.parquet (vocabulary/images.py) and shard-NNNN.zip of PNG.
Keeps   each picture in .items/images under its key: after a crash or one more caption, only what is missing
        is drawn.
Costs   with the sample model, about 5 s to start and 0.1 s a picture on 2 cores; nothing is loaded when
        nothing is missing. Other generators cost what they cost; the official package minutes a picture.

    python -m rapporteur.stages.images shapes
"""

from __future__ import annotations

from pathlib import Path

from rapporteur.core.errors import run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import ItemStore
from rapporteur.core.names import left_out
from rapporteur.core.stage import Stage
from rapporteur.core.tables import read_table
from rapporteur.draw.engines.official import CODE as OFFICIAL_FILES
from rapporteur.draw.packing import draw, write_pictures
from rapporteur.draw.painter import ImagesParams
from rapporteur.draw.request import CAPTIONS_FILE, requests
from rapporteur.vocabulary.captions import CAPTIONS
from rapporteur.vocabulary.images import IMAGES

STAGE = Stage(
    "images",
    reads=(*map(str, OFFICIAL_FILES), CAPTIONS_FILE, "${images.model}", "${images.vqgan}"),
    each=True,
)


def main() -> None:
    dataset = STAGE.dataset()
    painter = STAGE.params(ImagesParams).painter()
    wanted = requests(read_table(Path(CAPTIONS_FILE.format(dataset=dataset)), CAPTIONS))
    keys = painter.keys(wanted)
    store = ItemStore("images")
    out = STAGE.out(dataset)
    kept = draw(wanted, keys, painter, store, out.as_posix(), f"images {dataset}")
    with new_folder(out) as folder:
        write_pictures(wanted, keys, [painter] * len(wanted), store, folder, IMAGES)
    told = f"{len(wanted)} pictures, {kept.made} drawn now{painter.settled()}, {kept.back} taken from the last run"
    print(f"images {dataset}: {told}{left_out(painter.left_out(wanted))}")


if __name__ == "__main__":
    run_stage(main)
