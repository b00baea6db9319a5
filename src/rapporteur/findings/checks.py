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
from rapporteur.findings.topic import Topic

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
    found = {benchmark: _read(folder / f"{benchmark}.json") for benchmark in (SHAPES, TIFA)}
    counts = [
        _check(name, label, "count", found[benchmark], key, folder / f"{benchmark}.json")
        for name, (label, benchmark, key) in COUNTS.items()
    ]
    return counts + [
        _check(name, label, unit, found[benchmark], key, folder / f"{benchmark}.json")
        for name, (label, unit, benchmark, key) in ESTIMATES.items()
    ]


def _read(path: Path) -> Any:
    """What a benchmark wrote; None where it was not run."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BadInput(f"not JSON ({error}); run python -m benchmarks.{path.stem}", path) from None


def _check(name: str, label: str, unit: str, content: Any, key: str, path: Path) -> Finding:
    source = path.as_posix()
    if content is None:
        return absent(name, label, unit, source, f"contrôle non fait : python -m benchmarks.{path.stem}")
    part = _part(content, key, path)
    if unit == "count":
        return count(name, label, part, source)
    method = str(part.get("method", "Wilson, taille efficace, grappes par demande"))
    return Finding(name, label, part["value"], unit, part["n"], method, source, part["low"], part["high"])


def _part(content: Any, key: str, path: Path) -> Any:
    """What a result holds under a dotted key."""
    for name in key.split("."):
        if not isinstance(content, Mapping) or name not in content:
            raise BadInput(f"there is no `{key}` in it; run python -m benchmarks.{path.stem}", path)
        content = content[name]
    return content


TOPIC = Topic(
    findings=lambda given: findings(),
)
