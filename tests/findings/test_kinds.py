from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from skimage.color import deltaE_ciede2000

from rapporteur.core.tables import read_table, write_table
from rapporteur.findings import kinds
from rapporteur.findings.finding import Finding
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.judgement import JUDGED_SAMPLES, REAL_LANDSCAPES
from rapporteur.vocabulary.losses import LOSSES
from tests.builders import Builder

PLAN = Resampling(seed=3, resamples=400)
AXES = ["lightness", "a", "b"]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Forty landscapes of two kinds, all held out: lakes are foreseen better after the training, seas are not."""
    Builder(tmp_path).write()
    root, random = tmp_path / "artifacts", np.random.default_rng(1)
    real, rows = read_table(root / "judgement/landscapes.parquet", REAL_LANDSCAPES), []
    names = [f"picture {place}" for place in range(40)]
    more = pd.concat([real.iloc[:1]] * 40, ignore_index=True)
    more = more.assign(image_id=names, split="held_out", kind=["water", "sea"] * 20, a=random.normal(0, 5, 40))
    write_table(more.astype(real.dtypes), root / "judgement/landscapes.parquet", REAL_LANDSCAPES)
    for place, name in enumerate(names):
        gain = (0.5 if place % 2 == 0 else 0.0) + random.normal(0, 0.1)
        for model, loss in (("start_model", 5.0), ("landscape_model", 5.0 - gain)):
            rows.append({"image_id": name, "split": "held_out", "model": model, "loss": loss})
    losses = pd.DataFrame(rows).astype({"image_id": "string", "split": "string", "model": "string"})
    write_table(losses, root / "model/losses.parquet", LOSSES)
    return Study(["shapes"], {"shapes": "formes"}, root)


def _named(found: list[Finding]) -> dict[str, Finding]:
    return {one.name: one for one in found}


def test_the_kind_that_gains_is_told_from_the_one_that_does_not(study: Study) -> None:
    found = _named(kinds.findings(study, PLAN))
    assert found["judgement.kinds"].value == 2
    assert found["judgement.kinds_helped"].value == 1 and found["judgement.kinds_harmed"].value == 0
    gains = kinds.held_gains(study)
    groups = [mine["gain"] for _, mine in gains.groupby("kind")]
    assert found["judgement.kinds_p"].value == pytest.approx(stats.kruskal(*groups).pvalue)
    assert found["judgement.kinds_p"].value < 1e-4
    (table,) = kinds.tables(study, PLAN)
    rows = table.frame.set_index("key")
    assert rows.loc["loss.water", "low"] > 0.4 and rows.loc["loss.sea", "low"] < 0 < rows.loc["loss.sea", "high"]
    assert rows.loc["loss.water", "n"] == 20


def test_colours_are_compared_within_the_kind(study: Study) -> None:
    found = _named(kinds.findings(study, PLAN))
    samples, real = study.table("judgement/samples.parquet"), study.table("judgement/landscapes.parquet")
    far = [
        np.mean(
            [deltaE_ciede2000(one[AXES].to_numpy(float), goal[AXES].to_numpy(float)) for _, goal in goals.iterrows()]
        )
        for _, one in samples.iterrows()
        for goals in [real[real["kind"] == one["kind"]]]
    ]
    means = samples.assign(far=far).groupby("source")["far"].mean()
    for name in ("start_model", "landscape_model"):
        assert found[f"judgement.colour_{name}"].value == pytest.approx(means[name])
    gain = found["judgement.colour_gain"].value
    assert gain == pytest.approx(means["start_model"] - means["landscape_model"]) and gain > 0


def test_samples_of_a_kind_without_a_real_landscape_are_left_out(study: Study) -> None:
    samples = study.table("judgement/samples.parquet")
    lonely = samples.assign(kind=["desert", *samples["kind"][1:]])
    write_table(lonely.astype(samples.dtypes), study.root / "judgement/samples.parquet", JUDGED_SAMPLES)
    again = Study(["shapes"], {"shapes": "formes"}, study.root)
    assert len(kinds.colour_distances(again)) == len(samples) - 1


def test_without_samples_or_held_out_pictures_each_number_says_why(study: Study) -> None:
    samples, losses = study.table("judgement/samples.parquet"), study.table("model/losses.parquet")
    write_table(samples.iloc[:0], study.root / "judgement/samples.parquet", JUDGED_SAMPLES)
    write_table(losses.iloc[:6], study.root / "model/losses.parquet", LOSSES)
    again = Study(["shapes"], {"shapes": "formes"}, study.root)
    found = _named(kinds.findings(again, PLAN))
    assert found["judgement.colour_gain"].value is None and found["judgement.colour_gain"].method.code == "no_sample"
    assert found["judgement.kinds"].value == 0
    assert found["judgement.kinds_p"].value is None and found["judgement.kinds_p"].method.code == "no_data"
    assert all(
        row["low"] is None or np.isnan(row["low"]) for row in kinds.tables(again, PLAN)[0].frame.to_dict("records")
    )
