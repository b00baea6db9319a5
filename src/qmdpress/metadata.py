"""The settings of a document: `_quarto.yml`, the `_metadata.yml` of the folders that it is in, then its front matter,
the format's own block over the rest.

A setting is obeyed, noted as being without effect, or refused with its line (options.py): none is silently dropped.
"""

from __future__ import annotations

import os
import re
from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from qmdpress.errors import BadInput
from qmdpress.options import DOCUMENT, GROUPS, PROJECT, SLIDES, Notes, Options, judge
from qmdpress.project import read_yaml
from qmdpress.qmd import Qmd

PROJECT_FILE = "_quarto.yml"
FOLDER_FILE = "_metadata.yml"  # what holds for the documents of a folder, and of those in it
FORMATS = ("html", "revealjs", "typst")

# What can't be had otherwise here, and would change what is read.
FIXED = {"citeproc": True, "shift-heading-level-by": 1, "date-format": "long", "template": "report/_brand/page.html"}

FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

ENGLISH = {
    "crossref-fig-title": "Figure",
    "crossref-tbl-title": "Table",
    "crossref-lst-title": "Listing",
    "crossref-eq-prefix": "Equation",
    "crossref-sec-prefix": "Section",
    "callout-note-title": "Note",
    "callout-tip-title": "Tip",
    "callout-important-title": "Important",
    "callout-warning-title": "Warning",
    "callout-caution-title": "Caution",
    "toc-title-document": "Table of contents",
    "section-title-abstract": "Abstract",
    "section-title-references": "References",
    "section-title-footnotes": "Footnotes",
}
FRENCH = {
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
    font_paths: tuple[Path, ...] = ()

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def flag(self, name: str) -> bool:
        return bool(self.values.get(name, False))

    def caption_above(self, kind: str) -> bool:
        """Whether captions stand above the floats of a kind ("fig" or "tbl"): tables alone, unless told."""
        return bool(self.values.get(f"{kind}-cap-location", "top" if kind == "tbl" else "bottom") == "top")

    def authors(self) -> list[dict[str, Any]]:
        """Authors in the form in which Quarto gives them to a template."""
        return [_author(author) for author in _listed(self.values.get("author"))]


@dataclass(frozen=True)
class _Source:
    """A file that holds settings: its paths are taken from `folder`, and `line` finds a top-level name."""

    values: dict[str, Any]
    file: Path
    folder: Path
    line: Callable[[str], int | None]

    def error(self, message: str, name: str) -> BadInput:
        return BadInput(message, self.file, self.line(name))


def read_metadata(document: Qmd, form: str, root: Path, notes: Notes | None = None) -> Metadata:
    """The settings that hold for `document` in the format `form` (one of FORMATS).

    notes: takes what has no effect here. Raises BadInput for a setting that would change what is read and is not
    obeyed, a mistyped name, a missing bibliography or folder of fonts, or a date that is not a day.
    """
    notes = Notes() if notes is None else notes
    own = _Source(document.front, document.path, root / document.path.parent, document.front_line)
    values: dict[str, Any] = {}
    for source in (_project(root), *_folders(document, root), own):
        usual = PROJECT if source is not own else DOCUMENT
        of_form = SLIDES if form == "revealjs" else usual
        for block, options in ((source.values, usual), (_format_block(source, form, notes), of_form)):
            _check_names(block, source, notes, options)
            values = _merged(values, _placed(block, source.folder))
    _check_fixed(values, own)
    if "date" in values:
        values["date"] = written_date(values["date"], own, french=_french(values))
    language = {**(FRENCH if _french(values) else ENGLISH), **_language(values)}
    fonts = tuple(path for path in values.get("font-paths") or () if path.is_dir())
    return Metadata(values, dict(values.get("execute") or {}), _crossref(values, language), language, fonts)


def forms(document: Qmd) -> tuple[str, str]:
    """The two formats of a document: slides where its front matter asks for revealjs, else a page; and Typst."""
    asked = document.front.get("format") or {}
    names = [asked] if isinstance(asked, str) else list(asked)
    return ("revealjs" if "revealjs" in names and "html" not in names else "html"), "typst"


def _project(root: Path) -> _Source:
    source = _source(Path(PROJECT_FILE), root, root)
    kind = (source.values.get("project") or {}).get("type", "default")
    if kind != "default":
        raise BadInput(f"`project: type: {kind}` can't be made here; known is default", Path(PROJECT_FILE))
    return source


def _folders(document: Qmd, root: Path) -> list[_Source]:
    """The settings of the folders that a document is in, the outermost first."""
    within = [folder for folder in reversed(document.path.parents) if (root / folder / FOLDER_FILE).is_file()]
    return [_source(folder / FOLDER_FILE, root / folder, root) for folder in within]


def _source(path: Path, folder: Path, root: Path) -> _Source:
    """A file of settings, by its path from the root; an absent one has none."""
    file = root / path
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    places = {text.partition(":")[0]: number for number, text in enumerate(lines, start=1) if ":" in text}
    return _Source(read_yaml(file) if file.is_file() else {}, path, folder, places.get)


def _author(author: Any) -> dict[str, Any]:
    if isinstance(author, str):
        return {"name": {"literal": author}}
    affiliations = _listed(author.get("affiliations", author.get("affiliation")))
    names = [{"name": part["name"] if isinstance(part, dict) else str(part)} for part in affiliations]
    return {"name": {"literal": str(author["name"])}, "affiliations": names, "email": author.get("email")}


def _listed(given: Any) -> list[Any]:
    """What is given as one or as several."""
    return list(given) if isinstance(given, list) else [] if given is None else [given]


def _format_block(source: _Source, form: str, notes: Notes) -> dict[str, Any]:
    formats = source.values.get("format") or {}
    if isinstance(formats, str):
        formats = {formats: "default"}
    for name in formats:
        if name not in FORMATS:
            notes.add(f"format {name}", source.file, source.line("format"))
    block = formats.get(form)
    return {} if block in (None, "default") else dict(block)


def _check_names(block: dict[str, Any], source: _Source, notes: Notes, ours: Options) -> None:
    for name in block:
        _check_name(name, ours, "", name, source, notes)
    for group, options in GROUPS.items():
        for name in block.get(group) or () if isinstance(block.get(group), dict) else ():
            _check_name(name, options, f"{group}: ", group, source, notes)


def _check_name(name: str, options: Options, within: str, place: str, source: _Source, notes: Notes) -> None:
    judged = judge(name, options, within)
    if isinstance(judged, BadInput):
        raise source.error(str(judged), place)
    if judged:
        notes.add(f"{within}{name}", source.file, source.line(place) or source.line("format"))


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
    if "font-paths" in placed:
        folders = placed["font-paths"] if isinstance(placed["font-paths"], list) else [placed["font-paths"]]
        # Typst takes several in one, parted as on the PATH.
        parted = [part for path in folders for part in str(path).split(os.pathsep)]
        placed["font-paths"] = list(dict.fromkeys(folder / part.lstrip("/") for part in parted))
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
    folders = values.get("font-paths", [])
    if folders and not any(path.is_dir() for path in folders):
        raise own.error(f"the folder of fonts {folders[0]} is missing", "font-paths")


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


def _french(values: dict[str, Any]) -> bool:
    """Whether the words of Quarto are French here; they are English in every other language."""
    return str(values.get("lang") or "fr").lower().partition("-")[0] == "fr"


def written_date(value: Any, own: _Source, *, french: bool) -> str:
    """ "22 novembre 2026" or "November 22, 2026", as Quarto writes it.

    Raises BadInput for "today": a document must not change with the day it is rendered.
    """
    if re.fullmatch(r"today|now|last-modified", str(value)):
        message = f"`date: {value}` would change the document from day to day; write the day, as 2026-11-22"
        raise own.error(message, "date")
    if not isinstance(value, date) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        return str(value)
    day = value if isinstance(value, date) else date.fromisoformat(str(value))
    if not french:
        return f"{month_name[day.month]} {day.day}, {day.year}"
    return f"{'1er' if day.day == 1 else day.day} {FRENCH_MONTHS[day.month - 1]} {day.year}"
