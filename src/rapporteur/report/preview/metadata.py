"""The settings of a document: `_quarto.yml`, then its front matter, the format's own block over the rest.

Every name is known or refused with its line: a setting that nothing obeys would be silently dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.core.params import read_yaml
from rapporteur.report.artifacts import nearest
from rapporteur.report.qmd import Qmd

PROJECT_FILE = "_quarto.yml"
FORMATS = ("html", "typst")

# Obeyed by this renderer.
OBEYED = {
    "title", "subtitle", "author", "date", "lang", "abstract", "keywords", "description",
    "bibliography", "csl", "nocite", "reference-section-title", "link-citations", "link-bibliography",
    "number-sections", "toc", "toc-depth", "toc-title", "crossref", "execute", "language",
    "page-limit", "papersize", "margin", "fontsize", "mainfont", "section-numbering", "page-numbering",
    "tbl-cap-location", "fig-cap-location",
}  # fmt: skip
# True of everything that this renderer makes, or meant for Quarto's own machinery and without effect on the text.
GRANTED = {
    "format", "jupyter", "embed-resources", "html-math-method", "citeproc", "validate-yaml", "editor",
    "keep-typ", "keep-md", "anchor-sections", "smooth-scroll",
}  # fmt: skip
# The look, which both renderers take from report/_brand: a document has no say in it.
PROJECT_ONLY = {"theme", "css", "filters", "template-partials", "respect-user-color-scheme"}
EXECUTE = {"echo", "output", "warning", "include", "eval"}
CROSSREF = {"title-delim", "fig-title", "tbl-title", "fig-prefix", "tbl-prefix", "sec-prefix", "eq-prefix", "lst-title"}
FIXED = {"embed-resources": True, "html-math-method": "mathml", "citeproc": True}

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

LANGUAGE = {
    "crossref-fig-title": "Figure",
    "crossref-tbl-title": "Tableau",
    "crossref-lst-title": "Listing",
    "crossref-eq-prefix": "Équation",
    "crossref-sec-prefix": "Section",
    "callout-note-title": "Note",
    "callout-tip-title": "Astuce",
    "callout-important-title": "Important",
    "callout-warning-title": "Avertissement",
    "callout-caution-title": "Mise en garde",
    "toc-title-document": "Table des matières",
    "section-title-abstract": "Résumé",
    "section-title-references": "Références",
    "section-title-footnotes": "Notes",
}


@dataclass(frozen=True)
class Metadata:
    """The settings of one document in one format, checked."""

    values: dict[str, Any]
    execute: dict[str, Any]
    crossref: dict[str, str]
    language: dict[str, str]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def flag(self, name: str) -> bool:
        return bool(self.values.get(name, False))

    def caption_above(self, kind: str) -> bool:
        """Whether captions stand above the floats of a kind ("fig" or "tbl"): tables alone, unless told."""
        return bool(self.values.get(f"{kind}-cap-location", "top" if kind == "tbl" else "bottom") == "top")

    def authors(self) -> list[dict[str, Any]]:
        """Authors in the form in which Quarto gives them to a template."""
        given = self.values.get("author") or []
        return [_author(author) for author in (given if isinstance(given, list) else [given])]


@dataclass(frozen=True)
class _Source:
    """A file that holds settings: its paths are taken from `folder`, and `line` finds a top-level name."""

    values: dict[str, Any]
    file: Path
    folder: Path
    line: Callable[[str], int | None]

    def error(self, message: str, name: str) -> BadInput:
        return BadInput(message, self.file, self.line(name))


def read_metadata(document: Qmd, form: str, root: Path) -> Metadata:
    """The settings that hold for `document` in the format `form` ("html" or "typst").

    Raises BadInput for an unknown name, a format that is neither, a missing bibliography, or a date
    that is not a day.
    """
    own = _Source(document.front, document.path, root / document.path.parent, document.front_line)
    values: dict[str, Any] = {}
    for source in (_project(root), own):
        for block in (source.values, _format_block(source, form)):
            _check_names(block, source)
            values = _merged(values, _placed(block, source.folder))
    _check_fixed(values, own)
    if "date" in values:
        values["date"] = french_date(values["date"], own)
    language = {**LANGUAGE, **_language(values)}
    return Metadata(values, dict(values.get("execute") or {}), _crossref(values, language), language)


def _project(root: Path) -> _Source:
    path = root / PROJECT_FILE
    content = read_yaml(path) if path.is_file() else {}
    values = {name: value for name, value in content.items() if name != "project"}
    return _Source(values, Path(PROJECT_FILE), root, lambda name: None)


def _author(author: Any) -> dict[str, Any]:
    if isinstance(author, str):
        return {"name": {"literal": author}}
    affiliations = author.get("affiliations", author.get("affiliation")) or []
    listed = affiliations if isinstance(affiliations, list) else [affiliations]
    names = [{"name": part["name"] if isinstance(part, dict) else str(part)} for part in listed]
    return {"name": {"literal": str(author["name"])}, "affiliations": names, "email": author.get("email")}


def _format_block(source: _Source, form: str) -> dict[str, Any]:
    formats = source.values.get("format") or {}
    if isinstance(formats, str):
        formats = {formats: "default"}
    for name in formats:
        if name not in FORMATS:
            raise source.error(f'the format "{name}" is not known here; known are {", ".join(FORMATS)}', "format")
    block = formats.get(form)
    return {} if block in (None, "default") else dict(block)


def _check_names(block: dict[str, Any], source: _Source) -> None:
    known_here = OBEYED | GRANTED | (PROJECT_ONLY if source.file == Path(PROJECT_FILE) else set())
    for name in block:
        if name not in known_here:
            raise source.error(f"`{name}` means nothing here; {nearest(name, OBEYED)}", name)
    for group, known in (("execute", EXECUTE), ("crossref", CROSSREF)):
        for name in block.get(group) or {}:
            if name not in known:
                raise source.error(f"`{group}: {name}` means nothing here; {nearest(name, known)}", group)


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = dict(under)
    for name, value in over.items():
        nested = isinstance(value, dict) and isinstance(both.get(name), dict) and name != "format"
        both[name] = {**both[name], **value} if nested else value
    return both


def _placed(block: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Paths are taken from the file that names them."""
    placed = dict(block)
    for name in ("bibliography", "csl"):
        if name in placed:
            files = placed[name] if isinstance(placed[name], list) else [placed[name]]
            placed[name] = [folder / str(file).lstrip("/") for file in files]
    if isinstance(placed.get("language"), str):
        placed["language"] = folder / placed["language"]
    return placed


def _check_fixed(values: dict[str, Any], own: _Source) -> None:
    for name, only in FIXED.items():
        if name in values and values[name] != only:
            raise own.error(f"`{name}: {values[name]}` can't be had here; it is always `{only}`", name)
    for name in ("bibliography", "csl"):
        for file in values.get(name, []):
            if not file.is_file():
                raise own.error(f"the file {file} is missing", name)


def _language(values: dict[str, Any]) -> dict[str, str]:
    given = values.get("language") or {}
    return {name: str(value) for name, value in (read_yaml(given) if isinstance(given, Path) else given).items()}


def _crossref(values: dict[str, Any], language: dict[str, str]) -> dict[str, str]:
    """Words of captions and references: the document's own over the language's."""
    words = {
        "title-delim": ":",
        "fig-title": language["crossref-fig-title"],
        "tbl-title": language["crossref-tbl-title"],
        "lst-title": language["crossref-lst-title"],
        "eq-prefix": language["crossref-eq-prefix"],
        "sec-prefix": language["crossref-sec-prefix"],
    }
    words |= {name: str(value) for name, value in (values.get("crossref") or {}).items()}
    for kind in ("fig", "tbl", "lst"):
        words.setdefault(f"{kind}-prefix", language.get(f"crossref-{kind}-prefix", words[f"{kind}-title"]))
    return words


def french_date(value: Any, own: _Source) -> str:
    """ "22 novembre 2026". Raises BadInput for "today": a document must not change with the day it is rendered."""
    if re.fullmatch(r"today|now|last-modified", str(value)):
        message = f"`date: {value}` would change the document from day to day; write the day, as 2026-11-22"
        raise own.error(message, "date")
    if not isinstance(value, date) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        return str(value)
    day = value if isinstance(value, date) else date.fromisoformat(str(value))
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"
