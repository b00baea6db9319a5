"""Distances of colours and the measures' tests, against the same numbers computed plainly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rapporteur.colour.distances import emd_lab, emd_palette
from rapporteur.findings import colour, colour_distances
from rapporteur.findings.colour_distances import DISTANCES, caption_distances
from rapporteur.findings.finding import Finding
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from tests.builders import Builder

PLAN = Resampling(seed=1, resamples=300)
DATASETS = ["shapes", "landscapes"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = Builder(tmp_path_factory.mktemp("study"))
    built.write()
    return built.folder / "artifacts"


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return Study(DATASETS, {"shapes": "formes"}, folder)


@pytest.fixture(scope="module")
def known(study: Study) -> dict[str, Finding]:
    return {finding.name: finding for finding in colour.findings(study, PLAN)}


@pytest.mark.parametrize(
    ("name", "column", "measure"), [("emd_lab", "lab_histogram", emd_lab), ("emd_palette", "palette", emd_palette)]
)
def test_earth_mover_s_distances_are_to_the_own_caption_s_pictures_and_to_all_others(
    study: Study, known: dict[str, Finding], name: str, column: str, measure: colour_distances.Measure
) -> None:
    gold, drawn = (study.colour("shapes", source) for source in ("gold", "generated"))
    near, far = [], []
    for target in gold.to_dict("records"):
        found = measure([target[column]] * len(drawn), drawn[column].tolist())  # type: ignore[arg-type]
        own = (drawn["image_id"] == target["image_id"]).to_numpy()
        near.append(found[own].mean())
        far.append(found[~own].mean())
    assert known[f"colour.{name}.shapes"].value == pytest.approx(np.mean(near))
    assert known[f"colour.{name}_mismatched.shapes"].value == pytest.approx(np.mean(far))
    assert known[f"colour.{name}.shapes"].n == 12


def test_a_bound_on_the_pairs_keeps_one_other_caption_at_least(study: Study) -> None:
    exact = caption_distances(study, "shapes", DISTANCES[1])
    bounded = replace(DISTANCES[1], name="bounded", pairs=1)
    found = caption_distances(study, "shapes", bounded)
    assert found["mismatched"].notna().all()
    assert found["matched"].equals(exact["matched"])
    assert not found["mismatched"].equals(exact["mismatched"])


def test_distances_are_computed_once_for_findings_and_tests(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Study(DATASETS, {}, study.root)
    colour.findings(fresh, PLAN)
    monkeypatch.setattr(colour_distances, "_caption_distances", lambda *_: pytest.fail("computed again"))
    assert colour.tests(fresh, PLAN)


def test_another_study_s_distances_are_its_own(study: Study, folder: Path, tmp_path: Path) -> None:
    before = caption_distances(study, "shapes", DISTANCES[0])
    path = tmp_path / "colour/shapes/colour.parquet"
    path.parent.mkdir(parents=True)
    table = pd.read_parquet(folder / "colour/shapes/colour.parquet")
    table.assign(lightness=table["lightness"] + 5 * (table["source"] == "gold")).to_parquet(path)
    after = caption_distances(Study(["shapes"], {}, tmp_path), "shapes", DISTANCES[0])
    assert not np.allclose(before["matched"], after["matched"])


def test_every_measure_is_tested_with_holm_s_correction_over_all(study: Study) -> None:
    tests = colour.tests(study, PLAN)
    assert len(tests) == len(DATASETS) * (len(colour.COMPARED) + len(DISTANCES))
    assert {test.family for test in tests} == {len(tests)}
    assert all(test.p_holm is not None and test.p is not None and test.p_holm >= test.p for test in tests)


def test_tables_hold_what_the_findings_say(study: Study, known: dict[str, Finding]) -> None:
    tables = {table.name: table for table in colour.tables(study, known, colour.tests(study, PLAN), PLAN)}
    distances = tables["colour_distances"].frame
    assert len(distances) == 2 * len(DISTANCES)
    row = distances[(distances["key"] == "shapes") & (distances["distance"] == "emd_palette")].iloc[0]
    assert row["matched"] == known["colour.emd_palette.shapes"].value
    assert row["difference"] == pytest.approx(row["mismatched"] - row["matched"])
    assert len(tables["colour_measures"].frame) == 2 * len(colour.COMPARED)


def test_each_word_has_the_rate_at_which_it_is_seen_elsewhere() -> None:
    asked = pd.DataFrame(
        {"named": ["red", "red", "blue", "blue", "blue"], "seen": ["red", "blue", "red", "red", "blue"]}
    )
    assert colour._seen_elsewhere(asked, "named", "seen", "red") == pytest.approx(2 / 3)
    assert colour._seen_elsewhere(asked, "named", "seen", "blue") == pytest.approx(1 / 2)
    assert colour._seen_elsewhere(asked.iloc[:2], "named", "seen", "red") is None
