"""data/<name>.lock.json: where each file came from, when, its size, its SHA-256 and its licence. Kept in git."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.core.provenance import file_digest
from rapporteur.fetching.checks import Bad
from rapporteur.fetching.download import Got, Wanted, now

IN_PLACE = "already in its place"  # the source of a file that this program did not fetch


class Lock:
    """The record of one fetch, and of those before it. `files`: an entry for each path, in POSIX form."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = _read(path) if path.exists() else {}

    def add(self, target: Path, got: Got, source: str, licence: str, notes: Mapping[str, str]) -> None:
        fixed = {"source": source, "date": got.date, "size": got.size, "sha256": got.sha256, "licence": licence}
        self.files[target.as_posix()] = fixed | dict(notes)

    def holds(self, wanted: Wanted) -> bool:
        """Whether a wanted file is in its place and good: as recorded, or, where nothing is, by its check.

        One that the user put there is recorded as such.
        """
        if not wanted.target.is_file():
            return False
        size, digest = wanted.target.stat().st_size, file_digest(wanted.target)
        entry = self.files.get(wanted.target.as_posix())
        if entry is not None and (entry.get("size"), entry.get("sha256")) == (size, digest):
            return True
        if entry is not None or wanted.size not in (None, size):
            return False
        try:
            wanted.check(wanted.target)
        except Bad:
            return False
        self.add(wanted.target, Got(now(), size, digest), IN_PLACE, wanted.licence, wanted.notes)
        return True

    def write(self) -> None:
        """In the order of the paths, so that a rerun changes no byte."""
        if self.files:
            content = {"version": 1, "files": dict(sorted(self.files.items()))}
            write_atomic(self.path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        if all(isinstance(entry, dict) for entry in files.values()):
            return dict(files)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise BadInput("is no lock file; restore it (`git checkout`), or delete it: it will be written anew", path)
