"""Every figure that a study has something for: how much of each, and how they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import field
from functools import cache, partial
from pathlib import Path
from typing import Any

from rapporteur.core.params import strict
from rapporteur.core.spread import spread
from rapporteur.figures import charts, contact
from rapporteur.figures.attribution import attribution
from rapporteur.figures.figure import Figure, write
from rapporteur.figures.numbers import Numbers
from rapporteur.report.artifacts import FIGURES, figures_in
from rapporteur.report.language import languages
from rapporteur.study.album import Album
from rapporteur.study.tables import Study


@strict
class FiguresParams:
    """The block `figures` of params.yaml: how much the contact sheets hold."""

    note_captions: int = 4  # captions of a sheet of the note
    captions: int = 6  # captions of a sheet of the report
    draws: int = 5  # pictures a caption, at most, in the report
    languages: list[str] = field(default_factory=lambda: list(languages()))  # in which they are drawn


def drawings(study: Study, numbers: Numbers, params: FiguresParams) -> list[Callable[[], Figure | None]]:
    """Every figure, as what draws it: None where it has nothing to show."""
    words, album = numbers.words, Album(study)
    told: list[Callable[[], Figure | None]] = [partial(chart, study, numbers) for chart in charts()]
    for dataset in study.datasets:
        told += [
            partial(contact.compact, album, dataset, words, params.note_captions),
            partial(contact.full, album, dataset, words, params.captions, params.draws),
            partial(contact.gold, album, dataset, words),
            partial(contact.extremes, album, dataset, words),
        ]
    sheets = (contact.landscapes, contact.samples, contact.samples_note, contact.nearest)
    return told + [partial(sheet, album, words) for sheet in sheets]


Place = tuple[str, int]  # a language and the place of one of its drawings
Written = tuple[str, dict[str, Any]] | None  # a figure's name and its entry of index.json


def writer(findings: Path, params: FiguresParams, folder: Path) -> Callable[[Place], Written]:
    """What writes the figure of a place: what each language's figures read is read once."""

    @cache
    def of(language: str) -> tuple[Numbers, list[Callable[[], Figure | None]]]:
        numbers = Numbers.read(findings, language)
        labels = numbers.labels()
        return numbers, drawings(Study(list(labels), labels), numbers, params)

    def written(place: Place) -> Written:
        numbers, told = of(place[0])
        figure = told[place[1]]()
        return None if figure is None else (figure.name, write(figure, folder_of(folder, place[0]), numbers.words))

    return written


def folder_of(folder: Path, language: str) -> Path:
    """Where a language's figures are, below the figures' folder."""
    return folder / figures_in(language).relative_to(FIGURES)


def write_all(findings: Path, params: FiguresParams, folder: Path, advance: Callable[[int], None]) -> None:
    """Write every figure in every language that is asked for, their indices and the credits."""
    studied = Numbers.read(findings).labels()
    places = [(language, place) for language in params.languages for place in range(how_many(len(studied)))]
    index: dict[str, dict[str, dict[str, Any]]] = {language: {} for language in params.languages}
    for language in index:
        folder_of(folder, language).mkdir(exist_ok=True)
    for (language, _), written in zip(places, spread(partial(writer, findings, params, folder), places), strict=True):
        if written is not None:
            name, entry = written
            index[language][name] = entry
        advance(1)
    for language, entries in index.items():
        labels = Numbers.read(findings, language).labels()
        shown = [(dataset, image) for entry in entries.values() for dataset, image in entry.get("pictures", [])]
        credits = attribution(Study(list(labels), labels), shown)
        for name, content in {"index": entries, "attribution": credits}.items():
            text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
            (folder_of(folder, language) / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def how_many(datasets: int) -> int:
    """Drawings of a language: `drawings` tells them."""
    return len(charts()) + 4 * datasets + 4
