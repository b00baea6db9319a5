"""Findings on pictures compared side by side: gold against generated, and how far to trust the choices.

A tie counts half. Clusters are gold pictures, as everywhere. Simulated choices are never mixed with people's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import logit

from rapporteur.findings.finding import DATASET, Column, Finding, Table, absent, bounds, count, measured, table_of_rows
from rapporteur.findings.people import cluster, marked, standings, used
from rapporteur.statistics.agreement import ordinal_alpha
from rapporteur.statistics.bootstrap import Estimate, Resampling, Undefined
from rapporteur.statistics.proportions import share
from rapporteur.study.tables import Study
from rapporteur.vocabulary.phrase import Phrase

COMPARISONS = "ratings/comparisons.parquet"

Wanted = dict[str, tuple[str, Callable[[], Estimate]]]  # unit and how to compute, by name


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Counts; gold's share of wins in all and by dataset; shares of ties and of choices of the left; agreement."""
    compared, source = used(study.table(COMPARISONS)), study.source(COMPARISONS)
    return [
        count("ratings.comparisons", len(compared), source),
        count("ratings.comparisons_simulated", int(compared["simulated"].sum()), source),
        *standings(study.table(COMPARISONS), "ratings.comparisons", source),
        count("ratings.comparison_raters", compared["rater"].nunique(), source),
        *[
            _said(f"ratings.{name}", *wanted, compared, source, dataset)
            for dataset, part in [("", _in_all(compared, plan)), *_by_dataset(study, gold_wins(compared), plan)]
            for name, wanted in part.items()
        ],
    ]


def _in_all(compared: pd.DataFrame, plan: Resampling) -> Wanted:
    firm = compared[compared["choice"] != "equal"]
    ties = partial(share, compared["choice"] == "equal", cluster(compared), plan)
    left = partial(share, firm["choice"] == "left", cluster(firm), plan)
    return {
        "gold_preferred": ("share", partial(_wins, gold_wins(compared), plan)),
        "gold_strength": ("1", partial(_stronger, gold_wins(compared), plan)),
        "comparison_equal": ("share", ties),
        "left_preferred": ("share", left),
        "comparison_alpha": ("1", partial(agreement, compared, plan)),
    }


def _by_dataset(study: Study, wins: pd.DataFrame, plan: Resampling) -> list[tuple[str, Wanted]]:
    parts = {dataset: wins[wins["dataset"] == dataset] for dataset in study.datasets}
    return [
        (
            dataset,
            {
                "gold_preferred": ("share", partial(_wins, part, plan)),
                "gold_strength": ("1", partial(_stronger, part, plan)),
            },
        )
        for dataset, part in parts.items()
        if not part.empty
    ]


def _said(
    quantity: str, unit: str, compute: Callable[[], Estimate], compared: pd.DataFrame, source: str, dataset: str
) -> Finding:
    if compared.empty:
        return absent(quantity, unit, source, "nobody_compared", dataset=dataset)
    return marked(measured(quantity, unit, source, compute, dataset=dataset), compared)


def gold_wins(compared: pd.DataFrame) -> pd.DataFrame:
    """Comparisons of gold with generated, with `won`: 1 where gold was chosen, 0 where not, 1/2 for a tie."""
    mixed = compared[compared["left_source"] != compared["right_source"]]
    side = np.where(mixed["left_source"] == "gold", "left", "right")
    won = np.where(mixed["choice"] == "equal", 0.5, (mixed["choice"] == side).astype(float))
    return mixed.assign(won=won)


def _wins(wins: pd.DataFrame, plan: Resampling) -> Estimate:
    """Wilson at the effective size: with ties its variance is an upper bound, so the interval errs by being wide."""
    return share(wins["won"], cluster(wins), plan, "share_with_ties")


def _stronger(wins: pd.DataFrame, plan: Resampling) -> Estimate:
    """How much stronger gold is than what was drawn, by Bradley and Terry: of two sides, the log odds of a win.

    The interval is that of the share of wins, carried over. Raises Undefined where one side won always.
    """
    won = _wins(wins, plan)
    if won.value in (0, 1):
        raise Undefined("undefined_here")
    low, high = (None if bound is None or bound in (0, 1) else float(logit(bound)) for bound in (won.low, won.high))
    method = Phrase("log_odds", {"of": won.method})
    return Estimate(float(logit(won.value)), low, high, won.n, won.clusters, method)


def agreement(compared: pd.DataFrame, plan: Resampling) -> Estimate:
    """Ordinal alpha of choices among first, equal and second, each pair of pictures put in one order."""
    left, right = (
        compared[f"{side}_seed"].fillna(-1).astype(int)  # gold pictures, which have no seed, come first
        for side in ("left", "right")
    )
    kept = left <= right
    leaning = {"left": 1.0, "equal": 0.0, "right": -1.0}
    choice = np.array([leaning[name] for name in compared["choice"]]) * np.where(kept, 1, -1)
    first, second = left.where(kept, right), right.where(kept, left)
    ordered = compared.assign(first=first, second=second, choice=choice)
    pair = ["dataset", "image_id", "caption_id", "first", "second"]
    wide = ordered.pivot_table(index=pair, columns="rater", values="choice", aggfunc="last", sort=True)
    return ordinal_alpha(wide, cluster(wide.index.to_frame(index=False)), plan)


def table(study: Study, known: dict[str, Finding]) -> Table:
    """One row a dataset: how often gold was preferred, and how many were ties."""
    compared = used(study.table(COMPARISONS))
    rows = []
    for dataset in study.datasets:
        found = known.get(f"ratings.gold_preferred.{dataset}")
        if found is None or found.value is None:
            continue
        mine = compared[compared["dataset"] == dataset]
        worth = known[f"ratings.gold_strength.{dataset}"]
        rows.append(
            {"key": dataset, "dataset": study.label(dataset), "n": found.n, "raters": mine["rater"].nunique(),
             "equal": (gold_wins(mine)["won"] == 0.5).mean(), "gold": found.value, "low": found.low,
             "high": found.high, "strength": worth.value, "strength_low": worth.low, "strength_high": worth.high}
        )  # fmt: skip
    counts, shares = ("n", "raters"), ("equal", "gold")
    columns = *(Column(name, "count", 0) for name in counts), *(Column(name, "share", 1) for name in shares)
    strengths = [Column(name, "1", 2) for name in ("strength", "strength_low", "strength_high")]
    every = DATASET, *columns, *bounds("share", 1), *strengths
    return table_of_rows("ratings_comparisons", "artifacts/ratings", rows, *every)
