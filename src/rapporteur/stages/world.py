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

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from drawn_world.album import Leaf, album
from drawn_world.layout import Captioned, jpeg_bytes, write_coco, write_karpathy
from drawn_world.paint import Picture, seed_from
from drawn_world.shapes import Shape, draw_shape
from rapporteur.core.code import code_version
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import Earlier, ItemStore, Kept, item_key, keep
from rapporteur.core.params import strict
from rapporteur.core.provenance import previous_output
from rapporteur.core.stage import Stage
from rapporteur.datasets.shapes import read_shape_captions

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


@dataclass(frozen=True)
class Work:
    """A picture to draw: its place in a layout, the key of all that decides it, and how it is drawn."""

    entry: Captioned
    key: str
    draw: Callable[[], Picture]


def picture_bytes(work: Work) -> bytes:
    """The item: the picture as JPEG."""
    return jpeg_bytes(work.draw())


def check(params: WorldParams) -> None:
    """Refuse values that the types admit and the world does not have."""
    sizes = params.landscapes
    if params.size < 32:
        raise BadInput(f"`world.size` is {params.size}; pictures have 32 pixels a side at least", "params.yaml")
    if min(sizes.train, sizes.val, sizes.test) < 0:
        raise BadInput("`world.landscapes`: `train`, `val` and `test` start at 0", "params.yaml")
    if not (0 <= sizes.decoys <= 1 and 0 <= sizes.misled <= 1):
        raise BadInput("`world.landscapes`: `decoys` and `misled` are shares between 0 and 1", "params.yaml")


def shape_work(captions: Sequence[tuple[int, str, Shape]], params: WorldParams) -> list[Work]:
    """The picture of a caption depends on its text and the world's seed, never on its line."""
    code = code_version(shape_work, picture_bytes)
    work = []
    for number, caption, shape in captions:
        seed = seed_from("study shape", params.seed, caption)
        key = item_key({"shape": dataclasses.asdict(shape), "seed": seed, "size": params.size, "code": code})
        entry = Captioned(number, f"{number:012d}.jpg", "test", (caption,))
        work.append(Work(entry, key, lambda shape=shape, seed=seed: draw_shape(shape, seed, params.size)))  # type: ignore[misc]
    return work


def landscape_work(leaves: Sequence[Leaf], size: int) -> list[Work]:
    """The pictures of an album."""
    code = code_version(landscape_work, picture_bytes)
    work = []
    for number, leaf in enumerate(leaves):
        subject = {"kind": type(leaf.subject).__name__} | {"what": dataclasses.asdict(leaf.subject)}
        key = item_key(subject | {"size": size, "code": code})
        entry = Captioned(number, f"{leaf.name}.jpg", leaf.split, leaf.captions)
        work.append(Work(entry, key, lambda leaf=leaf: leaf.draw(size)))  # type: ignore[misc]
    return work


def plain_files(files: Mapping[str, Path]) -> Earlier:
    """Pictures that an earlier run wrote as images/ beside keys.csv; `files` by name."""

    def take(wanted: set[str]) -> Iterable[tuple[str, bytes]]:
        lines = files["keys.csv"].read_text(encoding="utf-8").split()[1:] if "keys.csv" in files else []
        for name, key in (line.split(",") for line in lines):
            if key in wanted and f"images/{name}" in files:
                yield key, files[f"images/{name}"].read_bytes()

    return take


def draw(store: ItemStore, work: Sequence[Work], out: Path) -> Kept:
    """Draw what neither the store nor the last run has, a thread a core (numpy lets go of Python's lock)."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def make(batch: list[Work]) -> list[bytes]:
            return list(pool.map(picture_bytes, batch))

        keys, before = [one.key for one in work], lambda: plain_files(previous_output(out.as_posix()))
        return keep(store, keys, work, make, batch=16, label=f"world {out.name}", earlier=before)


def pack(store: ItemStore, work: Sequence[Work], folder: Path) -> list[Captioned]:
    """Write images/ and keys.csv; returns the entries for the layout."""
    (folder / "images").mkdir()
    for one in work:
        (folder / "images" / one.entry.file_name).write_bytes(store.get(one.key))
    _write_csv(folder / "keys.csv", ("file_name", "key"), [(one.entry.file_name, one.key) for one in work])
    return [one.entry for one in work]


def _write_csv(path: Path, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    lines = [",".join(row) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    params = STAGE.params(WorldParams)
    check(params)
    sizes = params.landscapes
    counts = {"test": sizes.test, "val": sizes.val, "train": sizes.train}
    leaves = album(params.seed, counts, sizes.decoys, sizes.misled)
    shapes, landscapes = shape_work(read_shape_captions(CAPTIONS), params), landscape_work(leaves, params.size)
    store = ItemStore("world")
    kept = draw(store, shapes, SHAPES) + draw(store, landscapes, LANDSCAPES)
    with new_folder(SHAPES) as folder:
        write_coco(folder / "annotations/captions_shapes.json", pack(store, shapes, folder), params.size)
    with new_folder(LANDSCAPES) as folder:
        write_karpathy(folder / "dataset_flickr30k.json", pack(store, landscapes, folder))
        truth = [(leaf.name, str(leaf.is_landscape).lower()) for leaf in leaves]
        _write_csv(folder / "truth.csv", ("image_id", "is_landscape"), truth)
    total = len(shapes) + len(landscapes)
    print(f"world: {total} pictures, {kept.made} drawn now, {kept.back} taken from the last run")


if __name__ == "__main__":
    run_stage(main)
