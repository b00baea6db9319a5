"""What a rendered document must be, by either renderer: no code or mark left in it, pages within the limit, whole
charts, nothing fetched, the same bytes each time.

    leftovers(document, words)     what of the source a reader would see raw, each with its line
    stable_html(page)              the page without what Quarto draws at random
    finished_html(page)            the same, its slides such as any reader can reach and enlarge

Cost: 0.2 s for the words of a PDF of 35 pages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2 as pdfium

from qmdpress.metadata import forms
from qmdpress.qmd import Line, Qmd, constructs, read_qmd
from rapporteur.core.errors import BadInput
from rapporteur.report.boundary import as_bad_input
from rapporteur.report.figure import BUNDLE_MARK, CHART_CLASS
from rapporteur.report.guard import language_of
from rapporteur.report.language import speaking, spoken

# An unresolved reference as Quarto prints it, wherever it came from; LaTeX's way of it.
_UNRESOLVED = re.compile(r"\?@[\w-]+")
_LABEL = re.compile(r"(?:#\| label:\s*|\{#)((?:fig|tbl|eq|sec)-[\w-]+)")  # what a reference may lead to
_BROKEN = re.compile("[\u00ad\u0002\ufffe]\\s*")  # PDFium's signs for a hyphen that a line's end made
_LONGEST = 60  # signs of a construct by which it is recognised
_CELL_ID = re.compile(r'\bid="([0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?|cell-[0-9a-f-]{8,})"')
_DIV = re.compile(r'<div((?:\s+[\w:-]+(?:="[^"]*")?)+)\s*>')
_ATTRIBUTE = re.compile(r'[\w:-]+(?:="[^"]*")?')
_CELL_CLASS = re.compile(r'\bclass="[^"]*\b(?:cell|cell-output|quarto-float)\b')
_REMOTE = re.compile(
    r"<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*?\b(?:src|href|data)=[\"']?(?:https?:)?//[^\"'\s>]*"
)
# What a page takes from a file beside it: a page that is sent on would lack it.
_BESIDE = re.compile(
    r"<(?:(?:script|img|iframe|source|video|audio|object|embed)\b[^>]*?\s(?:src|data)|link\b[^>]*?\shref)="
    r"[\"']?(?!data:|#|blob:|[\"'])[^\"'\s>]*"
)
_REVEAL = '<div class="reveal">'
_FIXED_SIZE = ", maximum-scale=1.0, user-scalable=no"
_SLIDE = re.compile(r'<section\b[^>]*\bclass="slide(?! title-slide)[\s"]')
_RELATED = re.compile(r'<link\b[^>]*\brel="(?:canonical|alternate|author|license)"[^>]*>')
_SCRIPT = re.compile(r"(<script\b[^>]*>).*?</script>", re.DOTALL)


class _Visible(HTMLParser):
    """The words of a page that a reader sees."""

    HIDDEN = ("script", "style", "annotation", "title", "template")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.inside: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.HIDDEN:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.parts.append(data)


def html_words(page: str) -> str:
    """The visible text of a page: scripts, styles and the TeX that MathML carries left out."""
    return " ".join("".join(_Visible(page).parts).split())


def pdf_words(pdf: bytes) -> str:
    """The text that stands on the pages of a PDF, words that lines break put together. Raises BadInput for no PDF."""
    with _opened(pdf) as document:
        text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    return " ".join(_BROKEN.sub("", text).split())


def page_count(pdf: bytes) -> int:
    """The number of pages of a PDF. Raises BadInput for what is not a PDF."""
    with _opened(pdf) as document:
        return len(document)


@contextmanager
def _opened(pdf: bytes) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise BadInput(f"the rendered file is not a PDF: {error}") from None
    try:
        yield document
    finally:
        document.close()


def leftovers(document: Qmd, words: str) -> Iterator[tuple[Line, str]]:
    """Each construct of the source that stands in `words` as it was typed, and each unresolved reference."""
    seen = _squeezed(words)
    for raw, line in constructs(document):
        short = _squeezed(raw)[:_LONGEST]
        if short in seen and f"?{short}" not in seen:  # "?@fig-a" is told below
            yield line, f"{_short(raw)} was printed as it is typed"
    for pattern in (_UNRESOLVED, re.compile(spoken().lint.unresolved, re.IGNORECASE)):
        for found in pattern.finditer(words):
            key = found[0].removeprefix("?@")
            yield document.find(f"@{key}", f"#{key}", key), f"`{found[0]}` refers to nothing"
    typed = {raw for raw, _ in constructs(document)}
    for label in _labels(document):
        if f"@{label}" not in typed and re.search(rf"(?<![?\w])@{re.escape(label)}(?![\w-])", words):
            said = f"a sentence printed `@{label}`: it must return Markdown to refer to it"
            yield document.find(f"label: {label}", f"#{label}", label), said


def _labels(document: Qmd) -> list[str]:
    """What references may lead to, in the order of the document."""
    lines = (line.text for segment in document.segments for line in segment.lines)
    return list(dict.fromkeys(found[1] for text in lines for found in _LABEL.finditer(text)))


def _squeezed(text: str) -> str:
    """Without blanks and hyphens, which lines break at."""
    return re.sub(r"[\s\u00ad-]+", "", text)


def _short(raw: str) -> str:
    line = " ".join(raw.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


@as_bad_input()
def check_words(made: Mapping[str, bytes], path: Path, root: Path) -> None:
    """Raises BadInput that lists what a reader would see raw in the page or the PDF, each with its line."""
    document = read_qmd(path, root)
    texts = {"html": lambda data: html_words(data.decode()), "pdf": pdf_words}
    with speaking(language_of(document)):
        faults = {
            (str(line.file), line.number, message)
            for suffix, data in made.items()
            for line, message in leftovers(document, texts[suffix](data))
        }
    if faults:
        said = [f"{file}:{number}: {message}" for file, number, message in sorted(faults)]
        raise BadInput("\n".join([f"{path} was rendered, but not as it was meant:", *said]))


def check_pages(pdf: bytes, limit: int | None, path: Path) -> None:
    """Raises BadInput when a PDF has more pages than the document's `page-limit`."""
    if limit is None:
        return
    pages = page_count(pdf)
    if pages > limit:
        raise BadInput(f"{pages} pages, and `page-limit: {limit}` allows {limit}; shorten it by {pages - limit}", path)


def check_page(page: str, path: Path) -> None:
    """Raises BadInput for charts whose script is absent or doubled, and for what the page would fetch."""
    charts, bundles = page.count(f'class="{CHART_CLASS}"'), page.count(BUNDLE_MARK)
    if bundles != bool(charts):
        raise BadInput(
            f"the page has {charts} charts and {bundles} copies of Vega; show the first chart in a cell of its own",
            path,
        )
    shown = _RELATED.sub("", _SCRIPT.sub(r"\1</script>", page))
    remote = _REMOTE.search(shown)
    if remote:
        raise BadInput(f"the page would fetch {remote[0]!r}; a report must hold all it shows", path)
    beside = _BESIDE.search(shown)
    if beside:
        raise BadInput(
            f"the page does not hold {beside[0]!r}; say `embed-resources: true` under the format of the document", path
        )


def check_slides(page: str, pdf: bytes, path: Path) -> None:
    """Says when slides take more pages than there are: one goes on over its own; the page makes it smaller."""
    slides, pages = 1 + len(_SLIDE.findall(page)), page_count(pdf)
    if pages > slides:
        print(
            f"{path}: {pages} pages for {slides} slides, the title's among them; shorten the one that goes on over its "
            "page, or make its figure smaller",
            file=sys.stderr,
        )


@as_bad_input()
def check_rendered(made: Mapping[str, bytes], path: Path, root: Path) -> None:
    """Every check of one document's files, {"html": ..., "pdf": ...} or one of them. Raises BadInput."""
    if "pdf" in made:
        check_pages(made["pdf"], read_qmd(path, root).front.get("page-limit"), path)
    if {"html", "pdf"} <= made.keys() and forms(read_qmd(path, root))[0] == "revealjs":
        check_slides(made["html"].decode(), made["pdf"], path)
    if "html" in made:
        check_page(made["html"].decode(), path)
    check_words(made, path, root)


def stable_html(page: str) -> str:
    """The page without what Quarto draws anew at each rendering: identifiers of cells are counted, the attributes of
    cells and floats stand in the order of their names, the count of an execution is left out.
    """
    for number, identifier in enumerate(dict.fromkeys(_CELL_ID.findall(page)), start=1):
        page = page.replace(identifier, f"cell-{number}")
    return _DIV.sub(_sorted_attributes, page)


def finished_html(page: str) -> str:
    """What Quarto wrote, made the same at each rendering; its slides are said to be what the page is for, and may be
    enlarged: reveal.js does neither (axe-core: landmark-one-main, meta-viewport).
    """
    page = stable_html(page)
    if _REVEAL not in page:
        return page
    return page.replace(_REVEAL, _REVEAL.replace(">", ' role="main">'), 1).replace(_FIXED_SIZE, "", 1)


def _sorted_attributes(tag: re.Match[str]) -> str:
    if not _CELL_CLASS.search(tag[1]):
        return tag[0]
    written = sorted(found[0] for found in _ATTRIBUTE.finditer(tag[1]))
    return "<div " + " ".join(one for one in written if not one.startswith("data-execution_count=")) + ">"
