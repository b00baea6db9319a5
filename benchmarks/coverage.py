"""How often the 95 % intervals of rapporteur.statistics hold the true value, by simulation.

    python -m benchmarks.coverage                          2,000 studies a case, about 7 minutes on one core
    python -m benchmarks.coverage --simulations 400 --only mean   fewer, of the cases whose name has "mean"

A case makes up studies whose true value is known (from a formula, or from one study of 400,000 rows where there
is none), and counts those whose interval holds it. `low` and `high` are Wilson's interval of that count: 93 to 97 %
is what is asked. A study without an interval counts as one that misses, and `without` says how many there were.
Nothing here is a speed: the peer of these numbers is the nominal 95 %.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
from scipy import stats

from benchmarks import publish
from rapporteur.statistics.agreement import ordinal_alpha
from rapporteur.statistics.best import expected_best
from rapporteur.statistics.bootstrap import Estimate, Floats, Resampling, mean
from rapporteur.statistics.correlation import kendall, spearman
from rapporteur.statistics.proportions import share, wilson
from rapporteur.statistics.superiority import superiority
from rapporteur.statistics.variance import intraclass_correlation

RESULT = Path(__file__).parent / "results" / "coverage.json"
NOMINAL, LEAST, MOST = 0.95, 0.93, 0.97
SIMULATIONS, RESAMPLES = 2_000, 1_000
MANY = 400_000  # rows of the one study that stands for a truth without formula
RATER_NOISE, QUALITY = 0.7, 0.6  # spread of a rater about a picture, and of a picture about its caption
CUTS = (-1.2, -0.3, 0.4, 1.2)  # where a latent quality of spread 1 becomes a rating of 1 to 5

Random = np.random.Generator


@dataclass(frozen=True)
class Case:
    """A kind of study: `study` makes one up and estimates, `truth` is what its interval should hold."""

    name: str
    clusters: int
    truth: float
    study: Callable[[Random, Resampling], Estimate]


def cases() -> Iterator[Case]:
    """Every case, the quick ones first."""
    for clusters in (20, 50, 100, 1_000):
        for shape in ("normal", "skewed"):
            yield Case(f"mean, {shape}", clusters, 0.0, partial(mean_study, clusters, shape))
            yield Case(f"paired difference, {shape}", clusters, 0.0, partial(paired_study, clusters, shape))
        yield Case("mean, exponential", clusters, 0.0, partial(exponential_study, clusters))
        for truth in (0.5, 0.9):
            yield Case(f"share of {truth}", clusters, truth, partial(share_study, clusters, truth))
        yield Case("comparisons, ties half", clusters, 0.675, partial(comparison_study, clusters))
        yield Case("ICC of 0.4", clusters, 0.4, partial(icc_study, clusters))
        yield Case("best of 4", clusters, best_truth(), partial(best_study, clusters))
    for clusters in (20, 50, 100):
        yield Case("superiority", clusters, stats.norm.cdf(0.8 / math.sqrt(2)), partial(superiority_study, clusters))
        yield Case("Krippendorff's alpha", clusters, alpha_truth(), partial(alpha_study, clusters))
        for function in (kendall, spearman):
            for kind in ("scores", "ratings"):
                truth = correlation_truth(function.__name__, kind)
                study = partial(correlation_study, clusters, function, kind)
                yield Case(f"{function.__name__}, {kind}", clusters, truth, study)


# ---------------------------------------------------------------------------------------------- made-up studies


def noise(random: Random, shape: str, size: int) -> Floats:
    """Values of mean 0 and spread 1: normal, or exponential (skewness 2) less its mean."""
    return random.normal(size=size) if shape == "normal" else random.exponential(size=size) - 1


def clustered(random: Random, clusters: int, rows: int, shape: str = "normal") -> tuple[Floats, Floats]:
    """Values that share half of their variance with their cluster, and the clusters."""
    labels = np.repeat(np.arange(clusters), rows)
    values = noise(random, shape, clusters)[labels] + noise(random, shape, clusters * rows)
    return values / math.sqrt(2), labels.astype(float)


def mean_study(clusters: int, shape: str, random: Random, plan: Resampling) -> Estimate:
    values, labels = clustered(random, clusters, 5, shape)
    return mean(values, labels, plan)


def exponential_study(clusters: int, random: Random, plan: Resampling) -> Estimate:
    """The hardest: one value a cluster, of skewness 2, which nothing averages."""
    return mean(noise(random, "skewed", clusters), np.arange(clusters), plan)


def paired_study(clusters: int, shape: str, random: Random, plan: Resampling) -> Estimate:
    """Per caption, its gold picture's score less the mean of four drawn ones, whose noise is of `shape`."""
    gold = random.normal(size=clusters)
    drawn = noise(random, shape, clusters * 4).reshape(clusters, 4).mean(axis=1)
    return mean(gold - drawn, np.arange(clusters), plan)


def share_study(clusters: int, truth: float, random: Random, plan: Resampling) -> Estimate:
    chances = random.beta(4 * truth, 4 * (1 - truth), size=clusters)
    flags = random.random(clusters * 5) < np.repeat(chances, 5)
    return share(flags, np.repeat(np.arange(clusters), 5), plan)


def comparison_study(clusters: int, random: Random, plan: Resampling) -> Estimate:
    """Three choices a caption between gold and generated: 15 % ties, and captions differ in which wins."""
    chances = np.repeat(random.beta(3 * 12 / 17, 3 * 5 / 17, size=clusters), 3)  # mean 12 / 17 of the 85 % left
    wins = np.where(random.random(3 * clusters) < 0.15, 0.5, random.random(3 * clusters) < chances)
    return share(wins, np.repeat(np.arange(clusters), 3), plan)


def icc_study(clusters: int, random: Random, plan: Resampling) -> Estimate:
    labels = np.repeat(np.arange(clusters), 4)
    captions = math.sqrt(0.4) * random.normal(size=clusters)
    return intraclass_correlation(captions[labels] + math.sqrt(0.6) * random.normal(size=len(labels)), labels, plan)


def best_truth() -> float:
    """Expected largest of four independent standard normal values: 3 / sqrt(pi) (1/2 + asin(1/3) / pi)."""
    return 3 / math.sqrt(math.pi) * (0.5 + math.asin(1 / 3) / math.pi) / math.sqrt(2)


def best_study(clusters: int, random: Random, plan: Resampling) -> Estimate:
    """Best of four of eight pictures a caption: half of the variance is the caption's."""
    values, _ = clustered(random, clusters, 8)
    return mean([expected_best(row, 4) for row in values.reshape(clusters, 8)], np.arange(clusters), plan)


def superiority_study(clusters: int, random: Random, plan: Resampling) -> Estimate:
    x, labels = clustered(random, clusters, 3)
    y, _ = clustered(random, clusters, 3)
    return superiority(x + 0.8, labels, y, labels, plan=plan, what="P(x > y)")


def ratings(random: Random, clusters: int, rows: int, raters: int) -> Floats:
    """[clusters · rows, raters]: ratings of 1 to 5; captions differ, pictures differ, raters err."""
    captions = math.sqrt(1 - QUALITY**2) * np.repeat(random.normal(size=clusters), rows)
    quality = captions + QUALITY * random.normal(size=clusters * rows)
    seen = quality[:, None] + RATER_NOISE * random.normal(size=(clusters * rows, raters))
    return np.digitize(seen, CUTS) + 1.0


@cache
def alpha_truth() -> float:
    table = ratings(np.random.default_rng(0), MANY // 3, 3, 3)
    return float(krippendorff.alpha(table.T, level_of_measurement="ordinal"))


def alpha_study(clusters: int, random: Random, plan: Resampling) -> Estimate:
    """Three raters, three pictures a caption, a tenth of the ratings missing."""
    table = ratings(random, clusters, 3, 3)
    table[random.random(table.shape) < 0.1] = np.nan
    return ordinal_alpha(pd.DataFrame(table), np.repeat(np.arange(clusters), 3), plan)


def correlated(random: Random, clusters: int, rows: int, kind: str) -> tuple[Floats, Floats, Floats]:
    """Two clustered scores of correlation 0.5 within and between clusters; the second as ratings if asked."""
    x, labels = clustered(random, clusters, rows)
    other, _ = clustered(random, clusters, rows)
    y = 0.5 * x + math.sqrt(0.75) * other
    return x, (np.digitize(y, CUTS) + 1.0 if kind == "ratings" else y), labels


@cache
def correlation_truth(name: str, kind: str) -> float:
    """For normal scores 2 asin(r) / pi and 6 asin(r / 2) / pi (M. Kendall, Rank Correlation Methods, chapter 9)."""
    if kind == "scores":
        return 2 / math.pi * math.asin(0.5) if name == "kendall" else 6 / math.pi * math.asin(0.25)
    x, y, _ = correlated(np.random.default_rng(0), MANY, 1, kind)
    return float((stats.kendalltau if name == "kendall" else stats.spearmanr)(x, y).statistic)


def correlation_study(
    clusters: int, function: Callable[..., Estimate], kind: str, random: Random, plan: Resampling
) -> Estimate:
    x, y, labels = correlated(random, clusters, 2, kind)
    return function(x, y, labels, plan)


# ---------------------------------------------------------------------------------------------------- counting


def covered(case: Case, simulations: int, resamples: int = RESAMPLES) -> dict[str, Any]:
    """The share of studies whose interval holds the truth; seeded by the case's name and size."""
    random = np.random.default_rng([case.clusters, *case.name.encode()])
    held, below, without = 0, 0, 0
    for run in range(simulations):
        found = case.study(random, Resampling(run, resamples, NOMINAL))
        if found.low is None or found.high is None:
            without += 1
            continue
        held += int(found.low <= case.truth <= found.high)
        below += int(found.high < case.truth)
    low, high = wilson(held, simulations)
    told = {"clusters": case.clusters, "truth": case.truth, "coverage": held / simulations, "low": low, "high": high}
    return told | {"interval_below_truth": below / simulations, "without": without / simulations}


def measure(simulations: int, wanted: str = "") -> dict[str, Any]:
    chosen = [case for case in cases() if wanted in case.name]
    found = {f"{case.name}, {case.clusters} clusters": covered(case, simulations) for case in chosen}
    outside = [name for name, told in found.items() if not LEAST <= told["coverage"] <= MOST]
    head = {"nominal": NOMINAL, "simulations": simulations, "resamples": RESAMPLES, "outside_93_97": outside}
    return head | {name: {key: rounded(value) for key, value in told.items()} for name, told in found.items()}


def rounded(value: float) -> float:
    return value if isinstance(value, int) else round(value, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description="coverage of the intervals, by simulation")
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    parser.add_argument("--only", default="", help="only cases whose name has this; nothing is published")
    args, _ = parser.parse_known_args()
    result = measure(args.simulations, args.only)
    if args.only:
        print(*(f"{name}: {told}" for name, told in result.items()), sep="\n")
    else:
        publish(RESULT, result)


if __name__ == "__main__":
    main()
