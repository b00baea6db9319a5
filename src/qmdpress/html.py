"""Writes one self-contained HTML page: MathML, pictures and style inside, nothing fetched."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from qmdpress import pandoc
from qmdpress.errors import BadInput
from qmdpress.images import Picture, picture
from qmdpress.metadata import Metadata
from qmdpress.page import Lowering, Page, caption_inlines
from qmdpress.pandoc import Blocks, Node

_REMOTE = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=[\"'](?:https?:)?//[^\"']*")
_INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>.*?</script>", re.DOTALL)


def write_html(page: Page) -> bytes:
    """The page. Raises BadInput for anything that it would have to fetch, and for what pandoc warns of."""
    # The title of the page is its h1, so that sections begin at h2.
    return assembled(page, page.blocks, "page.html", shift=1)


def assembled(page: Page, blocks: Blocks, template: str, shift: int, *, deck: bool = False) -> bytes:
    """Blocks set in a template of the brand's, whose style and script its filter gives.

    shift: how much lower each heading stands; deck: whether the style is that of slides.
    """
    lowered = pandoc.rewrite(blocks, lambda element: _lower(element, page, shift))
    tree = {"pandoc-api-version": pandoc.api_version(), "meta": {}, "blocks": lowered}
    toc = ["--toc", f"--toc-depth={page.metadata.get('toc-depth', 3)}"] if page.metadata.flag("toc") else []
    arguments = [
        "-f", "json", "-t", "html5", "--standalone", "--mathml", "--wrap=none", "--syntax-highlighting=none",
        "--email-obfuscation=none", f"--template={page.brand(template)}",
        *page.arguments(), *toc,
    ]  # fmt: skip
    variables = page.variables("description") | ({"deck": True} if deck else {})
    made = pandoc.run_with_metadata(arguments, json.dumps(tree), variables)
    remote = _REMOTE.search(_INLINE_SCRIPT.sub("", made))
    if remote:
        raise BadInput(f"the page would fetch {remote[0]!r}; a report must hold all it shows", page.document.path)
    return re.sub(r"[ \t]+\n", "\n", made).encode()


def _lower(element: Node, page: Page, shift: int) -> Any:
    kind = element["t"]
    if kind == "Image":
        return pandoc.raw_inline("html", _image(picture(element, page, lighter=True)))
    if kind == "Header":
        return _header(element, shift)
    return LOWERINGS[kind](element.get("c"), page.metadata) if kind in LOWERINGS else element


def _image(shown: Picture) -> str:
    sides = {"width": shown.width, "height": shown.height}
    style = ";".join(f"{name}:{number:g}{unit}" for name, (number, unit) in ((n, s) for n, s in sides.items() if s))
    return f'<img src="{shown.data_uri}" alt="{html.escape(shown.alt)}"' + (f' style="{style}">' if style else ">")


def _header(element: Node, shift: int) -> Node:
    level, (identifier, classes, pairs), content = element["c"]
    number = dict(pairs).get("number")
    if number:
        span = pandoc.node("Span", [pandoc.attributes("", ["header-section-number"]), [pandoc.string(number)]])
        content = [span, pandoc.string("\u2002"), *content]
    return pandoc.node("Header", [min(level + shift, 6), [identifier, classes, []], content])


def _float(content: dict[str, Any], metadata: Metadata) -> Blocks:
    identifier = f' id="{html.escape(content["id"])}"' if content["id"] else ""
    sub = " subfloat" if content["sub"] else ""
    opening = pandoc.raw_block("html", f'<figure class="float float-{content["kind"]}{sub}"{identifier}>')
    caption: Blocks = []
    text = caption_inlines(content, metadata)
    if text:
        caption = [
            pandoc.raw_block("html", "<figcaption>"),
            pandoc.node("Plain", text),
            pandoc.raw_block("html", "</figcaption>"),
        ]
    above = metadata.caption_above(content["kind"])
    inner = [*caption, *content["content"]] if above else [*content["content"], *caption]
    return [opening, *inner, pandoc.raw_block("html", "</figure>")]


def _callout(content: dict[str, Any], metadata: Metadata) -> Blocks:
    kind, collapse = content["kind"], content["collapse"]
    title = content["title"] or pandoc.words(metadata.language[f"callout-{kind}-title"])
    tag, head = ("details", "summary") if collapse else ("aside", "p")
    opened = " open" if collapse == "false" else ""
    return [
        pandoc.raw_block("html", f'<{tag} class="callout callout-{kind}"{opened}><{head} class="callout-title">'),
        pandoc.node("Plain", title),
        pandoc.raw_block("html", f'</{head}><div class="callout-body">'),
        *content["content"],
        pandoc.raw_block("html", f"</div></{tag}>"),
    ]


def _layout(content: dict[str, Any], metadata: Metadata) -> Blocks:
    out: Blocks = []
    for row in content["rows"]:
        widths = " ".join(f"minmax(0,{weight:g}fr)" for weight, _ in row)
        out.append(pandoc.raw_block("html", f'<div class="layout" style="grid-template-columns:{widths}">'))
        for _, cell in row:
            out += [pandoc.raw_block("html", '<div class="layout-cell">'), *cell, pandoc.raw_block("html", "</div>")]
        out.append(pandoc.raw_block("html", "</div>"))
    return out


def _equation(content: dict[str, Any], metadata: Metadata) -> list[Node]:
    return [
        pandoc.raw_inline("html", f'<span class="equation" id="{html.escape(content["id"])}">'),
        pandoc.node("Math", [pandoc.node("DisplayMath"), content["math"]]),
        pandoc.raw_inline("html", f'<span class="equation-number">({content["number"]})</span></span>'),
    ]


def _page_break(content: None, metadata: Metadata) -> Node:
    return pandoc.raw_block("html", '<div class="page-break"></div>')


LOWERINGS: dict[str, Lowering] = {
    "Float": _float,
    "Callout": _callout,
    "Layout": _layout,
    "Equation": _equation,
    "PageBreak": _page_break,
}
