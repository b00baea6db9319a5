"""What the measures are worth: the tracked results of benchmarks on public pictures and ratings, as findings.

They say nothing of the study; they say how far its colour measure agrees with the eye, and CLIP with people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.findings.finding import Finding, absent, count

RESULTS = Path("benchmarks/results")
SHAPES, TIFA = "shapes_obedience", "tifa"
COUNTS = {
    "check.shapes_pictures": ("images de formes demandées à DALL·E mini", SHAPES, "pictures"),
    "check.tifa_pictures": ("images de TIFA, notées par deux personnes", TIFA, "pictures"),
}
ESTIMATES = {
    "check.shapes_subject": ("couleur demandée présente sur le sujet", "share", SHAPES, "subject.all"),
    "check.shapes_background": ("couleur demandée présente sur le fond", "share", SHAPES, "background.all"),
    "check.eye_subject": ("même nom de couleur que l’œil, sujet", "share", SHAPES, "eye.subject.same_name"),
    "check.eye_background": ("même nom de couleur que l’œil, fond", "share", SHAPES, "eye.background.same_name"),
    "check.tifa_kendall": ("corrélation CLIPScore–notes de TIFA (Kendall)", "1", TIFA, "kendall"),
    "check.tifa_alpha": ("alpha de Krippendorff entre les deux personnes de TIFA", "1", TIFA, "alpha"),
}


def findings(folder: Path = RESULTS) -> list[Finding]:
    """Each check, absent where its benchmark was not run. Raises BadInput for a file that is not what it writes."""
    counts = [_count(name, *asked, folder) for name, asked in COUNTS.items()]
    return [*counts, *[_estimate(name, *asked, folder) for name, asked in ESTIMATES.items()]]


def _count(name: str, label: str, benchmark: str, key: str, folder: Path) -> Finding:
    path = folder / f"{benchmark}.json"
    if not path.is_file():
        return absent(name, label, "count", path.as_posix(), _not_run(benchmark))
    return count(name, label, _part(path, key), path.as_posix())


def _estimate(name: str, label: str, unit: str, benchmark: str, key: str, folder: Path) -> Finding:
    path = folder / f"{benchmark}.json"
    if not path.is_file():
        return absent(name, label, unit, path.as_posix(), _not_run(benchmark))
    found: Mapping[str, Any] = _part(path, key)
    method = str(found.get("method", "Wilson, taille efficace, grappes par demande"))
    return Finding(name, label, found["value"], unit, found["n"], method, path.as_posix(), found["low"], found["high"])


def _not_run(benchmark: str) -> str:
    return f"contrôle non fait : python -m benchmarks.{benchmark}"


def _part(path: Path, key: str) -> Any:
    """What a file holds under a dotted key."""
    try:
        part = json.loads(path.read_text(encoding="utf-8"))
        for name in key.split("."):
            part = part[name]
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"there is no `{key}` in it; run python -m benchmarks.{path.stem}", path) from None
    return part
