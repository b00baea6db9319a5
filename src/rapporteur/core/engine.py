"""The local engine: make the items that are missing, batch by batch, and keep each as soon as it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from rapporteur.core.items import ItemStore
from rapporteur.core.progress import progress

T = TypeVar("T")


def missing(store: ItemStore, keys: Sequence[str]) -> list[int]:
    """Places of the keys that the store lacks, each key once, in order."""
    seen: set[str] = set()
    places = []
    for place, key in enumerate(keys):
        if key not in seen and not store.has(key):
            places.append(place)
        seen.add(key)
    return places


def make_missing(
    store: ItemStore,
    keys: Sequence[str],
    items: Sequence[T],
    make: Callable[[list[T]], Sequence[bytes]],
    batch: int,
    label: str,
    unit: str = "items",
) -> int:
    """Make what the store lacks of `items` (one key each); returns how many were made.

    `make` turns a batch of items into one `bytes` each. After a crash at most one batch is made again.
    """
    todo = missing(store, keys)
    with progress(label, len(todo), unit) as advance:
        for start in range(0, len(todo), batch):
            places = todo[start : start + batch]
            for place, data in zip(places, make([items[place] for place in places]), strict=True):
                store.put(keys[place], data)
            advance(len(places))
    return len(todo)
