"""Which captions fail: what a caption names, and its length, against the mean score of the pictures drawn for it.

One row a caption. A feature's effect is the difference of means between the captions that have it and the others, and
Cliff's delta; the length's is Spearman's correlation. The same is told of the gap to the gold picture (gold less
generated), which sets aside what makes a caption score low even with its own photograph. Tests: score contributions
flipped by cluster, one family over features and datasets. Features are not set by chance, so an effect is no cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from rapporteur.findings.caption_features import WORDS, described
from rapporteur.findings.clip import by, cluster_of
from rapporteur.findings.finding import DATASET, P_HOLM, Column, Finding, Table, absent, bounds, measured, table_of_rows
from rapporteur.statistics.bootstrap import Estimate, Resampling, Undefined
from rapporteur.statistics.correlation import spearman
from rapporteur.statistics.effect_size import SCORE_ASSUMPTION, cliffs_delta, mean_difference, score_test
from rapporteur.statistics.permutation import at_the_floor, holm
from rapporteur.study.tables import Study
from rapporteur.vocabulary.phrase import Phrase

SCORES = "clip/{}/scores.parquet"
UNIT = "CLIPScore"
FEWEST = 5  # captions with a feature, and without it
LENGTH = "length"
FEATURES = (*WORDS, LENGTH)


def drawn_captions(study: Study, dataset: str) -> pd.DataFrame:
    """One row a drawn caption: image_id, text, generated and gold mean scores, their gap, and its features."""
    drawn, gold = study.scores(dataset, "generated"), by(study.scores(dataset, "gold"))
    texts = drawn.groupby("caption_id")["text"].first()
    frame = pd.DataFrame({"image_id": cluster_of(drawn), "text": texts, "generated": by(drawn)})
    frame["gold"] = gold.reindex(frame.index)
    return frame.assign(gap=frame["gold"] - frame["generated"]).join(described(texts))


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Effects of each feature on the score and on the gap, and the corrected p-values of the former."""
    found: list[Finding] = []
    tested: list[Finding] = []
    for dataset in study.datasets:
        rows, source = drawn_captions(study, dataset), study.source(SCORES, dataset)
        for feature in FEATURES:
            found += _effects(rows, feature, dataset, source, plan)
            tested.append(_tested(rows, feature, dataset, source, plan))
    return [*found, *_corrected(tested)]


def _effects(rows: pd.DataFrame, feature: str, dataset: str, source: str, plan: Resampling) -> Iterator[Finding]:
    known = rows[rows["gap"].notna()]
    if feature == LENGTH:
        for name, part, column in (("score", rows, "generated"), ("gap", known, "gap")):
            compute = partial(spearman, part[LENGTH], part[column], part["image_id"], plan)
            p = _p_of(feature) if name == "score" else ""
            yield measured(f"clip.{name}_by_length", "1", source, compute, dataset=dataset, p=p)
        return

    def effect(
        name: str, unit: str, part: pd.DataFrame, column: str, compute: Callable[..., Estimate], p: str = ""
    ) -> Finding:
        grouped = partial(_grouped, part, column, feature, compute, plan)
        return measured(f"clip.{name}_by_{feature}", unit, source, grouped, dataset=dataset, p=p)

    yield effect("score", UNIT, rows, "generated", mean_difference, _p_of(feature))
    yield effect("delta", "1", rows, "generated", cliffs_delta)
    yield effect("gap", UNIT, known, "gap", mean_difference)


def _p_of(feature: str) -> str:
    return f"clip.score_by_{feature}_p"


def _grouped(
    rows: pd.DataFrame, column: str, feature: str, compute: Callable[..., Estimate], plan: Resampling
) -> Estimate:
    _enough(rows, feature)
    return compute(rows[column], rows[feature], rows["image_id"], plan)


def _enough(rows: pd.DataFrame, feature: str) -> None:
    if feature != LENGTH and min(rows[feature].sum(), (~rows[feature]).sum()) < FEWEST:
        raise Undefined("few_of_each_kind", fewest=FEWEST)


def _tested(rows: pd.DataFrame, feature: str, dataset: str, source: str, plan: Resampling) -> Finding:
    """The uncorrected p-value; of the length by ranks."""
    quantity, meaning = _p_of(feature), Phrase("p_value", {"of": Phrase(f"clip.score_by_{feature}")})
    sides = rows[[feature, "generated"]].astype(np.float64)
    sides = sides.rank() if feature == LENGTH else sides
    try:
        _enough(rows, feature)
        p = score_test(sides[feature], sides["generated"], rows["image_id"], plan)
    except Undefined as undefined:
        return absent(quantity, "p", source, undefined.reason, dataset=dataset, meaning=meaning)
    found = Finding(quantity, p, "p", len(rows), Phrase("reading"), source, dataset=dataset, meaning=meaning)
    return replace(found, at_most=at_the_floor(p, rows["image_id"].nunique(), plan))


def _corrected(tests: Sequence[Finding]) -> list[Finding]:
    computed = [float(test.value) for test in tests if test.value is not None]
    adjusted = iter(holm(computed))
    method = Phrase("score_test_holm", {"assumption": Phrase(SCORE_ASSUMPTION), "tests": len(computed)})
    return [test if test.value is None else replace(test, value=next(adjusted), method=method) for test in tests]


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """One row for each dataset and feature that could be compared."""
    rows = [
        _row(study, known, dataset, feature, frame[feature])
        for dataset in study.datasets
        for frame in [drawn_captions(study, dataset)]
        for feature in FEATURES
        if known[f"clip.score_by_{feature}.{dataset}"].value is not None
    ]
    columns = (
        DATASET, Column("feature", words="feature"), Column("with", "count", 0), Column("without", "count", 0),
        Column("difference", UNIT, 3), Column("effect", "1", 2), *bounds("1", 2), P_HOLM,
    )  # fmt: skip
    return [table_of_rows("clip_failures", "artifacts/clip", rows, *columns)]


def _row(study: Study, known: dict[str, Finding], dataset: str, feature: str, flags: pd.Series) -> dict[str, object]:
    whole = feature == LENGTH
    effect = known[f"clip.{'score' if whole else 'delta'}_by_{feature}.{dataset}"]
    return {
        "key": dataset, "dataset": study.label(dataset), "feature": feature,
        "with": len(flags) if whole else int(flags.sum()), "without": None if whole else int((~flags).sum()),
        "difference": None if whole else known[f"clip.score_by_{feature}.{dataset}"].value,
        "effect": effect.value, "low": effect.low, "high": effect.high,
        "p_holm": known[f"clip.score_by_{feature}_p.{dataset}"].value,
        "at_most": known[f"clip.score_by_{feature}_p.{dataset}"].at_most,
    }  # fmt: skip
