"""Render: the documents, in HTML and PDF.

Reads   report/<document>.qmd and what it includes, artifacts/findings and artifacts/figures; the look in report/_brand.
Writes  report/_out/<document>.{html,pdf}, all of them or none: a document that fails leaves the old ones.
Costs   about 10 s a document on 2 cores, one kernel each; no model is loaded.

By Quarto where it is on the PATH, else by `rapporteur.report.preview`. Refused before: typed numbers and
placeholders in the prose, stale results; refused after: a PDF beyond its `page-limit`, a chart without its script.

    python -m rapporteur.stages.render
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import stage_params, strict
from rapporteur.core.progress import progress
from rapporteur.report.figure import BUNDLE_MARK, CHART_CLASS
from rapporteur.report.guard import GUARDED, check_document, check_fresh, check_pages
from rapporteur.report.preview import render_preview
from rapporteur.report.qmd import read_qmd

SOURCES = Path("report")
OUT = SOURCES / "_out"
ENGINES = ("auto", "quarto", "preview")
SUFFIXES = ("html", "pdf")
QUARTO_TIMEOUT_S = 600

_QUARTO_LINE = re.compile(r"\x1b\[[0-9;]*m")


@strict
class RenderParams:
    """The block `render` of params.yaml."""

    documents: list[str]  # names of report/<name>.qmd
    engine: str  # auto | quarto | preview; auto: Quarto where it is on the PATH


def chosen_engine(engine: str) -> str:
    """ "quarto" or "preview". Raises BadInput for another name, and for a Quarto that is asked for and absent."""
    if engine not in ENGINES:
        raise BadInput(f"`render.engine` is {engine!r}; known are {', '.join(ENGINES)}", "params.yaml")
    found = shutil.which("quarto") is not None
    if engine == "quarto" and not found:
        raise BadInput(
            "`render.engine` is quarto, but no `quarto` is on the PATH; install it or say auto", "params.yaml"
        )
    return "quarto" if found and engine != "preview" else "preview"


def document_paths(names: list[str], root: Path) -> list[Path]:
    """The .qmd of each document. Raises BadInput for a name without a file, and for no name at all."""
    paths = [SOURCES / f"{name}.qmd" for name in names]
    for path in paths:
        if not (root / path).is_file():
            raise BadInput(f"`render.documents` names {path.stem}, but {path} is missing", "params.yaml")
    if not paths:
        raise BadInput("`render.documents` is empty; name a document, such as note", "params.yaml")
    return paths


def render_quarto(path: Path, root: Path, scratch: Path) -> dict[str, bytes]:
    """{"html": ..., "pdf": ...} of one document by Quarto. Raises BadInput with what Quarto said when it fails."""
    command = ["quarto", "render", str(path), "--output-dir", str(scratch.resolve())]
    # Quarto takes the first Python of the PATH unless told; GUARDED spares the hooks a second check.
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable, GUARDED: "1"}
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=QUARTO_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        said = _QUARTO_LINE.sub("", done.stderr).strip().splitlines()[-20:]
        raise BadInput("Quarto failed:\n" + "\n".join(said), path)
    return {suffix: _rendered(scratch, path, suffix).read_bytes() for suffix in SUFFIXES}


def _rendered(scratch: Path, path: Path, suffix: str) -> Path:
    """Quarto keeps a document's folder within its output folder."""
    for candidate in (scratch / path.with_suffix(f".{suffix}"), scratch / f"{path.stem}.{suffix}"):
        if candidate.is_file():
            return candidate
    raise BadInput(f"Quarto wrote no {suffix}; its `format` must hold html and typst", path)


def check_rendered(made: Mapping[str, bytes], path: Path, root: Path) -> None:
    """Raises BadInput for a PDF beyond the document's page limit, and for charts whose script is absent or doubled."""
    limit = read_qmd(path, root).front.get("page-limit")
    check_pages(made["pdf"], limit, path)
    charts, bundles = made["html"].count(f'class="{CHART_CLASS}"'.encode()), made["html"].count(BUNDLE_MARK.encode())
    if bundles != bool(charts):
        raise BadInput(
            f"the page has {charts} charts and {bundles} copies of Vega; show the first chart in a cell of its own",
            path,
        )


def render_all(paths: list[Path], engine: str, root: Path, folder: Path) -> None:
    """Render and check each document into `folder`."""
    with progress("render", len(paths), "documents") as advance:
        for path in paths:
            if engine == "quarto":
                with new_folder(folder / "quarto") as scratch:
                    made = render_quarto(path, root, scratch)
                shutil.rmtree(folder / "quarto")
            else:
                made = render_preview(path, root)
            check_rendered(made, path, root)
            for suffix, data in made.items():
                (folder / f"{path.stem}.{suffix}").write_bytes(data)
            advance(1)


def main() -> None:
    root = Path()
    params = stage_params(RenderParams, "render")
    engine = chosen_engine(params.engine)
    paths = document_paths(params.documents, root)
    for path in paths:
        check_document(path, root)
    check_fresh(root)
    with new_folder(OUT) as folder:
        render_all(paths, engine, root, folder)
    print(f"render: {len(paths)} documents in HTML and PDF under {OUT}, by {engine}")


if __name__ == "__main__":
    run_stage(main)
