"""How many numbers a safetensors file holds, from its header alone: no weight is read."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

from rapporteur.core.errors import BadInput


def parameter_count(folder: Path) -> int:
    """Parameters in the folder's safetensors files (a JSON header behind eight bytes of length, each)."""
    return sum(_file_count(path) for path in sorted(folder.glob("*.safetensors")))


def _file_count(path: Path) -> int:
    try:
        with path.open("rb") as stream:
            header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    except ValueError as error:
        raise BadInput(f"not a safetensors file ({error}); remove it and run `dvc repro`", path) from None
    return sum(prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
