"""How far the colours of drawn pictures lie from their gold picture's, against pictures of other captions.

Three distances: ΔE2000 of the mean colours, the earth mover's of Lab histograms and of palettes. Each caption gives one
number for its own pictures and one for others', so tests are paired within the caption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from rapporteur.colour.distances import delta_e, emd_lab, emd_palette
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
from rapporteur.findings.paired import paired_test
from rapporteur.statistics.bootstrap import Codes, Floats, Resampling, mean
from rapporteur.study.tables import Study

COLOURS = "colour/{}/colour.parquet"
SHIFTS = 20  # other captions that each caption's pictures are compared with, at most

Measure = Callable[[pd.DataFrame, pd.DataFrame], Floats]  # of rows of gold and of drawn pictures, pair by pair


@dataclass(frozen=True)
class Distance:
    """A distance of colours; `pairs` bounds how many pairs of other captions are measured, for EMD takes its time."""

    name: str
    unit: str
    measure: Measure
    pairs: int


def _means(gold: pd.DataFrame, drawn: pd.DataFrame) -> Floats:
    axes = ["lightness", "a", "b"]
    return delta_e(gold[axes].to_numpy(), drawn[axes].to_numpy())


def _histograms(gold: pd.DataFrame, drawn: pd.DataFrame) -> Floats:
    return emd_lab(gold["lab_histogram"].tolist(), drawn["lab_histogram"].tolist())


def _palettes(gold: pd.DataFrame, drawn: pd.DataFrame) -> Floats:
    return emd_palette(gold["palette"].tolist(), drawn["palette"].tolist())


DISTANCES = (
    Distance("delta_e", "ΔE2000", _means, 1_000_000),
    Distance("emd_lab", "CIELAB", _histograms, 4000),
    Distance("emd_palette", "ΔE2000", _palettes, 4000),
)
ENDS = {"matched": "", "mismatched": "_mismatched"}  # the end of the quantity's name


def findings(study: Study, dataset: str, plan: Resampling) -> Iterator[Finding]:
    """The mean of each distance, to the own caption's pictures and to others'."""
    source = study.source(COLOURS, dataset)
    for distance in DISTANCES:
        found = caption_distances(study, dataset, distance)
        for column, end in ENDS.items():
            kept = found[found[column].notna()]
            compute = partial(mean, kept[column], kept["image_id"], plan)
            yield measured(f"colour.{distance.name}{end}", distance.unit, source, compute, dataset=dataset)


def tests(study: Study, dataset: str, plan: Resampling) -> Iterator[PairedTest]:
    """Whether other captions' pictures lie farther than the caption's own."""
    for distance in DISTANCES:
        found = caption_distances(study, dataset, distance)
        yield paired_test(
            f"colour.{distance.name}_mismatched_minus_matched",
            dataset=dataset,
            unit=distance.unit,
            source=study.source(COLOURS, dataset),
            differences=found["mismatched"] - found["matched"],
            clusters=found["image_id"],
            plan=plan,
        )


@dataclass
class _Kept:
    """The distances of the study asked last: findings and tests both need them, and EMD takes seconds."""

    study: Study | None = None
    found: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)


_kept = _Kept()


def caption_distances(study: Study, dataset: str, distance: Distance) -> pd.DataFrame:
    """One row a caption: its gold picture, the mean distance from that to the caption's own drawn pictures (`matched`)
    and to those of other captions (`mismatched`).
    """
    if _kept.study is not study:
        _kept.study, _kept.found = study, {}
    place = (dataset, distance.name)
    if place not in _kept.found:
        _kept.found[place] = _caption_distances(study, dataset, distance)
    return _kept.found[place]


def _caption_distances(study: Study, dataset: str, distance: Distance) -> pd.DataFrame:
    gold, drawn = study.colour(dataset, "gold"), study.colour(dataset, "generated")
    targets = gold.set_index("image_id", drop=False)
    drawn = drawn[drawn["image_id"].isin(targets.index)]
    captions = drawn.groupby("caption_id", sort=True)["image_id"].first()
    goals = targets.loc[captions]
    places = captions.index.get_indexer(pd.Index(drawn["caption_id"]))
    near = distance.measure(goals.iloc[places], drawn) if len(drawn) else np.empty(0)
    frame = pd.DataFrame({"image_id": captions, "mismatched": _to_others(goals, drawn, places, distance)})
    return frame.assign(matched=pd.Series(near).groupby(places).mean().to_numpy())


def _to_others(goals: pd.DataFrame, drawn: pd.DataFrame, places: Codes, distance: Distance) -> Floats:
    """Mean distance of each goal to the pictures of the captions 1, 2… places further on, of other gold pictures."""
    count, images = len(goals), goals["image_id"].to_numpy()
    totals, numbers = np.zeros(count), np.zeros(count)
    for shift in range(1, _shifts(count, len(drawn), distance) + 1):
        goal = (places - shift) % count
        kept = images[goal] != images[places]
        found = distance.measure(goals.iloc[goal[kept]], drawn[kept]) if kept.any() else np.empty(0)
        totals += np.bincount(goal[kept], weights=found, minlength=count)
        numbers += np.bincount(goal[kept], minlength=count)
    means: Floats = np.divide(totals, numbers, out=np.full(count, np.nan), where=numbers > 0)
    return means


def _shifts(captions: int, pictures: int, distance: Distance) -> int:
    """How many other captions: as many as the pairs allow, one at least."""
    return min(SHIFTS, captions - 1, max(1, distance.pairs // max(1, pictures)))


def table(study: Study, known: dict[str, Finding], tests: list[PairedTest]) -> Table:
    """The distances side by side: own caption, other captions, difference with its interval."""
    by_name = {test.name: test for test in tests}
    rows = []
    for dataset in study.datasets:
        for distance in DISTANCES:
            test = by_name[f"colour.{distance.name}_mismatched_minus_matched.{dataset}"]
            ends = {column: known[f"colour.{distance.name}{name}.{dataset}"].value for column, name in ENDS.items()}
            interval = {"difference": test.difference.value, "low": test.difference.low, "high": test.difference.high}
            row = {"key": dataset, "dataset": study.label(dataset), "distance": distance.name, "p_holm": test.p_holm}
            row |= {"at_most": test.at_most}
            rows.append(row | ends | interval)
    numbers = [Column(name, "1", 1) for name in (*ENDS, "difference")]
    columns = DATASET, Column("distance", words="distance"), *numbers, *bounds("1", 1), P_HOLM
    return table_of_rows("colour_distances", "artifacts/colour", rows, *columns)
