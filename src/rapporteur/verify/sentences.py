"""Which sentences of the documents other findings would change: their code is run with each, and what it says compared.

The documents are those of the working tree, as are the figures: only the numbers differ. A cell's or an expression's
text is compared whole; an error is a text too.

    python -m rapporteur.verify.sentences ROOT DOCUMENT...    (in a folder that has artifacts/findings: prints JSON)
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qmdpress.qmd import inline_code, read_qmd
from rapporteur.core.errors import BadInput
from rapporteur.core.params import PIPELINE_FILE
from rapporteur.report.guard import language_of
from rapporteur.report.hooks import documents_in
from rapporteur.report.language import speaking

REPORT = Path("report")


@dataclass(frozen=True)
class Said:
    """What a place of a document says."""

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Changed:
    """A place that says something else now."""

    file: str
    line: int
    was: str
    now: str


def changed(root: Path, was: Path, now: Path) -> list[Changed]:
    """What the study's documents say otherwise; `was` and `now` are folders with artifacts/findings.

    Raises BadInput where a document can't be run.
    """
    documents = documents_in(root / REPORT)
    former, present = (_said(root, documents, folder) for folder in (was, now))
    pairs = zip(former, present, strict=True)
    return [Changed(one.file, one.line, one.text, other.text) for one, other in pairs if one.text != other.text]


def _said(root: Path, documents: Sequence[Path], folder: Path) -> list[Said]:
    (folder / PIPELINE_FILE).touch()  # what makes a folder a study to those who look for one
    if (root / "artifacts/figures").is_dir():
        (folder / "artifacts/figures").symlink_to((root / "artifacts/figures").resolve())
    command = [sys.executable, "-m", "rapporteur.verify.sentences", str(root.resolve()), *map(str, documents)]
    code = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run(command, cwd=folder, env=code, check=False, capture_output=True, text=True)
    if run.returncode:
        raise BadInput(
            f"the documents can't be run: {(run.stderr.strip().splitlines() or ['no reason'])[-1]}", root / REPORT
        )
    return [Said(**said) for said in json.loads(run.stdout)]


def speak(path: Path, root: Path) -> Iterator[Said]:
    """What the code of a document says with the findings of the current folder: cells, then inline expressions."""
    document = read_qmd(path, root)
    names: dict[str, Any] = {}
    with speaking(language_of(document)):
        for cell in document.cells:
            yield Said(_place(cell.place.file, root), cell.place.number, _said_or_raised(cell.code, names))
        for expression, line in inline_code(document):
            yield Said(_place(line.file, root), line.number, _said_or_raised(expression, names))


def _place(file: Path, root: Path) -> str:
    """A file as it is called in the study."""
    return Path(os.path.relpath(file, root)).as_posix() if file.is_absolute() else file.as_posix()


def result(code: str, names: dict[str, Any]) -> str:
    """The text of the last expression, as a cell shows it; "" where the code ends with a statement."""
    *before, last = ast.parse(code).body or [ast.Pass()]
    exec(compile(ast.Module(before, []), "cell", "exec"), names)
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([last], []), "cell", "exec"), names)
        return ""
    return str(eval(compile(ast.Expression(last.value), "cell", "eval"), names))


def _said_or_raised(code: str, names: dict[str, Any]) -> str:
    """The text of the last expression; of an error its message."""
    try:
        return result(code, names).replace(str(Path.cwd()), "")  # a figure's text says where its files are
    except Exception as error:  # a document's code may raise anything, and both versions of it are compared
        return f"{type(error).__name__}: {error}"


def main() -> None:
    root, *documents = map(Path, sys.argv[1:])
    told = [said for path in documents for said in speak(path, root)]
    print(json.dumps([vars(said) for said in told], ensure_ascii=False))


if __name__ == "__main__":
    main()
