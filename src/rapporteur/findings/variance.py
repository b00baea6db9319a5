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

from rapporteur.findings.finding import Column, Finding, Table, absent, count, measured
from rapporteur.report.french import number
from rapporteur.statistics.bootstrap import Estimate, Floats, Resampling, Undefined
from rapporteur.statistics.components import SHARES, Components, components, restricted_likelihood
from rapporteur.statistics.planning import captions_needed, half_width
from rapporteur.study.tables import Study

SCORES = "clip/{}/scores.parquet"
UNIT = "CLIPScore"
WHOLE = "artifacts/clip"
HALF_WIDTH = 0.01  # of the interval that the findings plan for
WIDTHS = {"planned": HALF_WIDTH, "wider": 0.02, "widest": 0.05}  # columns of the plan
DRAWS = (1, 2, 4, 8, 16)
TOLERANCE = 0.1
SOURCES = {"dataset": "au jeu de données", "caption": "à la légende", "draw": "au tirage"}
ORIGINS = {"dataset": "Jeu de données", "caption": "Légende", "draw": "Tirage"}


@dataclass(frozen=True)
class Asked:
    """A finding that follows from the components: `of` them, then `made` of its value and of each bound."""

    name: str
    label: str
    unit: str
    of: Callable[[Components], Floats]
    made: Callable[[float], float] = float


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Shares over all datasets, then each dataset's deviations and plan."""
    labels = "demi-largeur d’intervalle visée", "élargissement toléré, face à des tirages sans fin"
    settings = [
        count("clip.planned_half_width", labels[0], HALF_WIDTH, WHOLE, unit=UNIT, method="choix"),
        count("clip.draws_tolerance", labels[1], TOLERANCE, WHOLE, unit="share", method="choix"),
    ]
    own = [
        finding
        for dataset in study.datasets
        for rows in [drawn(study, [dataset])]
        for finding in _found(rows, _asked(rows, plan), f".{dataset}", study.source(SCORES, dataset), plan)
    ]
    return [*settings, *_shares(study, plan), *own]


def drawn(study: Study, datasets: Sequence[str]) -> pd.DataFrame:
    """The generated scores of these datasets: dataset, image_id, caption_id, clipscore."""
    names = ["dataset", "image_id", "caption_id", "clipscore"]
    return pd.concat([study.scores(dataset, "generated")[names] for dataset in datasets], ignore_index=True)


def _shares(study: Study, plan: Resampling) -> list[Finding]:
    rows = drawn(study, study.datasets)
    what = "part de la variance du score CLIP, tous jeux, due"
    asked = [Asked(f"share_of_{name}", f"{what} {SOURCES[name]}", "share", of) for name, of in SHARES.items()]
    found = _found(rows, asked, "", WHOLE, plan)
    if len(study.datasets) < 2:
        found[0] = absent(found[0].name, found[0].label, "share", WHOLE, "un seul jeu de données")
    label = f"{what} {SOURCES['caption']}, modèle mixte"
    return [*found, measured("clip.share_of_caption_reml", label, "share", WHOLE, partial(_restricted, rows))]


def _found(rows: pd.DataFrame, asked: Sequence[Asked], suffix: str, source: str, plan: Resampling) -> list[Finding]:
    """A finding for each that is asked, from one resampling."""
    names = [(f"clip.{each.name}{suffix}", each.label, each.unit) for each in asked]
    clusters = rows["dataset"] + "/" + rows["image_id"]
    wanted = {each.name: each.of for each in asked}
    try:
        estimates = components(
            rows["clipscore"], rows["caption_id"], rows["dataset"], clusters, wanted=wanted, plan=plan
        )
    except Undefined as reason:
        return [absent(*name, source, str(reason)) for name in names]
    return [
        measured(*name, source, partial(_made, estimates[each.name], each.made))
        for name, each in zip(names, asked, strict=True)
    ]


def _made(found: Estimate, made: Callable[[float], float]) -> Estimate:
    """The estimate in another unit. Raises Undefined for a value that is not finite."""
    if not math.isfinite(found.value):
        raise Undefined("aucune variance due à la légende")
    if found.low is None or found.high is None:
        return replace(found, value=made(found.value))
    return replace(found, value=made(found.value), low=made(found.low), high=made(found.high))


def _asked(rows: pd.DataFrame, plan: Resampling) -> list[Asked]:
    """What is told of one dataset; its draws are the fewest that a caption has."""
    draws = fewest_draws(rows)

    def needed(variance: float) -> float:
        return captions_needed(HALF_WIDTH, variance, plan.confidence)

    captions = "légendes à illustrer pour la demi-largeur visée, aux tirages de l’étude"
    return [
        Asked("sd_caption", "écart type du score CLIP entre légendes", UNIT, lambda part: np.sqrt(part.caption)),
        Asked("sd_draw", "écart type du score CLIP entre tirages d’une légende", UNIT, lambda part: np.sqrt(part.draw)),
        Asked("captions_needed", f"{captions} ({draws})", "count", lambda part: part.of_mean(draws), needed),
        Asked("captions_needed_one_draw", "légendes à illustrer pour la demi-largeur visée, un tirage par légende",
              "count", lambda part: part.of_mean(1), needed),
        Asked("draws_enough", "tirages par légende au-delà desquels l’intervalle ne se resserre plus guère", "count",
              _useful_draws, math.ceil),
    ]  # fmt: skip


def fewest_draws(rows: pd.DataFrame) -> int:
    return int(rows.groupby("caption_id").size().min()) if len(rows) else 0


def _useful_draws(part: Components) -> Floats:
    """k with sqrt(caption + draw / k) = (1 + TOLERANCE) sqrt(caption)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.maximum(part.draw / part.caption / ((1 + TOLERANCE) ** 2 - 1), 1.0))


def _restricted(rows: pd.DataFrame) -> Estimate:
    groups = rows.groupby(["dataset", "caption_id"]).ngroups
    if groups < 2 or groups == len(rows):
        raise Undefined("un modèle mixte demande deux légendes, dont une à deux images")
    found = restricted_likelihood(rows["clipscore"], rows["caption_id"], rows["dataset"])
    share = float(SHARES["caption"](found)[0])
    return Estimate(share, None, None, len(rows), groups, "modèle mixte, vraisemblance restreinte (REML)")


def tables(study: Study, known: dict[str, Finding], plan: Resampling) -> list[Table]:
    """Shares of the variance, and the plan by draws and half-width."""
    return [_shares_table(known), _planning(study, known, plan)]


def _shares_table(known: dict[str, Finding]) -> Table:
    found = {word: known[f"clip.share_of_{name}"] for name, word in ORIGINS.items()}
    rows = [
        {"origin": word, "share": each.value, "low": each.low, "high": each.high, "n": each.n}
        for word, each in found.items()
        if each.value is not None
    ]
    columns = (
        Column("origin", "Origine"), Column("share", "Part de la variance", "share", 1),
        Column("low", "Borne basse", "share", 1), Column("high", "Borne haute", "share", 1),
        Column("n", "Images", "count", 0),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    return Table("clip_variance", "D’où vient la variance du score CLIP des images tirées", WHOLE, frame, columns)


def _planning(study: Study, known: dict[str, Finding], plan: Resampling) -> Table:
    rows = [row for dataset in study.datasets for row in _plans(study, dataset, known, plan)]
    columns = (
        Column("dataset", "Jeu de données"), Column("draws", "Tirages par légende", "count", 0),
        *(Column(name, f"Légendes pour ± {number(width, 2)}", "count", 0) for name, width in WIDTHS.items()),
        Column("half_width", "Demi-largeur, légendes de l’étude", UNIT, 3),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["key", *[column.name for column in columns]])
    caption = "Légendes à illustrer selon la demi-largeur voulue et le nombre de tirages par légende"
    return Table("clip_planning", caption, WHOLE, frame, columns)


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
