"""The item store: every item a stage makes is kept under the hash of all that decides it.

The store lives in `.items/<stage>/`, outside DVC's outputs, because DVC deletes a stage's outputs before
it runs the stage again. A crash loses at most the item being written; a changed caption changes one key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from rapporteur.core.files import write_atomic

STORE = Path(".items")


def item_key(parts: Mapping[str, object]) -> str:
    """SHA-256 (hex) of the canonical JSON of `parts`: names sorted, UTF-8, floats as Python writes them."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class ItemStore:
    """Bytes under keys; a key is there only when its bytes are whole."""

    def __init__(self, stage: str, root: Path = STORE) -> None:
        self.folder = root / stage

    def path(self, key: str) -> Path:
        """Where the item is kept: two characters of the key make a folder, so that none grows huge."""
        return self.folder / key[:2] / key[2:]

    def has(self, key: str) -> bool:
        return self.path(key).exists()

    def get(self, key: str) -> bytes:
        return self.path(key).read_bytes()

    def put(self, key: str, data: bytes) -> None:
        write_atomic(self.path(key), data)
