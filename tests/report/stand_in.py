"""What Quarto makes otherwise than the other renderer, for machines without it.

Each rule was seen in Quarto 1.8.27 and 1.10.18, run from their sources on this project in November 2026, and
test_both_renderers.py holds the real one to it wherever one is on the PATH:

- an inline expression whose Markdown is the empty string, or whose text is an empty string, is printed as its code;
- a cell with a `text/html` output brings jQuery and RequireJS from a network into the page;
- a captioned table is a figure of the kind "quarto-float-tbl", which a rule for `kind: table` does not reach;
- the identifier of each cell is drawn anew.
"""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

from qmdpress.document import Prepared, prepare, shaped
from qmdpress.html import write_html
from qmdpress.pdf import compile_typst, write_typst
from qmdpress.qmd import inline_code

REQUIRED = (
    '<script src="https://cdnjs.cloudflare.com/ajax/libs/require.js/2.3.6/require.min.js"></script>',
    '<script src="https://cdnjs.cloudflare.com/ajax/libs/jquery/3.5.1/jquery.min.js"></script>',
)


def render(path: Path, root: Path) -> dict[str, bytes]:
    """{"html": ..., "pdf": ...} of a document by Quarto's rules."""
    prepared = prepare(path, root)
    _print_code_of_the_empty(prepared)
    page = write_html(shaped(prepared, "html", root)).decode()
    cells = prepared.executed.cells.values()
    if any("text/html" in output.get("data", {}) for outputs in cells for output in outputs):
        page = page.replace("</head>", "".join(REQUIRED) + "</head>")
    page = page.replace("<main", f'<div id="{uuid.uuid4().hex[:8]}" class="cell" data-execution_count="1"></div><main')
    typst = shaped(prepared, "typst", root)
    with tempfile.TemporaryDirectory() as folder:
        source = write_typst(typst, Path(folder))
        text = source.read_text(encoding="utf-8")
        start = text.index("#show: doc => article(")  # after the template's own rules
        source.write_text(
            text[:start] + text[start:].replace("kind: table", 'kind: "quarto-float-tbl", supplement: [Tableau]'),
            encoding="utf-8",
        )
        return {"html": page.encode(), "pdf": compile_typst(source, path, typst.metadata.font_paths)}


def _print_code_of_the_empty(prepared: Prepared) -> None:
    codes = [expression for expression, _ in inline_code(prepared.document)]
    for code, output in zip(codes, prepared.executed.inline, strict=True):
        data = output["data"]
        if data.get("text/markdown", data["text/plain"].strip("'\"")) == "":
            data["text/markdown"] = f"`{{python}} {code}`"
