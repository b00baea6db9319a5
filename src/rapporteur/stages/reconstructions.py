"""Reconstructions: a study's gold pictures through the VQGAN and back, the best that its tokens could draw.

Reads   artifacts/captions/<dataset>, its gold pictures, and the folder `reconstructions.vqgan`.
Writes  artifacts/reconstructions/<dataset>/index.parquet (vocabulary/reconstructions.py) and shard-NNNN.zip of PNG;
        an empty index where `reconstructions.measured` is false.
Keeps   each picture in .items/reconstructions under the hash of the gold one, the VQGAN and the code.
Costs   about 4 s to start and 30 ms a picture with the sample VQGAN on 2 cores, 2 to 3 s with the published one.

A picture is encoded as its central square at the VQGAN's size, as for training. Some licences forbid altered
pictures: these are for measuring, no figure shows them.

    python -m rapporteur.stages.reconstructions shapes
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import ItemStore, keep, pack, packed
from rapporteur.core.params import strict
from rapporteur.core.pictures import load_picture
from rapporteur.core.provenance import folder_digest, previous_output
from rapporteur.core.stage import Stage
from rapporteur.core.tables import table_of, write_table
from rapporteur.dalle.coder import Coder, keys_of
from rapporteur.study.pictures import StudyPicture, gold_pictures
from rapporteur.vocabulary.reconstructions import RECONSTRUCTIONS

STAGE = Stage("reconstructions", reads=("artifacts/captions/{dataset}", "${reconstructions.vqgan}"), each=True)


@strict
class ReconstructionsParams:
    vqgan: str  # folder of the VQGAN; DVC depends on it, so it is there also where nothing is measured
    measured: bool = True  # false: no picture is reconstructed
    batch: int = 16  # pictures between two savings


def rows_of(
    pictures: Sequence[StudyPicture], keys: Sequence[str], store: ItemStore, folder: Path, vqgan: str
) -> Iterator[dict[str, Any]]:
    """Write the shards into `folder` and give the row of each picture."""
    names = [quote(picture.image_id, safe="") + ".png" for picture in pictures]
    for picture, home in zip(pictures, pack(store, names, keys, folder), strict=True):
        data = store.get(home["key"])
        side = load_picture(data, home["member"]).width
        about = {"digest": hashlib.sha256(data).hexdigest(), "vqgan": vqgan, "side": side}
        yield {"dataset": picture.dataset, "image_id": picture.image_id} | home | about


def main() -> None:
    dataset = STAGE.dataset()
    params = STAGE.params(ReconstructionsParams)
    if params.batch < 1:
        raise BadInput("`reconstructions.batch` starts at 1", "params.yaml")
    vqgan, out = Path(params.vqgan), STAGE.out(dataset)
    pictures = gold_pictures(dataset) if params.measured else []
    digest = folder_digest(vqgan)
    keys, store = keys_of(pictures, digest), ItemStore("reconstructions")
    before = lambda: packed(previous_output(out.as_posix()))  # noqa: E731
    label = f"reconstructions {dataset}"
    kept = keep(store, keys, pictures, Coder(vqgan).reconstructions, batch=params.batch, label=label, earlier=before)
    with new_folder(out) as folder:
        rows = rows_of(pictures, keys, store, folder, f"{vqgan.name}@{digest[:12]}")
        write_table(table_of(rows, RECONSTRUCTIONS), folder / "index.parquet", RECONSTRUCTIONS)
    print(f"{label}: {len(pictures)} pictures, {kept.made} made now, {kept.back} taken from the last run")


if __name__ == "__main__":
    run_stage(main)
