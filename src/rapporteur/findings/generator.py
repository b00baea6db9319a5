"""Findings on the sample models, from the measures that their own training recorded (a tracked JSON file)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.findings.finding import Finding, count
from rapporteur.findings.topic import Topic
from rapporteur.vocabulary.phrase import Phrase


def findings(path: Path | None) -> list[Finding]:
    """Every number of the file as `generator.<its path>`, in the file's order."""
    if path is None:
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput("the measures are missing; set `findings.measures` to null if there are none", path) from None
    except ValueError as error:
        raise BadInput(f"not JSON ({error})", path) from None
    return [
        count(
            f"generator.{name}",
            value,
            path.as_posix(),
            unit=_unit(name),
            method="reading",
            meaning=Phrase("generator", {"name": name}),
        )
        for name, value in _numbers(content)
    ]


def _numbers(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            yield f"{prefix}{name}", value


def _unit(name: str) -> str:
    last = name.rsplit(".", 1)[-1]
    return "dB" if "psnr" in last else "1"


TOPIC = Topic(
    findings=lambda given: findings(given.measures),
)
