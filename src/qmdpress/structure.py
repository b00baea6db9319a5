"""Gives the tree Quarto's constructs: floats, callouts, layouts, equations, content for one format.

They become elements of our own, lowered later by `html.py` and `pdf.py`:

    Float     {id, kind "fig"|"tbl", caption inlines, content blocks, sub, number}
    Callout   {kind, title inlines, content blocks, collapse}
    Layout    {rows: [[(weight, blocks)]]}
    Equation  {id, math, number}                      (inline)
    PageBreak

What is not known is refused with its line, never dropped.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qmdpress import pandoc
from qmdpress.errors import BadInput
from qmdpress.options import Notes
from qmdpress.pandoc import Blocks, Inlines, Node, pairs_of
from qmdpress.project import nearest
from qmdpress.qmd import Qmd

FLOATS = ("fig", "tbl")
NUMBERED = (*FLOATS, "eq", "sec")
# Quarto numbers these as well; a document that asks for one must hear that it gets none.
UNSUPPORTED = (
    "lst",
    "thm",
    "lem",
    "cor",
    "prp",
    "cnj",
    "def",
    "exm",
    "exr",
    "nte",
    "wrn",
    "imp",
    "cau",
    "sol",
    "rem",
    "alg",
    "supp",
)
CALLOUTS = ("note", "tip", "important", "warning", "caution")
FORMATS = {"html": {"html"}, "revealjs": {"html", "revealjs"}, "typst": {"typst"}}
KNOWN_FORMATS = {
    "html",
    "html:js",
    "typst",
    "pdf",
    "latex",
    "docx",
    "revealjs",
    "epub",
    "beamer",
    "pptx",
    "markdown",
    "gfm",
}
# Styled by report/_brand (CSS, and brand.lua for Typst).
BRAND_CLASSES = {"small", "lead", "notes"}
SPAN_CLASSES = {"smallcaps", "underline", "ul", "mark", "nowrap"}
HEADER_CLASSES = {"unnumbered", "unlisted"}
CODE_ATTRIBUTES: set[str] = set()
IMAGE_ATTRIBUTES = {"width", "height", "fig-alt", "alt", "fig-align"}
LAYOUT_ATTRIBUTES = {"layout-ncol", "layout-nrow", "layout", "layout-valign", "layout-align"}
FLOAT_ATTRIBUTES = LAYOUT_ATTRIBUTES | {"tbl-colwidths", "fig-cap", "tbl-cap"}
CALLOUT_ATTRIBUTES = {"title", "collapse", "appearance", "icon"}
# Quarto's, of which a reader would miss something: hidden text, tabs, notes in the margin, numbers, captions.
READ_CLASSES = (
    "hidden", "panel-", "aside", "column-margin", "cell-output-", "theorem", "proof", "callout-", "content-", "columns",
)  # fmt: skip
READ_ATTRIBUTES = {
    "when-profile", "unless-profile", "when-meta", "unless-meta", "fig-subcap", "tbl-subcap", "lst-cap", "start",
    "shift-heading-level-by", "number-offset", "filename", "tbl-cap-location", "fig-cap-location",
}  # fmt: skip

_EQUATION_LABEL = re.compile(r"^\{#(eq-[\w-]+)\}(.*)$", re.DOTALL)
_LEFTOVER = re.compile(r"^(:{3,}|\{#|\{\.|</?[A-Za-z][\w-]*/?>|\{\{<)")


@dataclass(frozen=True)
class Structurer:
    """Structures the blocks of one document for one format."""

    document: Qmd
    form: str
    notes: Notes = field(default_factory=Notes)

    def blocks(self, blocks: Blocks) -> Blocks:
        return [new for block in blocks for new in self._block(block)]

    def error(self, message: str, *needles: str) -> BadInput:
        return self.document.find(*needles).error(message)

    def _block(self, block: Node) -> Blocks:
        handlers: dict[str, Callable[[Node], Blocks]] = {
            "Div": self._div,
            "Figure": self._figure,
            "Table": self._table,
            "Para": self._paragraph,
            "Plain": self._paragraph,
            "Header": self._header,
            "RawBlock": self._raw,
            "CodeBlock": self._code,
            "BlockQuote": lambda b: [pandoc.node("BlockQuote", self.blocks(b["c"]))],
            "BulletList": lambda b: [pandoc.node("BulletList", [self.blocks(item) for item in b["c"]])],
            "OrderedList": lambda b: [pandoc.node("OrderedList", [b["c"][0], [self.blocks(i) for i in b["c"][1]]])],
            "DefinitionList": self._definitions,
            "LineBlock": lambda b: [pandoc.node("LineBlock", [self.inlines(line) for line in b["c"]])],
            "HorizontalRule": lambda b: [b],
            "PageBreak": lambda b: [b],
        }
        if block["t"] not in handlers:
            raise self.error(f"a block of the kind {block['t']} is not known here")
        return handlers[block["t"]](block)

    # --- divs -----------------------------------------------------------------------------------------

    def _div(self, block: Node) -> Blocks:
        (identifier, classes, _), content = block["c"]
        pairs = pairs_of(block["c"][0])
        if {"content-visible", "content-hidden"} & set(classes):
            return self.blocks(content) if self._visible(classes, pairs) else []
        callout = next((name for name in classes if name.startswith("callout-")), None)
        if callout:
            return [self._callout(callout, block)]
        if identifier.startswith(tuple(f"{kind}-" for kind in FLOATS)) or "captioned" in classes:
            return [self._float_div(identifier, pairs, content, classes)]
        self._refuse_kind(identifier)
        if LAYOUT_ATTRIBUTES & set(pairs):
            self._only(pairs, LAYOUT_ATTRIBUTES | {"tbl-colwidths"}, "div")
            return [self._layout(pairs, content)]
        if "columns" in classes:
            return [self._columns(content)]
        return self._plain_div(block)

    def _plain_div(self, block: Node) -> Blocks:
        (identifier, classes, _), content = block["c"]
        pairs = pairs_of(block["c"][0])
        known = BRAND_CLASSES | {f"callout-{kind}" for kind in CALLOUTS} | {"columns", "content-visible"}
        classes = self._kept_classes(classes, BRAND_CLASSES | {"unnumbered"}, "div", known)
        if set(pairs) - {"tbl-colwidths"}:
            self._only(pairs, {"tbl-colwidths"}, "div")
        if "tbl-colwidths" in pairs:
            content = [_with_widths(inner, pairs["tbl-colwidths"], self) for inner in content]
        kept = self.blocks(content)
        return [pandoc.div(kept, identifier, classes)] if identifier or classes else kept

    def _visible(self, classes: list[str], pairs: dict[str, str]) -> bool:
        self._only(pairs, {"when-format", "unless-format", "html-table-processing"}, "conditional div")
        pairs = {name: value for name, value in pairs.items() if name != "html-table-processing"}
        for name in pairs.values():
            if name not in KNOWN_FORMATS:
                raise self.error(f'the format "{name}" is not known here; {nearest(name, KNOWN_FORMATS)}', name)
        held = all((value in FORMATS[self.form]) == (name == "when-format") for name, value in pairs.items())
        return held if "content-visible" in classes else not held

    def _callout(self, name: str, block: Node) -> Node:
        kind = name.removeprefix("callout-")
        (identifier, _, _), content = block["c"]
        pairs = pairs_of(block["c"][0])
        if kind not in CALLOUTS:
            raise self.error(f"the callout .{name} is not known here; {nearest(kind, CALLOUTS)}", f".{name}", name)
        self._refuse_kind(identifier)
        self._only(pairs, CALLOUT_ATTRIBUTES, "callout")
        title = pandoc.parse_inlines(pairs["title"]) if "title" in pairs else []
        if not title and content and content[0]["t"] == "Header":
            title, content = content[0]["c"][2], content[1:]
        collapse = pairs.get("collapse", "")
        return pandoc.node(
            "Callout",
            {"kind": kind, "title": self.inlines(title), "content": self.blocks(content), "collapse": collapse},
        )

    def _refuse_kind(self, identifier: str) -> None:
        kind = identifier.split("-", maxsplit=1)[0]
        if "-" in identifier and kind in UNSUPPORTED:
            raise self.error(f"numbered blocks of the kind {kind}- are not made here ({identifier})", identifier)

    def _only(self, pairs: dict[str, str], known: set[str], what: str) -> None:
        """Note the attributes that are not known. Raises BadInput for one that changes what is read, or is mistyped."""
        for name, value in pairs.items():
            if name in known:
                continue
            if name in READ_ATTRIBUTES or difflib.get_close_matches(name, known, n=1, cutoff=0.8):
                raise self.error(
                    f"the {what} attribute {name}={value} means nothing here; {nearest(name, known)}", f"{name}=", name
                )
            self._note(f"{what} attribute {name}", f"{name}=", name)

    def _kept_classes(self, classes: list[str], known: set[str], what: str, meant: set[str]) -> list[str]:
        """The known classes; others are noted. Raises BadInput for one that changes what is read, or is mistyped."""
        for name in set(classes) - known:
            if name.startswith(READ_CLASSES) or difflib.get_close_matches(name, meant, n=1, cutoff=0.8):
                raise self.error(
                    f"the {what} class .{name} means nothing here; {nearest(name, meant)}", f".{name}", name
                )
            self._note(f"{what} class .{name}", f".{name}", name)
        return [name for name in classes if name in known]

    def _note(self, name: str, *needles: str) -> None:
        line = self.document.find(*needles)
        self.notes.add(name, line.file, line.number)

    # --- floats ---------------------------------------------------------------------------------------

    def _float_div(self, identifier: str, pairs: dict[str, str], content: Blocks, classes: list[str]) -> Node:
        kind = identifier.split("-", maxsplit=1)[0] if identifier else "fig"
        self._only(pairs, FLOAT_ATTRIBUTES, "figure")
        self._kept_classes(classes, {"captioned"} | BRAND_CLASSES, "figure", BRAND_CLASSES)
        caption, content = self._float_caption(identifier, kind, pairs, content)
        if "tbl-colwidths" in pairs:
            content = [_with_widths(inner, pairs["tbl-colwidths"], self) for inner in content]
        inner = self._layout_content(pairs, content)
        for element in pandoc.elements(inner):
            if element["t"] == "Float":
                element["c"]["sub"] = True
        return _float(identifier, kind, self.inlines(caption), inner)

    def _float_caption(
        self, identifier: str, kind: str, pairs: dict[str, str], content: Blocks
    ) -> tuple[Inlines, Blocks]:
        """The caption: an attribute, the last paragraph, or that of the table inside."""
        given = pairs.get(f"{kind}-cap")
        if given:
            return pandoc.parse_inlines(given), content
        last = content[-1] if content else None
        if len(content) > 1 and last is not None and last["t"] in ("Para", "Plain") and not _pictures_only(last):
            return last["c"], content[:-1]
        tables = [block for block in content if block["t"] == "Table"]
        if kind == "tbl" and len(tables) == 1 and tables[0]["c"][1][1]:
            caption = tables[0]["c"][1][1][0]["c"]
            bare = {**tables[0], "c": [tables[0]["c"][0], [None, []], *tables[0]["c"][2:]]}
            return caption, [bare if block is tables[0] else block for block in content]
        raise self.error(
            f"#{identifier} has no caption; end the div with a paragraph that is one", f"#{identifier}", identifier
        )

    def _figure(self, block: Node) -> Blocks:
        (identifier, classes, _), (_, caption), content = block["c"]
        pairs = pairs_of(block["c"][0])
        self._only(pairs, FLOAT_ATTRIBUTES, "figure")
        if identifier and not identifier.startswith("fig-"):
            raise self.error(f"the identifier of a figure begins with fig-, not as in #{identifier}", f"#{identifier}")
        self._kept_classes(classes, set(), "figure", BRAND_CLASSES)
        inlines = [inline for part in caption for inline in part["c"]]
        return [_float(identifier, "fig", self.inlines(inlines), self.blocks(content))]

    def _table(self, block: Node) -> Blocks:
        attr, (_, caption), *rest = block["c"]
        identifier, pairs = attr[0], pairs_of(attr)
        self._only(pairs, {"tbl-colwidths"}, "table")
        if identifier and not identifier.startswith("tbl-"):
            raise self.error(f"the identifier of a table begins with tbl-, not as in #{identifier}", f"#{identifier}")
        inner = [self.inlines(part["c"]) for part in caption]
        bare = pandoc.node("Table", [pandoc.attributes(), [None, []], *self._inside_table(rest)])
        if "tbl-colwidths" in pairs:
            bare = _with_widths(bare, pairs["tbl-colwidths"], self)
        if not identifier and not inner:
            return [bare]
        return [_float(identifier, "tbl", [inline for part in inner for inline in part], [bare])]

    def _inside_table(self, rest: list[Any]) -> list[Any]:
        """Cells hold blocks: their pictures, notes and mathematics are structured like any other."""
        columns, head, bodies, foot = rest

        def rows(some: list[Any]) -> list[Any]:
            return [
                [attr, [[a, align, rs, cs, self.blocks(content)] for a, align, rs, cs, content in cells]]
                for attr, cells in some
            ]

        return [
            columns,
            [head[0], rows(head[1])],
            [[attr, count, rows(heads), rows(body)] for attr, count, heads, body in bodies],
            [foot[0], rows(foot[1])],
        ]

    # --- layouts --------------------------------------------------------------------------------------

    def _layout_content(self, pairs: dict[str, str], content: Blocks) -> Blocks:
        if LAYOUT_ATTRIBUTES & set(pairs):
            return [self._layout(pairs, content)]
        return self.blocks(content)

    def _layout(self, pairs: dict[str, str], content: Blocks) -> Node:
        cells = [self.blocks([part]) for block in content for part in _cells_of(block)]
        cells = [cell for cell in cells if cell]
        rows, start = [], 0
        for weights in self._weights(pairs, len(cells)):
            chosen = cells[start : start + len(weights)]
            rows.append(
                [[weight, cell] for weight, cell in zip(weights, [*chosen, *[[]] * len(weights)], strict=False)]
            )
            start += len(chosen)
        if start < len(cells):
            raise self.error(f"the layout has room for {start} of {len(cells)} parts", "layout=")
        return pandoc.node("Layout", {"rows": rows})

    def _weights(self, pairs: dict[str, str], count: int) -> list[list[float]]:
        """The relative widths of each row's cells."""
        if "layout" in pairs:
            return self._explicit_weights(pairs["layout"], count)
        columns = int(pairs.get("layout-ncol") or -(-count // int(pairs["layout-nrow"])))
        return [[1.0] * columns for _ in range(-(-count // columns))]

    def _explicit_weights(self, text: str, count: int) -> list[list[float]]:
        try:
            rows = json.loads(text)
            if rows and not isinstance(rows[0], list):
                rows = [rows] * max(1, -(-count // len(rows)))
            weights = [[float(weight) for weight in row] for row in rows]
        except (ValueError, TypeError):
            raise self.error(
                f'layout="{text}" is not a list of rows such as [[1,1],[1]]', "layout=", "layout:"
            ) from None
        if any(weight <= 0 for row in weights for weight in row):
            raise self.error(f'layout="{text}": blank cells (negative widths) are not made here', "layout=")
        return weights

    def _columns(self, content: Blocks) -> Node:
        cells = []
        for block in content:
            if block["t"] != "Div" or "column" not in block["c"][0][1]:
                raise self.error("a .columns div holds .column divs and nothing else", ".columns", "columns")
            pairs = pairs_of(block["c"][0])
            self._only(pairs, {"width"}, "column")
            width = re.fullmatch(r"(\d+(?:\.\d+)?)%", pairs.get("width", "50%"))
            if not width:
                raise self.error(f'the column width "{pairs["width"]}" is not a percentage', "width=")
            cells.append([float(width[1]), self.blocks(block["c"][1])])
        return pandoc.node("Layout", {"rows": [cells]})

    # --- paragraphs -----------------------------------------------------------------------------------

    def _paragraph(self, block: Node) -> Blocks:
        inlines = self.inlines(block["c"])
        images = [inline for inline in inlines if inline["t"] == "Image"]
        if len(images) == 1 and len(inlines) == 1 and images[0]["c"][0][0].startswith("fig-"):
            identifier = images[0]["c"][0][0]
            raise self.error(
                f"#{identifier} has no caption; write it between the brackets, ![caption](...)", f"#{identifier}"
            )
        return [pandoc.node(block["t"], inlines)] if inlines else []

    def _header(self, block: Node) -> Blocks:
        level, (identifier, classes, pairs), content = block["c"]
        self._only(dict(pairs), set(), "heading")
        kept = self._kept_classes(classes, HEADER_CLASSES, "heading", HEADER_CLASSES)
        return [pandoc.node("Header", [level, [identifier, kept, []], self.inlines(content)])]

    def _raw(self, block: Node) -> Blocks:
        return [block] if self._raw_kept(block["c"][0]) else []

    def _raw_kept(self, form: str) -> bool:
        if form not in KNOWN_FORMATS:
            raise self.error(f"raw {{={form}}} is not known here; {nearest(form, KNOWN_FORMATS)}", f"{{={form}}}")
        return form in FORMATS[self.form]

    def _code(self, block: Node) -> Blocks:
        (identifier, _, pairs), _ = block["c"]
        self._refuse_kind(identifier)
        self._only(dict(pairs), CODE_ATTRIBUTES, "code block")
        return [block]

    def _definitions(self, block: Node) -> Blocks:
        entries = [[self.inlines(term), [self.blocks(part) for part in parts]] for term, parts in block["c"]]
        return [pandoc.node("DefinitionList", entries)]

    # --- inlines --------------------------------------------------------------------------------------

    def inlines(self, inlines: Inlines) -> Inlines:
        """The same with equations labelled and every inline element known."""
        return self._equations(list(pandoc.rewrite(inlines, self._inline)))

    def _inline(self, inline: Node) -> Any:
        kind = inline["t"]
        if kind == "Span":
            return self._span(inline)
        if kind == "RawInline":
            return inline if self._raw_kept(inline["c"][0]) else []
        if kind == "Image":
            self._only(pairs_of(inline["c"][0]), IMAGE_ATTRIBUTES, "picture")
            self._kept_classes(inline["c"][0][1], set(), "picture", set())
        if kind == "Str" and _LEFTOVER.match(inline["c"]) and not _EQUATION_LABEL.match(inline["c"]):
            raise self.error(
                f"{inline['c']!r} is left over: raw HTML, or a div or attribute that was not understood", inline["c"]
            )
        return inline

    def _span(self, inline: Node) -> Any:
        (identifier, classes, _), content = inline["c"]
        pairs = pairs_of(inline["c"][0])
        if {"content-visible", "content-hidden"} & set(classes):
            return content if self._visible(classes, pairs) else []
        data = {name: value for name, value in pairs.items() if name.startswith("data-")}  # a page's own
        self._only({name: value for name, value in pairs.items() if name not in data}, set(), "span")
        kept = self._kept_classes(classes, SPAN_CLASSES, "span", SPAN_CLASSES)
        attributes = pandoc.attributes(identifier, kept, data)
        return pandoc.node("Span", [attributes, content]) if identifier or kept or data else content

    def _equations(self, inlines: Inlines) -> Inlines:
        """`$$ ... $$ {#eq-x}` as an Equation."""
        out: Inlines = []
        for inline in inlines:
            found = _EQUATION_LABEL.match(inline["c"]) if inline["t"] == "Str" else None
            if not found:
                out.append(inline)
                continue
            while out and out[-1]["t"] in ("Space", "SoftBreak"):
                out.pop()
            if not out or out[-1]["t"] != "Math" or out[-1]["c"][0]["t"] != "DisplayMath":
                raise self.error(f"{{#{found[1]}}} must follow the $$ of its equation", found[1])
            out[-1] = pandoc.node("Equation", {"id": found[1], "math": out[-1]["c"][1]})
            out += [pandoc.string(found[2])] if found[2] else []
        return out


def _float(identifier: str, kind: str, caption: Inlines, content: Blocks) -> Node:
    return pandoc.node(
        "Float", {"id": identifier, "kind": kind, "caption": caption, "content": content, "sub": False, "number": ""}
    )


def _pictures_only(block: Node) -> bool:
    kinds = {inline["t"] for inline in block["c"]}
    return "Image" in kinds and kinds <= {"Image", "Space", "SoftBreak", "LineBreak"}


def _cells_of(block: Node) -> Blocks:
    """The cells that a block fills in a layout: each picture of a paragraph of pictures takes one."""
    if block["t"] in ("Para", "Plain") and _pictures_only(block):
        return [_lone_picture(inline) for inline in block["c"] if inline["t"] == "Image"]
    return [block]


def _lone_picture(image: Node) -> Node:
    attr, caption, target = image["c"]
    if not caption:
        return pandoc.node("Para", [image])
    bare = pandoc.node("Image", [["", attr[1], attr[2]], caption, target])
    return pandoc.node(
        "Figure", [[attr[0], [], []], [None, [pandoc.node("Plain", caption)]], [pandoc.node("Plain", [bare])]]
    )


def _with_widths(block: Node, text: str, structurer: Structurer) -> Node:
    """A table with the column widths of `tbl-colwidths="[30,70]"`; "auto" leaves them to the renderer."""
    if block["t"] != "Table" or text == "auto":
        return block
    columns = block["c"][2]
    try:
        widths = [float(width) for width in json.loads(text)]
    except (ValueError, TypeError):
        widths = []
    if len(widths) != len(columns):
        raise structurer.error(f'tbl-colwidths="{text}" must list {len(columns)} widths', "tbl-colwidths")
    specs = [
        [align, pandoc.node("ColWidth", width / max(100.0, sum(widths)))]
        for (align, _), width in zip(columns, widths, strict=True)
    ]
    return {**block, "c": [*block["c"][:2], specs, *block["c"][3:]]}
