"""File names as people and systems write them: found whatever their Unicode normal form, and counted by their ending.

A name with an accent has two spellings in Unicode: zips and disks of macOS hold the decomposed one (NFD), most captions
the composed one (NFC). On Linux they are two names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from unicodedata import normalize

from rapporteur.core.files import is_junk
from rapporteur.core.pictures import ENDINGS, safe_join


class Names:
    """What lies under a folder; each folder is listed once, for to ask the disk for each of 100,000 names is slow."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._entries: dict[Path, frozenset[str]] = {}
        self._composed: dict[Path, dict[str, str]] = {}
        self._asked: dict[Path, set[str]] = {}

    def find(self, name: str) -> Path | None:
        """The file of this name under the root, None where there is none. Raises BadInput for a name that leaves it."""
        at = self.root
        for part in safe_join(self.root, name).relative_to(self.root).parts:
            actual = self._actual(at, part)
            if actual is None:
                return None
            self._asked[at].add(actual)
            at /= actual
        return at if at.exists() else None  # a link may lead nowhere

    def near(self, name: str) -> str | None:
        """The name beside which a missing one differs in its case alone."""
        home, _, last = name.rpartition("/")
        at = self.find(home) if home else self.root
        known = self._list(at) if at is not None and at.is_dir() else frozenset()
        return next((entry for entry in sorted(known) if entry.casefold() == last.casefold()), None)

    def unasked(self) -> int:
        """How many pictures of the folders looked into no name asked for."""
        return sum(
            is_picture(entry)
            for at, entries in self._entries.items()
            for entry in entries - self._asked[at]
        )  # fmt: skip

    def _actual(self, at: Path, part: str) -> str | None:
        entries = self._list(at)
        return part if part in entries else self._composed[at].get(normalize("NFC", part))

    def _list(self, at: Path) -> frozenset[str]:
        if at not in self._entries:
            entries = frozenset(entry.name for entry in at.iterdir()) if at.is_dir() else frozenset[str]()
            self._entries[at], self._asked[at] = entries, set()
            self._composed[at] = {normalize("NFC", name): name for name in entries if not name.isascii()}
        return self._entries[at]


def is_picture(name: str) -> bool:
    """Whether a file's name says that it is a picture, and not what a system leaves beside one."""
    return Path(name).suffix.lower() in ENDINGS and not is_junk(Path(name))


def csv_files(folder: Path) -> tuple[list[Path], Counter[str]]:
    """The CSVs of a folder, sorted by name, and how many other files it has, by ending: notes (.md) and junk apart."""
    files, others = list[Path](), Counter[str]()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if is_junk(Path(path.name)) or path.name.startswith(".") or path.suffix.lower() == ".md":
            continue
        if path.suffix.lower() == ".csv" and path.is_file():
            files.append(path)
        else:
            others["folders" if path.is_dir() else path.suffix.lower() or "without an ending"] += 1
    return files, others


def left_out(counts: Mapping[str, int]) -> str:
    """What a stage or a verb left out, and why: "; left out: 3 …, 1 …", and nothing where it left out nothing."""
    said = [f"{number} {what}" for what, number in counts.items() if number]
    return f"; left out: {', '.join(said)}" if said else ""


def kinds(others: Counter[str], most: int = 8) -> str:
    """The endings of files that were passed over: ".txt, .mp4, …"."""
    return ", ".join(kind for kind, _ in others.most_common(most)) + (", …" if len(others) > most else "")
