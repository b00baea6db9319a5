"""Numbers figures, tables, equations and sections in the order of the page, and links what refers to them.

The numbers are written into the tree, so the HTML and the PDF can't disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qmdpress import pandoc
from qmdpress.metadata import Metadata
from qmdpress.pandoc import Blocks, Inlines, Node
from qmdpress.project import nearest
from qmdpress.qmd import Qmd
from qmdpress.structure import NUMBERED, UNSUPPORTED

NBSP = "\u00a0"


@dataclass
class Targets:
    """What can be referred to: {identifier: number as printed}."""

    numbers: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    sections: list[int] = field(default_factory=list)

    def next(self, kind: str) -> int:
        self.counters[kind] = self.counters.get(kind, 0) + 1
        return self.counters[kind]


def number_and_link(blocks: Blocks, document: Qmd, metadata: Metadata) -> Blocks:
    """`blocks` with numbers in floats, equations and headings, and references as links.

    Raises BadInput for an identifier used twice and a reference to nothing.
    """
    targets = Targets()
    for element in pandoc.elements(blocks):
        _number(element, targets, document, metadata)
    linked: Blocks = pandoc.rewrite(blocks, lambda element: _linked(element, targets, document, metadata))
    return linked


def _number(element: Node, targets: Targets, document: Qmd, metadata: Metadata) -> None:
    kind = element["t"]
    if kind == "Float":
        _number_float(element["c"], targets, document)
    elif kind == "Equation":
        element["c"]["number"] = str(targets.next("eq"))
        _register(element["c"]["id"], element["c"]["number"], targets, document)
    elif kind == "Header":
        _number_header(element, targets, document, metadata)


def _number_float(content: dict[str, Any], targets: Targets, document: Qmd) -> None:
    identifier, kind = content["id"], content["kind"]
    if not identifier:
        return
    if content["sub"]:
        letter = chr(ord("a") + targets.next("sub") - 1)
        content["number"] = f"({letter})"
        _register(identifier, f"{targets.counters[kind]}{NBSP}({letter})", targets, document)
        return
    targets.counters["sub"] = 0
    content["number"] = str(targets.next(kind))
    _register(identifier, content["number"], targets, document)


def _number_header(element: Node, targets: Targets, document: Qmd, metadata: Metadata) -> None:
    level, attr, _ = element["c"]
    identifier = attr[0]
    number = ""
    if metadata.flag("number-sections") and "unnumbered" not in attr[1]:
        levels = [*targets.sections, *[0] * level][:level]
        levels[-1] += 1
        targets.sections = levels
        number = ".".join(map(str, levels))
        attr[2] = [["number", number]]
    if identifier.startswith("sec-"):
        _register(identifier, number, targets, document)


def _register(identifier: str, number: str, targets: Targets, document: Qmd) -> None:
    if identifier in targets.numbers:
        raise document.find(f"#{identifier}", identifier).error(f"the identifier {identifier} is used twice")
    targets.numbers[identifier] = number


def _kind(identifier: str) -> str:
    head, dash, _ = identifier.partition("-")
    return head.lower() if dash and head.lower() in (*NUMBERED, *UNSUPPORTED) else ""


def _linked(element: Node, targets: Targets, document: Qmd, metadata: Metadata) -> Any:
    if element["t"] != "Cite":
        return element
    citations = element["c"][0]
    kinds = [_kind(citation["citationId"]) for citation in citations]
    if not any(kinds):
        return element
    if not all(kinds):
        raise document.find(f"@{citations[0]['citationId']}").error("a reference and a citation can't share brackets")
    parts: Inlines = []
    for index, citation in enumerate(citations):
        parts += [pandoc.string(","), pandoc.node("Space")] if index else []
        parts += _reference(citation, targets, document, metadata)
    return parts


def _reference(citation: dict[str, Any], targets: Targets, document: Qmd, metadata: Metadata) -> Inlines:
    written = citation["citationId"]
    identifier = written[0].lower() + written[1:]
    if not targets.numbers.get(identifier):
        why = _why_missing(identifier, targets)
        raise document.find(f"@{written}").error(f"@{written} refers to nothing; {why}")
    number = targets.numbers[identifier]
    text = number
    prefix: Inlines = []
    if citation["citationPrefix"]:
        prefix = [*citation["citationPrefix"], pandoc.string(NBSP)]
    elif citation["citationMode"]["t"] != "SuppressAuthor":
        text = f"{metadata.crossref[_kind(identifier) + '-prefix']}{NBSP}{number}"
    link = [pandoc.attributes("", ["xref"]), [*prefix, pandoc.string(text)], [f"#{identifier}", ""]]
    return [pandoc.node("Link", link), *citation["citationSuffix"]]


def _why_missing(identifier: str, targets: Targets) -> str:
    if identifier in targets.numbers:
        return "its section has no number; set `number-sections: true` and let it be numbered"
    if _kind(identifier) in UNSUPPORTED:
        return f"blocks of the kind {_kind(identifier)}- are not numbered here"
    return nearest(identifier, targets.numbers)
