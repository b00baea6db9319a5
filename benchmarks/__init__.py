"""Timings, each beside a peer in the same run; results/*.json holds what was measured, as ratios first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def publish(file: Path, result: Mapping[str, object]) -> None:
    """Write a result beside the others and print it."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(result, indent=2) + "\n")
    print(file.read_text())
