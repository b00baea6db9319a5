"""World: draw the embedded default's gold pictures and write them in the published layouts.

Reads   data/shapes/captions.csv (id, caption): one line, one gold picture.
Writes  artifacts/world/shapes: annotations/captions_shapes.json (COCO's layout), images/*.jpg, keys.csv;
        artifacts/world/landscapes: dataset_flickr30k.json (Karpathy's layout), images/*.jpg, keys.csv, and
        truth.csv (image_id, is_landscape), which the filter of landscapes must not read.
Keeps   each picture in .items/world under its key: one more caption draws one picture.
Costs   about 40 s of one core for 60 shapes and 660 landscapes of 256 pixels, half of it on two, 250 MB;
        2 s when all is there.

    python -m rapporteur.stages.world
"""

from __future__ import annotations

from pathlib import Path

from drawn_world.album import album
from drawn_world.layout import write_coco, write_karpathy
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import ItemStore
from rapporteur.core.params import strict
from rapporteur.core.stage import Stage
from rapporteur.datasets.shapes import read_shape_captions
from rapporteur.datasets.world import draw, landscape_work, pack, shape_work, write_csv

STAGE = Stage(
    "world", reads=("data/shapes/captions.csv",), writes=("artifacts/world/shapes", "artifacts/world/landscapes")
)

CAPTIONS = Path(*STAGE.reads)
SHAPES, LANDSCAPES = map(Path, STAGE.writes)


@strict
class Landscapes:
    train: int
    val: int
    test: int
    decoys: float  # share of the pictures that are no landscapes
    misled: float  # share of the landscapes of which one caption in five is beside the point


@strict
class WorldParams:
    seed: int
    size: int  # pixels of a side
    landscapes: Landscapes


def check(params: WorldParams) -> None:
    """Refuse values that the types admit and the world does not have."""
    sizes = params.landscapes
    if params.size < 32:
        raise BadInput(f"`world.size` is {params.size}; pictures have 32 pixels a side at least", "params.yaml")
    if min(sizes.train, sizes.val, sizes.test) < 0:
        raise BadInput("`world.landscapes`: `train`, `val` and `test` start at 0", "params.yaml")
    if not (0 <= sizes.decoys <= 1 and 0 <= sizes.misled <= 1):
        raise BadInput("`world.landscapes`: `decoys` and `misled` are shares between 0 and 1", "params.yaml")


def main() -> None:
    params = STAGE.params(WorldParams)
    check(params)
    sizes = params.landscapes
    counts = {"test": sizes.test, "val": sizes.val, "train": sizes.train}
    leaves = album(params.seed, counts, sizes.decoys, sizes.misled)
    shapes = shape_work(read_shape_captions(CAPTIONS), params.seed, params.size)
    landscapes = landscape_work(leaves, params.size)
    store = ItemStore("world")
    kept = draw(store, shapes, SHAPES) + draw(store, landscapes, LANDSCAPES)
    with new_folder(SHAPES) as folder:
        write_coco(folder / "annotations/captions_shapes.json", pack(store, shapes, folder), params.size)
    with new_folder(LANDSCAPES) as folder:
        write_karpathy(folder / "dataset_flickr30k.json", pack(store, landscapes, folder))
        truth = [(leaf.name, str(leaf.is_landscape).lower()) for leaf in leaves]
        write_csv(folder / "truth.csv", ("image_id", "is_landscape"), truth)
    total = len(shapes) + len(landscapes)
    print(f"world: {total} pictures, {kept.made} drawn now, {kept.back} taken from the last run")


if __name__ == "__main__":
    run_stage(main)
