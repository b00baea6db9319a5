"""The tokenizer's ceiling: what gold pictures lose by going through the VQGAN and back, and what is left to gain.

gold - reconstructed is the tokenizer's loss, which no drawing model on its codes can make up; reconstructed - generated
is the drawing model's. Both are paired within the caption, captions weighing the same; one family of tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rapporteur.findings.clip import by, cluster_of
from rapporteur.findings.finding import Finding, PairedTest, measured
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.statistics.bootstrap import Resampling, mean
from rapporteur.study.tables import Study

SCORES = "clip/{}/scores.parquet"
UNIT = "CLIPScore"


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """The mean score of reconstructed gold pictures, with their own captions."""
    return [
        measured(
            "clip.reconstructed", UNIT, study.source(SCORES, dataset),
            partial(mean, rows["clipscore"], rows["image_id"], plan), dataset=dataset,
        )
        for dataset in study.datasets
        for rows in [study.scores(dataset, "reconstructed")]
    ]  # fmt: skip


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """Both gaps of each dataset."""
    return corrected([test for dataset in study.datasets for test in _tests(study, dataset, plan)])


def _tests(study: Study, dataset: str, plan: Resampling) -> Iterator[PairedTest]:
    gold, through, drawn = (study.scores(dataset, pair) for pair in ("gold", "reconstructed", "generated"))
    test = partial(paired_test, dataset=dataset, unit=UNIT, source=study.source(SCORES, dataset), plan=plan)
    yield test(
        "clip.gold_minus_reconstructed",
        differences=by(gold) - by(through),
        clusters=cluster_of(gold),
    )
    yield test(
        "clip.reconstructed_minus_generated",
        differences=by(through) - by(drawn),
        clusters=cluster_of(drawn),
    )
