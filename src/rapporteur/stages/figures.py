"""Figures: the charts and contact sheets that the documents show.

Reads   artifacts/findings, the tables and the shards of the stages before it, and the gold pictures.
Writes  artifacts/figures/<name>/chart.vl.json and chart.svg, or sheet.jpg (300 dots per inch), index.json
        (kind, size, alternative text and caption of each, gold pictures shown) and attribution.json (licence and
        source of these pictures); French ones there, those in another language in a folder of its name.
Costs   about 10 s a language on one core, half of it vl-convert's; no model is loaded.

    python -m rapporteur.stages.figures
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import PARAMS_FILE, strict
from rapporteur.core.progress import progress
from rapporteur.core.stage import Stage, artifact
from rapporteur.figures import charts, contact
from rapporteur.figures.attribution import attribution
from rapporteur.figures.figure import Figure, write
from rapporteur.figures.numbers import Numbers
from rapporteur.report.artifacts import FIGURES, figures_in
from rapporteur.report.language import Language, languages
from rapporteur.study.album import Album
from rapporteur.study.tables import Study

STAGE = Stage(
    "figures",
    reads=(
        "report/_brand/fonts",
        "artifacts/captions",
        "artifacts/images",
        "artifacts/clip",
        "artifacts/colour",
        "artifacts/landscapes",
        "artifacts/model",
        "artifacts/samples",
        "artifacts/findings",
    ),
)


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


def main() -> None:
    params = STAGE.params(FiguresParams)
    told = [Numbers.read(artifact("findings"), name) for name in _languages(params)]
    each = len(charts()) + 4 * len(told[0].labels()) + 3
    with new_folder(STAGE.out()) as folder, progress("figures", len(told) * each) as advance:
        for numbers in told:
            target = folder / figures_in(numbers.words.name).relative_to(FIGURES)
            target.mkdir(exist_ok=True)
            for _ in write_all(numbers, params, target):
                advance(1)


def _languages(params: FiguresParams) -> list[str]:
    """Those asked for. Raises BadInput for none, and for one that there is not."""
    if not params.languages:
        raise BadInput("`figures.languages` is empty; name one, such as fr", PARAMS_FILE)
    for name in params.languages:
        if name not in languages():
            raise BadInput(f"`figures.languages` names {name!r}; known are {', '.join(languages())}", PARAMS_FILE)
    return list(dict.fromkeys(params.languages))


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


if __name__ == "__main__":
    run_stage(main)
