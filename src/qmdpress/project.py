"""The project that a document belongs to, its YAML, and help for who mistyped a name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from qmdpress.errors import BadInput

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


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping. Raises BadInput for anything else."""
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise BadInput(f"not valid YAML: {getattr(error, 'problem', error)}", path, line) from None
    if not isinstance(content, dict):
        raise BadInput("expected `name: value` lines at the top level", path)
    return content


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause that helps who mistyped a name."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    if near:
        return "did you mean " + " or ".join(f'"{other}"' for other in near) + "?"
    return "none is known yet" if not names else f"{len(names)} are known, such as {', '.join(names[:3])}"
