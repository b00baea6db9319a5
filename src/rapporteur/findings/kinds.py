"""Findings by kind of landscape: what the training gained on mountains, forests, plains, in loss, colour and KID.

Losses are of pictures that no step saw; samples are paired by prompt and seed, and prompts resampled whole. Intervals
by kind are not corrected for their number: whether kinds differ at all is asked once, by Kruskal and Wallis's test.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from rapporteur.colour.distances import delta_e
from rapporteur.findings.finding import Column, Finding, Table, absent, bounds, count, measured, table_of_rows
from rapporteur.findings.judgement import FEATURES, LANDSCAPES, PAIRED, SAMPLES, kernels, paired
from rapporteur.findings.model import LOSSES, losses_by
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import FEWEST_CLUSTERS, Resampling, mean
from rapporteur.statistics.closeness import kid_gain
from rapporteur.study.tables import Study
from rapporteur.vocabulary.judgement import AXES
from rapporteur.vocabulary.losses import LEARNT
from rapporteur.vocabulary.phrase import Phrase

START, OURS = LEARNT
UNIT = "ΔE2000"


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """How near samples come to the colours of real landscapes of their kind; whether the gain in loss depends on it."""
    samples, source = colour_distances(study), study.source(SAMPLES)
    if samples.empty:
        names = [*(f"judgement.colour_{name}" for name in LEARNT), "judgement.colour_gain"]
        found = [absent(name, UNIT, source, "no_sample") for name in names]
    else:
        by_model = {name: samples[samples["source"] == name] for name in LEARNT}
        found = [
            measured(f"judgement.colour_{name}", UNIT, source, partial(mean, mine["far"], mine["caption_id"], plan))
            for name, mine in by_model.items()
        ]
        found.append(measured("judgement.colour_gain", UNIT, source, partial(_gain, samples, plan)))
    return [*found, *_differ(held_gains(study), study.source(LOSSES), plan)]


def colour_distances(study: Study) -> pd.DataFrame:
    """The judged samples of which there are real landscapes of their kind, with `far`: the mean ΔE2000 between a
    sample's mean colour and that of each of these.
    """
    samples, real = study.table(SAMPLES), study.table(LANDSCAPES)
    axes = list(AXES)
    parts = []
    for kind, mine in samples.groupby("kind", sort=True):
        goals = real.loc[real["kind"] == kind, axes].to_numpy()
        if len(goals):
            apart = delta_e(mine[axes].to_numpy()[:, None], goals[None])
            parts.append(mine.assign(far=apart.mean(axis=1)))
    return pd.concat(parts) if parts else samples.iloc[:0].assign(far=[])


def _gain(samples: pd.DataFrame, plan: Resampling) -> Any:
    pairs = paired(samples, "far")
    return mean(pairs[START] - pairs[OURS], list(pairs.index.get_level_values("caption_id")), plan, PAIRED)


def held_gains(study: Study) -> pd.DataFrame:
    """What the training gained on each picture held out: image_id, kind, gain in nats a token."""
    real = study.table(LANDSCAPES).set_index("image_id")["kind"]
    losses = losses_by(study, "held_out").reindex(columns=LEARNT).dropna().join(real, how="inner")
    return losses.assign(gain=losses[START] - losses[OURS]).reset_index()[["image_id", "kind", "gain"]]


def _differ(gains: pd.DataFrame, source: str, plan: Resampling) -> Iterator[Finding]:
    """How many kinds are well enough held out, those on which the training helps or harms, and whether kinds differ."""
    kinds = {str(kind): mine for kind, mine in gains.groupby("kind") if len(mine) >= FEWEST_CLUSTERS}
    intervals = [_of_losses(mine, plan) for mine in kinds.values()]
    known = [one for one in intervals if one.low is not None and one.high is not None]
    yield count("judgement.kinds", len(known), source)
    yield count("judgement.kinds_helped", sum(one.low > 0 for one in known), source)
    yield count("judgement.kinds_harmed", sum(one.high < 0 for one in known), source)
    groups = [mine["gain"].to_numpy() for mine in kinds.values()]
    if len(groups) < 2 or np.ptp(np.concatenate(groups)) == 0:
        yield absent("judgement.kinds_p", "p", source, "no_data")
        return
    p = float(stats.kruskal(*groups).pvalue)
    n = sum(map(len, groups))
    yield Finding("judgement.kinds_p", p, "p", n, Phrase("kruskal_wallis", {"groups": len(groups)}), source)


def _of_losses(gains: pd.DataFrame, plan: Resampling) -> Any:
    return mean(gains["gain"], list(gains["image_id"]), plan, PAIRED)


def tables(study: Study, plan: Resampling) -> list[Table]:
    """A row for each kind and measure: what it rests on, and the gain with its interval."""
    gains, samples = held_gains(study), colour_distances(study)
    rows = []
    for kind, mine in gains.groupby("kind"):
        rows.append(_row(str(kind), "loss", len(mine), measured("", "", "", partial(_of_losses, mine, plan))))
    for kind, mine in samples.groupby("kind"):
        prompts = mine["caption_id"].nunique()
        rows.append(_row(str(kind), "colour", prompts, measured("", "", "", partial(_gain, mine, plan))))
        found = measured("", "", "", partial(_nearer, study, str(kind), plan))
        rows.append(_row(str(kind), "kid", prompts, found))
    rows = sorted((row for row in rows if row["gain"] is not None), key=lambda row: (row["measure"], row["kind"]))
    columns = Column("kind", words="landscape"), Column("measure", words="gained"), Column("n", "count", 0)
    table = table_of_rows(
        "judgement_kinds", study.source(FEATURES), rows, *columns, Column("gain", "1", 3), *bounds("1", 3)
    )
    return [table]


def _nearer(study: Study, kind: str, plan: Resampling) -> Any:
    real, (before, after) = kernels(study, kind)
    return kid_gain(before, after, real, plan)


def _row(kind: str, measure: str, n: int, found: Finding) -> dict[str, Any]:
    named = {"key": f"{measure}.{kind}", "kind": kind, "measure": measure, "n": n}
    return named | {"gain": found.value, "low": found.low, "high": found.high}


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tables=lambda given, _, __: tables(given.study, given.plan),
    needs="judgement",
)
