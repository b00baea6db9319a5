"""Paired tests as findings: one difference a caption, whole clusters flipped, Holm over the family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from rapporteur.findings.finding import Column, PairedTest, Table, absent, measured
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Resampling, Undefined, mean
from rapporteur.statistics.permutation import ASSUMPTION, holm, paired_permutation
from rapporteur.study.tables import Study


def paired_test(
    name: str, label: str, *, unit: str, source: str, differences: pd.Series, clusters: pd.Series, plan: Resampling
) -> PairedTest:
    """The mean of `differences` (indexed by caption; missing ones left out) and its permutation p-value."""
    kept = differences.dropna()
    labels = clusters.reindex(kept.index)
    compute = partial(mean, kept, labels, plan, "moyenne des différences appariées")
    difference = measured(name, label, unit, source, compute)
    try:
        p = paired_permutation(kept, labels, plan)
    except Undefined as reason:
        p = None
        difference = difference if difference.value is not None else absent(name, label, unit, source, str(reason))
    return PairedTest(name, name.rsplit(".", 1)[1], label, difference, p)


def corrected(family: Sequence[PairedTest]) -> list[PairedTest]:
    """The tests with Holm's correction over those that could be computed."""
    computed = [test.p for test in family if test.p is not None]
    adjusted = iter(holm(computed))
    return [test if test.p is None else replace(test, p_holm=next(adjusted), family=len(computed)) for test in family]


def tests_table(study: Study, tests: Sequence[PairedTest]) -> Table:
    """Every test that the study could make, with what it assumes."""
    rows = [
        {"key": test.dataset, "dataset": study.label(test.dataset), "question": test.question,
         "estimate": test.difference.value, "low": test.difference.low, "high": test.difference.high,
         "p": test.p, "p_holm": test.p_holm, "assumption": ASSUMPTION}
        for test in tests
        if test.p is not None
    ]  # fmt: skip
    columns = (
        Column("dataset", "Jeu de données"), Column("question", "Différence"), Column("estimate", "Estimation", "1", 3),
        Column("low", "Borne basse", "1", 3), Column("high", "Borne haute", "1", 3), Column("p", "p", "p", 3),
        Column("p_holm", "p (Holm)", "p", 3), Column("assumption", "Hypothèse du test"),
    )  # fmt: skip
    names = ["key", *[column.name for column in columns]]
    frame = pd.DataFrame(rows, columns=names)
    return Table("tests", "Tests de permutation appariés", "artifacts/findings", frame, columns)


TOPIC = Topic(
    findings=lambda given: [],
    tables=lambda given, _, made: [tests_table(given.study, made)],
)
