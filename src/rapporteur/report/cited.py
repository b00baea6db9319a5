"""Marks each number of a document with the finding that it is, for the page to lead from the one to the other.

`fact` and what is made of it say plain text, which sentences join as they like: where a number ends up is known when a
cell or inline code shows its result. In a kernel every number said is noted by its name; when a result is shown, the
notes found in it become spans, `[12,3 %]{data-fact="colour.obeyed"}`, and are forgotten. A text that two findings
share leads to both. Tables, code and attributes are left alone. Outside of a kernel nothing is noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

ATTRIBUTE = "data-fact"  # of a span: the names of findings, with blanks between
# Lines of Markdown whose signs are not a reader's: tables, divs, pictures, HTML, captions with attributes.
_NOT_PROSE = re.compile(r"\s*(?:\||:::|!\[|<)|.*\{[#.=]")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
# Within a longer number, or a word: "12" of "12,5", "1 200" or "v12".
_BEFORE, _AFTER = r"(?<![\w,.−–-])(?<!\d[\u202f\u00a0])", r"(?![\w]|[.,]\d|[\u202f\u00a0]\d)"
_SHORT = 2  # signs: such a number may stand in the text for itself


@dataclass(frozen=True)
class Shown:
    """A figure or a table that a document shows, and what a page knows it by."""

    file: str  # from the project's root
    source: str  # the artifact that it was made from
    made: str  # the stage that made it
    alt: str = ""  # of a figure
    heads: Sequence[str] = ()  # of a table's columns


@dataclass
class Citations:
    """What a kernel has said and not yet shown, and every finding that its document has shown."""

    noting: bool = False
    said: list[tuple[str, str]] = field(default_factory=list)  # name and text
    shown: dict[str, None] = field(default_factory=dict)  # in the order of the page
    figures: dict[str, Shown] = field(default_factory=dict)  # by name
    tables: dict[str, Shown] = field(default_factory=dict)

    def note(self, name: str, text: str) -> str:
        """The text, noted as the finding `name`."""
        if self.noting:
            self.said.append((name, text))
        return text

    def marked(self, markdown: str, written: Callable[[str], str]) -> str:
        """The Markdown with a span around each number noted since the last call.

        written: how the Markdown may have changed a noted text: `literal` where it stands for words.
        """
        names = _by_text(self.said, written)
        self.said.clear()
        if not names:
            return markdown
        pattern = re.compile(_BEFORE + f"({'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})" + _AFTER)
        doubtful = {
            text for text in names if len(text) <= _SHORT and _count(pattern, text, markdown) > len(names[text])
        }

        def span(found: re.Match[str]) -> str:
            if found[1] in doubtful:
                return found[1]
            mine = dict.fromkeys(names[found[1]])
            self.shown.update(mine)
            return f'[{found[1]}]{{{ATTRIBUTE}="{" ".join(mine)}"}}'

        return "\n".join(pattern.sub(span, line) if prose else line for prose, line in _lines(markdown))


def _by_text(said: Iterable[tuple[str, str]], written: Callable[[str], str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, text in said:
        for form in dict.fromkeys((text, written(text))):
            names.setdefault(form, []).append(name)
    return names


def _count(pattern: re.Pattern[str], text: str, markdown: str) -> int:
    return sum(found == text for prose, line in _lines(markdown) if prose for found in pattern.findall(line))


def _lines(markdown: str) -> Iterator[tuple[bool, str]]:
    """Each line, and whether it is prose."""
    fence = ""
    for line in markdown.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            yield False, line
            fence = "" if line.strip().startswith(fence) else fence
        elif opening:
            fence = opening[1]
            yield False, line
        else:
            yield not _NOT_PROSE.match(line), line


CITED = Citations()  # of this kernel, which runs one document
