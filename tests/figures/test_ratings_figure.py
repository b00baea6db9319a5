"""The figures of people's ratings: none without ratings, every group with its interval, simulated ones marked."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from rapporteur.figures import ratings
from rapporteur.figures.figure import write
from rapporteur.figures.numbers import Numbers
from rapporteur.stages import findings
from rapporteur.study.tables import Study
from rapporteur.vocabulary.captions import CAPTIONS
from tests.builders import Builder, write_pipeline

LABELS = {"shapes": "formes", "landscapes": "paysages"}


def rated(folder: Path, simulated: bool) -> tuple[Study, Numbers]:
    """A study whose shapes two raters rated, gold and drawn; half of its captions try colours."""
    builder = Builder(folder, shapes=16, scenes=4, draws=2)
    builder.write()
    captions = pd.read_parquet(folder / "artifacts/captions/shapes/captions.parquet").to_dict("records")
    rows = [row | {"attribute": "colour" if place < 8 else None} for place, row in enumerate(captions)]
    builder.table("captions/shapes/captions.parquet", rows, CAPTIONS)
    given = builder.ratings_of(raters=2, simulated=simulated)
    builder.ratings(given + [row | {"seed": None} for row in given if row["seed"] == 1])
    write_pipeline(folder)
    findings.main()
    return Study(list(LABELS), LABELS), Numbers.read(folder / "artifacts/findings")


def test_without_ratings_there_is_no_figure_of_groups_or_correlations(work: Path) -> None:
    Builder(work, shapes=4, scenes=2).write()
    write_pipeline(work)
    findings.main()
    study, numbers = Study(list(LABELS), LABELS), Numbers.read(work / "artifacts/findings")
    assert ratings.groups(study, numbers) is None
    assert ratings.correlations(study, numbers) is None


@pytest.mark.parametrize("simulated", [True, False])
def test_every_group_and_correlation_is_drawn_and_simulated_ones_are_marked(work: Path, simulated: bool) -> None:
    study, numbers = rated(work, simulated)
    for chart in (ratings.groups(study, numbers), ratings.correlations(study, numbers)):
        assert chart is not None
        entry = write(chart, work / "figures")
        svg = (work / "figures" / entry["file"]).read_text(encoding="utf-8")
        assert ("Notes simulées" in svg) == simulated
        assert ("SIMULÉES" in entry["alt"]) == ("SIMULÉES" in entry["caption"]) == simulated
        assert "Texture" in svg and 150 < entry["width_mm"] < 175
    spec = json.loads((work / "figures/ratings_groups/chart.vl.json").read_text(encoding="utf-8"))
    drawn = [row for rows in spec["datasets"].values() for row in rows]
    assert {row["group"] for row in drawn} == {"Formes dessinées", "Formes dessinées : couleur"}
    assert {row["kind"] for row in drawn} == {"Référence", "Générées"}
    assert all(row["low"] <= row["mean"] <= row["high"] for row in drawn)
