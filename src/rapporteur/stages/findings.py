"""Findings: every number, test and table that the documents may cite.

Reads   the artifacts of all stages before it; the labels `findings.truth` and measures `findings.measures`,
        where params.yaml names such files; trainings with other settings (data/sweeps); what benchmarks found of the
        measures themselves (benchmarks/results).
Writes  artifacts/findings/findings.json and findings.parquet (vocabulary/findings.py), tables/<name>.parquet and
        tables/index.json (units, digits and vocabularies of their columns), names.json, sources.json (digests of what
        they were read from); metrics.json, every number by name with six digits, which git tracks: `dvc metrics diff`
        says what a change moved.
Costs   under 10 s on one core for two datasets of 100 captions; no model is loaded.

    python -m rapporteur.stages.findings
"""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import PARAMS_FILE, dataset_names, strict
from rapporteur.core.stage import Stage
from rapporteur.findings.gathering import gather
from rapporteur.findings.landscapes import read_truth
from rapporteur.findings.topic import Given
from rapporteur.findings.writing import write, write_metrics, write_sources
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.findings import METRICS_FILE
from rapporteur.vocabulary.sweep import FOLDER

STAGE = Stage(
    "findings",
    reads=(
        "artifacts/captions",
        "artifacts/images",
        "artifacts/clip",
        "artifacts/colour",
        "artifacts/ratings",
        "artifacts/landscapes",
        "artifacts/tokens",
        "artifacts/model",
        "artifacts/samples",
        "artifacts/judgement",
        "${findings.truth}",
        FOLDER,
        "benchmarks/results/forms.json",
        "benchmarks/results/rated.json",
        "benchmarks/results/shapes_obedience.json",
        "benchmarks/results/tifa.json",
    ),
    tells=(METRICS_FILE,),
    takes=("findings", "captions", "images"),
)


@strict
class FindingsParams:
    """The block `findings` of params.yaml."""

    seed: int = 0
    resamples: int = 10_000  # of the bootstrap and of permutation tests
    confidence: float = 0.95  # level of the intervals
    labels: dict[str, str]  # name of each dataset, as the documents write it
    names: dict[str, dict[str, str]] = field(default_factory=dict)  # the same in further languages, by language
    truth: str  # labels of landscapes: a CSV, or a folder of raters' files
    measures: str | None = None  # JSON of numbers about the sample models


def _names(params: FindingsParams) -> dict[str, dict[str, str]]:
    """By language and by the name in `labels`: what it is called there. Raises BadInput for one without a label."""
    unknown = [key for names in params.names.values() for key in names if key not in params.labels]
    if unknown:
        raise BadInput(f"`findings.names` names {unknown[0]!r}, which `findings.labels` does not", PARAMS_FILE)
    return {
        language: {params.labels[key]: name for key, name in names.items()} for language, names in params.names.items()
    }


def main() -> None:
    params = STAGE.params(FindingsParams)
    settings = STAGE.shared("images")
    plan = Resampling(params.seed, params.resamples, params.confidence)
    measures = None if params.measures is None else Path(params.measures)
    study = Study(dataset_names("findings"), params.labels)
    found, tables = gather(Given(study, plan, read_truth(Path(params.truth)), settings, measures))
    with new_folder(STAGE.out()) as folder:
        write(found, tables, folder, _names(params))
        write_sources(found, tables, folder, STAGE.reads)
    write_metrics(found, Path(METRICS_FILE))
    absent = sum(finding.value is None for finding in found)
    print(f"findings: {len(found)} findings ({absent} without a value, each with its reason), {len(tables)} tables")


if __name__ == "__main__":
    run_stage(main)
