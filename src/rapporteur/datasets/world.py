"""The drawn world's pictures as items, and as files in a layout."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from drawn_world.album import Leaf
from drawn_world.layout import Captioned, jpeg_bytes
from drawn_world.paint import Picture, seed_from
from drawn_world.shapes import Shape, draw_shape
from rapporteur.core.code import code_version
from rapporteur.core.keep import Earlier, ItemStore, Kept, item_key, keep
from rapporteur.core.provenance import previous_output


@dataclass(frozen=True)
class Work:
    """A picture to draw: its place in a layout, the key of all that decides it, and how it is drawn."""

    entry: Captioned
    key: str
    draw: Callable[[], Picture]


def picture_bytes(work: Work) -> bytes:
    """The item: the picture as JPEG."""
    return jpeg_bytes(work.draw())


def shape_work(captions: Sequence[tuple[int, str, Shape]], seed: int, size: int) -> list[Work]:
    """The picture of a caption depends on its text and the world's seed, never on its line."""
    code = code_version(shape_work, picture_bytes)
    work = []
    for number, caption, shape in captions:
        own = seed_from("study shape", seed, caption)
        key = item_key({"shape": dataclasses.asdict(shape), "seed": own, "size": size, "code": code})
        entry = Captioned(number, f"{number:012d}.jpg", "test", (caption,))
        work.append(Work(entry, key, lambda shape=shape, own=own: draw_shape(shape, own, size)))  # type: ignore[misc]
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
    write_csv(folder / "keys.csv", ("file_name", "key"), [(one.entry.file_name, one.key) for one in work])
    return [one.entry for one in work]


def write_csv(path: Path, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    lines = [",".join(row) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
