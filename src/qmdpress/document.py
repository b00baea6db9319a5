"""One document from its .qmd to HTML and PDF: read, run once, then shape and write for each format."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qmdpress import pandoc
from qmdpress.cells import CELL_CLASS, Executed, check_options, run_cells
from qmdpress.crossref import number_and_link
from qmdpress.errors import BadInput
from qmdpress.html import write_html
from qmdpress.metadata import Metadata, forms, read_metadata
from qmdpress.options import Notes
from qmdpress.outputs import Pictures, Placing, place_outputs
from qmdpress.page import Page
from qmdpress.pandoc import Blocks, Node
from qmdpress.pdf import write_pdf
from qmdpress.project import nearest
from qmdpress.qmd import Line, Qmd, prose, read_qmd, shortcodes
from qmdpress.slides import write_slides
from qmdpress.structure import Structurer

PAGE_BREAK_CLASS = "rapporteur-page-break"
SUFFIX = {"html": "html", "revealjs": "html", "typst": "pdf"}
WRITERS: dict[str, Callable[[Page], bytes]] = {"html": write_html, "revealjs": write_slides, "typst": write_pdf}
_PAGE_BREAK = re.compile(r"^\s*\{\{<\s*pagebreak\s*>\}\}\s*$")
_RAW_HTML = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")


@dataclass(frozen=True)
class Prepared:
    """A document read and run: what both formats are made from."""

    document: Qmd
    blocks: Blocks
    executed: Executed
    metadata: dict[str, Metadata]
    notes: Notes


def render_preview(path: Path, root: Path) -> dict[str, bytes]:
    """{"html": page or slides, "pdf": pages} of a .qmd. Raises BadInput naming the file, the line and the construct."""
    prepared = prepare(path, root)
    made = {SUFFIX[form]: write(prepared, form, root) for form in prepared.metadata}
    if prepared.notes.said:
        print(prepared.notes.text(), file=sys.stderr)
    return made


def prepare(path: Path, root: Path) -> Prepared:
    """Read a document and run its code."""
    document = read_qmd(path, root)
    notes = Notes()
    page, pdf = forms(document)
    metadata = {form: read_metadata(document, form, root, notes) for form in (page, pdf)}
    check_options(document, notes)
    check_shortcodes(document)
    check_raw_html(document)
    text, lines = markdown(document)
    try:
        blocks = pandoc.parse_document(text)
    except pandoc.PandocWarning as warning:
        where = lines[min(warning.input_line, len(lines)) - 1] if warning.input_line and lines else Line("", path, 1)
        raise where.error(str(warning)) from None
    executed = run_cells(document, blocks, metadata[page].execute, root)
    return Prepared(document, blocks, executed, metadata, notes)


def shaped(prepared: Prepared, form: str, root: Path) -> Page:
    """The document for one format: outputs in place, constructs known, numbers and links set."""
    document, metadata, pictures = prepared.document, prepared.metadata[form], Pictures()
    placing = Placing(document, prepared.executed, metadata.execute, form, pictures)
    placed = place_outputs(pandoc.rewrite(prepared.blocks, _page_break), placing)
    structured = Structurer(document, form, prepared.notes).blocks(placed)
    return Page(document, number_and_link(structured, document, metadata), metadata, pictures, root)


def write(prepared: Prepared, form: str, root: Path) -> bytes:
    """The document in one format."""
    page = shaped(prepared, form, root)
    try:
        return WRITERS[form](page)
    except pandoc.PandocWarning as warning:
        raise BadInput(str(warning), prepared.document.path) from None


def markdown(document: Qmd) -> tuple[str, list[Line]]:
    """The body for pandoc, cells as marked code blocks, and for each of its lines where it was written."""
    text: list[str] = []
    lines: list[Line] = []
    for segment in document.segments:
        if segment.cell is None:
            pairs = [(_marked(line.text) if segment.kind == "prose" else line.text, line) for line in segment.lines]
        else:
            opening = segment.lines[0]
            indent = opening.text[: len(opening.text) - len(opening.text.lstrip())]
            mark = f'{indent}``` {{.{CELL_CLASS} number="{segment.cell.number}"}}'
            pairs = [(mark, opening), (f"{indent}```", opening)]
        text += [pair[0] for pair in pairs]
        lines += [pair[1] for pair in pairs]
    return "\n".join(text) + "\n", lines


def _marked(text: str) -> str:
    return f"`{PAGE_BREAK_CLASS}`" if _PAGE_BREAK.match(text) else text


def _page_break(element: Node) -> Node:
    """A paragraph that is the page-break mark alone becomes a PageBreak."""
    if (
        element["t"] == "Para"
        and [inline["t"] for inline in element["c"]] == ["Code"]
        and element["c"][0]["c"][1] == PAGE_BREAK_CLASS
    ):
        return pandoc.node("PageBreak")
    return element


def check_shortcodes(document: Qmd) -> None:
    """Raises BadInput for a shortcode other than include (already done) and pagebreak on its own line."""
    for name, line in shortcodes(document):
        if not _PAGE_BREAK.match(line.text):
            hint = nearest(name, ["include", "pagebreak"])
            raise line.error(f"the shortcode {{{{< {name} >}}}} is not known here; {hint}, each alone on its line")


def check_raw_html(document: Qmd) -> None:
    """Raises BadInput for HTML typed in the prose: it would vanish from the PDF."""
    for passage in prose(document):
        found = _RAW_HTML.search(passage.text)
        if found:
            raise passage.line_at(found.start()).error(
                f"the HTML {found[0]} would vanish from the PDF; write Markdown, or a ```{{=html}} block"
            )
