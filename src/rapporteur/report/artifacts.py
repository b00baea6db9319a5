"""Where the documents find what they may read: `artifacts/findings` and `artifacts/figures`, nothing else."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput

FINDINGS = Path("artifacts/findings")
FIGURES = Path("artifacts/figures")
MARKERS = ("_quarto.yml", "dvc.yaml")


def project_root(start: Path | None = None) -> Path:
    """The nearest folder upwards that holds `_quarto.yml` or `dvc.yaml`.

    Quarto runs a document's code in the project or in the document's own folder, by its settings:
    reading through this makes both the same. Raises BadInput outside a project.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if any((folder / marker).is_file() for marker in MARKERS):
            return folder
    raise BadInput(f"no {' or '.join(MARKERS)} here or above; run from inside the project", here)


def inside_project(path: Path, root: Path) -> Path:
    """`path`, given from the current folder, as seen from the project's root. Raises BadInput for one outside."""
    try:
        return path.resolve().relative_to(root.resolve())
    except ValueError:
        raise BadInput(f"the document lies outside the project {root}", path) from None


def read_json(path: Path, stage: str) -> Any:
    """The content of a JSON artifact; it is read once as long as the file does not change.

    Raises BadInput naming the stage that makes it, when it is missing or not JSON.
    """
    if not path.is_file():
        raise BadInput(f"missing; run `dvc repro {stage}` (or `dvc pull`) first", path)
    return _read_json(path, path.stat().st_mtime_ns, stage)


@lru_cache(maxsize=8)
def _read_json(path: Path, modified: int, stage: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"not JSON ({error}); run `dvc repro -f {stage}`", path) from None


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause that helps who mistyped a name."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    if near:
        return "did you mean " + " or ".join(f'"{other}"' for other in near) + "?"
    return "none is known yet" if not names else f"{len(names)} are known, such as {', '.join(names[:3])}"
