"""Which renderer serves, Quarto or qmdpress, and a document through it: {"html": ..., "pdf": ...}."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from qmdpress import render_preview
from rapporteur.core.errors import BadInput
from rapporteur.core.files import new_folder
from rapporteur.core.progress import progress
from rapporteur.core.spread import spread
from rapporteur.report.boundary import as_bad_input
from rapporteur.report.hooks import GUARDED, place_of
from rapporteur.report.rendered import check_rendered, finished_html

ENGINES = ("auto", "quarto", "preview")
SUFFIXES = ("html", "pdf")
OLDEST_QUARTO = (1, 8)
QUARTO_TIMEOUT_S = 600
_QUARTO_LINE = re.compile(r"\x1b\[[0-9;]*m")


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
    return {"html": finished_html(page.decode()).encode(), "pdf": pdf}


def _rendered(scratch: Path, path: Path, suffix: str) -> Path:
    """Quarto keeps a document's folder within its output folder."""
    for candidate in (scratch / path.with_suffix(f".{suffix}"), scratch / f"{path.stem}.{suffix}"):
        if candidate.is_file():
            return candidate
    raise BadInput(f"Quarto wrote no {suffix}; its `format` must hold html and typst", path)


def render_all(paths: list[Path], engine: str, root: Path, folder: Path) -> None:
    """Render and check each document into `folder`."""
    make = partial(_renderer, engine, root, folder)
    with progress("render", len(paths), "documents") as advance:
        for _ in spread(make, paths, 1 if engine == "quarto" else None):  # Quarto's notes on a project are one writer's
            advance(1)


def _renderer(engine: str, root: Path, folder: Path) -> Callable[[Path], None]:
    """What renders and checks a document."""

    def rendered(path: Path) -> None:
        if engine == "quarto":
            with new_folder(folder / "quarto") as scratch:
                made = render_quarto(path, root, scratch)
            shutil.rmtree(folder / "quarto")
        else:
            made = as_bad_input()(render_preview)(path, root)
        check_rendered(made, path, root)
        for suffix, data in made.items():
            target = folder / place_of(path.with_suffix(f".{suffix}"))
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(data)

    return rendered
