"""What the charts of colours compute, and that each draws with what a small study holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rapporteur.figures import colour, colour_compared
from rapporteur.figures.figure import Chart, write
from rapporteur.figures.numbers import Numbers
from rapporteur.findings import colour as findings
from rapporteur.findings.finding import record
from rapporteur.report.language import language
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from tests.builders import Builder

PLAN = Resampling(seed=1, resamples=200)
DATASETS = ["shapes", "landscapes"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    built = Builder(tmp_path_factory.mktemp("study"))
    built.write()
    return Study(DATASETS, {"shapes": "formes"}, built.folder / "artifacts")


@pytest.fixture(scope="module")
def numbers(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    folder, tests = tmp_path_factory.mktemp("findings"), findings.tests(study, PLAN)
    found = [*findings.findings(study, PLAN), *[each for test in tests for each in test.findings()]]
    known = {finding.name: finding for finding in found}
    (folder / "tables").mkdir()
    for table in findings.tables(study, known, tests, PLAN):
        table.frame.to_parquet(folder / "tables" / f"{table.name}.parquet")
    return Numbers({name: record(finding) for name, finding in known.items()}, folder)


CHARTS = (colour.measures, colour.obedience, colour_compared.hues, colour_compared.distances)


@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: str(draw.__name__))
def test_each_chart_draws_as_vectors_and_names_its_datasets(
    draw: object, study: Study, numbers: Numbers, tmp_path: Path
) -> None:
    assert callable(draw)
    chart = draw(study, numbers)
    assert isinstance(chart, Chart)
    assert "formes" in chart.alt
    entry = write(chart, tmp_path)
    assert (tmp_path / chart.name / "chart.svg").read_text(encoding="utf-8").startswith("<svg")
    assert 0 < entry["width_mm"] <= 172


def test_hues_weigh_by_the_chroma_of_their_pictures(study: Study) -> None:
    frame = colour_compared._hues(study, "shapes")
    rows = study.colour("shapes", "gold")
    expected = np.average(np.stack(rows["hue_histogram"].to_list()), axis=0, weights=rows["chroma"])
    gold = frame[frame["source"] == "gold"]["share"].to_numpy()
    assert gold == pytest.approx(expected / expected.sum(), abs=1e-5)
    assert frame.groupby("source")["share"].sum().to_numpy() == pytest.approx([1, 1], abs=1e-3)


def test_each_bar_has_the_colour_of_its_hue(study: Study) -> None:
    painted = colour_compared._painted(np.array([0.0, 90.0]))
    assert painted == pytest.approx(np.array([[65, 45, 0], [65, 0, 45]]), abs=1e-9)
    assert colour_compared._hues(study, "shapes")["colour"].nunique() == 36


def test_the_alternative_text_gives_the_distances_with_their_intervals(study: Study, numbers: Numbers) -> None:
    chart = colour_compared.distances(study, numbers)
    assert chart is not None
    assert numbers.said("colour.emd_palette.shapes", 1) in chart.alt
    assert json.dumps(chart.chart.to_dict()).count("Transport") >= 2


def test_where_nothing_was_measured_no_chart_is_drawn(study: Study, numbers: Numbers) -> None:
    assert colour_compared.distances(study, Numbers({}, numbers.folder)) is None
    assert colour_compared.hues(Study([], {}, study.root), numbers) is None


def test_each_point_of_the_plane_says_its_picture_s_caption(study: Study) -> None:
    points = colour._mean_colours(study, "shapes", language())
    texts = study.captions("shapes").set_index("caption_id")["text"]
    drawn = study.colour("shapes", "generated")
    shown = points[points["kind"] == "Générée"]
    assert len(shown) == len(drawn) and sorted(shown["text"]) == sorted(texts[drawn["caption_id"]])
    assert points["text"].notna().all(), "gold pictures too"
