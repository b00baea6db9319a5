"""Figures: the charts and contact sheets that the documents show.

Reads   artifacts/findings, the tables and the shards of the stages before it, and the gold pictures.
Writes  artifacts/figures/<name>/chart.vl.json and chart.svg, or sheet.jpg (300 dots per inch), index.json
        (kind, size, alternative text and caption of each, gold pictures shown) and attribution.json (licence and
        source of these pictures).
Costs   about 10 s on one core, half of it vl-convert's; no model is loaded.

    python -m rapporteur.stages.figures
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from rapporteur.core.errors import run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import strict
from rapporteur.core.progress import progress
from rapporteur.core.stage import Stage, artifact
from rapporteur.figures import charts, contact
from rapporteur.figures.attribution import attribution
from rapporteur.figures.figure import Figure, write
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import Language
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
    numbers = Numbers.read(artifact("findings"))
    labels = numbers.labels()
    study = Study(list(labels), labels)
    index = {}
    with (
        new_folder(STAGE.out()) as folder,
        progress("figures", len(charts()) + 4 * len(labels) + 3) as advance,
    ):
        for figure in figures(study, numbers, params):
            index[figure.name] = write(figure, folder)
            advance(1)
        shown = [(dataset, image) for entry in index.values() for dataset, image in entry.get("pictures", [])]
        for name, content in {"index": index, "attribution": attribution(study, shown)}.items():
            text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
            (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    run_stage(main)
