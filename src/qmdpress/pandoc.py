"""Pandoc called as a program, and its JSON syntax tree handled as plain lists and dictionaries.

An element is {"t": type, "c": content}. A warning of pandoc's is an error here: it announces text lost
or a citation that nobody knows. Cost: 0.1 s a call.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypandoc

from qmdpress.errors import BadInput

Node = dict[str, Any]
Blocks = list[Node]
Inlines = list[Node]

# Raw HTML typed in the prose would vanish from the PDF: it is read as text and then refused.
READER = "markdown-raw_html-markdown_in_html_blocks+lists_without_preceding_blankline"


class PandocWarning(BadInput):
    """What pandoc warned of, with the line of its input where it names one."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        found = re.search(r"line (\d+)", message)
        self.input_line = int(found[1]) if found else None


def run_pandoc(arguments: list[str], text: str, folder: Path | None = None) -> str:
    """Pandoc's output for `text`. Raises PandocWarning for a warning or a failure."""
    command = [_pandoc(), *arguments]
    done = subprocess.run(command, input=text.encode(), capture_output=True, cwd=folder, check=False)
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0 or said:
        raise PandocWarning(f"pandoc says: {said or f'exit status {done.returncode}'}")
    return done.stdout.decode()


@lru_cache(maxsize=1)
def _pandoc() -> str:
    return str(pypandoc.get_pandoc_path())


def run_with_metadata(arguments: list[str], text: str, values: dict[str, Any]) -> str:
    """Pandoc's output for `text`, with `values` as its metadata (their strings are Markdown, as in a front matter)."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump({name: value for name, value in values.items() if value is not None}, file)
        file.flush()
        return run_pandoc([*arguments, f"--metadata-file={file.name}"], text)


@lru_cache(maxsize=1)
def api_version() -> list[int]:
    """The version of the syntax tree that this pandoc speaks."""
    version: list[int] = json.loads(run_pandoc(["-f", "markdown", "-t", "json"], ""))["pandoc-api-version"]
    return version


def parse_document(text: str) -> Blocks:
    """Markdown as blocks."""
    blocks: Blocks = json.loads(run_pandoc(["-f", READER, "-t", "json"], text))["blocks"]
    return blocks


@lru_cache(maxsize=512)
def _parsed(text: str) -> str:
    return json.dumps(parse_document(text))


def parse_blocks(text: str) -> Blocks:
    """A short Markdown text (a caption, an output) as blocks; repeated texts are parsed once."""
    blocks: Blocks = json.loads(_parsed(text))
    return blocks


def parse_inlines(text: str) -> Inlines:
    """A Markdown text of one paragraph as inlines. Raises BadInput for more than a paragraph."""
    blocks = parse_blocks(text)
    if not blocks:
        return []
    if len(blocks) > 1 or blocks[0]["t"] not in ("Para", "Plain"):
        raise BadInput(f"expected one paragraph of Markdown, not {text!r}")
    return list(blocks[0]["c"])


def parse_html(text: str) -> Blocks:
    """An HTML fragment, such as the table of a data frame, as blocks."""
    blocks: Blocks = json.loads(run_pandoc(["-f", "html", "-t", "json"], text))["blocks"]
    return blocks


# --- building -----------------------------------------------------------------------------------------

Attributes = list[Any]


def node(kind: str, content: Any = None) -> Node:
    return {"t": kind} if content is None else {"t": kind, "c": content}


def attributes(
    identifier: str = "", classes: list[str] | None = None, pairs: dict[str, str] | None = None
) -> Attributes:
    return [identifier, list(classes or []), [[name, value] for name, value in (pairs or {}).items()]]


def string(text: str) -> Node:
    return node("Str", text)


def words(text: str) -> Inlines:
    """Literal text as inlines; only plain spaces may break a line."""
    parts: Inlines = []
    for index, word in enumerate(text.replace("\n", " ").split(" ")):
        parts += [node("Space")] if index else []
        parts += [string(word)] if word else []
    return parts


def raw_block(form: str, text: str) -> Node:
    return node("RawBlock", [form, text])


def raw_inline(form: str, text: str) -> Node:
    return node("RawInline", [form, text])


def div(
    content: Blocks, identifier: str = "", classes: list[str] | None = None, pairs: dict[str, str] | None = None
) -> Node:
    return node("Div", [attributes(identifier, classes, pairs), content])


# --- reading ------------------------------------------------------------------------------------------


def rewrite(tree: Any, change: Callable[[Node], Any]) -> Any:
    """A copy of `tree` where `change(element)` replaced each element, innermost first.

    `change` returns an element, or a list of elements to put in the place of one.
    """
    if isinstance(tree, list):
        return _rewrite_list(tree, change)
    if isinstance(tree, dict):
        return {key: rewrite(value, change) for key, value in tree.items()}
    return tree


def _rewrite_list(items: list[Any], change: Callable[[Node], Any]) -> list[Any]:
    out: list[Any] = []
    for item in items:
        new = rewrite(item, change)
        if isinstance(new, dict) and "t" in new:
            changed = change(new)
            out += changed if isinstance(changed, list) else [changed]
        else:
            out.append(new)
    return out


def elements(tree: Any) -> Iterator[Node]:
    """Every element of a tree in the order of the document, an element before what it holds."""
    if isinstance(tree, list):
        for item in tree:
            yield from elements(item)
    elif isinstance(tree, dict):
        if "t" in tree:
            yield tree
        for value in tree.values():
            yield from elements(value)


def plain_text(tree: Any) -> str:
    """What a reader would read of inlines or blocks, without markup."""
    spoken = {"Space": " ", "SoftBreak": " ", "LineBreak": " "}
    parts = []
    for element in elements(rewrite(tree, _unquoted)):
        kind = element["t"]
        if kind == "Str":
            parts.append(element["c"])
        elif kind in ("Code", "Math"):
            parts.append(element["c"][1])
        else:
            parts.append(spoken.get(kind, ""))
    return " ".join("".join(parts).split(" "))


def _unquoted(element: Node) -> Any:
    """Quotation marks that pandoc made an element of, as signs."""
    if element["t"] != "Quoted":
        return element
    marks = ("‘", "’") if element["c"][0]["t"] == "SingleQuote" else ("“", "”")
    return [string(marks[0]), *element["c"][1], string(marks[1])]


def pairs_of(attr: Attributes) -> dict[str, str]:
    return {name: value for name, value in attr[2]}
