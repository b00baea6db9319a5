"""Drawing, shared by the stages that draw: what is missing is drawn, kept item by item, then packed in shards."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandera.pandas as pa

from rapporteur.core.keep import ItemStore, Kept, keep, pack, packed
from rapporteur.core.pictures import load_picture
from rapporteur.core.provenance import previous_output
from rapporteur.core.tables import table_of, write_table
from rapporteur.draw.painter import Painter, picture_bytes
from rapporteur.draw.request import Request


def draw(
    requests: Sequence[Request], keys: Sequence[str], painter: Painter, store: ItemStore, out: str, label: str
) -> Kept:
    """Draw what neither the store nor the last run of the output `out` has."""
    make, before = partial(picture_bytes, painter), lambda: packed(previous_output(out))
    try:
        return keep(store, keys, requests, make, batch=lambda: painter.batch, label=label, earlier=before)
    finally:
        painter.close()


def write_pictures(
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
    homes = pack(store, [member_name(one, more) for one, more in zip(requests, extra, strict=True)], keys, folder)
    labels = {id(painter): painter.label for painter in painters}
    rows = []
    for one, painter, home, more in zip(requests, painters, homes, extra, strict=True):
        data = store.get(home["key"])
        width, height = load_picture(data, home["member"]).size
        drawn = {
            "digest": hashlib.sha256(data).hexdigest(),
            "model": labels[id(painter)],
            "engine": painter.engine,
            "width": width,
            "height": height,
        }
        rows.append(asdict(one) | home | drawn | more)
    write_table(table_of(rows, table), folder / "index.parquet", table)


def member_name(request: Request, extra: dict[str, Any]) -> str:
    """The picture's name in its shard: caption, further columns and seed; safe on every file system."""
    parts = [request.caption_id, *map(str, extra.values()), str(request.seed)]
    return "-".join(quote(part, safe="") for part in parts) + ".png"
