"""Writes the PDF: pandoc's Typst, set by report/_brand's template, compiled by the typst package.

It is PDF/UA-1 where Typst can make it so: tagged, named and readable aloud, its pictures and formulas with a text. A
document that keeps it from that (a heading of the second level comes first) is written all the same, and that is said.
Only the fonts of `font-paths` and those inside the typst package are used: pages break alike on every machine.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typst

from qmdpress import pandoc
from qmdpress.errors import BadInput
from qmdpress.images import Picture, picture
from qmdpress.metadata import Metadata
from qmdpress.page import Lowering, Page, caption_inlines
from qmdpress.pandoc import Blocks, Node

POINTS = {"px": 0.75, "pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4}
# Of TeX, what says how a formula is set and not what it is; and what stands for words in it.
_SET = re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])|\\[,;:!]|\\q?quad(?![A-Za-z])|\\(?= )")
_WORDS = re.compile(r"\\(?:text|mathrm|operatorname)\s*\{([^{}]*)\}")
SETTINGS = ("papersize", "margin", "fontsize", "mainfont", "toc", "toc-depth")


SPECIAL = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}  # in a string of Typst


def write_pdf(page: Page) -> bytes:
    """The PDF. Raises BadInput for what pandoc or Typst warn of."""
    with tempfile.TemporaryDirectory() as folder:
        source, path, fonts = write_typst(page, Path(folder)), page.document.path, page.metadata.font_paths
        try:
            return compile_typst(source, path, fonts, accessible=True)
        except NotAccessible as error:
            print(f"note: {error}; its PDF is none", file=sys.stderr)
            return compile_typst(source, path, fonts)


class NotAccessible(BadInput):
    """What keeps a document from being PDF/UA-1."""


def write_typst(page: Page, folder: Path) -> Path:
    """`document.typ` in `folder`, with its pictures beside it: Typst reads nothing outside its root."""
    lowered = pandoc.rewrite(page.blocks, lambda element: _lower(element, page, folder))
    tree = {"pandoc-api-version": pandoc.api_version(), "meta": {}, "blocks": lowered}
    arguments = [
        "-f", "json", "-t", "typst-citations", "--standalone", "--wrap=none", "--syntax-highlighting=none",
        f"--template={page.brand('preview.typ')}", *page.arguments(),
    ]  # fmt: skip
    numbering = page.metadata.get("section-numbering", "1.1") if page.metadata.flag("number-sections") else None
    variables = page.variables(*SETTINGS) | {"section-numbering": numbering}
    path = folder / "document.typ"
    path.write_text(pandoc.run_with_metadata(arguments, json.dumps(tree), variables), encoding="utf-8")
    return path


def compile_typst(source: Path, document: Path, fonts: Sequence[Path] = (), *, accessible: bool = False) -> bytes:
    """The PDF of a Typst file.

    accessible: held to PDF/UA-1.
    Raises BadInput for an error or a warning, such as a font that is not there, and NotAccessible for a fault that only
    PDF/UA-1 knows.
    """
    try:
        pdf, warnings = typst.compile_with_warnings(
            str(source), root=str(source.parent), ignore_system_fonts=True, font_paths=[str(path) for path in fonts],
            pdf_standards=["ua-1"] if accessible else [],
        )  # fmt: skip
    except typst.TypstError as error:
        if str(error).startswith("PDF/UA-1 error"):
            raise NotAccessible(f"typst says: {error}", document) from None
        raise BadInput(f"typst says: {error}", document) from None
    if warnings:
        raise BadInput(f"typst warns: {warnings[0]}", document)
    return bytes(pdf)


def _lower(element: Node, page: Page, folder: Path) -> Any:
    kind = element["t"]
    if kind == "Image":
        shown = picture(element, page)
        (folder / shown.file_name).write_bytes(shown.data)
        return pandoc.raw_inline("typst", _image(shown))
    if kind == "Math":
        said = typst_string(formula_text(element["c"][1]))
        return [_inline(f"#[#set math.equation(alt: {said});"), element, _inline("]")]
    if kind == "Header":
        level, (identifier, classes, _), content = element["c"]
        return pandoc.node("Header", [level, [identifier, classes, []], content])
    return LOWERINGS[kind](element.get("c"), page.metadata) if kind in LOWERINGS else element


def _image(shown: Picture) -> str:
    sides = {"width": shown.width, "height": shown.height}
    lengths = "".join(f", {name}: {_length(size)}" for name, size in sides.items() if size)
    return f"#box(image({typst_string(shown.file_name)}{lengths}, alt: {typst_string(shown.alt)}))"


def _length(size: tuple[float, str]) -> str:
    number, unit = size
    return f"{number:g}{unit}" if unit in ("%", "em") else f"{number * POINTS[unit]:g}pt"


def typst_string(text: str) -> str:
    """The text as a string of Typst, on one line."""
    escaped = "".join(SPECIAL.get(one) or (f"\\u{{{ord(one):x}}}" if one < " " else one) for one in text)
    return f'"{escaped}"'


def formula_text(tex: str) -> str:
    """A formula as its readers aloud hear it: its TeX without what only sets it."""
    return " ".join(_WORDS.sub(r"\1", _SET.sub(" ", tex)).split())


def _inline(text: str) -> Node:
    return pandoc.raw_inline("typst", text)


def _raw(text: str) -> Node:
    return pandoc.raw_block("typst", text)


def _float(content: dict[str, Any], metadata: Metadata) -> Blocks:
    caption = caption_inlines(content, metadata)
    inner = content["content"]
    if len(inner) == 1 and inner[0]["t"] == "Table":
        return [_captioned_table(inner[0], caption, content["id"])]
    position = "top" if metadata.caption_above(content["kind"]) else "bottom"
    kind = {"fig": "image", "tbl": "table"}[content["kind"]]
    closing = [
        pandoc.raw_inline("typst", f"], caption: figure.caption(position: {position})["),
        *caption,
        pandoc.raw_inline("typst", f"]){_label(content['id'])}"),
    ]
    if not caption:
        closing = [pandoc.raw_inline("typst", f"]){_label(content['id'])}")]
    return [_raw(f"#figure(kind: {kind}, ["), *inner, pandoc.node("Plain", closing)]


def _captioned_table(table: Node, caption: list[Node], identifier: str) -> Node:
    _, _, *rest = table["c"]
    return pandoc.node("Table", [pandoc.attributes(identifier), [None, [pandoc.node("Plain", caption)]], *rest])


def _label(identifier: str) -> str:
    return f" <{identifier}>" if identifier else ""


def _callout(content: dict[str, Any], metadata: Metadata) -> Blocks:
    title = content["title"] or pandoc.words(metadata.language[f"callout-{content['kind']}-title"])
    opening = pandoc.raw_inline("typst", f'#rapporteur-callout("{content["kind"]}", [')
    middle = pandoc.raw_inline("typst", "])[")
    return [pandoc.node("Plain", [opening, *title, middle]), *content["content"], _raw("]")]


def _layout(content: dict[str, Any], metadata: Metadata) -> Blocks:
    out: Blocks = []
    for row in content["rows"]:
        widths = " ".join(f"{weight:g}fr," for weight, _ in row)
        out.append(_raw(f"#grid(columns: ({widths}), column-gutter: 1em, row-gutter: 0.8em, ["))
        for index, (_, cell) in enumerate(row):
            out += [_raw("], [")] if index else []
            out += cell
        out.append(_raw("])"))
    return out


def _equation(content: dict[str, Any], metadata: Metadata) -> list[Node]:
    return [
        _inline(
            f'#math.equation(block: true, numbering: _ => "({content["number"]})", '
            f"alt: {typst_string(formula_text(content['math']))}, ["
        ),
        pandoc.node("Math", [pandoc.node("DisplayMath"), content["math"]]),
        _inline(f"])<{content['id']}>"),
    ]


def _page_break(content: None, metadata: Metadata) -> Node:
    return _raw("#pagebreak(weak: true)")


LOWERINGS: dict[str, Lowering] = {
    "Float": _float,
    "Callout": _callout,
    "Layout": _layout,
    "Equation": _equation,
    "PageBreak": _page_break,
}
