"""The text of a .qmd, cut into front matter, cells, code and prose, each line knowing its file and number.

The guard reads the prose of it and the preview renders it: both see the same cuts.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from qmdpress.errors import BadInput

_FENCE = re.compile(r"^(?P<indent>\s*)(?P<ticks>`{3,}|~{3,})\s*(?P<info>.*?)\s*$")
_INCLUDE = re.compile(r"^\s*\{\{<\s*include\s+(?P<file>\S+)\s*>\}\}\s*$")
_SHORTCODE = re.compile(r"\{\{<\s*(?P<name>/?[\w-]*)")
_ENGINES = re.compile(r"^\{\{?(?P<language>\w+)(?P<rest>[ ,][^}]*)?\}?\}$")


@dataclass(frozen=True)
class Line:
    """One line, and where it was written (an included file keeps its own name and numbers)."""

    text: str
    file: Path
    number: int

    def error(self, message: str) -> BadInput:
        return BadInput(message, self.file, self.number)


@dataclass(frozen=True)
class Cell:
    """A ```{python} cell: its options (`#| name: value`) and its code."""

    number: int
    code: str
    options: dict[str, Any]
    place: Line
    option_lines: tuple[Line, ...] = ()

    def error(self, message: str) -> BadInput:
        return self.place.error(message)


@dataclass(frozen=True)
class Segment:
    """A run of lines of one kind: "prose", "code" (fences included) or "cell"."""

    kind: str
    lines: tuple[Line, ...]
    cell: Cell | None = None


@dataclass(frozen=True)
class Qmd:
    """A document read: its own path, its front matter and the segments of its body."""

    path: Path
    front: dict[str, Any]
    front_lines: tuple[Line, ...]
    segments: tuple[Segment, ...]
    files: tuple[Path, ...] = field(default=())

    @property
    def cells(self) -> list[Cell]:
        return [segment.cell for segment in self.segments if segment.cell is not None]

    def front_line(self, key: str) -> int | None:
        """The line of a top-level key of the front matter, for a message."""
        found = (line.number for line in self.front_lines if line.text.startswith(f"{key}:"))
        return next(found, None)

    def find(self, *needles: str) -> Line:
        """The first line of the body that holds one of `needles`: where a construct was written."""
        for needle in needles:
            for segment in self.segments:
                for line in segment.lines:
                    if needle and needle in line.text:
                        return line
        return Line("", self.path, 1)


def read_qmd(path: Path, root: Path) -> Qmd:
    """Read a document, `path` from the project's root, and what it includes.

    Raises BadInput for a missing or circular include, front matter that is not YAML, a fence never
    closed, a cell in another language and a cell option that is not YAML.
    """
    lines = list(_expanded(path, root, ()))
    front_lines, body = _front_matter(lines)
    front = _yaml([line.text for line in front_lines], path, front_lines[0].number if front_lines else 1)
    segments = tuple(_segments(body))
    return Qmd(path, front, tuple(front_lines), segments, tuple(dict.fromkeys(line.file for line in lines)))


def _expanded(path: Path, root: Path, chain: tuple[Path, ...]) -> Iterator[Line]:
    """The lines of a file with every `{{< include >}}` replaced by the file that it names."""
    file = root / path
    if not file.is_file():
        raise BadInput("the document is missing", path)
    ticks = ""
    for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        line = Line(text, path, number)
        ticks = _inside_fence(text, ticks)
        found = None if ticks else _INCLUDE.match(text)
        if found:
            yield from _included(line, found["file"], root, (*chain, path))
        else:
            yield line


def _included(line: Line, name: str, root: Path, chain: tuple[Path, ...]) -> Iterator[Line]:
    # As Quarto does: "/x" from the project, "x" from the document that is rendered.
    target = Path(os.path.normpath(name.lstrip("/") if name.startswith("/") else chain[0].parent / name))
    if not (root / target).is_file():
        raise line.error(f"the included file {name} is missing")
    if target in chain:
        raise line.error(f"{name} includes itself")
    content = list(_expanded(target, root, chain))
    if content and content[0].text.rstrip() == "---":
        raise line.error(f"{name} has front matter; an included file must not")
    yield from content


def _inside_fence(text: str, ticks: str) -> str:
    """The ticks of the fence that is open after this line, "" for none."""
    found = _FENCE.match(text)
    if not found:
        return ticks
    if not ticks:
        return "" if "`" in found["info"] else found["ticks"]
    closes = found["ticks"][0] == ticks[0] and len(found["ticks"]) >= len(ticks) and not found["info"]
    return "" if closes else ticks


def _front_matter(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    if not lines or lines[0].text.rstrip() != "---":
        return [], lines
    for index, line in enumerate(lines[1:], start=1):
        if line.text.rstrip() in ("---", "..."):
            return lines[1:index], lines[index + 1 :]
    raise lines[0].error("the front matter is never closed; end it with a line `---`")


def _yaml(texts: list[str], file: Path, first: int) -> dict[str, Any]:
    try:
        content = YAML(typ="safe", pure=True).load(io.StringIO("\n".join(texts)))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        number = first + (mark.line if mark is not None else 0)
        raise BadInput(f"not valid YAML: {getattr(error, 'problem', error)}", file, number) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise BadInput("expected `name: value` lines", file, first)
    return content


def _segments(lines: list[Line]) -> Iterator[Segment]:
    prose: list[Line] = []
    position = cells = 0
    comment = False
    while position < len(lines):
        line = lines[position]
        end = None if comment else _fence_end(lines, position)
        if end is None:
            text, comment = _without_comments(line.text, comment)
            prose.append(Line(text, line.file, line.number))
            position += 1
            continue
        if prose:
            yield Segment("prose", tuple(prose))
            prose = []
        segment = _fenced(lines[position : end + 1], cells)
        cells += segment.kind == "cell"
        yield segment
        position = end + 1
    if prose:
        yield Segment("prose", tuple(prose))


def _fence_end(lines: list[Line], start: int) -> int | None:
    """The index of the line that closes the fence opened at `start`; None where no fence opens."""
    ticks = _inside_fence(lines[start].text, "")
    if not ticks:
        return None
    for index in range(start + 1, len(lines)):
        if not _inside_fence(lines[index].text, ticks):
            return index
    raise lines[start].error(f"this {ticks} is never closed")


def _without_comments(text: str, inside: bool) -> tuple[str, bool]:
    """The line with <!-- comments --> blanked, and whether one is still open."""
    kept = ""
    while text:
        if inside:
            _, mark, text = text.partition("-->")
            inside = not mark
        else:
            before, mark, text = text.partition("<!--")
            kept += before
            inside = bool(mark)
    return kept, inside


def _fenced(lines: list[Line], number: int) -> Segment:
    info = _FENCE.match(lines[0].text)["info"]  # type: ignore[index]
    executable = _ENGINES.match(info)
    if executable is None:
        return Segment("code", tuple(lines))
    if executable["language"] != "python" or info.startswith("{{"):
        raise lines[0].error(f"a cell of the kind {info} can't be run; known is {{python}}")
    if executable["rest"]:
        raise lines[0].error(f"the options of {info} belong in the cell, one `#| name: value` a line")
    return Segment("cell", tuple(lines), _cell(lines, number))


def _cell(lines: list[Line], number: int) -> Cell:
    body = lines[1:-1]
    count = next((i for i, line in enumerate(body) if not line.text.lstrip().startswith("#|")), len(body))
    options = [line.text.lstrip()[2:].removeprefix(" ") for line in body[:count]]
    indent = len(lines[0].text) - len(lines[0].text.lstrip())
    code = "\n".join(line.text[indent:] for line in body[count:])
    first = body[0].number if body else lines[0].number
    return Cell(number, code, _yaml(options, lines[0].file, first), lines[0], tuple(body[:count]))


# --- prose: what a reader reads, with the rest blanked ----------------------------------------------

_BLANKED = (
    re.compile(r"(?<![\\$])\$\$.*?\$\$", re.DOTALL),  # displayed mathematics
    re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)(\{=\w+\})?", re.DOTALL),  # code and raw attributes
    re.compile(r"(?<![\\$])\$(?!\s)(?:\\.|[^$\\])+?(?<!\s)\$(?!\d)"),  # mathematics
    re.compile(r"\{\{<.*?>\}\}"),  # shortcodes
    re.compile(r"(?<=\])\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)"),  # link and picture targets
    re.compile(r"<(?:https?|mailto):[^>]*>|https?://\S+"),
    re.compile(r"\[[^\[\]]*(?<![\w.])-?@[^\[\]]*\]"),  # citations with their pages
    re.compile(r"(?<![\w.])-?@\{?[\w][\w:.#$%&\-+?<>~/]*\}?(?:\s+\[(?:pp?\.|chap\.|§)[^\]]*\])?"),
    re.compile(r"\[\^[^\]]+\]:?"),  # footnotes
    re.compile(r"\{(?!\{)[^{}]*\}"),  # attributes
    re.compile(r"^\s*:{3,}.*$", re.MULTILINE),  # divs
    re.compile(r"^\s*(?:>\s*)*\(?\d+[.)](?=\s)", re.MULTILINE),  # numbers of a list
)
_CAPTIONS = ("fig-cap", "tbl-cap", "fig-alt", "fig-subcap")


@dataclass(frozen=True)
class Passage:
    """A paragraph as a reader reads it; what was blanked is spaces, so that places in it stay true."""

    text: str
    lines: tuple[Line, ...]

    def line_at(self, offset: int) -> Line:
        return self.lines[self.text.count("\n", 0, offset)]


def blanked(text: str) -> str:
    """Prose with code, mathematics, citations, addresses and attributes replaced by spaces."""
    for pattern in _BLANKED:
        text = pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return text


def prose(document: Qmd, keep_marks: bool = False) -> Iterator[Passage]:
    """The passages that a reader reads: paragraphs, and the captions typed in cells.

    keep_marks: leave everything but code, for who looks for brackets.
    """
    for segment in document.segments:
        lines = _caption_lines(segment.cell) if segment.cell is not None else segment.lines
        if segment.kind == "code":
            continue
        for paragraph in _paragraphs(lines):
            text = "\n".join(line.text for line in paragraph)
            yield Passage(_without_code(text) if keep_marks else blanked(text), paragraph)


def _without_code(text: str) -> str:
    return _BLANKED[1].sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _paragraphs(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    for filled, group in groupby(lines, key=lambda line: bool(line.text.strip())):
        if filled:
            yield tuple(group)


def _caption_lines(cell: Cell) -> Iterator[Line]:
    """Captions and alternative texts, typed in a cell's options, are read as well."""
    inside = False
    for line in cell.option_lines:
        body = line.text.lstrip()[2:]
        key = re.match(r"\s*([\w-]+):", body)
        if key:
            inside = key[1] in _CAPTIONS
            body = " " * key.end() + body[key.end() :]
        if inside:
            yield Line(body, line.file, line.number)


def shortcodes(document: Qmd) -> Iterator[tuple[str, Line]]:
    """Every `{{< name` left in the prose, with its line (code and includes aside)."""
    for segment in document.segments:
        if segment.kind != "prose":
            continue
        for line in segment.lines:
            for found in _SHORTCODE.finditer(re.sub(r"`[^`]*`", "", line.text)):
                yield found["name"], line


def inline_code(document: Qmd) -> Iterator[tuple[str, Line]]:
    """Every inline `{python} expression`, with the line where it begins."""
    for segment in document.segments:
        if segment.kind != "prose":
            continue
        for paragraph in _paragraphs(segment.lines):
            text = "\n".join(line.text for line in paragraph)
            for found in re.finditer(r"(?<!`)`\{python\}\s+([^`]+)`", text):
                yield found[1].strip(), paragraph[text.count("\n", 0, found.start())]


_REFERENCE = re.compile(r"(?<![\w.`\\])@\{?[A-Za-z][\w:-]*\w")
_MATHEMATICS = re.compile(r"(?<![\\$])\$\$.+?\$\$", re.DOTALL)


def constructs(document: Qmd) -> Iterator[tuple[str, Line]]:
    """What a renderer must change into something else, as it is typed, with its line: inline code, displayed
    mathematics, references and citations, shortcodes.
    """
    for expression, line in inline_code(document):
        yield f"{{python}} {expression}", line
    for segment in document.segments:
        if segment.kind != "prose":
            continue
        for paragraph in _paragraphs(segment.lines):
            text = "\n".join(line.text for line in paragraph)
            bare = _BLANKED[1].sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
            for pattern in (_MATHEMATICS, _REFERENCE, re.compile(r"\{\{<.*?>\}\}")):
                for found in pattern.finditer(bare):
                    yield found[0], paragraph[bare.count("\n", 0, found.start())]
