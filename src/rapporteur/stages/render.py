"""Render: the documents, in HTML and PDF.

Reads   report/<document>.qmd and what it includes, artifacts/findings and artifacts/figures; the look in report/_brand.
Writes  report/_out/<document>.{html,pdf}, all of them or none: a document that fails leaves the old ones.
Costs   about 10 s a document on 2 cores, one kernel each, and three times that by Quarto; no model is loaded.

By Quarto (1.8 or newer) where it is on the PATH, else by `qmdpress`. Refused before: typed numbers and
placeholders in the prose, stale results; refused after: what rendered.py checks.

    python -m rapporteur.stages.render
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import field
from pathlib import Path

from qmdpress import render_preview
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import strict
from rapporteur.core.progress import progress
from rapporteur.core.provenance import previous_output
from rapporteur.core.stage import Stage
from rapporteur.report.boundary import as_bad_input
from rapporteur.report.guard import check_document, check_fresh
from rapporteur.report.hooks import GUARDED
from rapporteur.report.rendered import check_rendered, stable_html

STAGE = Stage(
    "render", reads=("artifacts/findings", "artifacts/figures", "report/*", "_quarto.yml"), writes=("report/_out",)
)

SOURCES = Path("report")
OUT = STAGE.out()
ENGINES = ("auto", "quarto", "preview")
SUFFIXES = ("html", "pdf")
OLDEST_QUARTO = (1, 8)
QUARTO_TIMEOUT_S = 600

_QUARTO_LINE = re.compile(r"\x1b\[[0-9;]*m")


@strict
class RenderParams:
    """The block `render` of params.yaml."""

    documents: list[str] = field(default_factory=lambda: ["note", "rapport"])  # names of report/<name>.qmd
    engine: str = "auto"  # auto | quarto | preview; auto: Quarto where it is on the PATH


def chosen_engine(engine: str) -> str:
    """ "quarto" or "preview"; with `auto`, a Quarto that can't serve is said and the other renderer serves.

    Raises BadInput for another name, and for a Quarto that is asked for and absent, broken or too old.
    """
    if engine not in ENGINES:
        raise BadInput(f"`render.engine` is {engine!r}; known are {', '.join(ENGINES)}", "params.yaml")
    if engine == "preview":
        return "preview"
    fault = quarto_fault()
    if not fault:
        return "quarto"
    if engine == "quarto":
        raise BadInput(f"`render.engine` is quarto, but {fault}; mend it or say auto", "params.yaml")
    if shutil.which("quarto") is not None:
        print(f"render: {fault}; the other renderer serves", file=sys.stderr)
    return "preview"


def quarto_fault() -> str:
    """What keeps the Quarto of the PATH from rendering, "" for nothing."""
    program = shutil.which("quarto")
    if program is None:
        return "no `quarto` is on the PATH"
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"`{program}` does not run ({error})"
    found = re.match(r"(\d+)\.(\d+)", done.stdout.strip())
    if done.returncode != 0 or not found:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        return f"`{program} --version` fails (it says: {said})"
    if (int(found[1]), int(found[2])) < OLDEST_QUARTO:
        return f"`{program}` is {done.stdout.strip()}, older than {'.'.join(map(str, OLDEST_QUARTO))}"
    return ""


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
        raise BadInput("Quarto failed; the last documents are still in place:\n" + "\n".join(said), path)
    page, pdf = (_rendered(scratch, path, suffix).read_bytes() for suffix in SUFFIXES)
    return {"html": stable_html(page.decode()).encode(), "pdf": pdf}


def _rendered(scratch: Path, path: Path, suffix: str) -> Path:
    """Quarto keeps a document's folder within its output folder."""
    for candidate in (scratch / path.with_suffix(f".{suffix}"), scratch / f"{path.stem}.{suffix}"):
        if candidate.is_file():
            return candidate
    raise BadInput(f"Quarto wrote no {suffix}; its `format` must hold html and typst", path)


def render_all(paths: list[Path], engine: str, root: Path, folder: Path) -> None:
    """Render and check each document into `folder`."""
    with progress("render", len(paths), "documents") as advance:
        for path in paths:
            if engine == "quarto":
                with new_folder(folder / "quarto") as scratch:
                    made = render_quarto(path, root, scratch)
                shutil.rmtree(folder / "quarto")
            else:
                made = as_bad_input()(render_preview)(path, root)
            check_rendered(made, path, root)
            for suffix, data in made.items():
                (folder / f"{path.stem}.{suffix}").write_bytes(data)
            advance(1)


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
