"""Findings on the landscape model's settings: what its training gains with others (`rapporteur sweep`).

A training counts where it began as the study's did: the same pictures, which cost the start what they cost it in the
study. The others are set apart and counted. The best one is chosen on the pictures that measure it: its gain flatters.
Beside it stands the one that gains most on the pictures learnt from: more learnt may be more learnt by heart.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.findings.finding import Column, Finding, Table, absent, bounds, count, measured, table_of_rows
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Resampling, mean
from rapporteur.study.tables import Study
from rapporteur.vocabulary.losses import LEARNT
from rapporteur.vocabulary.sweep import FILE, SETTINGS, read_sweep

NATS = "nats/token"
NEAR = 0.001  # nats: float32 and float64 differ by less, another model or picture by more
LOSSES = "model/losses.parquet"
SHOWN = 12  # trainings of the table, at most: those that gain most on pictures held out
PAIRED = "mean_of_paired_differences"


def trainings(study: Study, file: Path = Path(FILE)) -> tuple[pd.DataFrame, int]:
    """The rows of the trainings that began as the study's did, and how many trainings are set apart."""
    rows, losses = read_sweep(file), study.table(LOSSES)
    own = losses.pivot(index=["split", "image_id"], columns="model", values="loss").reindex(columns=LEARNT)
    joined = rows.join(own, on=["split", "image_id"])
    same = (joined["start"] - joined[LEARNT[0]]).abs() < NEAR
    whole = same.groupby([joined[name] for name in SETTINGS]).transform("all") if len(joined) else same
    apart = joined.loc[~whole, list(SETTINGS)].drop_duplicates()
    kept = joined[whole]
    return kept.assign(gain=kept["start"] - kept["loss"], over=kept[LEARNT[1]] - kept["loss"]), len(apart)


def _held(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["split"] == "held_out"]


def _most(rows: pd.DataFrame, split: str) -> pd.DataFrame:
    """The rows of the training that gains most on the pictures of a split."""
    gains = rows[rows["split"] == split].groupby(list(SETTINGS))["gain"].mean()
    most = pd.Series(gains.idxmax(), index=list(SETTINGS))
    return rows[(rows[list(SETTINGS)] == most).all(axis=1)]


def findings(study: Study, plan: Resampling, file: Path = Path(FILE)) -> list[Finding]:
    """How many trainings there are, and what the best of them gains: over the start, and over the study's own."""
    rows, apart = trainings(study, file)
    source = file.as_posix()
    runs = len(rows[list(SETTINGS)].drop_duplicates())
    found = [
        count("model.sweep_runs", runs, source),
        count("model.sweep_set_aside", apart, source),
        count("model.sweep_shown", min(SHOWN, runs), source),
    ]
    best_of = ("model.sweep_best", "model.sweep_best_over_study")
    learnt_of = ("model.sweep_learnt", "model.sweep_learnt_held_out")
    settings = [f"model.sweep_best_{name}" for name in SETTINGS]
    if rows.empty:
        units = [*[NATS] * 4, "1", "count", "count"]
        names = (*best_of, *learnt_of, *settings)
        return found + [absent(name, unit, source, "no_sweep") for name, unit in zip(names, units, strict=True)]
    best, learnt = _held(_most(rows, "held_out")), _most(rows, "train")
    told = {
        best_of[0]: (best, "gain"),
        best_of[1]: (best, "over"),
        learnt_of[0]: (learnt[learnt["split"] == "train"], "gain"),
        learnt_of[1]: (_held(learnt), "gain"),
    }
    for name, (mine, column) in told.items():
        compute = partial(mean, mine[column], list(mine["image_id"]), plan, PAIRED)
        found.append(measured(name, NATS, source, compute))
    for name, column, unit in zip(settings, SETTINGS, ("1", "count", "count"), strict=True):
        found.append(count(name, best[column].iloc[0], source, unit=unit, method="reading"))
    return found


def tables(study: Study, plan: Resampling, file: Path = Path(FILE)) -> list[Table]:
    """One row a training, the best first: its settings, and what it gains on pictures held out and on others."""
    rows, _ = trainings(study, file)
    told = list[dict[str, Any]]()
    for setting, mine in rows.groupby(list(SETTINGS)):
        held = _held(mine)
        gain = mean(held["gain"], list(held["image_id"]), plan, PAIRED)
        seen = mine[mine["split"] == "train"]["gain"].mean()
        told.append(
            dict(zip(SETTINGS, setting, strict=True))
            | {"train": seen, "held_out": gain.value, "low": gain.low, "high": gain.high}
        )
    told = sorted(told, key=lambda row: -row["held_out"])[:SHOWN]
    columns = Column("steps", "count", 0), Column("batch", "count", 0), Column("train", NATS, 3)
    return [
        table_of_rows(
            "model_sweep", file.as_posix(), told, Column("learning_rate", "1", 6), *columns,
            Column("held_out", NATS, 3), *bounds(NATS, 3),
        )
    ]  # fmt: skip


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tables=lambda given, _, __: tables(given.study, given.plan),
    needs="model",
)
