"""`python -m qmdpress report/note.qmd [--out DIR]`: one document, without the guard."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from qmdpress.document import render_preview
from qmdpress.errors import BadInput
from qmdpress.project import inside_project, project_root


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document", type=Path)
    parser.add_argument("--out", type=Path, default=Path("report/_out"))
    arguments = parser.parse_args()
    try:
        root = project_root()
        made = render_preview(inside_project(arguments.document, root), root)
    except BadInput as error:
        sys.exit(f"error: {error}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for suffix, data in made.items():
        path = arguments.out / f"{arguments.document.stem}.{suffix}"
        path.write_bytes(data)
        print(f"{path}: {len(data) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
