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
from rapporteur.findings.finding import Column, Finding, PairedTest, Table, measured
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.findings.topic import Topic
from rapporteur.report.language.fr.words import COLOUR_TERMS, MEASURES
from rapporteur.statistics.bootstrap import Estimate, Floats, Resampling, Undefined, bootstrap, mean
from rapporteur.statistics.proportions import clustering, share
from rapporteur.study.tables import Study

COLOURS = "colour/{}/colour.parquet"
# part of the picture: column that says it obeyed, name that the caption gives, name that was seen, French
PARTS = {
    "": ("obeyed", "named_colour", "seen_colour", "sujet"),
    "background_": ("background_obeyed", "named_background", "seen_background", "fond"),
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
        label = MEASURES[measure.name][0]
        for kind, what in (("gold", "images de référence"), ("generated", "images générées")):
            rows = study.colour(dataset, kind)
            compute = partial(mean, rows[measure.name], rows["image_id"], plan)
            name = f"colour.{measure.name}_{kind}.{dataset}"
            yield measured(name, f"{label}, {what}", measure.unit, source, compute)


def _obedience(study: Study, dataset: str, plan: Resampling) -> Iterator[Finding]:
    source = study.source(COLOURS, dataset)
    for prefix, (flag, named, seen, part) in PARTS.items():
        drawn, gold = (_asked(study, dataset, kind, flag) for kind in ("generated", "gold"))
        label = f"couleur nommée présente sur le {part}"
        wanted: dict[str, tuple[str, Callable[[], Estimate]]] = {
            "": (", images générées", partial(share, drawn[flag], drawn["image_id"], plan)),
            "_bootstrap": (" (bootstrap)", partial(mean, drawn[flag], drawn["image_id"], plan, "part")),
            "_gold": (", images de référence", partial(share, gold[flag], gold["image_id"], plan)),
            "_base": (" : taux de base", partial(base_rate, drawn, named, seen, plan)),
            "_minus_base": (" : part − taux de base", partial(base_rate, drawn, named, seen, plan, excess=True)),
        }
        for name, (what, compute) in wanted.items():
            yield measured(f"colour.{prefix}obeyed{name}.{dataset}", label + what, "share", source, compute)


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
        raise Undefined("les légendes nomment moins de deux couleurs")
    asks = rows[named].to_numpy(dtype=object)[:, None] == np.array(words, dtype=object)
    shows = rows[seen].fillna("").to_numpy(dtype=object)[:, None] == np.array(words, dtype=object)
    features = np.concatenate([asks, ~asks, shows & ~asks, shows & asks], axis=1).astype(np.float64)

    def statistic(totals: Floats) -> Floats:
        asked, elsewhere, strays, obeyed = np.split(totals, 4, axis=1)
        rate = np.divide(strays, elsewhere, out=np.full_like(strays, np.nan), where=elsewhere > 0)
        base = np.where(asked > 0, asked * rate, 0).sum(axis=1) / asked.sum(axis=1)
        return np.asarray(obeyed.sum(axis=1) / asked.sum(axis=1) - base if excess else base)

    what = "part − part du même mot sur les autres légendes" if excess else "part du même mot sur les autres légendes"
    return bootstrap(features, rows["image_id"], statistic, plan, what)


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """Each measure, gold against generated, and distances to other captions against the same; one family."""
    return corrected([test for dataset in study.datasets for test in _tests(study, dataset, plan)])


def _tests(study: Study, dataset: str, plan: Resampling) -> Iterator[PairedTest]:
    gold, drawn = study.colour(dataset, "gold").set_index("image_id"), study.colour(dataset, "generated")
    test = partial(paired_test, source=study.source(COLOURS, dataset), plan=plan)
    clusters = drawn.groupby("caption_id")["image_id"].first()
    for measure in COMPARED:
        yield test(
            f"colour.{measure.name}_gold_minus_generated.{dataset}",
            f"{MEASURES[measure.name][0]} : référence − générée, par légende",
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
            row = {"key": dataset, "dataset": study.label(dataset), "measure": MEASURES[measure][0], "p": test.p_holm}
            if means["generated"] is not None:
                rows.append(row | means | interval)
    columns = (
        Column("dataset", "Jeu de données"), Column("measure", "Mesure"), Column("gold", "Référence", "1", 2),
        Column("generated", "Générées", "1", 2), Column("difference", "Référence − générées", "1", 2),
        Column("low", "Borne basse", "1", 2), Column("high", "Borne haute", "1", 2), Column("p", "p (Holm)", "p", 3),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["key", *[column.name for column in columns]])
    caption = "Couleurs des images de référence et des images générées"
    return Table("colour_measures", caption, "artifacts/colour", frame, columns)


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
                    {"key": dataset, "dataset": study.label(dataset), "part": part, "colour": COLOUR_TERMS[str(word)],
                     "n": found.n, "share": found.value, "low": found.low, "high": found.high,
                     "base": _seen_elsewhere(asked, named, seen, str(word))}
                )  # fmt: skip
    columns = (
        Column("dataset", "Jeu de données"), Column("part", "Partie"), Column("colour", "Couleur nommée"),
        Column("n", "Images", "count", 0), Column("share", "Couleur respectée", "share", 1),
        Column("low", "Borne basse", "share", 1), Column("high", "Borne haute", "share", 1),
        Column("base", "Taux de base", "share", 1),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["key", *[column.name for column in columns]])
    return Table("colour_by_name", "Respect des couleurs nommées par les légendes", "artifacts/colour", frame, columns)


def _seen_elsewhere(asked: pd.DataFrame, named: str, seen: str, word: str) -> float | None:
    """How often the word's colour is seen where captions name another one; None where none does."""
    others = asked.loc[asked[named] != word, seen]
    return None if others.empty else float((others == word).mean())


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tests=lambda given: tests(given.study, given.plan),
    tables=lambda given, known, made: tables(given.study, known, made, given.plan),
)
