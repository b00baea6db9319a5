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

from rapporteur.findings.finding import Column, Finding, PairedTest, Table, absent, count, measured, named
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.findings.topic import Topic
from rapporteur.statistics.best import expected_best
from rapporteur.statistics.bootstrap import Estimate, Floats, Resampling, Undefined, bootstrap, mean
from rapporteur.statistics.effect_size import standardised_difference
from rapporteur.statistics.proportions import share
from rapporteur.statistics.superiority import superiority
from rapporteur.statistics.variance import intraclass_correlation
from rapporteur.study.tables import Study

PAIRS = {
    "gold": "image de référence, sa légende",
    "generated": "image générée, sa légende",
    "gold_mismatched": "image de référence, autre légende",
    "generated_mismatched": "image générée, autre légende",
}
SCORES = "clip/{}/scores.parquet"
UNIT = "CLIPScore"
BOUNDS = Column("low", "Borne basse", UNIT, 3), Column("high", "Borne haute", UNIT, 3)
CANDIDATES = 20  # the right caption among at most so many


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """All but the paired tests, dataset by dataset, and the model that scored."""
    return [*_model(study), *[finding for dataset in study.datasets for finding in _dataset(study, dataset, plan)]]


def _model(study: Study) -> list[Finding]:
    """Name, digest and context of the CLIP model, from the file that the scores lie beside."""
    labels = {"clip.model": "modèle CLIP", "clip.model_digest": "empreinte du modèle CLIP"}
    context = "clip.context", "longueur du contexte de CLIP, en jetons"
    path = study.root / f"clip/{study.datasets[0] if study.datasets else ''}/model.json"
    if not path.is_file():
        reason = "modèle non décrit par l'étape clip"
        named_ones = [absent(name, label, "name", path.as_posix(), reason) for name, label in labels.items()]
        return [*named_ones, absent(*context, "count", path.as_posix(), reason)]
    told = json.loads(path.read_text(encoding="utf-8"))
    values = {"clip.model": study.label(str(told["model"])), "clip.model_digest": str(told["digest"])[:12]}
    return [
        *[named(name, label, values[name], path.as_posix()) for name, label in labels.items()],
        count(*context, told["context_length"], path.as_posix(), method="relevé"),
    ]


def _dataset(study: Study, dataset: str, plan: Resampling) -> list[Finding]:
    source = study.source(SCORES, dataset)
    pairs = {pair: study.scores(dataset, pair) for pair in PAIRS}
    drawn, gold = pairs["generated"], pairs["gold"]

    def said(name: str, label: str, unit: str, compute: Callable[[], Estimate]) -> Finding:
        return measured(f"clip.{name}.{dataset}", label, unit, source, compute)

    beats = "probabilité de supériorité de la bonne légende"
    first = f"bonne légende classée première parmi au plus {CANDIDATES}"
    caption_share = partial(intraclass_correlation, drawn["clipscore"], drawn["caption_id"], plan)
    return [
        *[said(pair, f"score CLIP, {PAIRS[pair]}", UNIT, partial(_mean, rows, plan)) for pair, rows in pairs.items()],
        said("superiority_over_mismatch", f"{beats}, images générées", "share",
             partial(_superiority, drawn, pairs["generated_mismatched"], plan)),
        said("gold_superiority_over_mismatch", f"{beats}, images de référence", "share",
             partial(_superiority, gold, pairs["gold_mismatched"], plan)),
        said("first_of_20", f"{first}, images générées", "share", partial(_first, drawn, plan)),
        said("gold_first_of_20", f"{first}, images de référence", "share", partial(_first, gold, plan)),
        said("median_rank", "rang médian de la bonne légende, générées", "count", partial(median_rank, drawn, plan)),
        said("variance_caption", "part de la variance du score due à la légende", "share", caption_share),
        said("gold_minus_generated_d", "différence réduite (d), référence − générée, par légende", "1",
             partial(_standardised, gold, drawn, plan)),
        said("generated_minus_mismatch_d", "différence réduite (d), bonne − mauvaise légende, images générées", "1",
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
        right["clipscore"], clusters[0], wrong["clipscore"], clusters[1], plan=plan, what="P(bonne > mauvaise)"
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

    return bootstrap((ranks[:, None] == levels).astype(np.float64), labels, median, plan, "médiane")


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """Gold against generated, and the right caption against a wrong one; one family over all datasets."""
    return corrected([test for dataset in study.datasets for test in _tests(study, dataset, plan)])


def _tests(study: Study, dataset: str, plan: Resampling) -> Iterator[PairedTest]:
    drawn, gold = study.scores(dataset, "generated"), study.scores(dataset, "gold")
    wrong = study.scores(dataset, "generated_mismatched")
    test = partial(paired_test, unit=UNIT, source=study.source(SCORES, dataset), plan=plan)
    yield test(
        f"clip.gold_minus_generated.{dataset}",
        "score CLIP : référence − générée, par légende",
        differences=by(gold) - by(drawn),
        clusters=cluster_of(drawn),
    )
    yield test(
        f"clip.generated_minus_mismatch.{dataset}",
        "score CLIP : bonne − mauvaise légende, images générées",
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
        raise Undefined("aucune image")
    groups = {str(caption): rows["clipscore"].to_numpy() for caption, rows in drawn.groupby("caption_id")}
    clusters = cluster_of(drawn)
    most = min(map(len, groups.values()))
    return [
        mean([expected_best(scores, k) for scores in groups.values()], clusters[list(groups)], plan, f"meilleur de {k}")
        for k in range(1, most + 1)
    ]


def _gain(drawn: pd.DataFrame, plan: Resampling) -> Estimate:
    groups = [(rows["image_id"].iloc[0], rows["clipscore"].to_numpy()) for _, rows in drawn.groupby("caption_id")]
    most = min(len(scores) for _, scores in groups)
    gains = [expected_best(scores, most) - scores.mean() for _, scores in groups]
    return mean(gains, [cluster for cluster, _ in groups], plan, f"meilleur de {most} − moyenne, par légende")


def _best(drawn: pd.DataFrame, dataset: str, source: str, plan: Resampling) -> list[Finding]:
    names = [f"clip.{name}.{dataset}" for name in ("best_of_k", "best_of_k_gain", "best_of_k_size")]
    labels = "score CLIP du meilleur tirage", "gain du meilleur tirage sur un tirage", "tirages comparés par légende"
    if drawn.empty:
        return [absent(*pair, UNIT, source, "aucune image") for pair in zip(names, labels, strict=True)]
    return [
        measured(names[0], labels[0], UNIT, source, lambda: best_of_k(drawn, plan)[-1]),
        measured(names[1], labels[1], UNIT, source, partial(_gain, drawn, plan)),
        count(names[2], labels[2], int(drawn.groupby("caption_id").size().min()), source, method="minimum"),
    ]


def _candidates(drawn: pd.DataFrame, dataset: str, source: str) -> Finding:
    name, label = f"clip.candidates.{dataset}", "légendes candidates du classement, images générées"
    ranked = drawn["candidates"].dropna()
    if ranked.empty:
        return absent(name, label, "count", source, "aucune image classée")
    return count(name, label, ranked.max(), source, method="maximum")


def _cut(scores: pd.DataFrame, dataset: str, source: str) -> Finding:
    cut = scores.loc[scores["tokens_cut"], "text"].nunique()
    return count(f"clip.tokens_cut.{dataset}", "légendes coupées au contexte de CLIP", cut, source)


def tables(study: Study, known: dict[str, Finding], plan: Resampling) -> list[Table]:
    """Means of each kind of pair, the best of k, and the captions drawn best and worst."""
    return [_pairs(study, known), _best_table(study, plan), _extremes(study)]


def _pairs(study: Study, known: dict[str, Finding]) -> Table:
    rows = [
        {"key": dataset, "dataset": study.label(dataset), "pair": label} | _interval(known[f"clip.{pair}.{dataset}"])
        for dataset in study.datasets
        for pair, label in PAIRS.items()
        if known[f"clip.{pair}.{dataset}"].value is not None
    ]
    frame = pd.DataFrame(rows, columns=["key", "dataset", "pair", "n", "mean", "low", "high"])
    columns = (
        Column("dataset", "Jeu de données"), Column("pair", "Paire"), Column("n", "Paires", "count", 0),
        Column("mean", "CLIPScore moyen", UNIT, 3), *BOUNDS,
    )  # fmt: skip
    return Table("clip_pairs", "Scores CLIP par type de paire", "artifacts/clip", frame, columns)


def _interval(finding: Finding) -> dict[str, object]:
    return {"n": finding.n, "mean": finding.value, "low": finding.low, "high": finding.high}


def _best_table(study: Study, plan: Resampling) -> Table:
    rows = []
    for dataset in study.datasets:
        drawn = study.scores(dataset, "generated")
        for k, found in enumerate([] if drawn.empty else best_of_k(drawn, plan), 1):
            row = {"key": dataset, "dataset": study.label(dataset), "k": k}
            rows.append(row | {"mean": found.value, "low": found.low, "high": found.high})
    frame = pd.DataFrame(rows, columns=["key", "dataset", "k", "mean", "low", "high"])
    columns = (
        Column("dataset", "Jeu de données"), Column("k", "Tirages", "count", 0),
        Column("mean", "CLIPScore du meilleur", UNIT, 3), *BOUNDS,
    )  # fmt: skip
    return Table("clip_best_of_k", "Score CLIP du meilleur de k tirages", "artifacts/clip", frame, columns)


def _extremes(study: Study, each: int = 5) -> Table:
    rows = []
    for dataset in study.datasets:
        drawn = study.scores(dataset, "generated")
        means = by(drawn).sort_values(ascending=False, kind="stable")
        texts, gold = drawn.groupby("caption_id")["text"].first(), by(study.scores(dataset, "gold"))
        ends = [("meilleures", name) for name in means.index[:each]]
        ends += [("pires", name) for name in means.index[max(each, len(means) - each) :]]
        rows += [
            {"key": dataset, "dataset": study.label(dataset), "end": end, "text": texts[name],
             "generated": means[name], "gold": gold.get(name, np.nan)}
            for end, name in ends
        ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["key", "dataset", "end", "text", "generated", "gold"])
    columns = (
        Column("dataset", "Jeu de données"), Column("end", "Rang"), Column("text", "Légende"),
        Column("generated", "CLIPScore, générées", UNIT, 3), Column("gold", "CLIPScore, référence", UNIT, 3),
    )  # fmt: skip
    caption = "Légendes les mieux et les moins bien illustrées selon CLIP"
    return Table("clip_extremes", caption, "artifacts/clip", frame, columns)


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tests=lambda given: tests(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known, given.plan),
)
