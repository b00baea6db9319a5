"""Keep what is made: a stage's items, each under the hash of all that decides it.

    store = ItemStore("images")
    kept = keep(store, keys, requests, draw, batch=8, label="images", earlier=packed(previous_output(out)))

`keep` makes what is missing and nothing else: first what the last run packed is taken back (here, or on the machine of
the teammate who pushed it), then the rest is made, batch by batch, each item kept as soon as it is there. The store
lies in `.items/<stage>/`, outside DVC's outputs, because DVC deletes a stage's outputs before it runs the stage again.
A crash, a full disk or a power cut loses one batch at most. An item that was altered on the disk is known by its
digest, and made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandera.pandas as pa
import pyarrow as arrow
from pyarrow import parquet

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.core.progress import progress
from rapporteur.core.shards import ShardReader, write_shards
from rapporteur.core.tables import read_table

STORE = Path(".items")
DIGEST = 32  # bytes of an item's SHA-256, which stands behind it in its file

T = TypeVar("T")
Earlier = Callable[[set[str]], Iterable[tuple[str, bytes]]]  # of wanted keys, those that an earlier run left


def item_key(parts: Mapping[str, object]) -> str:
    """SHA-256 (hex) of the canonical JSON of `parts`: names sorted, UTF-8, floats as Python writes them."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class ItemStore:
    """Bytes under keys; a key is there only when its bytes are whole and those that were put."""

    def __init__(self, stage: str, root: Path = STORE) -> None:
        self.folder = root / stage
        self.altered: set[str] = set()  # keys whose bytes were found to be others than those that were put

    def path(self, key: str) -> Path:
        """Where the item is kept: two characters of the key make a folder, so that none grows huge."""
        return self.folder / key[:2] / key[2:]

    def has(self, key: str) -> bool:
        """Whether the item is there, whole; reads it."""
        return self._read(key) is not None

    def get(self, key: str) -> bytes:
        """The item. Raises KeyError where there is none, or an altered one."""
        data = self._read(key)
        if data is None:
            raise KeyError(key)
        return data

    def put(self, key: str, data: bytes) -> None:
        write_atomic(self.path(key), data + _digest(key, data))
        self.altered.discard(key)

    def _read(self, key: str) -> bytes | None:
        try:
            kept = self.path(key).read_bytes()
        except FileNotFoundError:
            return None
        data = kept[:-DIGEST]
        if _digest(key, data) == kept[-DIGEST:]:
            return data
        self.altered.add(key)
        return None


def _digest(key: str, data: bytes) -> bytes:
    """Of the item and its key: one that was copied to another's place is not believed either."""
    return hashlib.sha256(key.encode() + data).digest()


@dataclass(frozen=True)
class Kept:
    """How many items were made now, and how many were taken from the last run."""

    made: int
    back: int

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.made + other.made, self.back + other.back)


def missing(store: ItemStore, keys: Sequence[str]) -> list[int]:
    """Places of the keys that the store lacks, each key once, in order."""
    first: dict[str, int] = {}
    for place, key in enumerate(keys):
        first.setdefault(key, place)
    return [place for key, place in first.items() if not store.has(key)]


def keep(
    store: ItemStore,
    keys: Sequence[str],
    items: Sequence[T],
    make: Callable[[list[T]], Sequence[bytes]],
    *,
    batch: int | Callable[[], int],
    label: str,
    unit: str = "pictures",
    earlier: Callable[[], Earlier] | None = None,
) -> Kept:
    """Make what the store lacks of `items` (one key each), unless `earlier` has it.

    `make` turns a batch of items into one `bytes` each; `batch` and `earlier` are asked only when something is missing.
    """
    todo = missing(store, keys)
    if store.altered:
        print(f"{label}: {len(store.altered)} kept items were altered on the disk, and are made again")
    back = _take_back(store, {keys[place] for place in todo}, earlier) if todo and earlier else set[str]()
    todo = [place for place in todo if keys[place] not in back]
    together = (batch if isinstance(batch, int) else batch()) if todo else 1
    with progress(label, len(todo), unit) as advance:
        for start in range(0, len(todo), together):
            places = todo[start : start + together]
            for place, data in zip(places, make([items[place] for place in places]), strict=True):
                store.put(keys[place], data)
            advance(len(places))
    return Kept(len(todo), len(back))


def _take_back(store: ItemStore, wanted: set[str], earlier: Callable[[], Earlier]) -> set[str]:
    found = set()
    for key, data in earlier()(wanted):
        store.put(key, data)
        found.add(key)
    return found


# -- what an earlier run left ----------------------------------------------------------------------------------------


def packed(files: Mapping[str, Path]) -> Earlier:
    """Items that an earlier run packed in shards beside an index.parquet (key, shard, member); `files` by name."""

    def take(wanted: set[str]) -> Iterable[tuple[str, bytes]]:
        if (file := files.get("index.parquet")) is None:
            return
        try:  # of all its columns these alone, for an older version's may be fewer
            index = parquet.read_table(file, columns=["key", "shard", "member"]).to_pylist()
        except (arrow.ArrowInvalid, OSError) as error:
            raise BadInput(f"not an index of pictures ({error}); take it out of DVC's cache", file) from None
        with ShardReader(anywhere=True) as shards:
            for row in index:
                if row["key"] in wanted and row["shard"] in files:
                    yield row["key"], shards.read(str(files[row["shard"]]), row["member"])

    return take


def listed(file: Path | None, table: pa.DataFrameSchema, item: Callable[[dict[Any, Any]], bytes]) -> Earlier:
    """Items that an earlier run wrote as the rows of a table with a column `key`; `item` gives the bytes of a row.

    None where there is no such table, or one of an older version.
    """

    def take(wanted: set[str]) -> Iterable[tuple[str, bytes]]:
        if file is None:
            return
        try:
            rows = read_table(file, table)
        except BadInput:
            return
        for row in rows[rows["key"].isin(wanted)].to_dict("records"):
            yield str(row["key"]), item(row)

    return take


def pack(store: ItemStore, names: Sequence[str], keys: Sequence[str], folder: Path) -> list[dict[str, str]]:
    """Write the items as members `names` of the shards of a folder; returns the key, shard and member of each."""
    shards = write_shards(folder, ((name, store.get(key)) for name, key in zip(names, keys, strict=True)))
    rows = zip(keys, shards, names, strict=True)
    return [{"key": key, "shard": shard, "member": name} for key, shard, name in rows]
