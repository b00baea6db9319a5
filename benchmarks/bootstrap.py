"""10,000 resamples of 6,000 rows, beside scipy.stats.bootstrap on the same statistic in the same run.

    python -m benchmarks.bootstrap            about two minutes on one core

The statistic is the mean with its interval: of 6,000 rows in 6,000 clusters, and of 6,000 rows in 1,000 clusters.
scipy resamples rows, so for clusters it is given what has the same statistic: the clusters' sums and sizes, paired,
and the ratio of their totals. It runs vectorised, at the fastest of three batch sizes, with its plain percentile
interval, which is the one that costs it least. Runs alternate; times are processor seconds, medians of RUNS.

Kendall's tau-b of 800 rows in 160 clusters has a peer too, a loop of scipy.stats.kendalltau over resampled rows; it
is timed on PEER_LOOPS resamples and scaled.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks import publish
from rapporteur.statistics.bootstrap import Floats, Resampling, mean
from rapporteur.statistics.correlation import kendall

ROOT = Path(__file__).resolve().parent.parent
RESULT = Path(__file__).parent / "results" / "bootstrap.json"
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ROWS, RESAMPLES, RUNS = 6_000, 10_000, 5
BATCHES = (10, 100, 1_000)
PEER_LOOPS = 200
LIMIT = 2.0  # seconds that 10,000 resamples of 6,000 rows may take
PLAN = Resampling(seed=1, resamples=RESAMPLES)


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio_of_totals(sums: Floats, sizes: Floats, axis: int = -1) -> Floats:
    return np.asarray(sums.sum(axis=axis) / sizes.sum(axis=axis))


def peer_mean(values: Floats, labels: np.ndarray, batch: int) -> object:
    """scipy's bootstrap of the same mean: of the rows where each is a cluster, else of clusters' sums and sizes."""
    settings = {"n_resamples": RESAMPLES, "method": "percentile", "batch": batch, "vectorized": True}
    if len(np.unique(labels)) == len(values):
        return stats.bootstrap((values,), np.mean, rng=np.random.default_rng(1), **settings)
    data = np.bincount(labels, weights=values), np.bincount(labels).astype(float)
    return stats.bootstrap(data, ratio_of_totals, paired=True, rng=np.random.default_rng(1), **settings)


def compared(ours: Callable[[], object], peers: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median processor seconds of ours and of the fastest peer, run in turns, and their ratio."""
    times: dict[str, list[float]] = {name: [] for name in ("ours", *peers)}
    for _ in range(RUNS):
        for name, work in {"ours": ours, **peers}.items():
            times[name].append(seconds(work))
    medians = {name: statistics.median(found) for name, found in times.items()}
    mine, fastest = medians.pop("ours"), min(medians, key=medians.__getitem__)
    return {
        "peer_over_ours": round(medians[fastest] / mine, 1),
        "ours_s": round(mine, 3),
        "ours_slowest_s": round(max(times["ours"]), 3),
        **{f"peer_{name}_s": round(value, 3) for name, value in medians.items()},
    }


def means(clusters: int) -> dict[str, float]:
    random = np.random.default_rng(0)
    labels = np.arange(ROWS) % clusters
    values = random.normal(size=clusters)[labels] + random.normal(size=ROWS)
    peers = {f"scipy_batch_{size}": lambda size=size: peer_mean(values, labels, size) for size in BATCHES}
    return compared(lambda: mean(values, labels, PLAN), peers)


def correlations() -> dict[str, float]:
    """800 rows, five to a cluster, the second score a rating of 1 to 5, as TIFA's."""
    random = np.random.default_rng(0)
    x, labels = random.normal(size=800), np.arange(800) // 5
    y = np.digitize(x + 2 * random.normal(size=800), (-2, -0.5, 0.5, 2)) + 1.0
    members = labels.argsort(kind="stable").reshape(160, 5)

    def loop() -> None:
        drawn = np.random.default_rng(1)
        for _ in range(PEER_LOOPS):
            rows = members[drawn.integers(0, 160, size=160)].ravel()
            stats.kendalltau(x[rows], y[rows])

    found = compared(lambda: kendall(x, y, labels, PLAN), {"scipy_loop": loop})
    scale = RESAMPLES / PEER_LOOPS
    peer = found["peer_scipy_loop_s"] * scale
    return found | {"peer_scipy_loop_s": round(peer, 1), "peer_over_ours": round(peer / found["ours_s"], 1)}


def measure() -> dict[str, object]:
    found = {
        "mean_6000_clusters": means(6_000),
        "mean_1000_clusters": means(1_000),
        "kendall_800_rows_160_clusters": correlations(),
    }
    slowest = max(found["mean_6000_clusters"]["ours_slowest_s"], found["mean_1000_clusters"]["ours_slowest_s"])
    return {
        "machine": f"{platform.machine()}, one of {os.cpu_count()} cores, Python {platform.python_version()}",
        "rows": ROWS,
        "resamples": RESAMPLES,
        "ratios": {f"{name}_peer_over_ours": told["peer_over_ours"] for name, told in found.items()},
        "within_2_s": slowest <= LIMIT,
        **found,
    }


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        publish(RESULT, measure())
        return
    command = [sys.executable, "-m", "benchmarks.bootstrap", "--one"]  # threads are settled before numpy starts
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | ONE_CORE)


if __name__ == "__main__":
    main()
