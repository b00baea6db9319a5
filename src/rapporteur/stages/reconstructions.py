"""Reconstructions: a study's gold pictures through the VQGAN and back, the best that its tokens could draw.

Reads   artifacts/captions/<dataset>, its gold pictures, and the folder `reconstructions.vqgan`.
Writes  artifacts/reconstructions/<dataset>/index.parquet (schemas/reconstructions.py) and shard-NNNN.zip of PNG;
        an empty index where `reconstructions.measured` is false.
Keeps   each picture in .items/reconstructions under the hash of the gold one, the VQGAN and the code.
Costs   about 4 s to start and 30 ms a picture with the sample VQGAN on 2 cores, 2 to 3 s with the published one.

A picture is encoded as its central square at the VQGAN's size, as for training. Some licences forbid altered
pictures: these are for measuring, no figure shows them.

    python -m rapporteur.stages.reconstructions shapes
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rapporteur.core.code import code_version
from rapporteur.core.engine import make_missing, missing
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.items import ItemStore, item_key
from rapporteur.core.params import stage_params, strict
from rapporteur.core.pictures import load_picture, png_bytes, square_array
from rapporteur.core.provenance import folder_digest, previous_output
from rapporteur.core.shards import ShardReader, write_shards
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.gallery import StudyPicture, gold_pictures
from rapporteur.schemas.reconstructions import RECONSTRUCTIONS

Make = Callable[[list[StudyPicture]], list[bytes]]


@strict
class ReconstructionsParams:
    vqgan: str  # folder of the VQGAN; DVC depends on it, so it is there also where nothing is measured
    measured: bool  # false: no picture is reconstructed
    batch: int  # pictures between two savings


def picture_keys(pictures: Sequence[StudyPicture], vqgan_digest: str) -> list[str]:
    """The item key of each picture's reconstruction."""
    common = {"vqgan": vqgan_digest, "code": code_version(maker)}
    return [item_key(common | {"picture": picture.digest}) for picture in pictures]


def maker(vqgan: Path) -> Make:
    """A function from gold pictures to PNG; the network is loaded at its first call."""
    loaded: list[Make] = []

    def make(pictures: list[StudyPicture]) -> list[bytes]:
        if not loaded:
            loaded.append(_load(vqgan))
        return loaded[0](pictures)

    return make


def _load(vqgan: Path) -> Make:
    from rapporteur.models.generator import load_vqgan  # imports JAX: seconds, only when something is missing

    network = load_vqgan(vqgan)

    def make(pictures: list[StudyPicture]) -> list[bytes]:
        squares = [square_array(picture.load(), network.resolution) for picture in pictures]
        return [png_bytes(picture) for picture in network.decode(network.encode(squares))]

    return make


def refill(store: ItemStore, keys: Sequence[str], output: dict[str, Path]) -> None:
    """Put wanted pictures of an earlier output back into the store; none where there is no such output."""
    wanted = {keys[place] for place in missing(store, keys)}
    try:
        index = read_table(output["index.parquet"], RECONSTRUCTIONS)
    except (KeyError, BadInput):  # there is none, or an older version wrote it
        return
    found = index[index["key"].isin(wanted) & index["shard"].isin(list(output))]
    with ShardReader(Path()) as shards:
        for row in found.itertuples():
            store.put(str(row.key), shards.read(str(output[str(row.shard)]), str(row.member)))


def rows_of(
    pictures: Sequence[StudyPicture], keys: Sequence[str], store: ItemStore, folder: Path, vqgan: str
) -> Iterator[dict[str, Any]]:
    """Write the shards into `folder` and give the row of each picture."""
    names = [quote(picture.image_id, safe="") + ".png" for picture in pictures]
    shards = write_shards(folder, ((name, store.get(key)) for name, key in zip(names, keys, strict=True)))
    for picture, key, name, shard in zip(pictures, keys, names, shards, strict=True):
        data = store.get(key)
        place = {"dataset": picture.dataset, "image_id": picture.image_id, "key": key, "shard": shard, "member": name}
        side = load_picture(data, name).width
        yield place | {"digest": hashlib.sha256(data).hexdigest(), "vqgan": vqgan, "side": side}


def main() -> None:
    dataset = sys.argv[1]
    params = stage_params(ReconstructionsParams, "reconstructions")
    if params.batch < 1:
        raise BadInput("`reconstructions.batch` starts at 1", "params.yaml")
    vqgan, out = Path(params.vqgan), Path("artifacts/reconstructions") / dataset
    pictures = gold_pictures(dataset) if params.measured else []
    digest = folder_digest(vqgan)
    keys, store = picture_keys(pictures, digest), ItemStore("reconstructions")
    if missing(store, keys):
        refill(store, keys, previous_output(out.as_posix()))
    made = make_missing(store, keys, pictures, maker(vqgan), params.batch, f"reconstructions {dataset}", "pictures")
    with new_folder(out) as folder:
        rows = rows_of(pictures, keys, store, folder, f"{vqgan.name}@{digest[:12]}")
        write_table(table_of(rows, RECONSTRUCTIONS), folder / "index.parquet", RECONSTRUCTIONS)
    print(f"reconstructions {dataset}: {len(pictures)} pictures, {made} made now")


if __name__ == "__main__":
    run_stage(main)
