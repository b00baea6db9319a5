"""Figures: the charts and contact sheets that the documents show.

Reads   artifacts/findings, the tables and the shards of the stages before it, and the gold pictures.
Writes  artifacts/figures/<name>/chart.vl.json and chart.svg, or sheet.jpg (300 dots per inch), index.json
        (kind, size, alternative text and caption of each, gold pictures shown) and attribution.json (licence and
        source of these pictures); French ones there, those in another language in a folder of its name.
Costs   about 15 s a language on two cores, a process each; no model is loaded.

    python -m rapporteur.stages.figures
"""

from __future__ import annotations

from dataclasses import replace

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import PARAMS_FILE
from rapporteur.core.progress import progress
from rapporteur.core.stage import Stage, artifact
from rapporteur.figures.every import FiguresParams, how_many, write_all
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import languages

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
        "artifacts/judgement",
        "artifacts/findings",
    ),
)


def main() -> None:
    asked = STAGE.params(FiguresParams)
    params = replace(asked, languages=_languages(asked))
    findings = artifact("findings")
    each = how_many(len(Numbers.read(findings).labels()))
    with new_folder(STAGE.out()) as folder, progress("figures", len(params.languages) * each) as advance:
        write_all(findings, params, folder, advance)


def _languages(params: FiguresParams) -> list[str]:
    """Those asked for. Raises BadInput for none, and for one that there is not."""
    if not params.languages:
        raise BadInput("`figures.languages` is empty; name one, such as fr", PARAMS_FILE)
    for name in params.languages:
        if name not in languages():
            raise BadInput(f"`figures.languages` names {name!r}; known are {', '.join(languages())}", PARAMS_FILE)
    return list(dict.fromkeys(params.languages))


if __name__ == "__main__":
    run_stage(main)
