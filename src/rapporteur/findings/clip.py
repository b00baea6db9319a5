"""Findings on CLIP scores: gold, generated and mismatched pairs, ranks, variance and best of k.

Clusters are gold pictures: a picture's captions, and the pictures drawn for them, resemble each other. With one
caption a picture, that is clustering by caption. Differences are paired within the caption, each caption
weighing the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd

from rapporteur.findings.finding import (
    DATASET,
    Column,
    Finding,
    PairedTest,
    Table,
    absent,
    bounds,
    count,
    measured,
    named,
    table_of_rows,
)
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.findings.topic import Topic
from rapporteur.statistics.best import expected_best
from rapporteur.statistics.bootstrap import Estimate, Floats, Resampling, Undefined, bootstrap, mean
from rapporteur.statistics.effect_size import standardised_difference
from rapporteur.statistics.proportions import share
from rapporteur.statistics.superiority import superiority
from rapporteur.statistics.variance import intraclass_correlation
from rapporteur.study.tables import Study
from rapporteur.vocabulary.phrase import Phrase

PAIRS = ("gold", "generated", "gold_mismatched", "generated_mismatched")
SCORES = "clip/{}/scores.parquet"
UNIT = "CLIPScore"
CANDIDATES = 20  # the right caption among at most so many


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """All but the paired tests, dataset by dataset, and the model that scored."""
    return [*_model(study), *[finding for dataset in study.datasets for finding in _dataset(study, dataset, plan)]]


def _model(study: Study) -> list[Finding]:
    """Name, digest and context of the CLIP model, from the file that the scores lie beside."""
    path = study.root / f"clip/{study.datasets[0] if study.datasets else ''}/model.json"
    if not path.is_file():
        units = {"clip.model": "name", "clip.model_digest": "name", "clip.context": "count"}
        return [absent(name, unit, path.as_posix(), "model_not_described") for name, unit in units.items()]
    told = json.loads(path.read_text(encoding="utf-8"))
    return [
        named("clip.model", study.label(str(told["model"])), path.as_posix()),
        named("clip.model_digest", str(told["digest"])[:12], path.as_posix()),
        count("clip.context", told["context_length"], path.as_posix(), method="reading"),
    ]


def _dataset(study: Study, dataset: str, plan: Resampling) -> list[Finding]:
    source = study.source(SCORES, dataset)
    pairs = {pair: study.scores(dataset, pair) for pair in PAIRS}
    drawn, gold = pairs["generated"], pairs["gold"]

    def said(name: str, unit: str, compute: Callable[[], Estimate]) -> Finding:
        return measured(f"clip.{name}", unit, source, compute, dataset=dataset)

    caption_share = partial(intraclass_correlation, drawn["clipscore"], drawn["caption_id"], plan)
    return [
        *[said(pair, UNIT, partial(_mean, rows, plan)) for pair, rows in pairs.items()],
        said("superiority_over_mismatch", "share",
             partial(_superiority, drawn, pairs["generated_mismatched"], plan)),
        said("gold_superiority_over_mismatch", "share",
             partial(_superiority, gold, pairs["gold_mismatched"], plan)),
        said("first_of_20", "share", partial(_first, drawn, plan)),
        said("gold_first_of_20", "share", partial(_first, gold, plan)),
        said("median_rank", "count", partial(median_rank, drawn, plan)),
        said("variance_caption", "share", caption_share),
        said("gold_minus_generated_d", "1",
             partial(_standardised, gold, drawn, plan)),
        said("generated_minus_mismatch_d", "1",
             partial(_standardised, drawn, pairs["generated_mismatched"], plan)),
        *_best(drawn, dataset, source, plan),
        _candidates(drawn, dataset, source),
        _cut(study.scores(dataset), dataset, source),
    ]  # fmt: skip


def _mean(rows: pd.DataFrame, plan: Resampling) -> Estimate:
    return mean(rows["clipscore"], rows["image_id"], plan)


def _superiority(right: pd.DataFrame, wrong: pd.DataFrame, plan: Resampling) -> Estimate:
    clusters = right["image_id"], wrong["image_id"]
    return superiority(
        right["clipscore"], clusters[0], wrong["clipscore"], clusters[1], plan=plan, what="right_over_wrong"
    )


def _standardised(first: pd.DataFrame, second: pd.DataFrame, plan: Resampling) -> Estimate:
    differences = (by(first) - by(second)).dropna()
    return standardised_difference(differences, cluster_of(first)[differences.index], plan)


def _first(rows: pd.DataFrame, plan: Resampling) -> Estimate:
    ranked = rows[rows["rank"].notna()]
    return share(ranked["rank"] == 1, ranked["image_id"], plan)


def median_rank(rows: pd.DataFrame, plan: Resampling) -> Estimate:
    """The median rank with its cluster-bootstrap interval: the totals are the counts of each rank."""
    ranks = rows.loc[rows["rank"].notna(), "rank"].to_numpy(dtype=np.int64)
    labels = rows.loc[rows["rank"].notna(), "image_id"]
    levels = np.arange(1, ranks.max(initial=0) + 1)

    def median(totals: Floats) -> Floats:
        upto = np.cumsum(totals, axis=1)
        places = (upto < totals.sum(axis=1, keepdims=True) / 2).sum(axis=1)
        return np.asarray(levels[places], dtype=np.float64)

    return bootstrap((ranks[:, None] == levels).astype(np.float64), labels, median, plan, "median")


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """Gold against generated, and the right caption against a wrong one; one family over all datasets."""
    return corrected([test for dataset in study.datasets for test in _tests(study, dataset, plan)])


def _tests(study: Study, dataset: str, plan: Resampling) -> Iterator[PairedTest]:
    drawn, gold = study.scores(dataset, "generated"), study.scores(dataset, "gold")
    wrong = study.scores(dataset, "generated_mismatched")
    test = partial(paired_test, dataset=dataset, unit=UNIT, source=study.source(SCORES, dataset), plan=plan)
    yield test(
        "clip.gold_minus_generated",
        differences=by(gold) - by(drawn),
        clusters=cluster_of(drawn),
    )
    yield test(
        "clip.generated_minus_mismatch",
        differences=by(drawn) - by(wrong),
        clusters=cluster_of(drawn),
    )


def by(rows: pd.DataFrame) -> pd.Series:
    """Mean CLIPScore of each caption."""
    return rows.groupby("caption_id")["clipscore"].mean()


def cluster_of(rows: pd.DataFrame) -> pd.Series:
    """The cluster (gold picture) of each caption."""
    return rows.groupby("caption_id")["image_id"].first()


def best_of_k(drawn: pd.DataFrame, plan: Resampling) -> list[Estimate]:
    """Expected score of the best of k pictures for k = 1, 2… up to the fewest that a caption has.

    Raises Undefined when nothing was drawn.
    """
    if drawn.empty:
        raise Undefined("no_pictures")
    groups = {str(caption): rows["clipscore"].to_numpy() for caption, rows in drawn.groupby("caption_id")}
    clusters = cluster_of(drawn)
    most = min(map(len, groups.values()))
    return [
        mean(
            [expected_best(scores, k) for scores in groups.values()],
            clusters[list(groups)],
            plan,
            Phrase("best_of", {"k": k}),
        )
        for k in range(1, most + 1)
    ]


def _gain(drawn: pd.DataFrame, plan: Resampling) -> Estimate:
    groups = [(rows["image_id"].iloc[0], rows["clipscore"].to_numpy()) for _, rows in drawn.groupby("caption_id")]
    most = min(len(scores) for _, scores in groups)
    gains = [expected_best(scores, most) - scores.mean() for _, scores in groups]
    return mean(gains, [cluster for cluster, _ in groups], plan, Phrase("best_less_mean", {"k": most}))


def _best(drawn: pd.DataFrame, dataset: str, source: str, plan: Resampling) -> list[Finding]:
    names = "clip.best_of_k", "clip.best_of_k_gain", "clip.best_of_k_size"
    if drawn.empty:
        return [absent(name, UNIT, source, "no_pictures", dataset=dataset) for name in names]
    fewest = int(drawn.groupby("caption_id").size().min())
    return [
        measured(names[0], UNIT, source, lambda: best_of_k(drawn, plan)[-1], dataset=dataset),
        measured(names[1], UNIT, source, partial(_gain, drawn, plan), dataset=dataset),
        count(names[2], fewest, source, dataset=dataset, method="minimum"),
    ]


def _candidates(drawn: pd.DataFrame, dataset: str, source: str) -> Finding:
    ranked = drawn["candidates"].dropna()
    if ranked.empty:
        return absent("clip.candidates", "count", source, "no_ranked_picture", dataset=dataset)
    return count("clip.candidates", ranked.max(), source, dataset=dataset, method="maximum")


def _cut(scores: pd.DataFrame, dataset: str, source: str) -> Finding:
    cut = scores.loc[scores["tokens_cut"], "text"].nunique()
    return count("clip.tokens_cut", cut, source, dataset=dataset)


def tables(study: Study, known: dict[str, Finding], plan: Resampling) -> list[Table]:
    """Means of each kind of pair, the best of k, and the captions drawn best and worst."""
    return [_pairs(study, known), _best_table(study, plan), _extremes(study)]


def _pairs(study: Study, known: dict[str, Finding]) -> Table:
    rows = [
        {"key": dataset, "dataset": study.label(dataset), "pair": pair} | _interval(known[f"clip.{pair}.{dataset}"])
        for dataset in study.datasets
        for pair in PAIRS
        if known[f"clip.{pair}.{dataset}"].value is not None
    ]
    columns = DATASET, Column("pair", words="pair"), Column("n", "count", 0), Column("mean", UNIT, 3), *bounds(UNIT, 3)
    return table_of_rows("clip_pairs", "artifacts/clip", rows, *columns)


def _interval(finding: Finding) -> dict[str, object]:
    return {"n": finding.n, "mean": finding.value, "low": finding.low, "high": finding.high}


def _best_table(study: Study, plan: Resampling) -> Table:
    rows = []
    for dataset in study.datasets:
        drawn = study.scores(dataset, "generated")
        for k, found in enumerate([] if drawn.empty else best_of_k(drawn, plan), 1):
            row = {"key": dataset, "dataset": study.label(dataset), "k": k}
            rows.append(row | {"mean": found.value, "low": found.low, "high": found.high})
    columns = DATASET, Column("k", "count", 0), Column("mean", UNIT, 3), *bounds(UNIT, 3)
    return table_of_rows("clip_best_of_k", "artifacts/clip", rows, *columns)


def _extremes(study: Study, each: int = 5) -> Table:
    rows = []
    for dataset in study.datasets:
        drawn = study.scores(dataset, "generated")
        means = by(drawn).sort_values(ascending=False, kind="stable")
        texts, gold = drawn.groupby("caption_id")["text"].first(), by(study.scores(dataset, "gold"))
        ends = [("best", name) for name in means.index[:each]]
        ends += [("worst", name) for name in means.index[max(each, len(means) - each) :]]
        rows += [
            {"key": dataset, "dataset": study.label(dataset), "end": end, "text": texts[name],
             "generated": means[name], "gold": gold.get(name, np.nan)}
            for end, name in ends
        ]  # fmt: skip
    columns = Column("end", words="end"), Column("text"), Column("generated", UNIT, 3), Column("gold", UNIT, 3)
    return table_of_rows("clip_extremes", "artifacts/clip", rows, DATASET, *columns)


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tests=lambda given: tests(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known, given.plan),
)
