"""Puts what the cells made in their place: the choice of one form per output is Quarto's.

A cell with a label becomes the very div that an author would have written around its outputs, so that
figures from code and figures by hand take one way from here on.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from qmdpress import pandoc
from qmdpress.cells import INLINE_VALUE, Executed, Output, cell_number, is_cell, literal
from qmdpress.errors import BadInput
from qmdpress.pandoc import Blocks, Node
from qmdpress.qmd import Cell, Qmd

_OF_A_PAGE = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")
PREFERENCE = {
    "html": _OF_A_PAGE,
    "revealjs": _OF_A_PAGE,
    "typst": ("text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/html", "text/plain"),
}
SUFFIXES = {"image/svg+xml": ".svg", "image/png": ".png", "image/jpeg": ".jpg"}
LAYOUT = ("layout-ncol", "layout-nrow", "layout")


@dataclass
class Pictures:
    """Pictures that cells made, by the name that the tree gives them."""

    made: dict[str, bytes] = field(default_factory=dict)

    def add(self, data: bytes, suffix: str) -> str:
        name = f"made-{hashlib.sha256(data).hexdigest()[:16]}{suffix}"
        self.made[name] = data
        return name


@dataclass(frozen=True)
class Placing:
    """What is needed to put outputs in their place."""

    document: Qmd
    executed: Executed
    defaults: dict[str, Any]
    form: str
    pictures: Pictures


def place_outputs(blocks: Blocks, placing: Placing) -> Blocks:
    """A copy of `blocks` with cells and inline code replaced by what they made, in the form for `placing.form`."""

    def change(element: Node) -> Any:
        if is_cell(element):
            return _cell_blocks(placing.document.cells[cell_number(element)], placing)
        if element["t"] == INLINE_VALUE:
            return _inline(placing.executed.inline[element["c"]])
        return element

    placed: Blocks = pandoc.rewrite(blocks, change)
    return placed


def _is_comment(text: str) -> bool:
    """Whether an output is an HTML comment alone: so a value says nothing (of an empty one, Quarto prints the code)."""
    return re.fullmatch(r"\s*(<!--(?:(?!-->).)*-->\s*)*", text, re.DOTALL) is not None


def _inline(output: Output) -> list[Node]:
    data = output["data"]
    if "text/markdown" in data:
        text = data["text/markdown"]
        return [] if _is_comment(text) else pandoc.parse_inlines(text)
    return pandoc.words(literal(data["text/plain"]))


def _cell_blocks(cell: Cell, placing: Placing) -> Blocks:
    def option(name: str, default: Any) -> Any:
        return cell.options.get(name, placing.defaults.get(name, default))

    if not option("include", True):
        return []
    code = pandoc.node("CodeBlock", [pandoc.attributes("", ["python", "cell-code"]), cell.code])
    shown: Blocks = [code] if option("echo", True) else []
    if option("output", True) is False:
        return shown
    made = [
        _output_blocks(cell, output, placing)
        for output in placing.executed.cells.get(cell.number, [])
        if not _is_hidden(output, option("warning", True))
    ]
    return shown + _labelled(cell, [blocks for blocks in made if blocks])


def _is_hidden(output: Output, warning: bool) -> bool:
    return output["output_type"] == "stream" and output["name"] == "stderr" and not warning


def _output_blocks(cell: Cell, output: Output, placing: Placing) -> Blocks:
    if output["output_type"] == "stream":
        if cell.options.get("output") == "asis" and output["name"] == "stdout":
            return pandoc.parse_blocks(output["text"])
        return [_code_output(output["text"])]
    return _display(cell, output, placing)


def _code_output(text: str) -> Node:
    return pandoc.node("CodeBlock", [pandoc.attributes("", ["cell-output"]), text.rstrip("\n")])


def _display(cell: Cell, output: Output, placing: Placing) -> Blocks:
    data = output["data"]
    mime = next((kind for kind in PREFERENCE[placing.form] if kind in data), None)
    if mime is None:
        raise cell.error(f"an output of the kind {', '.join(sorted(data))} can't be shown")
    if mime == "text/markdown":
        return [] if _is_comment(data[mime]) else pandoc.parse_blocks(data[mime])
    if mime == "text/html":
        return _html(cell, data, placing.form)
    if mime in SUFFIXES:
        return [_picture(cell, data[mime], mime, output.get("metadata", {}).get(mime, {}), placing.pictures)]
    return [_code_output(data[mime])]


def _html(cell: Cell, data: dict[str, str], form: str) -> Blocks:
    if "fig-alt" in cell.options:
        raise cell.error(
            "`fig-alt` does not reach an interactive figure; its text is `alt` in artifacts/figures/index.json"
        )
    if form != "typst":
        return [pandoc.raw_block("html", data["text/html"])]
    if "<table" in data["text/html"].lower():
        return pandoc.parse_html(data["text/html"])
    return [_code_output(data["text/plain"])] if "text/plain" in data else []


def _picture(cell: Cell, data: str, mime: str, details: dict[str, Any], pictures: Pictures) -> Node:
    content = data.encode() if mime == "image/svg+xml" else base64.b64decode(data)
    name = pictures.add(content, SUFFIXES[mime])
    written = cell.options.get("fig-alt") or ("" if details.get("alt") else cell.options.get("fig-cap", ""))
    alt = pandoc.plain_text(pandoc.parse_inlines(str(written))) if written else details.get("alt", "")
    pairs = {"width": f"{details['width']}px"} if "width" in details else {}
    pairs["fig-alt"] = alt
    image = pandoc.node("Image", [pandoc.attributes("", [], pairs), [], [name, ""]])
    return pandoc.node("Para", [image])


def _labelled(cell: Cell, made: list[Blocks]) -> Blocks:
    """The outputs in the div that their label, caption and layout ask for; no output, no div."""
    label = str(cell.options.get("label", ""))
    kind = label.split("-", maxsplit=1)[0] if label.startswith(("fig-", "tbl-")) else ""
    layout = {name: str(cell.options[name]) for name in LAYOUT if name in cell.options}
    if cell.options.get("fig-subcap"):
        made = _subfigures(cell, label, made)
    content = [block for blocks in made for block in blocks]
    caption = cell.options.get(f"{kind or 'fig'}-cap") or (None if kind else cell.options.get("tbl-cap"))
    if kind and not caption:
        raise cell.error(f'"{label}" needs a caption: `#| {kind}-cap: "..."`')
    if (kind or caption) and not content:
        return []  # as in Quarto: `if_drawn` had nothing to draw in this study; a reference to it stops the render
    if "tbl-colwidths" in cell.options:
        layout["tbl-colwidths"] = str(cell.options["tbl-colwidths"])
    if not caption:
        return [pandoc.div(content, pairs=layout)] if layout else content
    closing = pandoc.node("Para", _caption(cell, str(caption)))
    classes = [] if kind else ["captioned"]
    return [pandoc.div([*content, closing], label if kind else "", classes, layout)]


def _subfigures(cell: Cell, label: str, made: list[Blocks]) -> list[Blocks]:
    captions = cell.options["fig-subcap"]
    if not isinstance(captions, list) or len(captions) != len(made):
        raise cell.error(f"`fig-subcap` must list one caption for each of the {len(made)} outputs")
    return [
        [pandoc.div([*blocks, pandoc.node("Para", _caption(cell, str(caption)))], f"{label}-{index}")]
        for index, (blocks, caption) in enumerate(zip(made, captions, strict=True), start=1)
    ]


def _caption(cell: Cell, text: str) -> list[Node]:
    try:
        return pandoc.parse_inlines(text)
    except BadInput as error:
        raise cell.error(str(error)) from None
