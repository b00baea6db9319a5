"""Findings on the landscape model's samples: whether CLIP finds them better, nearer to real landscapes, or copied.

Both models drew the same prompts with the same seeds, so that differences are of pairs; prompts are resampled whole.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from rapporteur.findings.finding import Column, Finding, Table, absent, bounds, count, measured, table_of_rows
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Resampling, Undefined, mean
from rapporteur.statistics.closeness import Drawn, Real, kid, kid_gain
from rapporteur.statistics.proportions import share
from rapporteur.study.tables import Study
from rapporteur.vocabulary.losses import LEARNT

SAMPLES, LANDSCAPES = "judgement/samples.parquet", "judgement/landscapes.parquet"
FEATURES = "judgement/features.parquet"
FAR = 0.95  # of the pictures held out, the share that is farther from the training than what counts as a copy
PAIRED = "mean_of_paired_differences"
START, OURS = LEARNT


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Scores, closeness, copies, and pictures held out that the training has nearly."""
    real, source = study.table(LANDSCAPES), study.source(LANDSCAPES)
    held = real[real["split"] == "held_out"]
    return [
        count("judgement.real", len(real), source),
        count("judgement.far_share", FAR, source, unit="share", method="setting"),
        count("judgement.near_duplicates", int(held["alike"].sum()), source),
        *_scores(study, plan),
        *_closeness(study, plan),
        *_copies(study, plan),
    ]


def paired(samples: pd.DataFrame, value: str) -> pd.DataFrame:
    """A row for each prompt and seed that both models drew, a column for each model."""
    return samples.pivot(index=["caption_id", "seed"], columns="source", values=value).reindex(columns=LEARNT).dropna()


def _prompts(pairs: pd.DataFrame) -> pd.Index:
    return pairs.index.get_level_values("caption_id")


def _scores(study: Study, plan: Resampling) -> list[Finding]:
    """CLIPScore of each model's samples, the difference, and that of the best draw of each prompt."""
    samples, source = study.table(SAMPLES), study.source(SAMPLES)
    if samples.empty:
        names = [*(f"judgement.clip_{name}" for name in LEARNT), "judgement.clip_gain", "judgement.best_gain"]
        return [absent(name, "CLIPScore", source, "no_sample") for name in names]
    found = []
    for name in LEARNT:
        mine = samples[samples["source"] == name]
        compute = partial(mean, mine["clipscore"], mine["caption_id"], plan)
        found.append(measured(f"judgement.clip_{name}", "CLIPScore", source, compute))
    pairs = paired(samples, "clipscore")
    best = pairs.groupby("caption_id").max()
    gain = partial(mean, pairs[OURS] - pairs[START], list(_prompts(pairs)), plan, PAIRED)
    best_gain = partial(mean, best[OURS] - best[START], list(best.index), plan, PAIRED)
    return [
        *found,
        measured("judgement.clip_gain", "CLIPScore", source, gain),
        measured("judgement.best_gain", "CLIPScore", source, best_gain),
    ]


def _closeness(study: Study, plan: Resampling) -> list[Finding]:
    """KID of each model's samples to all real landscapes of the study, and what it gained."""
    source = study.source(FEATURES)
    try:
        real, (before, after) = kernels(study)
    except Undefined as undefined:
        names = [*(f"judgement.kid_{name}" for name in LEARNT), "judgement.kid_gain"]
        return [absent(name, "1", source, undefined.reason) for name in names]
    return [
        measured(f"judgement.kid_{START}", "1", source, partial(kid, before, real, plan)),
        measured(f"judgement.kid_{OURS}", "1", source, partial(kid, after, real, plan)),
        measured("judgement.kid_gain", "1", source, partial(kid_gain, before, after, real, plan)),
    ]


def kernels(study: Study, kind: str = "") -> tuple[Real, list[Drawn]]:
    """Real landscapes, and the samples of each model in one order; of a kind alone where it is given.

    Raises Undefined where there are none.
    """
    samples, landscapes = study.table(SAMPLES), study.table(LANDSCAPES)
    if kind:
        samples, landscapes = samples[samples["kind"] == kind], landscapes[landscapes["kind"] == kind]
    if samples.empty or landscapes.empty:
        raise Undefined("no_sample")
    features = study.table(FEATURES)
    vectors = dict(zip(features["key"], features["feature"], strict=True))
    real = Real.of(np.array([vectors[key] for key in landscapes["key"]]))
    pairs = paired(samples, "key")
    if pairs.empty:
        raise Undefined("no_sample")
    sides = [Drawn.of(np.array([vectors[key] for key in pairs[name]]), list(_prompts(pairs)), real) for name in LEARNT]
    return real, sides


def _copies(study: Study, plan: Resampling) -> list[Finding]:
    """How near real pictures that no step saw come to the training, and which samples come nearer than nearly all."""
    samples, real = study.table(SAMPLES), study.table(LANDSCAPES)
    source, held = study.source(SAMPLES), real[real["split"] == "held_out"]
    names = [f"judgement.copies_{name}" for name in LEARNT]
    if samples.empty or held.empty:
        nothing = [absent(name, "share", source, "no_sample") for name in (*names, "judgement.copies_gain")]
        return [absent("judgement.far", "1", study.source(LANDSCAPES), "no_sample"), *nothing]
    far = float(held["nearest_cosine"].quantile(FAR))
    found = [count("judgement.far", far, study.source(LANDSCAPES), unit="1", method="reading")]
    for quantity, name in zip(names, LEARNT, strict=True):
        mine = samples[samples["source"] == name]
        compute = partial(share, mine["nearest_cosine"] > far, mine["caption_id"], plan)
        found.append(measured(quantity, "share", source, compute))
    pairs = (paired(samples, "nearest_cosine") > far).astype(float)
    compute = partial(mean, pairs[START] - pairs[OURS], list(_prompts(pairs)), plan, PAIRED)
    return [*found, measured("judgement.copies_gain", "share", source, compute)]


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """The models beside each other, a measure a row."""
    rows = []
    for name in ("clip", "kid", "colour", "copies"):
        before, after, gain = (known[f"judgement.{name}_{which}"] for which in (*LEARNT, "gain"))
        told = {"difference": gain.value, "low": gain.low, "high": gain.high}
        rows.append({"key": name, "measure": name, START: before.value, OURS: after.value} | told)
    columns = Column("start_model", "1", 3), Column("landscape_model", "1", 3), Column("difference", "1", 3)
    measure = Column("measure", words="judged")
    return [table_of_rows("judgement", study.source(SAMPLES), rows, measure, *columns, *bounds("1", 3))]


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known),
    needs="judgement",
)
