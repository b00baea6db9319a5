"""Drawing, shared by the stages that draw: what is missing is drawn, kept item by item, then packed in shards.

A picture's key is the hash of its caption, its seed, the model's files, the sampler's settings and the code
that draws: nothing else decides it, and whatever is under the key is the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pandera.pandas as pa

from rapporteur.core.engine import make_missing, missing
from rapporteur.core.items import ItemStore, item_key
from rapporteur.core.params import strict
from rapporteur.core.pictures import load_picture, png_bytes
from rapporteur.core.provenance import code_digest, folder_digest, previous_output
from rapporteur.core.shards import ShardReader, write_shards
from rapporteur.core.tables import read_table, table_of, write_table

if TYPE_CHECKING:
    from rapporteur.models.generator import DalleMini

# What decides a picture besides its inputs: a change here redraws, a change elsewhere does not.
DRAWING_CODE = tuple(f"rapporteur.models.{name}" for name in ("dalle", "vqgan", "sampling", "tokenizer", "generator"))


@dataclass(frozen=True)
class Request:
    """One picture to draw: which caption, and the number of the draw."""

    dataset: str
    image_id: str
    caption_id: str
    text: str
    seed: int


@dataclass(frozen=True)
class Painter:
    """A model on the disk with its sampler's settings; it is loaded only when something is missing."""

    model: Path
    vqgan: Path
    settings: dict[str, Any]  # condition_scale, temperature, top_k, top_p
    batch: int

    @property
    def digest(self) -> str:
        """SHA-256 over the files of both networks."""
        return item_key({"model": folder_digest(self.model), "vqgan": folder_digest(self.vqgan)})

    @property
    def label(self) -> str:
        """The model's name with the head of its digest, as tables state it."""
        return f"{self.model.as_posix()}@{self.digest[:12]}"

    def load(self) -> DalleMini:
        from rapporteur.models.generator import DalleMini  # imports JAX: seconds, only when drawing
        from rapporteur.models.sampling import SamplerSettings

        return DalleMini.load(self.model, self.vqgan, SamplerSettings(**self.settings), batch=self.batch)


@strict
class ImagesParams:
    """The block `images` of params.yaml: which model draws, and how."""

    model: str  # folder of the text-to-image model
    vqgan: str  # folder of the VQGAN whose codebook the model draws from
    condition_scale: float  # 1 draws from the caption alone; above, further from the empty caption
    temperature: float
    top_k: int | None  # None means 50, as in the official package; 0 keeps every token
    top_p: float | None
    batch: int  # pictures drawn together; changes the speed, not the pictures

    def painter(self, model: str | None = None) -> Painter:
        """The painter of `images.model`, or of another model with the same codebook and settings."""
        settings = {
            "condition_scale": self.condition_scale,
            "temperature": self.temperature,
            "top_k": self.top_k,
            "top_p": self.top_p,
        }
        return Painter(Path(model or self.model), Path(self.vqgan), settings, self.batch)


def request_keys(requests: Sequence[Request], painter: Painter) -> list[str]:
    """The item key of each request."""
    common = {"model": painter.digest, "sampler": painter.settings, "code": code_digest(*DRAWING_CODE)}
    return [item_key(common | {"text": one.text, "seed": one.seed}) for one in requests]


def draw_missing(
    requests: Sequence[Request], keys: Sequence[str], painter: Painter, store: ItemStore, label: str
) -> int:
    """Draw what the store lacks; returns the number drawn."""
    loaded: list[DalleMini] = []

    def make(batch: list[Request]) -> list[bytes]:
        if not loaded:
            loaded.append(painter.load())
        pictures = loaded[0].draw([one.text for one in batch], [one.seed for one in batch])
        return [png_bytes(picture) for picture in pictures]

    return make_missing(store, keys, requests, make, painter.batch, label, "pictures")


def refill(store: ItemStore, keys: Sequence[str], out: str, table: pa.DataFrameSchema) -> int:
    """Put back items that the last run packed (here, or on the teammate's machine that was pulled from)."""
    if not missing(store, keys):
        return 0
    files = previous_output(out)
    if "index.parquet" not in files:
        return 0
    index = read_table(files["index.parquet"], table)
    wanted = {keys[place] for place in missing(store, keys)}
    found = index[index["key"].isin(wanted) & index["shard"].isin(list(files))]
    with ShardReader(Path()) as shards:
        for row in found.itertuples():
            store.put(str(row.key), shards.read(str(files[str(row.shard)]), str(row.member)))
    return len(found)


def pack(
    requests: Sequence[Request],
    keys: Sequence[str],
    painters: Sequence[Painter],
    store: ItemStore,
    folder: Path,
    table: pa.DataFrameSchema,
    extra: Sequence[dict[str, Any]] | None = None,
) -> None:
    """Write shards and index.parquet into `folder`, in the order of the requests.

    `painters` gives the painter of each request; `extra` further columns of its row.
    """
    extra = extra or [{} for _ in requests]
    names = [member_name(one, more) for one, more in zip(requests, extra, strict=True)]
    shards = write_shards(folder, ((name, store.get(key)) for name, key in zip(names, keys, strict=True)))
    labels = {id(painter): painter.label for painter in painters}
    rows = []
    for place, one in enumerate(requests):
        width, height = load_picture(store.get(keys[place]), names[place]).size
        home = {"key": keys[place], "shard": shards[place], "member": names[place]}
        size = {"model": labels[id(painters[place])], "width": width, "height": height}
        rows.append(asdict(one) | home | size | dict(extra[place]))
    write_table(table_of(rows, table), folder / "index.parquet", table)


def member_name(request: Request, extra: dict[str, Any]) -> str:
    """The picture's name in its shard: caption, further columns and seed; safe on every file system."""
    parts = [request.caption_id, *map(str, extra.values()), str(request.seed)]
    return "-".join(quote(part, safe="") for part in parts) + ".png"
