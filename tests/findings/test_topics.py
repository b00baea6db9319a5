"""Each topic's findings against the same numbers computed plainly from the tables."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from skimage.color import deltaE_ciede2000

from rapporteur.core.errors import BadInput
from rapporteur.findings import captions, clip, colour, generator, images, judgement, landscapes, model, ratings
from rapporteur.findings.finding import Finding
from rapporteur.findings.weights import parameter_count
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.engines import OBEYS
from tests.builders import Builder

PLAN = Resampling(seed=1, resamples=400)
DATASETS = ["shapes", "landscapes"]
SETTINGS = {"model": "nowhere", "condition_scale": 3.0, "temperature": 0.9, "top_k": None, "top_p": None}


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    built = Builder(tmp_path_factory.mktemp("study"))
    built.write()
    return built


@pytest.fixture
def study(builder: Builder) -> Study:
    return Study(DATASETS, {"shapes": "formes"}, builder.folder / "artifacts")


def named(found: list[Finding]) -> dict[str, Finding]:
    names = [finding.name for finding in found]
    assert len(names) == len(set(names))
    return {finding.name: finding for finding in found}


def test_captions_are_counted_by_kind_and_split(study: Study) -> None:
    found = named(captions.findings(study, PLAN))
    assert found["captions.captions.landscapes"].value == 40
    assert found["captions.images.landscapes"].value == 8
    assert found["captions.drawn.landscapes"].value == 8
    assert [found[f"captions.{split}.landscapes"].value for split in ("train", "val", "test")] == [3, 3, 2]
    assert found["captions.original.shapes"].value == 12 and found["captions.foil.shapes"].value == 0
    words = study.captions("landscapes")["text"].map(lambda text: len(text.split()))
    assert found["captions.words.landscapes"].value == pytest.approx(words.mean())
    assert found["study.dataset.shapes"].value == "formes"
    assert found["study.dataset.landscapes"].value == "landscapes"  # no label given: its key


def test_pictures_are_counted_and_the_model_is_named(study: Study) -> None:
    found = named(images.findings(study, SETTINGS))
    assert found["images.pictures"].value == 80
    assert found["images.per_caption.shapes"].value == 4
    assert found["images.model"].value == "models/sample/dalle"
    assert found["images.model_digest"].value == "0123456789ab"
    assert found["images.size"].value == 48


def test_a_label_stands_for_the_folder_of_a_model(study: Study) -> None:
    labelled = replace(study, labels={**study.labels, "models/sample/dalle": "DALL·E mini réduit"})
    assert named(images.findings(labelled, SETTINGS))["images.model"].value == "DALL·E mini réduit"


def _drawn_by(study: Study, engines: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Study:
    plain = Study.images
    monkeypatch.setattr(Study, "images", lambda self, name: plain(self, name).assign(engine=engines[name]))
    return study


def test_what_drew_is_named_for_each_dataset_and_for_all(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = "engine.jax", "engine.dalle-mini"
    assert named(images.findings(study, SETTINGS))["images.engine"].value == here
    mixed = _drawn_by(study, {"shapes": "dalle-mini", "landscapes": "jax"}, monkeypatch)
    found = named(images.findings(mixed, SETTINGS))
    assert (found["images.engine.shapes"].value, found["images.engine.landscapes"].value) == (there, here)
    assert found["images.engine"].value == f"{here} {there}"


def test_every_engine_is_told() -> None:
    assert set(images.ENGINES) == set(OBEYS)


def test_settings_that_what_drew_ignores_are_stated_nowhere(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    given = _drawn_by(study, dict.fromkeys(DATASETS, "pictures"), monkeypatch)
    found = named(images.findings(given, SETTINGS | {"steps": 20}))
    assert all(found[f"images.{name}"].method == images.IGNORED for name in images.SETTINGS)
    assert found["images.parameters"].method == images.IGNORED
    shown = images.tables(found)[0].frame["setting"].tolist()
    assert shown == [f"images.{name}" for name in ("model", "model_digest", "engine", "size")]
    diffused = _drawn_by(study, dict.fromkeys(DATASETS, "diffusers"), monkeypatch)
    found = named(images.findings(diffused, SETTINGS | {"steps": 20}))
    assert found["images.steps"].value == 20 and found["images.top_k"].value is None


def test_settings_that_are_off_are_absent_and_the_official_top_k_is_stated(study: Study) -> None:
    found = named(images.findings(study, SETTINGS))
    assert found["images.top_k"].value == 50 and found["images.temperature"].value == 0.9
    assert found["images.top_p"].value is None
    assert named(images.findings(study, SETTINGS | {"top_k": 0}))["images.top_k"].value is None


def test_parameters_are_counted_from_the_header(builder: Builder) -> None:
    assert parameter_count(builder.folder / "artifacts/model") == 3 * 4 + 5


def test_a_file_that_is_no_safetensors_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0not json")
    with pytest.raises(BadInput, match=r"a\.safetensors.*not a safetensors"):
        parameter_count(tmp_path)


def test_clip_differences_are_paired_within_the_caption(study: Study) -> None:
    found = {test.name: test for test in clip.tests(study, PLAN)}
    scores = study.scores("shapes")
    expected = []
    for caption in scores["caption_id"].unique():
        rows = scores[scores["caption_id"] == caption]
        gold, drawn = (rows.loc[rows["pair"] == pair, "clipscore"].mean() for pair in ("gold", "generated"))
        expected.append(gold - drawn)
    test = found["clip.gold_minus_generated.shapes"]
    assert test.difference.value == pytest.approx(np.mean(expected))
    assert test.difference.low < np.mean(expected) < test.difference.high
    assert test.p_holm >= test.p and test.family == 4


def test_captions_of_one_picture_are_one_cluster(study: Study) -> None:
    found = named(clip.findings(study, PLAN))
    assert found["clip.gold.landscapes"].n == 40
    assert found["clip.gold.landscapes"].method.about["clusters"] == 8


def test_the_share_ranked_first_and_the_median_rank_are_those_of_drawn_pictures(study: Study) -> None:
    found, ranks = named(clip.findings(study, PLAN)), study.scores("shapes", "generated")["rank"]
    assert found["clip.first_of_20.shapes"].value == pytest.approx((ranks == 1).mean())
    assert found["clip.median_rank.shapes"].value == np.sort(ranks)[(len(ranks) - 1) // 2]
    assert found["clip.candidates.shapes"].value == 20
    assert found["clip.model"].value == "tiny" and found["clip.context"].value == 32


def test_superiority_is_mann_whitneys(study: Study) -> None:
    found = named(clip.findings(study, PLAN))
    right, wrong = (study.scores("shapes", pair)["clipscore"] for pair in ("generated", "generated_mismatched"))
    expected = stats.mannwhitneyu(right, wrong).statistic / (len(right) * len(wrong))
    assert found["clip.superiority_over_mismatch.shapes"].value == pytest.approx(expected)


def test_best_of_k_averages_the_best_over_all_subsets(study: Study) -> None:
    drawn = study.scores("shapes", "generated")
    groups = [rows["clipscore"].to_numpy() for _, rows in drawn.groupby("caption_id")]
    for k, found in enumerate(clip.best_of_k(drawn, PLAN), 1):
        assert found.value == pytest.approx(
            np.mean([[max(part) for part in combinations(group, k)] for group in groups])
        )
    known = named(clip.findings(study, PLAN))
    gain = np.mean([group.max() - group.mean() for group in groups])
    assert known["clip.best_of_k_gain.shapes"].value == pytest.approx(gain)


def test_one_caption_alone_has_a_mean_and_says_what_it_lacks(tmp_path: Path) -> None:
    Builder(tmp_path, shapes=1, scenes=1).write()
    study = Study(DATASETS, {}, tmp_path / "artifacts")
    found = named(clip.findings(study, PLAN)) | {test.name: test.difference for test in clip.tests(study, PLAN)}
    assert found["clip.generated.shapes"].value is not None and found["clip.generated.shapes"].low is None
    assert found["clip.variance_caption.shapes"].value is None
    assert clip.tests(study, PLAN)[0].findings()[1].value is None
    assert found["clip.gold_minus_generated.shapes"].value is not None


def test_delta_e_compares_a_caption_with_its_own_and_with_others(study: Study) -> None:
    gold, drawn = (study.colour("shapes", source) for source in ("gold", "generated"))
    near, far = [], []
    for target in gold.itertuples():
        goal = np.tile([target.lightness, target.a, target.b], (len(drawn), 1))
        distances = deltaE_ciede2000(goal, drawn[["lightness", "a", "b"]].to_numpy())
        near.append(distances[drawn["image_id"] == target.image_id].mean())
        far.append(distances[drawn["image_id"] != target.image_id].mean())
    found = named(colour.findings(study, PLAN))
    assert found["colour.delta_e.shapes"].value == pytest.approx(np.mean(near))
    assert found["colour.delta_e_mismatched.shapes"].value == pytest.approx(np.mean(far))  # 11 others: all are used


def test_obedience_is_a_share_of_the_captions_that_name_a_colour(study: Study) -> None:
    found = named(colour.findings(study, PLAN))
    obeyed = study.colour("shapes", "generated")["obeyed"]
    assert found["colour.obeyed.shapes"].value == pytest.approx(obeyed.mean())
    assert found["colour.obeyed.shapes"].n == 48
    assert found["colour.obeyed.landscapes"].value is None  # these captions name none
    assert found["colour.obeyed_gold.shapes"].value == 1.0


def test_the_base_rate_is_the_words_share_in_other_captions_pictures() -> None:
    """Red is asked of 4 pictures and seen in 1 of the 6 others; blue of 6, seen in 3 of the 4 others."""
    named_colours, seen = ["red"] * 4 + ["blue"] * 6, ["blue"] * 3 + ["red", "red"] + ["blue"] * 5
    rows = pd.DataFrame({"named": named_colours, "seen": seen, "image_id": list("aabbccddee")})
    base = colour.base_rate(rows, "named", "seen", PLAN)
    assert base.value == pytest.approx(0.4 * 1 / 6 + 0.6 * 3 / 4)
    excess = colour.base_rate(rows, "named", "seen", PLAN, excess=True)
    assert excess.value == pytest.approx(6 / 10 - base.value)


def test_colour_tests_are_one_family_over_measures_and_datasets(study: Study) -> None:
    found = {test.name: test for test in colour.tests(study, PLAN)}
    assert {test.family for test in found.values()} == {24}
    chroma = found["colour.chroma_gold_minus_generated.shapes"]
    assert chroma.difference.value == pytest.approx(-5, abs=1)  # the builder's drawn pictures are over-vivid by 5
    p_values = {finding.name: finding for test in found.values() for finding in test.findings()}
    assert p_values["colour.chroma_gold_minus_generated_p.shapes"].unit == "p"


def test_where_nobody_rated_counts_are_zero_and_estimates_absent(study: Study) -> None:
    found = named(ratings.findings(study, PLAN))
    assert [found[f"ratings.{name}"].value for name in ("raters", "rated", "pictures", "simulated")] == [0, 0, 0, 0]
    assert found["ratings.mean.shape"].value is None and found["ratings.mean.shape"].method.code == "nobody_rated"
    attributes, *_, plan = ratings.tables(study, found)
    assert len(attributes.frame) == 0
    assert plan.frame["pictures"].tolist() == [48, 32]


def test_ratings_give_means_agreement_and_correlation_with_clip(tmp_path: Path) -> None:
    builder = Builder(tmp_path)
    builder.write()
    rows = builder.ratings_of(raters=3, simulated=False)
    builder.ratings([row | {"caption_id": str(row["caption_id"])} for row in rows])
    study = Study(DATASETS, {}, tmp_path / "artifacts")
    found = named(ratings.findings(study, PLAN))
    scores = pd.DataFrame(rows).query("attribute == 'shape'")["score"]
    assert found["ratings.raters"].value == 3 and found["ratings.pictures"].value == 48
    assert found["ratings.mean.shape"].value == pytest.approx(scores.mean())
    assert 0.5 < found["ratings.alpha.shape"].value <= 1
    assert found["ratings.mean.texture"].n == 3 * 36  # "not applicable" is no score
    given = pd.DataFrame(rows).query("attribute == 'overall'").groupby(["caption_id", "seed"])["score"].mean()
    clipscores = study.scores("shapes", "generated").set_index(["caption_id", "seed"])["clipscore"]
    expected = stats.spearmanr(given, clipscores.loc[given.index]).statistic
    assert found["ratings.clip_spearman.overall"].value == pytest.approx(expected)


def test_simulated_ratings_are_marked_and_never_mixed_with_peoples(tmp_path: Path) -> None:
    builder = Builder(tmp_path)
    builder.write()
    simulated = builder.ratings_of(raters=2, simulated=True)
    builder.ratings(simulated)
    found = named(ratings.findings(Study(DATASETS, {}, tmp_path / "artifacts"), PLAN))
    assert found["ratings.mean.shape"].method.code == "simulated"
    person = [row | {"rater": "someone", "score": 5, "simulated": False} for row in simulated if row["rater"] == "r0"]
    builder.ratings(simulated + person)
    found = named(ratings.findings(Study(DATASETS, {}, tmp_path / "artifacts"), PLAN))
    assert found["ratings.mean.shape"].value == 5.0
    assert found["ratings.mean.shape"].method.code != "simulated"
    assert found["ratings.simulated"].value == 0


def test_the_filter_is_judged_against_the_truth(builder: Builder, study: Study) -> None:
    truth = landscapes.read_truth(builder.folder / "truth.csv")
    found = named(landscapes.findings(study, truth, PLAN))
    assert [found[f"landscapes.{name}"].value for name in ("examined", "kept", "refused")] == [8, 6, 2]
    assert found["landscapes.precision"].value == pytest.approx(5 / 6)  # one of the kept six is none
    assert found["landscapes.recall"].value == 1.0 and found["landscapes.recall"].low < 0.7
    assert found["landscapes.captions"].value == 30


def test_without_truth_precision_is_absent_with_its_reason(study: Study) -> None:
    found = named(landscapes.findings(study, None, PLAN))
    assert found["landscapes.precision"].value is None
    assert found["landscapes.precision"].method.code == landscapes.UNKNOWN


def test_rules_are_counted_with_what_they_kept(study: Study) -> None:
    frame = landscapes.tables(study, None, PLAN)[0].frame
    assert frame.to_dict("records")[-1] == {"rule": "-stadium", "images": 2, "kept": 0}


def test_images_are_counted_by_what_their_captions_say_for_and_against(study: Study) -> None:
    frame = landscapes.tables(study, None, PLAN)[1].frame.set_index("hints")
    assert frame.loc["for"].to_list() == [6, 6]
    assert frame.loc["against"].to_list() == [2, 0]
    assert frame["images"].sum() == 8


def test_each_threshold_has_its_counts_and_its_precision_where_labels_are_known(builder: Builder, study: Study) -> None:
    truth = landscapes.read_truth(builder.folder / "truth.csv")
    known = landscapes.tables(study, truth, PLAN)[2]
    by_threshold = known.frame.set_index("threshold")
    assert by_threshold["kept"].to_list() == [8, 8, 6, 6, 6, 6, 4, 2, 0]  # scores of 0.2, 0.6, 0.7 and 0.8
    assert by_threshold.loc[0.1, "precision"] == pytest.approx(5 / 8)
    assert by_threshold.loc[0.1, "low"] < 5 / 8 < by_threshold.loc[0.1, "high"]
    assert by_threshold.loc[0.5, "precision"] == pytest.approx(5 / 6)
    assert by_threshold.loc[0.9, "recall"] == 0.0 and np.isnan(by_threshold.loc[0.9, "precision"])
    unknown = landscapes.tables(study, None, PLAN)[2]
    assert [column.name for column in unknown.columns] == ["threshold", "kept"]
    assert [column.name for column in known.columns][2:] == ["precision", "low", "high", "recall"]


def test_borderline_labels_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image_id,label\n7,1\n8,?\n9,0\n")
    truth = landscapes.read_truth(tmp_path / "labels.csv")
    assert truth.to_dict("list") == {"image_id": ["7", "9"], "is_landscape": [True, False]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("image_id,landscape\n1,1\n", "is_landscape"),
        ("image_id,is_landscape\n1,1\n2,perhaps\n", "truth.csv:3"),
        ("image_id,is_landscape\n1,1\n2,?\n1,0\n", "truth.csv:4: the image 1 is labelled twice"),
    ],
)
def test_bad_labels_are_refused_by_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "truth.csv").write_text(content)
    with pytest.raises(BadInput, match=message):
        landscapes.read_truth(tmp_path / "truth.csv")


def test_missing_labels_name_the_parameter(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"findings\.truth"):
        landscapes.read_truth(tmp_path / "none.csv")


def test_the_training_log_is_read_at_its_ends(study: Study) -> None:
    found = named(model.findings(study, PLAN))
    log = study.table("model/log.parquet")
    held = log[log["split"] == "held_out"].sort_values("step")["loss"].to_numpy()
    assert found["model.steps"].value == 100 and found["model.images"].value == 800
    assert found["model.held_out_first"].value == held[0] and found["model.held_out_last"].value == held[-1]
    assert found["model.perplexity"].value == pytest.approx(np.exp(held[-1]))
    assert found["model.loss_uniform"].value == pytest.approx(np.log(64))
    assert found["samples.per_prompt"].value == 2 and found["samples.prompts"].value == 3


def test_codes_used_and_their_perplexity(study: Study) -> None:
    found = named(model.findings(study, PLAN))
    tokens = np.concatenate(study.table("tokens/tokens.parquet")["tokens"].tolist())
    assert found["tokens.codes_used"].value == len(set(tokens))
    shares = np.unique(tokens, return_counts=True)[1] / len(tokens)
    assert found["tokens.code_perplexity"].value == pytest.approx(np.exp(stats.entropy(shares)))


def test_what_the_training_gained_is_paired_picture_by_picture(study: Study) -> None:
    found = named(model.findings(study, PLAN))
    losses = study.table("model/losses.parquet")
    by = losses.pivot(index="image_id", columns="model", values="loss")
    held = by.loc[losses.loc[losses["split"] == "held_out", "image_id"].unique()]
    assert found["model.judged"].value == len(held) == 2
    assert found["model.nats_bigram"].value == pytest.approx(held["bigram"].mean())
    gain = found["model.gain"]
    assert gain.value == pytest.approx((held["start_model"] - held["landscape_model"]).mean())
    assert gain.value > 0 and gain.low is None  # of two pictures nothing is firm
    rest = by.drop(held.index)
    assert found["model.gain_train"].value == pytest.approx((rest["start_model"] - rest["landscape_model"]).mean())


def test_the_models_stand_side_by_side_by_how_well_they_foresee(study: Study) -> None:
    frame = model.tables(study, named(model.findings(study, PLAN)))[0].frame
    assert frame["model"].tolist() == ["uniform", "unigram", "bigram", "start_model", "landscape_model"]
    assert frame["held_out"].is_monotonic_decreasing and (frame["train"] > 0).all()


def test_samples_are_judged_prompt_by_prompt(study: Study) -> None:
    found = named(judgement.findings(study, PLAN))
    samples = study.table("judgement/samples.parquet")
    ours, start = (samples[samples["source"] == f"{name}_model"] for name in ("landscape", "start"))
    assert found["judgement.clip_start_model"].value == pytest.approx(start["clipscore"].mean())
    gain = ours["clipscore"].mean() - start["clipscore"].mean()
    assert found["judgement.clip_gain"].value == pytest.approx(gain)
    best = ours.groupby("text")["clipscore"].max() - start.groupby("text")["clipscore"].max()
    assert found["judgement.best_gain"].value == pytest.approx(best.mean())
    real = study.table("judgement/landscapes.parquet")
    far = np.quantile(real.loc[real["split"] == "held_out", "nearest_cosine"], 0.95)
    assert found["judgement.far"].value == pytest.approx(far)
    assert found["judgement.copies_landscape_model"].value == pytest.approx((ours["nearest_cosine"] > far).mean())
    fewer = (start["nearest_cosine"] > far).mean() - (ours["nearest_cosine"] > far).mean()
    assert found["judgement.copies_gain"].value == pytest.approx(fewer)  # positive: better, as every gain
    assert found["judgement.near_duplicates"].value == 1 and found["judgement.real"].value == len(real)


def test_kid_pairs_pictures_of_different_prompts_and_real_ones_with_others(study: Study) -> None:
    found = named(judgement.findings(study, PLAN))
    features = study.table("judgement/features.parquet").set_index("key")["feature"]
    samples, real = study.table("judgement/samples.parquet"), study.table("judgement/landscapes.parquet")
    y = np.array(features[real["key"]].tolist())
    apart = {}
    for name, rows in samples.groupby("source"):
        x, prompts = np.array(features[rows["key"]].tolist()), rows["caption_id"].to_numpy()
        own, real_own, between = ((1 + a @ b.T) ** 3 for a, b in ((x, x), (y, y), (x, y)))
        apart[name] = own[prompts[:, None] != prompts].mean() + real_own[~np.eye(len(y), dtype=bool)].mean()
        apart[name] -= 2 * between.mean()
        assert found[f"judgement.kid_{name}"].value == pytest.approx(apart[name])
    assert found["judgement.kid_gain"].value == pytest.approx(apart["start_model"] - apart["landscape_model"])


def test_without_samples_each_judgement_says_why(study: Study, tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    empty = Study([], {}, tmp_path / "artifacts")
    found = named(judgement.findings(empty, PLAN))
    assert found["judgement.kid_gain"].value is None and found["judgement.copies_gain"].value is None
    assert set(found) == set(named(judgement.findings(study, PLAN)))
    assert named(model.findings(empty, PLAN))["model.gain"].value is None


def test_measures_of_the_sample_models_are_passed_on(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"vqgan": {"psnr": 26.5, "note": "x"}, "steps": 10, "good": true}')
    found = named(generator.findings(tmp_path / "m.json"))
    assert found["generator.vqgan.psnr"].value == 26.5 and found["generator.vqgan.psnr"].unit == "dB"
    assert found["generator.steps"].value == 10
    assert generator.findings(None) == []
    with pytest.raises(BadInput, match=r"findings\.measures"):
        generator.findings(tmp_path / "none.json")
