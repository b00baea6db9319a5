"""The door into Markdown: text of the data as words and as an attribute's value, whatever it holds.

Pandoc and Quarto read Markdown; what they would take for their own (marks, entities, links, shortcodes, code) is
written so that they take it for words.
"""

from __future__ import annotations

import re

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|~^$@&="})
_ADDRESS = re.compile(r"(?<=\w):(?=\S)")  # an address, which Quarto would make a link
_RUN = re.compile(r"-{2,}|\.{3,}")  # a dash or an ellipsis to be
_ENTITIES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "{": "&lbrace;", "}": "&rbrace;", "`": "&grave;",
     "\\": "\\\\", "\n": " "}
)  # fmt: skip


def literal(text: str) -> str:
    """The text as words of a paragraph or a cell; quotes and apostrophes are set as the language sets them."""
    marked = _ADDRESS.sub(r"\\:", text.translate(_MARKS))
    return _RUN.sub(lambda run: "".join(f"\\{sign}" for sign in run[0]), marked)


def attribute(text: str) -> str:
    """The text as the value of an attribute, to stand between double quotes."""
    return text.translate(_ENTITIES)
