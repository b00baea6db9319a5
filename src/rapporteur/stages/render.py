"""Render: the documents, in HTML and PDF.

Reads   report/<document>.qmd and what it includes, artifacts/findings and artifacts/figures; the look in report/_brand.
Writes  report/_out/<document>.{html,pdf}, those in English in report/_out/en, all of them or none: a document that
        fails leaves the old ones.
Costs   about 10 s a document on 2 cores, one kernel each, and three times that by Quarto; no model is loaded.

By Quarto (1.8 or newer) where it is on the PATH, else by `qmdpress`. Refused before: typed numbers and
placeholders in the prose, stale results; refused after: what rendered.py checks.

    python -m rapporteur.stages.render
"""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import strict
from rapporteur.core.provenance import previous_output
from rapporteur.core.stage import Stage
from rapporteur.report.guard import check_document, check_fresh
from rapporteur.report.renderer import chosen_engine, render_all

STAGE = Stage(
    "render", reads=("artifacts/findings", "artifacts/figures", "report/*", "_quarto.yml"), writes=("report/_out",)
)

SOURCES = Path("report")
OUT = STAGE.out()
DOCUMENTS = ("note", "rapport", "slides", "en/note", "en/report", "en/slides")


@strict
class RenderParams:
    """The block `render` of params.yaml."""

    documents: list[str] = field(default_factory=lambda: list(DOCUMENTS))  # names of report/<name>.qmd
    engine: str = "auto"  # auto | quarto | preview; auto: Quarto where it is on the PATH


def document_paths(names: list[str], root: Path) -> list[Path]:
    """The .qmd of each document. Raises BadInput for a name without a file, and for no name at all."""
    paths = [SOURCES / f"{name}.qmd" for name in names]
    for path in paths:
        if not (root / path).is_file():
            raise BadInput(
                f"`render.documents` names {path.relative_to(SOURCES).with_suffix('')}, but {path} is missing",
                "params.yaml",
            )
    if not paths:
        raise BadInput("`render.documents` is empty; name a document, such as note", "params.yaml")
    return paths


def keep_last(folder: Path, root: Path) -> None:
    """Put back the documents that the last dvc.lock names: DVC removes a stage's outputs before it runs the stage, and
    a render that fails must leave the last good ones.
    """
    if (root / folder).exists():
        return
    last = previous_output(folder.as_posix(), root)
    if last:
        with new_folder(root / folder) as building:
            for name, kept in last.items():
                (building / name).parent.mkdir(exist_ok=True)
                (building / name).write_bytes(kept.read_bytes())


def main() -> None:
    root = Path()
    keep_last(OUT, root)
    params = STAGE.params(RenderParams)
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
