"""What CLIP is asked, against the same numbers computed plainly from the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.findings import ceiling, clip, clip_questions, failures, foils, retrieval, variance
from rapporteur.findings.caption_features import WORDS, described, names
from rapporteur.findings.finding import Finding
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.captions import CAPTIONS
from rapporteur.vocabulary.clip import RETRIEVAL, SCORES
from rapporteur.vocabulary.phrase import Phrase
from tests.builders import Builder

PLAN = Resampling(seed=1, resamples=400)
DATASETS = ["shapes", "landscapes"]


def add_foils(folder: Path) -> None:
    """Foils for the shapes: a colour for the even captions, an object for the odd; each loses 0.1, odd ones gain it."""
    path = folder / "artifacts/captions/shapes/captions.parquet"
    captions = read_table(path, CAPTIONS)
    made = captions.assign(
        original_id=captions["caption_id"], caption_id=captions["caption_id"] + "-foil", kind="foil", draws=0,
        foil_kind=["colour" if place % 2 == 0 else "object" for place in range(len(captions))],
    )  # fmt: skip
    write_table(table_of([*captions.to_dict("records"), *made.to_dict("records")], CAPTIONS), path, CAPTIONS)
    _add_scores(folder, made.set_index("original_id")["foil_kind"].to_dict())


def _add_scores(folder: Path, kinds: dict[str, str]) -> None:
    path = folder / "artifacts/clip/shapes/scores.parquet"
    scores = read_table(path, SCORES)
    own = scores[scores["pair"].isin(["gold", "generated"])]
    step = own["caption_id"].map(lambda name: -0.1 if kinds[name] == "colour" else 0.1)
    other = own.assign(pair=own["pair"] + "_foil", clipscore=own["clipscore"] + step, rank=None, candidates=None)
    write_table(table_of([*scores.to_dict("records"), *other.to_dict("records")], SCORES), path, SCORES)


def add_ranks(folder: Path) -> None:
    """Three gold pictures of rank 1, 2 and 6 among ten captions, of which each has two."""
    rows: list[dict[str, Any]] = [
        {"dataset": "landscapes", "pictures": "gold", "direction": "image_to_text", "image_id": f"l{place:03d}",
         "caption_id": None, "seed": None, "rank": rank, "candidates": 40}
        for place, rank in enumerate((1, 2, 6))
    ]  # fmt: skip
    write_table(table_of(rows, RETRIEVAL), folder / "artifacts/clip/landscapes/retrieval.parquet", RETRIEVAL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("study")
    Builder(made, shapes=24).write()
    add_foils(made)
    add_ranks(made)
    return made


@pytest.fixture
def study(folder: Path) -> Study:
    return Study(DATASETS, {"shapes": "formes"}, folder / "artifacts")


def named(found: list[Finding]) -> dict[str, Finding]:
    assert len({finding.name for finding in found}) == len(found)
    return {finding.name: finding for finding in found}


def everything(study: Study) -> dict[str, Finding]:
    tested = [finding for test in clip_questions.tests(study, PLAN) for finding in test.findings()]
    return named([*clip_questions.findings(study, PLAN), *tested])


def test_preference_is_told_by_kind_of_foil_within_the_picture(study: Study) -> None:
    found = everything(study)
    for pictures, rows in (("gold", 12), ("generated", 48)):
        colour, thing = (found[f"clip.{pictures}_over_foil_{kind}.shapes"] for kind in ("colour", "object"))
        assert (colour.value, thing.value) == (1.0, 0.0) and colour.n == rows
        assert colour.low is not None and 0.5 < colour.low < 1
        assert found[f"clip.{pictures}_over_foil.shapes"].value == 0.5
    assert found["clip.gold_minus_foil_colour.shapes"].value == pytest.approx(0.1)
    assert found["clip.gold_minus_foil_object.shapes"].value == pytest.approx(-0.1)


def test_kinds_that_a_study_lacks_are_absent_and_out_of_the_family(study: Study) -> None:
    found = everything(study)
    assert found["clip.gold_over_foil_number.shapes"].value is None
    assert found["clip.generated_over_alternative.landscapes"].value is None
    assert {test.family for test in foils.tests(study, PLAN) if test.p is not None} == {6}
    table = foils.tables(study, found)[0].frame
    assert len(table) == 6 and set(table["dataset"]) == {"formes"}


def test_equal_scores_count_half(study: Study) -> None:
    rows = pd.DataFrame({"difference": [0.1, 0.0, 0.0, -0.1, 0.2, 0.0], "image_id": list("abcdef")})
    assert foils._preference(rows, PLAN).value == pytest.approx((2 + 3 / 2) / 6)


def test_recall_and_chance_are_those_of_the_ranks(study: Study) -> None:
    found = everything(study)
    assert found["clip.gold_image_to_text_r1.landscapes"].value == pytest.approx(1 / 3)
    assert found["clip.gold_image_to_text_r5.landscapes"].value == pytest.approx(2 / 3)
    assert found["clip.gold_image_to_text_r10.landscapes"].value == 1.0
    assert found["clip.gold_image_to_text_candidates.landscapes"].value == 40
    # each picture has five of the forty captions: the k first hold one of them
    chance = 1 - stats.hypergeom(40, 5, 10).pmf(0)
    assert found["clip.gold_image_to_text_chance10.landscapes"].value == pytest.approx(chance)


def test_without_ranks_retrieval_is_absent(study: Study) -> None:
    found = everything(study)
    assert found["clip.generated_text_to_image_r5.landscapes"].value is None
    assert found["clip.gold_image_to_text_r1.shapes"].value is None  # no file at all
    assert set(retrieval.tables(study, found)[0].frame["key"]) == {"landscapes"}


def test_shares_of_the_variance_add_up_and_agree_with_the_mixed_model(study: Study) -> None:
    found = everything(study)
    shares = [found[f"clip.share_of_{name}"] for name in ("dataset", "caption", "draw")]
    assert sum(float(share.value or 0) for share in shares) == pytest.approx(1)
    assert found["clip.share_of_caption_reml"].value == pytest.approx(shares[1].value, abs=0.03)
    icc = named(clip.findings(study, PLAN))["clip.variance_caption.shapes"].value
    caption, draw = (found[f"clip.sd_{name}.shapes"].value for name in ("caption", "draw"))
    assert caption**2 / (caption**2 + draw**2) == pytest.approx(icc)


def test_one_dataset_has_no_share_of_its_own(folder: Path) -> None:
    found = named(variance.findings(Study(["shapes"], {}, folder / "artifacts"), PLAN))
    assert found["clip.share_of_dataset"].value is None and found["clip.share_of_dataset"].method == Phrase(
        "one_dataset"
    )
    assert found["clip.share_of_caption"].value is not None


def test_the_plan_says_how_many_captions_the_target_needs(study: Study) -> None:
    found = everything(study)
    plans = variance.tables(study, found, PLAN)[1].frame.query("key == 'shapes'").set_index("draws")
    assert plans.loc[4, "planned"] == found["clip.captions_needed.shapes"].value
    assert plans.loc[1, "planned"] == found["clip.captions_needed_one_draw.shapes"].value
    assert plans["planned"].is_monotonic_decreasing and (plans["planned"] > plans["widest"]).all()
    spread = float(found["clip.sd_caption.shapes"].value) ** 2 + float(found["clip.sd_draw.shapes"].value) ** 2 / 4
    assert plans.loc[4, "half_width"] == pytest.approx(stats.t.ppf(0.975, 23) * np.sqrt(spread / 24))


def test_enough_draws_are_those_whose_interval_is_within_a_tenth_of_the_limit(study: Study) -> None:
    found = everything(study)
    caption, draw = (float(found[f"clip.sd_{name}.shapes"].value) ** 2 for name in ("caption", "draw"))
    enough = int(found["clip.draws_enough.shapes"].value)
    assert np.sqrt(caption + draw / enough) <= 1.1 * np.sqrt(caption)
    assert enough == 1 or np.sqrt(caption + draw / (enough - 1)) > 1.1 * np.sqrt(caption)


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("Two dogs on the beach", {"number", "animal", "nature"}),
        ("a woman in a red dress in the kitchen", {"person", "colour", "indoor"}),
        ("A striped star", {"texture"}),
        ("a couple of buses", set()),
        ("Three wolves? No: 3 bears.", {"number", "animal"}),
        ("a snow-covered mountain-side", {"nature"}),
    ],
)
def test_what_a_caption_names(text: str, features: set[str]) -> None:
    assert {feature for feature in WORDS if names(text, feature)} == features


def test_the_length_is_in_words() -> None:
    assert described(pd.Series(["a red star", "a star"]))["length"].tolist() == [3, 2]


def test_a_feature_s_effect_is_the_difference_of_its_captions(folder: Path) -> None:
    study = Study(["shapes"], {}, folder / "artifacts")
    rows = failures.drawn_captions(study, "shapes").assign(number=np.arange(24) < 8)
    rows.loc[rows["number"], "generated"] -= 0.2
    found = {each.name: each for each in failures._effects(rows, "number", "shapes", "x", PLAN)}
    means = rows.groupby("number")["generated"].mean()
    effect = found["clip.score_by_number.shapes"]
    assert effect.value == pytest.approx(means[True] - means[False]) and float(effect.high or 0) < 0
    with_it, without = (rows.loc[rows["number"] == flag, "generated"].to_numpy() for flag in (True, False))
    delta = np.sign(np.subtract.outer(with_it, without)).mean()
    assert found["clip.delta_by_number.shapes"].value == pytest.approx(delta)
    assert float(failures._tested(rows, "number", "shapes", "x", PLAN).value or 1) < 0.05


def test_features_of_too_few_captions_are_absent_with_their_reason(study: Study) -> None:
    found = everything(study)
    assert found["clip.score_by_animal.shapes"].method == Phrase("few_of_each_kind", {"fewest": 5})
    assert found["clip.score_by_colour.shapes"].value is None  # all of them name one
    rows = failures.drawn_captions(study, "landscapes")
    rho = stats.spearmanr(rows["length"], rows["generated"]).statistic
    assert found["clip.score_by_length.landscapes"].value == pytest.approx(rho)


def test_the_standardised_difference_is_that_of_the_captions(study: Study) -> None:
    found = named(clip.findings(study, PLAN))["clip.gold_minus_generated_d.shapes"]
    scores = study.scores("shapes")
    means = scores.groupby(["caption_id", "pair"])["clipscore"].mean().unstack()
    differences = means["gold"] - means["generated"]
    assert found.value == pytest.approx(differences.mean() / differences.std())
    assert found.low < found.value < found.high


def test_without_reconstructions_the_ceiling_is_absent(study: Study) -> None:
    found = everything(study)
    assert found["clip.reconstructed.shapes"].value is None
    assert found["clip.gold_minus_reconstructed_p.shapes"].value is None


def test_the_ceiling_splits_the_gap(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Study.scores

    def scores(self: Study, dataset: str, pair: str | None = None) -> pd.DataFrame:
        if pair != "reconstructed":
            return plain(self, dataset, pair)
        gold = plain(self, dataset, "gold")
        return gold.assign(pair=pair, clipscore=gold["clipscore"] - 0.04)

    monkeypatch.setattr(Study, "scores", scores)
    found = named([finding for test in ceiling.tests(study, PLAN) for finding in test.findings()])
    lost, left = (
        found[f"clip.{name}.shapes"] for name in ("gold_minus_reconstructed", "reconstructed_minus_generated")
    )
    assert lost.value == pytest.approx(0.04)
    gap = {test.name: test.difference.value for test in clip.tests(study, PLAN)}["clip.gold_minus_generated.shapes"]
    assert float(lost.value) + float(left.value or 0) == pytest.approx(gap)


def test_all_of_it_lacks_nothing_where_little_was_made(tmp_path: Path) -> None:
    Builder(tmp_path, shapes=1, scenes=1).write()
    small = Study(DATASETS, {}, tmp_path / "artifacts")
    found = everything(small)
    assert found["clip.sd_draw.shapes"].value is None or found["clip.sd_draw.shapes"].low is None
    for table in clip_questions.tables(small, found, PLAN):
        assert {column.name for column in table.columns} <= set(table.frame.columns)
