"""Findings on colours: gold against generated, and obedience to the colours that captions name.

Differences are paired within the caption and clustered by gold picture, as for CLIP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd

from rapporteur.colour.measures import COMPARED
from rapporteur.findings import colour_distances
from rapporteur.findings.finding import (
    DATASET,
    P_HOLM,
    Column,
    Finding,
    PairedTest,
    Table,
    bounds,
    measured,
    table_of_rows,
)
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Estimate, Floats, Resampling, Undefined, bootstrap, mean
from rapporteur.statistics.proportions import clustering, share
from rapporteur.study.tables import Study

COLOURS = "colour/{}/colour.parquet"
# part of the picture: column that says it obeyed, name that the caption gives, name that was seen, code
PARTS = {
    "": ("obeyed", "named_colour", "seen_colour", "subject"),
    "background_": ("background_obeyed", "named_background", "seen_background", "background"),
}


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Means of each measure, distances by caption, and obedience, dataset by dataset."""
    return [
        finding
        for dataset in study.datasets
        for group in (_means, colour_distances.findings, _obedience)
        for finding in group(study, dataset, plan)
    ]


def _means(study: Study, dataset: str, plan: Resampling) -> Iterator[Finding]:
    source = study.source(COLOURS, dataset)
    for measure in COMPARED:
        for kind in ("gold", "generated"):
            rows = study.colour(dataset, kind)
            compute = partial(mean, rows[measure.name], rows["image_id"], plan)
            yield measured(f"colour.{measure.name}_{kind}", measure.unit, source, compute, dataset=dataset)


def _obedience(study: Study, dataset: str, plan: Resampling) -> Iterator[Finding]:
    source = study.source(COLOURS, dataset)
    for prefix, (flag, named, seen, _) in PARTS.items():
        drawn, gold = (_asked(study, dataset, kind, flag) for kind in ("generated", "gold"))
        wanted: dict[str, Callable[[], Estimate]] = {
            "": partial(share, drawn[flag], drawn["image_id"], plan),
            "_bootstrap": partial(mean, drawn[flag], drawn["image_id"], plan, "share"),
            "_gold": partial(share, gold[flag], gold["image_id"], plan),
            "_base": partial(base_rate, drawn, named, seen, plan),
            "_minus_base": partial(base_rate, drawn, named, seen, plan, excess=True),
        }
        for name, compute in wanted.items():
            yield measured(f"colour.{prefix}obeyed{name}", "share", source, compute, dataset=dataset)


def _asked(study: Study, dataset: str, kind: str, flag: str) -> pd.DataFrame:
    """Pictures whose caption names a colour for the part."""
    rows = study.colour(dataset, kind)
    return rows[rows[flag].notna()]


def base_rate(rows: pd.DataFrame, named: str, seen: str, plan: Resampling, *, excess: bool = False) -> Estimate:
    """How often a caption's colour word is seen in pictures whose captions name another colour, averaged over
    the words as the captions use them; with `excess`, the share obeyed minus that.

    Raises Undefined when the captions name fewer than two colours.
    """
    words = sorted(rows[named].unique())
    if len(words) < 2:
        raise Undefined("fewer_than_two_words")
    asks = rows[named].to_numpy(dtype=object)[:, None] == np.array(words, dtype=object)
    shows = rows[seen].fillna("").to_numpy(dtype=object)[:, None] == np.array(words, dtype=object)
    features = np.concatenate([asks, ~asks, shows & ~asks, shows & asks], axis=1).astype(np.float64)

    def statistic(totals: Floats) -> Floats:
        asked, elsewhere, strays, obeyed = np.split(totals, 4, axis=1)
        rate = np.divide(strays, elsewhere, out=np.full_like(strays, np.nan), where=elsewhere > 0)
        base = np.where(asked > 0, asked * rate, 0).sum(axis=1) / asked.sum(axis=1)
        return np.asarray(obeyed.sum(axis=1) / asked.sum(axis=1) - base if excess else base)

    return bootstrap(features, rows["image_id"], statistic, plan, "share_less_base" if excess else "share_elsewhere")


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """Each measure, gold against generated, and distances to other captions against the same; one family."""
    return corrected([test for dataset in study.datasets for test in _tests(study, dataset, plan)])


def _tests(study: Study, dataset: str, plan: Resampling) -> Iterator[PairedTest]:
    gold, drawn = study.colour(dataset, "gold").set_index("image_id"), study.colour(dataset, "generated")
    test = partial(paired_test, dataset=dataset, source=study.source(COLOURS, dataset), plan=plan)
    clusters = drawn.groupby("caption_id")["image_id"].first()
    for measure in COMPARED:
        yield test(
            f"colour.{measure.name}_gold_minus_generated",
            unit=measure.unit,
            differences=clusters.map(gold[measure.name]) - drawn.groupby("caption_id")[measure.name].mean(),
            clusters=clusters,
        )
    yield from colour_distances.tests(study, dataset, plan)


def tables(study: Study, known: dict[str, Finding], tests: list[PairedTest], plan: Resampling) -> list[Table]:
    """The measures side by side, the distances, and obedience word by word."""
    return [_measures(study, known, tests), colour_distances.table(study, known, tests), _by_name(study, plan)]


def _measures(study: Study, known: dict[str, Finding], tests: list[PairedTest]) -> Table:
    by_name = {test.name: test for test in tests}
    rows = []
    for dataset in study.datasets:
        for measure in (one.name for one in COMPARED):
            test = by_name[f"colour.{measure}_gold_minus_generated.{dataset}"]
            means = {kind: known[f"colour.{measure}_{kind}.{dataset}"].value for kind in ("gold", "generated")}
            interval = {"difference": test.difference.value, "low": test.difference.low, "high": test.difference.high}
            row = {"key": dataset, "dataset": study.label(dataset), "measure": measure, "p_holm": test.p_holm}
            row |= {"at_most": test.at_most}
            if means["generated"] is not None:
                rows.append(row | means | interval)
    numbers = [Column(name, "1", 2) for name in ("gold", "generated", "difference")]
    columns = DATASET, Column("measure", words="measure"), *numbers, *bounds("1", 2), P_HOLM
    return table_of_rows("colour_measures", "artifacts/colour", rows, *columns)


def _by_name(study: Study, plan: Resampling) -> Table:
    rows = []
    for dataset in study.datasets:
        for flag, named, seen, part in PARTS.values():
            asked = _asked(study, dataset, "generated", flag)
            if asked.empty:
                continue
            whole = clustering(asked[flag], asked["image_id"])
            for word, group in asked.groupby(named, sort=True):
                found = share(group[flag], group["image_id"], plan, within=whole)
                rows.append(
                    {"key": dataset, "dataset": study.label(dataset), "part": part, "colour": word,
                     "n": found.n, "share": found.value, "low": found.low, "high": found.high,
                     "base": _seen_elsewhere(asked, named, seen, str(word))}
                )  # fmt: skip
    words = DATASET, Column("part", words="part"), Column("colour", words="colour_term")
    numbers = Column("n", "count", 0), Column("share", "share", 1), *bounds("share", 1), Column("base", "share", 1)
    return table_of_rows("colour_by_name", "artifacts/colour", rows, *words, *numbers)


def _seen_elsewhere(asked: pd.DataFrame, named: str, seen: str, word: str) -> float | None:
    """How often the word's colour is seen where captions name another one; None where none does."""
    others = asked.loc[asked[named] != word, seen]
    return None if others.empty else float((others == word).mean())


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tests=lambda given: tests(given.study, given.plan),
    tables=lambda given, known, made: tables(given.study, known, made, given.plan),
)
