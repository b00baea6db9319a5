"""`python -m rapporteur.report.preview report/note.qmd [--out DIR]`: one document, without the guard."""

from __future__ import annotations

import argparse
from pathlib import Path

from rapporteur.core.errors import run_stage
from rapporteur.core.files import write_atomic
from rapporteur.report.artifacts import inside_project, project_root
from rapporteur.report.preview.document import render_preview


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document", type=Path)
    parser.add_argument("--out", type=Path, default=Path("report/_out"))
    arguments = parser.parse_args()
    root = project_root()
    made = render_preview(inside_project(arguments.document, root), root)
    for suffix, data in made.items():
        path = arguments.out / f"{arguments.document.stem}.{suffix}"
        write_atomic(path, data)
        print(f"{path}: {len(data) / 1e6:.2f} MB")


if __name__ == "__main__":
    run_stage(main)
