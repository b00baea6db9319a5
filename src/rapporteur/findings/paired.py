"""Paired tests as findings: one difference a caption, whole clusters flipped, Holm over the family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from rapporteur.findings.finding import (
    DATASET,
    P_HOLM,
    Column,
    PairedTest,
    Table,
    absent,
    bounds,
    measured,
    table_of_rows,
)
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Resampling, Undefined, mean
from rapporteur.statistics.permutation import ASSUMPTION, at_the_floor, holm, paired_permutation
from rapporteur.study.tables import Study


def paired_test(
    quantity: str,
    *,
    dataset: str,
    unit: str,
    source: str,
    differences: pd.Series,
    clusters: pd.Series,
    plan: Resampling,
    p: str = "",
) -> PairedTest:
    """The mean of `differences` (indexed by caption; missing ones left out) and its permutation p-value.

    p: the p-value's quantity; by default the difference's own with `_p`.
    """
    kept = differences.dropna()
    labels = clusters.reindex(kept.index)
    tested = p or f"{quantity}_p"
    compute = partial(mean, kept, labels, plan, "mean_of_paired_differences")
    difference = measured(quantity, unit, source, compute, dataset=dataset, p=tested)
    try:
        found = paired_permutation(kept, labels, plan)
    except Undefined as undefined:
        nothing = absent(quantity, unit, source, undefined.reason, dataset=dataset, p=tested)
        return PairedTest(difference if difference.value is not None else nothing, None)
    return PairedTest(difference, found, at_most=at_the_floor(found, labels.nunique(), plan))


def corrected(family: Sequence[PairedTest]) -> list[PairedTest]:
    """The tests with Holm's correction over those that could be computed."""
    computed = [test.p for test in family if test.p is not None]
    adjusted = iter(holm(computed))
    return [test if test.p is None else replace(test, p_holm=next(adjusted), family=len(computed)) for test in family]


def tests_table(study: Study, tests: Sequence[PairedTest]) -> Table:
    """Every test that the study could make, with what it assumes."""
    rows = [
        {"key": test.dataset, "dataset": study.label(test.dataset), "question": test.name,
         "estimate": test.difference.value, "low": test.difference.low, "high": test.difference.high,
         "p": test.p, "p_holm": test.p_holm, "assumption": ASSUMPTION, "at_most": test.at_most}
        for test in tests
        if test.p is not None
    ]  # fmt: skip
    said = DATASET, Column("question", words="finding"), Column("estimate", "1", 3), *bounds("1", 3)
    columns = *said, Column("p", "p", 3), P_HOLM, Column("assumption", words="assumption")
    return table_of_rows("tests", "artifacts/findings", rows, *columns)


TOPIC = Topic(
    findings=lambda given: [],
    tables=lambda given, _, made: [tests_table(given.study, made)],
)
