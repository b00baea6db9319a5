"""Every figure that a study has something for: how much of each, and how they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from rapporteur.core.params import strict
from rapporteur.figures import charts, contact
from rapporteur.figures.attribution import attribution
from rapporteur.figures.figure import Figure, write
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import Language, languages
from rapporteur.study.album import Album
from rapporteur.study.tables import Study


@strict
class FiguresParams:
    """The block `figures` of params.yaml: how much the contact sheets hold."""

    note_captions: int = 4  # captions of a sheet of the note
    captions: int = 6  # captions of a sheet of the report
    draws: int = 5  # pictures a caption, at most, in the report
    languages: list[str] = field(default_factory=lambda: list(languages()))  # in which they are drawn


def figures(study: Study, numbers: Numbers, params: FiguresParams) -> Iterator[Figure]:
    """Every figure that has something to show."""
    for draw in charts():
        found = draw(study, numbers)
        if found is not None:
            yield found
    yield from (sheet for sheet in _sheets(Album(study), numbers.words, params) if sheet is not None)


def _sheets(album: Album, words: Language, params: FiguresParams) -> Iterator[Figure | None]:
    for dataset in album.study.datasets:
        yield contact.compact(album, dataset, words, params.note_captions)
        yield contact.full(album, dataset, words, params.captions, params.draws)
        yield contact.gold(album, dataset, words)
        yield contact.extremes(album, dataset, words)
    yield contact.landscapes(album, words)
    yield contact.samples(album, words)
    yield contact.samples_note(album, words)
    yield contact.nearest(album, words)


def write_all(numbers: Numbers, params: FiguresParams, folder: Path) -> Iterator[str]:
    """Write every figure in a language, its index and the credits; the name of each as it is written."""
    labels, index = numbers.labels(), {}
    study = Study(list(labels), labels)
    for figure in figures(study, numbers, params):
        index[figure.name] = write(figure, folder, numbers.words)
        yield figure.name
    shown = [(dataset, image) for entry in index.values() for dataset, image in entry.get("pictures", [])]
    for name, content in {"index": index, "attribution": attribution(study, shown)}.items():
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def how_many(datasets: int) -> int:
    """Of figures in a language, at most."""
    return len(charts()) + 4 * datasets + 4
