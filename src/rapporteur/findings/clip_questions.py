"""What CLIP is asked beyond means: other wordings, retrieval, sources of variance, failing captions, the ceiling.

One place for the stage `findings` to call; each topic is a module of its own.
"""

from __future__ import annotations

from rapporteur.findings import ceiling, failures, foils, retrieval, variance
from rapporteur.findings.finding import Finding, PairedTest, Table
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """All but the paired tests."""
    return [
        *foils.findings(study, plan),
        *retrieval.findings(study, plan),
        *variance.findings(study, plan),
        *failures.findings(study, plan),
        *ceiling.findings(study, plan),
    ]


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """The paired tests, each topic a family."""
    return [*foils.tests(study, plan), *ceiling.tests(study, plan)]


def tables(study: Study, known: dict[str, Finding], plan: Resampling) -> list[Table]:
    return [
        *foils.tables(study, known),
        *retrieval.tables(study, known),
        *variance.tables(study, known, plan),
        *failures.tables(study, known),
    ]


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tests=lambda given: tests(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known, given.plan),
)
