"""Passages of a document that speak of a stage: a new study without that stage is made without them.

    <!-- with: model -->, and what a variant gives<!-- end -->     stands where the study has the stage `model`
    <!-- without: model: and nothing more -->                      its text stands where the study has not
    | Work | <!-- with: model --> | ...                            a table's row, dropped whole
    | Work | ... | `tokens`, `model` |                             a row that names stages, and none that is there

To both renderers the marks are comments.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_PASSAGE = re.compile(r"<!-- with: (?P<stage>\w+) -->(?P<text>.*?)<!-- end -->\n?", re.DOTALL)
_INSTEAD = re.compile(r"<!-- without: (?P<stage>\w+):(?P<text>.*?) ?-->", re.DOTALL)
_MARK = re.compile(r" ?<!-- with: (?P<stage>\w+) -->")
_CODE = re.compile(r"`(\w+)`")


def passages(text: str, has: Collection[str], known: Collection[str]) -> str:
    """The text for a study with the stages `has`, of all that are `known`, without marks."""
    rows = [line for line in text.split("\n") if not _is_dropped(line, has, known)]
    text = _PASSAGE.sub(lambda found: _kept(found) if found["stage"] in has else "", "\n".join(rows))
    text = _INSTEAD.sub(lambda found: "" if found["stage"] in has else found["text"], text)
    return _MARK.sub("", text)


def _kept(found: re.Match[str]) -> str:
    """The text between two marks; the line's end that followed the last mark stays, unless the marks stood alone."""
    alone = found["text"].startswith("\n")
    return found["text"].removeprefix("\n") if alone else found["text"] + found[0][len(found[0].rstrip("\n")) :]


def _is_dropped(line: str, has: Collection[str], known: Collection[str]) -> bool:
    if not line.startswith("|"):
        return False
    marks = [found["stage"] for found in _MARK.finditer(line)] if "<!-- end -->" not in line else []
    named = [name for name in _CODE.findall(line) if name in known]
    return any(stage not in has for stage in marks) or (bool(named) and not any(name in has for name in named))
