"""Precision and recall of the landscape filter from images that people labelled."""

from __future__ import annotations

from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.findings import labels
from rapporteur.findings.finding import Finding
from rapporteur.landscapes.labels import read_truth
from rapporteur.statistics.bootstrap import Resampling, Undefined
from rapporteur.statistics.proportions import wilson

ROOT = Path(__file__).resolve().parents[2]
PLAN = Resampling(seed=0, resamples=4000)
HEAD = "rater,dataset,image_id,label,stratum,time\n"


def images(kept: int, refused: int) -> pd.DataFrame:
    """Images k0, k1, … that the filter keeps, and r0, r1, … that it refuses."""
    names = [*(f"k{number}" for number in range(kept)), *(f"r{number}" for number in range(refused))]
    flags = [name.startswith("k") for name in names]
    return pd.DataFrame({"dataset": "coco", "image_id": names, "kept": flags, "score": np.where(flags, 0.6, 0.1)})


def rater(folder: Path, name: str, **said: str) -> Path:
    sides = {"k": "kept", "r": "refused"}
    lines = [f"{name},coco,{image},{label},{sides[image[0]]},t\n" for image, label in said.items()]
    (folder / f"{name}.csv").write_text(HEAD + "".join(lines))
    return folder


def named(truth: pd.DataFrame | None, kept: int = 10, refused: int = 90) -> dict[str, Finding]:
    found = labels.findings(images(kept, refused), truth, "landscapes.parquet", PLAN)
    return {finding.name.removeprefix("landscapes."): finding for finding in found}


def test_each_side_of_the_filter_weighs_as_many_images_as_it_stands_for(tmp_path: Path) -> None:
    rater(tmp_path, "amel", k0="1", k1="1", k2="1", k3="0", r0="1", r1="0", r2="0", r3="0", r4="0")
    found = named(read_truth(tmp_path))
    assert (found["precision"].value, found["precision"].n) == (0.75, 4)
    assert (found["precision"].low, found["precision"].high) == pytest.approx(wilson(3, 4))
    assert found["recall"].value == pytest.approx(10 * 0.75 / (10 * 0.75 + 90 * 0.2))
    assert [found[name].value for name in ("labelled", "labelled_kept", "labelled_refused")] == [9, 4, 5]


def test_borderline_images_are_left_out_but_count_in_the_weights(tmp_path: Path) -> None:
    rater(tmp_path, "amel", k0="1", k1="?", k2="0", k3="?", r0="1", r1="0")
    found = named(read_truth(tmp_path))
    assert found["precision"].value == 0.5 and found["doubtful"].value == 2
    assert found["recall"].value == pytest.approx(10 / 4 / (10 / 4 + 90 / 2))


def test_without_a_missed_landscape_recall_is_one_and_its_lower_bound_is_not(tmp_path: Path) -> None:
    said = {f"k{number}": "1" for number in range(10)} | {f"r{number}": "0" for number in range(30)}
    found = named(read_truth(rater(tmp_path, "amel", **said)))
    assert (found["recall"].value, found["recall"].high) == (1.0, 1.0)
    assert found["recall"].low is not None and 0.5 < found["recall"].low < 0.9


def test_recall_s_interval_holds_the_true_recall_as_often_as_it_says() -> None:
    random, held, runs = np.random.default_rng(5), 0, 300
    true = 600 * 0.8 / (600 * 0.8 + 4400 * 0.02)
    for _ in range(runs):
        real = np.concatenate([random.random(120) < 0.8, random.random(180) < 0.02])
        sample = pd.DataFrame({"is_landscape": real, "doubtful": False, "kept": [True] * 120 + [False] * 180})
        found = labels.weighted_recall(sample, 600, 4400, PLAN)
        assert found.low is not None and found.high is not None
        held += found.low <= true <= found.high
    assert 0.92 <= held / runs <= 0.99


def test_recall_needs_labels_on_the_refused_side(tmp_path: Path) -> None:
    found = named(read_truth(rater(tmp_path, "amel", k0="1", k1="0")))
    assert found["precision"].value == 0.5
    assert (found["recall"].value, found["recall"].method.code) == (None, "no_refused_image_labelled")


def test_the_majority_of_raters_decides_and_their_disagreement_is_told(tmp_path: Path) -> None:
    rater(tmp_path, "amel", k0="1", k1="1", k2="0", k3="1", r0="0", r1="0")
    rater(tmp_path, "bo", k0="1", k1="0", k2="0", k3="0", r0="0", r1="1")
    rater(tmp_path, "chen", k0="1", k1="1", k2="0", r0="0")
    truth = read_truth(tmp_path).set_index("image_id")
    assert truth.index[truth["is_landscape"]].tolist() == ["k0", "k1"]
    assert truth.index[truth["doubtful"]].tolist() == ["k3", "r1"], "one against one"
    found = named(read_truth(tmp_path))
    assert [found[name].value for name in ("raters", "labelled_twice", "disagreed")] == [3, 6, 3]
    assert found["label_raters"].value == "amel, bo, chen"
    table = [[1, 1, 0, 1, 0, 0], [1, 0, 0, 0, 0, 1], [1, 1, 0, np.nan, 0, np.nan]]
    expected = krippendorff.alpha(table, level_of_measurement="nominal")
    assert found["label_alpha"].value == pytest.approx(expected)


def test_alpha_of_all_images_is_krippendorff_s() -> None:
    ratings = np.random.default_rng(1).integers(0, 3, (40, 4)).astype(np.float64)
    ratings[::3, 1] = np.nan
    features = labels.coincidences(ratings, np.array([0.0, 1.0, 2.0]))
    found = labels._alpha(features.sum(axis=0)[None, :])[0]
    assert found == pytest.approx(krippendorff.alpha(ratings.T, level_of_measurement="nominal"))
    with pytest.raises(Undefined, match="alpha_needs_differing_labels"):
        labels.nominal_alpha(np.ones((5, 2)), PLAN)


def test_a_corrected_label_is_the_one_that_stands(tmp_path: Path) -> None:
    (tmp_path / "amel.csv").write_text(HEAD + "amel,coco,k0,0,kept,t\namel,coco,k1,0,kept,t\namel,coco,k0,1,kept,t\n")
    assert read_truth(tmp_path)["is_landscape"].tolist() == [True, False]


def test_labels_of_another_dataset_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "amel.csv").write_text(HEAD + "amel,flickr30k,k0,1,kept,t\namel,coco,k1,1,kept,t\n")
    assert named(read_truth(tmp_path))["labelled"].value == 1


def test_a_folder_where_nobody_has_labelled_leaves_the_truth_unknown(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing yet")
    found = named(read_truth(tmp_path))
    assert {found[name].value for name in ("precision", "recall", "raters", "label_raters", "label_alpha")} == {None}
    assert found["precision"].method.code == labels.UNKNOWN


def test_lower_thresholds_weigh_what_they_take_from_the_refused_side(tmp_path: Path) -> None:
    rater(tmp_path, "amel", k0="1", k1="1", k2="1", k3="0", r0="1", r1="0", r2="0", r3="0", r4="0")
    known = labels.labelled(images(10, 90), read_truth(tmp_path))
    assert known is not None
    at = labels.rightness(known, 0.28, PLAN)
    assert at["precision"] == 0.75 and at["recall"] == pytest.approx(7.5 / 25.5)
    below = labels.rightness(known, 0.05, PLAN)
    assert below["precision"] == pytest.approx((7.5 + 18) / 100) and below["recall"] == 1.0
    assert below["low"] < below["precision"] < below["high"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "amel,coco,1,2,kept,t\n", r"amel.csv:2: label is '2'; write 1 or 0, or \?"),
        (HEAD + "amel,coco,1,1,kept,t\nbo,coco,2,1,kept,t\n", r"amel.csv:3: the rater is 'bo' in the file of 'amel'"),
        (HEAD + "amel,coco,1,1,left,t\n", r"amel.csv:2: unknown stratum 'left'; known: kept, refused"),
        ("rater,label\namel,1\n", r"amel.csv:1: the column `image_id` is missing"),
    ],
)
def test_a_bad_line_of_a_rater_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "amel.csv").write_text(text)
    with pytest.raises(BadInput, match=message):
        read_truth(tmp_path)


def test_the_shipped_sample_is_read_whole() -> None:
    truth = read_truth(ROOT / "data/landscapes/labels")
    ours = truth[truth["votes"].map(lambda votes: "modele-de-langue" in votes)]
    assert len(ours) == 300


def test_labels_of_replaced_pictures_and_of_images_not_examined_are_set_apart_and_counted(tmp_path: Path) -> None:
    now, before = "a" * 64, "b" * 64
    said = {"k0": ("1", now), "k1": ("0", before), "k2": ("1", ""), "k99": ("0", now), "r0": ("0", now)}
    lines = [f"amel,coco,{image},{label},kept,{digest},t\n" for image, (label, digest) in said.items()]
    (tmp_path / "amel.csv").write_text(HEAD.replace(",time", ",digest,time") + "".join(lines))
    truth = read_truth(tmp_path)
    gold = {("coco", image): now for image in ("k0", "k1", "k2", "r0")}
    found = {
        finding.name.removeprefix("landscapes."): finding
        for finding in labels.findings(images(10, 90), truth, "landscapes.parquet", PLAN, gold)
    }
    assert (found["precision"].value, found["precision"].n) == (1.0, 2), "k1's label is of another picture"
    counted = [found[f"labels_{name}"].value for name in ("absent", "redrawn", "unverified")]
    assert counted == [1, 1, 1]
    (tmp_path / "amel.csv").write_text(HEAD.replace(",time", ",digest,time") + "amel,coco,k0,1,kept,xyz,t\n")
    with pytest.raises(BadInput, match=r"amel\.csv:2: digest is 'xyz'"):
        read_truth(tmp_path)
