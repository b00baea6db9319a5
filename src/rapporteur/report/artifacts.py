"""Where the documents find what they may read: `artifacts/findings` and `artifacts/figures`, nothing else."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from qmdpress import project
from qmdpress.project import nearest
from rapporteur.core.errors import BadInput
from rapporteur.report.boundary import as_bad_input
from rapporteur.report.language import DEFAULT

__all__ = ["FIGURES", "FINDINGS", "figures_in", "inside_project", "nearest", "project_root", "read_json"]

FINDINGS = Path("artifacts/findings")
FIGURES = Path("artifacts/figures")


def figures_in(language: str) -> Path:
    """Where figures in a language lie: French ones in artifacts/figures, others in a folder of it."""
    return FIGURES if language == DEFAULT else FIGURES / language


project_root = as_bad_input()(project.project_root)
inside_project = as_bad_input()(project.inside_project)


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
