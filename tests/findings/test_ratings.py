"""Ratings and comparisons against the same numbers computed plainly; and the code unchanged on TIFA's real ratings."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import krippendorff
import pandas as pd
import pytest
from scipy import stats

from benchmarks import tifa
from rapporteur.colour.table import COLOUR
from rapporteur.core.tables import table_of, write_table
from rapporteur.findings import comparisons, ratings
from rapporteur.findings.finding import Finding
from rapporteur.stages import ratings as stage
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.attributes import RATED
from rapporteur.vocabulary.captions import CAPTIONS
from rapporteur.vocabulary.clip import SCORES
from rapporteur.vocabulary.ratings import COMPARISONS, RATINGS
from tests.builders import Builder

PLAN = Resampling(seed=1, resamples=400)
DATASETS = ["shapes", "landscapes"]


def named(found: list[Finding]) -> dict[str, Finding]:
    names = [finding.name for finding in found]
    assert len(names) == len(set(names))
    return {finding.name: finding for finding in found}


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, pd.DataFrame]:
    """Three people rated every drawn shape, and every gold one a point higher on average."""
    builder = Builder(tmp_path_factory.mktemp("rated"), shapes=30, scenes=2, draws=2)
    builder.write()
    tried = pd.read_parquet(builder.folder / "artifacts/captions/shapes/captions.parquet").to_dict("records")
    prompts = [row | {"attribute": "colour" if place < 10 else "shape"} for place, row in enumerate(tried)]
    builder.table("captions/shapes/captions.parquet", prompts, CAPTIONS)
    rows = builder.ratings_of(raters=3, simulated=False)
    rows = [row for row in rows if not (row["rater"] == "r2" and row["caption_id"] == "c020")]  # r2 stopped early
    gold = [row | {"seed": None, "score": min(5, (row["score"] or 3) + 1)} for row in rows if row["seed"] == 1]
    builder.ratings(rows + gold)
    return Study(DATASETS, {}, builder.folder / "artifacts"), pd.DataFrame(rows + gold)


def test_means_are_told_by_dataset_and_by_what_prompts_try(rated: tuple[Study, pd.DataFrame]) -> None:
    study, rows = rated
    found = named(ratings.findings(study, PLAN))
    drawn = rows[rows["seed"].notna() & (rows["attribute"] == "shape")]
    colour = drawn[drawn["caption_id"] < "c010"]
    assert found["ratings.mean_shape.shapes"].value == pytest.approx(drawn["score"].mean())
    assert found["ratings.mean_shape_colour.shapes"].value == pytest.approx(colour["score"].mean())
    assert found["ratings.mean_shape_colour.shapes"].n == len(colour) == 10 * 2 * 3
    assert found["ratings.mean_shape_shape.shapes"].n == (20 * 3 - 1) * 2
    assert found["ratings.gold_shape.shapes"].n == 30 * 3 - 1
    assert "ratings.mean_shape.landscapes" not in found  # nobody rated these


def test_a_rater_who_left_pictures_out_is_no_obstacle(rated: tuple[Study, pd.DataFrame]) -> None:
    study, rows = rated
    alpha = named(ratings.findings(study, PLAN))["ratings.alpha.shape"]
    wide = rows[rows["seed"].notna() & (rows["attribute"] == "shape")].pivot_table(
        index=["caption_id", "seed"], columns="rater", values="score"
    )
    assert wide.isna().sum().sum() == 2
    assert alpha.value == pytest.approx(krippendorff.alpha(wide.to_numpy().T, level_of_measurement="ordinal"))


def test_gold_is_compared_with_generated_within_the_caption(rated: tuple[Study, pd.DataFrame]) -> None:
    study, rows = rated
    tests = {test.name: test for test in ratings.tests(study, PLAN)}
    assert set(tests) == {f"ratings.gold_minus_generated_{name}.shapes" for name in RATED}
    mine = rows[rows["attribute"] == "colour"]
    gold, drawn = (mine[mine["seed"].isna() == kind].groupby("caption_id")["score"].mean() for kind in (True, False))
    test = tests["ratings.gold_minus_generated_colour.shapes"]
    assert test.difference.value == pytest.approx((gold - drawn).mean())
    assert test.difference.n == 30 and test.family == 4
    assert test.p_holm >= test.p


def test_colour_obedience_is_correlated_with_ratings_as_clip_is(rated: tuple[Study, pd.DataFrame]) -> None:
    study, rows = rated
    found = named(ratings.findings(study, PLAN))
    picture = rows[rows["seed"].notna() & (rows["attribute"] == "colour")].groupby(["caption_id", "seed"])["score"]
    scores = picture.mean()
    colour = study.colour("shapes", "generated").set_index(["caption_id", "seed"])["obeyed"].loc[scores.index]
    kendall = found["ratings.obeyed_kendall.colour"]
    assert kendall.value == pytest.approx(stats.kendalltau(colour.astype(float), scores).statistic)
    assert kendall.low < kendall.value < kendall.high and kendall.n == 60
    assert found["ratings.subject_share_spearman.colour"].value is None  # the builder's share is the same everywhere


def test_the_tables_hold_one_row_a_group_and_one_a_correlation(rated: tuple[Study, pd.DataFrame]) -> None:
    study, _ = rated
    known = named(ratings.findings(study, PLAN))
    tables = {table.name: table.frame for table in ratings.tables(study, known)}
    groups = tables["ratings_groups"]
    assert len(groups) == 2 * 3 * 4  # gold and generated; all captions, colour and form; four attributes
    one = groups.query("prompt == 'colour' and kind == 'generated' and attribute == 'shape'").iloc[0]
    assert one["mean"] == known["ratings.mean_shape_colour.shapes"].value and one["low"] < one["mean"] < one["high"]
    assert len(tables["ratings_correlations"]) == 4 * 2  # the constant share has no correlation
    assert tables["ratings_comparisons"].empty
    assert {"alpha_low", "alpha_high"} <= set(tables["ratings_attributes"].columns)


def compared(study: Study, rows: list[dict[str, Any]]) -> Study:
    write_table(table_of(rows, COMPARISONS), study.root / "ratings/comparisons.parquet", COMPARISONS)
    return Study(study.datasets, study.labels, study.root)


def choice(rater: str, number: int, said: str, *, gold_left: bool = True, simulated: bool = False) -> dict[str, Any]:
    gold, drawn = {"source": "gold", "seed": None}, {"source": "generated", "seed": 0}
    sides = zip(("left", "right"), (gold, drawn) if gold_left else (drawn, gold), strict=True)
    pictures = {f"{side}_{part}": value for side, picture in sides for part, value in picture.items()}
    owner = {"rater": rater, "dataset": "shapes", "caption_id": f"c{number:03d}", "image_id": f"s{number:03d}"}
    return owner | pictures | {"choice": said, "simulated": simulated}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    Builder(tmp_path).write()
    return Study(DATASETS, {}, tmp_path / "artifacts")


def test_a_tie_counts_half_and_the_side_does_not_matter(study: Study) -> None:
    rows = [choice("a", number, "left") for number in range(5)]  # gold on the left, chosen
    rows += [choice("a", number, "right", gold_left=False) for number in range(5, 7)]  # on the right, chosen
    rows += [choice("a", 7, "equal"), choice("a", 8, "equal"), choice("a", 9, "right")]
    found = named(comparisons.findings(compared(study, rows), PLAN))
    gold = found["ratings.gold_preferred"]
    assert gold.value == pytest.approx((7 + 2 / 2) / 10)
    assert 0 < gold.low < gold.value < gold.high < 1
    assert found["ratings.gold_preferred.shapes"].value == gold.value
    assert found["ratings.gold_strength"].value == pytest.approx(math.log(0.8 / 0.2))  # the odds of eight wins in ten
    assert found["ratings.gold_strength"].low is not None
    assert found["ratings.comparison_equal"].value == pytest.approx(0.2)
    assert found["ratings.left_preferred"].value == pytest.approx(5 / 8)
    assert found["ratings.comparison_alpha"].value is None  # one rater agrees with nobody


def test_raters_agree_on_pictures_and_not_on_sides(study: Study) -> None:
    """Each pair shown to the second rater with its sides swapped: the same picture chosen is agreement."""
    said = ["left", "right", "equal"] * 3
    rows = [choice("a", number, word) for number, word in enumerate(said)]
    swap = {"left": "right", "right": "left", "equal": "equal"}
    same = [choice("b", number, swap[word], gold_left=False) for number, word in enumerate(said)]
    side = [choice("b", number, word, gold_left=False) for number, word in enumerate(said)]
    agreed = named(comparisons.findings(compared(study, rows + same), PLAN))
    opposed = named(comparisons.findings(compared(study, rows + side), PLAN))
    assert agreed["ratings.comparison_alpha"].value == pytest.approx(1.0)
    assert opposed["ratings.comparison_alpha"].value < 0


def test_simulated_comparisons_are_marked_and_never_mixed_with_peoples(study: Study) -> None:
    robot = [choice("robot", number, "right", simulated=True) for number in range(8)]
    found = named(comparisons.findings(compared(study, robot), PLAN))
    assert found["ratings.gold_preferred"].value == 0.0
    assert found["ratings.gold_strength"].value is None  # always beaten: no finite strength
    assert found["ratings.gold_preferred"].method.code == "simulated"
    both = compared(study, [*robot, choice("zoe", 1, "left")])
    found = named(comparisons.findings(both, PLAN))
    assert found["ratings.gold_preferred"].value == 1.0 and found["ratings.gold_preferred"].method.code != "simulated"
    assert comparisons.table(both, found).frame["raters"].tolist() == [1]


def test_where_nobody_compared_the_reason_is_said(study: Study) -> None:
    found = named(comparisons.findings(study, PLAN))
    assert found["ratings.comparisons"].value == 0
    assert found["ratings.gold_preferred"].value is None
    assert found["ratings.gold_preferred"].method.code == "nobody_compared"


def tifa_study(rows: list[dict[str, Any]], folder: Path) -> Study:
    """TIFA as a study: its people's CSV files through the stage, its CLIPScores as `clip` would have written them."""
    people = folder / "people"
    people.mkdir()
    for place in (0, 1):
        lines = [tifa.owner(row) | {"score": row["human_scores"][place]} for row in rows]
        frame = pd.DataFrame(lines).assign(rater=f"person-{place}", attribute="overall")
        frame.to_csv(people / f"person-{place}.csv", index=False)
    root = folder / "artifacts"
    write_table(stage.read_folder(people), root / "ratings/ratings.parquet", RATINGS)
    write_table(table_of([], COMPARISONS), root / "ratings/comparisons.parquet", COMPARISONS)
    texts = {row["text_id"]: row["text"] for row in rows}
    captions = [
        {"dataset": "tifa", "image_id": name, "caption_id": name, "kind": "original", "split": "test", "text": text}
        | {"draws": len(tifa.MODELS)}
        for name, text in texts.items()
    ]
    write_table(table_of(captions, CAPTIONS), root / "captions/tifa/captions.parquet", CAPTIONS)
    scores = [
        tifa.owner(row) | {"pair": "generated", "text": row["text"], "cosine": row["clipscore_vitb32"] / 100}
        | {"clipscore": row["clipscore_vitb32"] / 40, "tokens_cut": False}
        for row in rows
    ]  # fmt: skip
    write_table(table_of(scores, SCORES), root / "clip/tifa/scores.parquet", SCORES)
    write_table(table_of([], COLOUR), root / "colour/tifa/colour.parquet", COLOUR)
    return Study(["tifa"], {}, root)


def test_tifas_ratings_go_through_unchanged(shared_data: Path, tmp_path: Path) -> None:
    """800 real ratings, from CSV files to findings: what the benchmark publishes is what the findings say."""
    rows = tifa.read(shared_data / "ratings_tifa")
    found = named(ratings.findings(tifa_study(rows, tmp_path), PLAN))
    published = json.loads(tifa.RESULT.read_text(encoding="utf-8"))
    assert found["ratings.rated"].value == 1_600 and found["ratings.pictures"].value == 800
    assert found["ratings.raters"].value == 2 and found["ratings.simulated"].value == 0
    for name, key in {"mean": "mean", "alpha": "alpha", "clip_kendall": "kendall", "clip_spearman": "spearman"}.items():
        assert found[f"ratings.{name}.overall"].value == pytest.approx(published[key]["value"], abs=5e-5)
        assert found[f"ratings.{name}.overall"].low == pytest.approx(published[key]["low"], abs=0.03)
        assert found[f"ratings.{name}.overall"].method.about["clusters"] == 160
    plain = stats.kendalltau([row["clipscore_vitb32"] for row in rows], [row["human_avg"] for row in rows]).statistic
    assert found["ratings.clip_kendall.overall"].value == pytest.approx(plain)
    assert plain == pytest.approx(0.2314, abs=5e-5)  # what TIFA's authors published


def test_answers_about_other_pictures_enter_no_estimate_and_are_counted(tmp_path: Path) -> None:
    """Eight ratings of 5 about the study's pictures, nine of 1 about others: the mean is 5, of eight."""
    builder = Builder(tmp_path, shapes=4, scenes=2, draws=2)
    builder.write()
    rows = [row | {"score": 5} for row in builder.ratings_of(raters=1, simulated=False) if row["attribute"] == "shape"]
    others = [
        row | {"rater": f"o{place % 2}", "score": 1, "standing": ("absent", "redrawn")[place > 4]}
        for place, row in enumerate(rows)
    ]
    builder.ratings([row | {"standing": "unverified"} for row in rows] + others)
    found = named(ratings.findings(Study(DATASETS, {}, tmp_path / "artifacts"), PLAN))
    mean = found["ratings.mean.shape"]
    assert (mean.value, mean.n) == (5.0, len(rows))
    assert found["ratings.rated_absent"].value == 5 and found["ratings.rated_redrawn"].value == len(rows) - 5
    assert found["ratings.rated_unverified"].value == len(rows)
    assert found["ratings.raters"].value == 1
