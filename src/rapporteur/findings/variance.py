"""How much of the score's variance is the dataset, the caption and the draw, and how large a study must be.

Over all datasets: shares of the variance (statistics/components.py), with REML's beside them. For each dataset: the
standard deviations, the captions that an interval of ± HALF_WIDTH needs, and the draws per caption beyond which more
draws no longer narrow it: half-width within TOLERANCE of what endless draws would give. Captions are taken as
independent; of one gold picture's captions that is only roughly so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from rapporteur.findings.finding import DATASET, Column, Finding, Table, absent, bounds, count, measured, table_of_rows
from rapporteur.statistics.bootstrap import Estimate, Floats, Resampling, Undefined
from rapporteur.statistics.components import SHARES, Components, components, restricted_likelihood
from rapporteur.statistics.planning import captions_needed, half_width
from rapporteur.study.tables import Study
from rapporteur.vocabulary.phrase import Phrase

SCORES = "clip/{}/scores.parquet"
UNIT = "CLIPScore"
WHOLE = "artifacts/clip"
HALF_WIDTH = 0.01  # of the interval that the findings plan for
WIDTHS = {"planned": HALF_WIDTH, "wider": 0.02, "widest": 0.05}  # columns of the plan
DRAWS = (1, 2, 4, 8, 16)
TOLERANCE = 0.1
ORIGINS = ("dataset", "caption", "draw")


@dataclass(frozen=True)
class Asked:
    """A finding that follows from the components: `of` them, then `made` of its value and of each bound."""

    name: str
    unit: str
    of: Callable[[Components], Floats]
    made: Callable[[float], float] = float
    meaning: Phrase | None = None


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Shares over all datasets, then each dataset's deviations and plan."""
    settings = [
        count("clip.planned_half_width", HALF_WIDTH, WHOLE, unit=UNIT, method="choice"),
        count("clip.draws_tolerance", TOLERANCE, WHOLE, unit="share", method="choice"),
    ]
    own = [
        finding
        for dataset in study.datasets
        for rows in [drawn(study, [dataset])]
        for finding in _found(rows, _asked(rows, plan), dataset, study.source(SCORES, dataset), plan)
    ]
    return [*settings, *_shares(study, plan), *own]


def drawn(study: Study, datasets: Sequence[str]) -> pd.DataFrame:
    """The generated scores of these datasets: dataset, image_id, caption_id, clipscore."""
    names = ["dataset", "image_id", "caption_id", "clipscore"]
    return pd.concat([study.scores(dataset, "generated")[names] for dataset in datasets], ignore_index=True)


def _shares(study: Study, plan: Resampling) -> list[Finding]:
    rows = drawn(study, study.datasets)
    asked = [Asked(f"share_of_{name}", "share", of) for name, of in SHARES.items()]
    found = _found(rows, asked, "", WHOLE, plan)
    if len(study.datasets) < 2:
        found[0] = absent(found[0].quantity, "share", WHOLE, "one_dataset")
    return [*found, measured("clip.share_of_caption_reml", "share", WHOLE, partial(_restricted, rows))]


def _found(rows: pd.DataFrame, asked: Sequence[Asked], dataset: str, source: str, plan: Resampling) -> list[Finding]:
    """A finding for each that is asked, from one resampling."""
    clusters = rows["dataset"] + "/" + rows["image_id"]
    wanted = {each.name: each.of for each in asked}
    try:
        estimates = components(
            rows["clipscore"], rows["caption_id"], rows["dataset"], clusters, wanted=wanted, plan=plan
        )
    except Undefined as undefined:
        return [
            absent(f"clip.{each.name}", each.unit, source, undefined.reason, dataset=dataset, meaning=each.meaning)
            for each in asked
        ]
    return [
        measured(
            f"clip.{each.name}", each.unit, source, partial(_made, estimates[each.name], each.made), dataset=dataset,
            meaning=each.meaning,
        )
        for each in asked
    ]  # fmt: skip


def _made(found: Estimate, made: Callable[[float], float]) -> Estimate:
    """The estimate in another unit. Raises Undefined for a value that is not finite."""
    if not math.isfinite(found.value):
        raise Undefined("no_variance_of_caption")
    if found.low is None or found.high is None:
        return replace(found, value=made(found.value))
    return replace(found, value=made(found.value), low=made(found.low), high=made(found.high))


def _asked(rows: pd.DataFrame, plan: Resampling) -> list[Asked]:
    """What is told of one dataset; its draws are the fewest that a caption has."""
    draws = fewest_draws(rows)

    def needed(variance: float) -> float:
        return captions_needed(HALF_WIDTH, variance, plan.confidence)

    meaning = Phrase("clip.captions_needed", {"draws": draws})
    return [
        Asked("sd_caption", UNIT, lambda part: np.sqrt(part.caption)),
        Asked("sd_draw", UNIT, lambda part: np.sqrt(part.draw)),
        Asked("captions_needed", "count", lambda part: part.of_mean(draws), needed, meaning),
        Asked("captions_needed_one_draw", "count", lambda part: part.of_mean(1), needed),
        Asked("draws_enough", "count", _useful_draws, math.ceil),
    ]


def fewest_draws(rows: pd.DataFrame) -> int:
    return int(rows.groupby("caption_id").size().min()) if len(rows) else 0


def _useful_draws(part: Components) -> Floats:
    """k with sqrt(caption + draw / k) = (1 + TOLERANCE) sqrt(caption)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.maximum(part.draw / part.caption / ((1 + TOLERANCE) ** 2 - 1), 1.0))


def _restricted(rows: pd.DataFrame) -> Estimate:
    groups = rows.groupby(["dataset", "caption_id"]).ngroups
    if groups < 2 or groups == len(rows):
        raise Undefined("mixed_model_needs_two_captions")
    found = restricted_likelihood(rows["clipscore"], rows["caption_id"], rows["dataset"])
    share = float(SHARES["caption"](found)[0])
    return Estimate(share, None, None, len(rows), groups, Phrase("reml"))


def tables(study: Study, known: dict[str, Finding], plan: Resampling) -> list[Table]:
    """Shares of the variance, and the plan by draws and half-width."""
    return [_shares_table(known), _planning(study, known, plan)]


def _shares_table(known: dict[str, Finding]) -> Table:
    found = {origin: known[f"clip.share_of_{origin}"] for origin in ORIGINS}
    rows = [
        {"origin": origin, "share": each.value, "low": each.low, "high": each.high, "n": each.n}
        for origin, each in found.items()
        if each.value is not None
    ]
    share, counted = Column("share", "share", 1), Column("n", "count", 0)
    columns = Column("origin", words="origin"), share, *bounds("share", 1), counted
    return table_of_rows("clip_variance", WHOLE, rows, *columns, key=False)


def _planning(study: Study, known: dict[str, Finding], plan: Resampling) -> Table:
    rows = [row for dataset in study.datasets for row in _plans(study, dataset, known, plan)]
    needed = [Column(name, "count", 0, about={"width": width}) for name, width in WIDTHS.items()]
    columns = DATASET, Column("draws", "count", 0), *needed, Column("half_width", UNIT, 3)
    return table_of_rows("clip_planning", WHOLE, rows, *columns)


def _plans(study: Study, dataset: str, known: dict[str, Finding], plan: Resampling) -> list[dict[str, object]]:
    """One row for each number of draws, the study's own among them."""
    deviations = [known[f"clip.sd_{name}.{dataset}"].value for name in ("caption", "draw")]
    rows = drawn(study, [dataset])
    captions = rows["caption_id"].nunique()
    if not all(isinstance(value, float) for value in deviations) or captions < 2:
        return []
    caption, draw = (float(value) ** 2 for value in deviations if isinstance(value, float))
    made = []
    for draws in sorted({*DRAWS, fewest_draws(rows)}):
        variance = caption + draw / draws
        needed = {name: captions_needed(width, variance, plan.confidence) for name, width in WIDTHS.items()}
        own = {"key": dataset, "dataset": study.label(dataset), "draws": draws}
        made.append(own | needed | {"half_width": half_width(captions, variance, plan.confidence)})
    return made
