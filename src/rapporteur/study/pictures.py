"""The pictures of a dataset's study: gold pictures from their files, generated and reconstructed ones from shards.

Reads artifacts/captions/<dataset>, artifacts/images/<dataset> and artifacts/reconstructions/<dataset>; every picture is
held against the digest in its table when it is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import load_picture
from rapporteur.core.shards import ShardReader
from rapporteur.core.tables import read_table
from rapporteur.vocabulary.captions import CAPTIONS, GOLD
from rapporteur.vocabulary.images import IMAGES
from rapporteur.vocabulary.reconstructions import RECONSTRUCTIONS

GOLD_SOURCE, GENERATED_SOURCE, RECONSTRUCTED_SOURCE = "gold", "generated", "reconstructed"


@dataclass(frozen=True)
class StudyPicture:
    """What a picture belongs to, and how to load it; `caption_id` and `seed` are None for gold ones and their like."""

    dataset: str
    image_id: str
    caption_id: str | None
    seed: int | None
    source: str
    digest: str  # SHA-256 of the file
    load: Callable[[], Image.Image]


@dataclass(frozen=True)
class Corpus:
    """A dataset's drawn captions, all captions of their gold pictures, and the pictures themselves."""

    captions: pd.DataFrame  # vocabulary/captions.py CAPTIONS: what is true of the gold pictures, and what was drawn
    pictures: list[StudyPicture]  # gold first, then generated, each in the order of its table
    variants: pd.DataFrame  # CAPTIONS: alternatives and foils, each of a caption by `original_id`


def read_corpus(dataset: str, artifacts: Path = Path("artifacts")) -> Corpus:
    """The captions and pictures of a dataset. Raises BadInput for a missing or damaged table or shard."""
    mine = _studied_captions(dataset, artifacts)
    pictures = [*_gold(mine, dataset, artifacts), *_generated(artifacts / "images" / dataset)]
    variant = mine["original_id"].notna()
    own = mine[~variant | (mine["draws"] > 0)]
    return Corpus(own.reset_index(drop=True), pictures, mine[variant].reset_index(drop=True))


def gold_pictures(dataset: str, artifacts: Path = Path("artifacts")) -> list[StudyPicture]:
    """The gold pictures of a dataset's drawn captions, in the order of their table."""
    return _gold(_studied_captions(dataset, artifacts), dataset, artifacts)


def _studied_captions(dataset: str, artifacts: Path) -> pd.DataFrame:
    """All captions of the gold pictures of which one caption is drawn."""
    captions = read_table(artifacts / "captions" / dataset / "captions.parquet", CAPTIONS)
    return captions[captions["image_id"].isin(captions.loc[captions["draws"] > 0, "image_id"])]


def reconstructed_pictures(dataset: str, artifacts: Path = Path("artifacts")) -> list[StudyPicture]:
    """The gold pictures as the VQGAN gives them back; none where the stage `reconstructions` has not run."""
    folder = artifacts / "reconstructions" / dataset
    if not folder.exists():
        return []
    return _in_shards(read_table(folder / "index.parquet", RECONSTRUCTIONS), folder, RECONSTRUCTED_SOURCE)


def _gold(captions: pd.DataFrame, dataset: str, artifacts: Path) -> list[StudyPicture]:
    table = read_table(artifacts / "captions" / dataset / "gold.parquet", GOLD)
    return gold_of(table[table["image_id"].isin(captions["image_id"])])


def gold_of(table: pd.DataFrame) -> list[StudyPicture]:
    """The gold pictures of rows of gold.parquet."""
    return [
        StudyPicture(
            row["dataset"], row["image_id"], None, None, GOLD_SOURCE, row["digest"],
            partial(load_gold, row["file"], row["digest"]),
        )
        for row in table.to_dict("records")
    ]  # fmt: skip


def sample_pictures(index: pd.DataFrame, folder: Path = Path("artifacts/samples")) -> list[StudyPicture]:
    """The landscape model's samples and those of its start: rows of the index in `folder`; `source` says whose."""
    return _in_shards(index, folder)


def _generated(folder: Path) -> list[StudyPicture]:
    return _in_shards(read_table(folder / "index.parquet", IMAGES), folder, GENERATED_SOURCE)


def _in_shards(index: pd.DataFrame, folder: Path, source: str = "") -> list[StudyPicture]:
    """The pictures of rows of an index, each of a `source`, by default its own; it may name no caption and no draw."""
    reader = ShardReader(folder)  # the pictures' `load` keep it, and it keeps the shards open

    def one(row: dict[Hashable, Any]) -> StudyPicture:
        load = partial(load_member, reader, row["shard"], row["member"], row["digest"])
        place = row["dataset"], row["image_id"], row.get("caption_id"), row.get("seed")
        return StudyPicture(*place, source or row["source"], row["digest"], load)

    return [one(row) for row in index.to_dict("records")]


def load_gold(file: str, digest: str) -> Image.Image:
    """A gold picture. Raises BadInput for a missing or damaged file, and for one that its table does not tell of."""
    path = Path(file)
    return _held(path.read_bytes(), digest, path) if path.is_file() else load_picture(path)


def load_member(reader: ShardReader, shard: str, member: str, digest: str) -> Image.Image:
    """A picture of a shard. Raises BadInput for a damaged one, and for one that its table does not tell of."""
    return _held(reader.read(shard, member), digest, reader.folder / shard / member)


def _held(data: bytes, digest: str, path: Path) -> Image.Image:
    picture = load_picture(data, str(path))  # first, for what is wrong with a damaged file says more
    if hashlib.sha256(data).hexdigest() != digest:
        raise BadInput(
            "the picture is not the one that its table tells of; `dvc checkout` or `dvc repro` mends it", path
        )
    return picture
