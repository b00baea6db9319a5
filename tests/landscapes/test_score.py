from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from drawn_world.album import album
from rapporteur.landscapes.lexicon import Entry, Lexicon, read_lexicon
from rapporteur.landscapes.score import judge_captions, strength

THRESHOLD = 0.28


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return read_lexicon(Path(__file__).parents[2] / "data/landscapes/lexicon.csv")


def entry(phrase: str, kind: str, weight: float, unless: str = "") -> Entry:
    return Entry(phrase, kind, weight, frozenset(unless.split()))


def test_hints_are_put_together_as_independent_ones() -> None:
    hints = [entry("lake", "scenery", 0.5), entry("hill", "scenery", 0.5), entry("lake", "scenery", 0.5)]
    assert strength(hints) == pytest.approx(0.75)  # a repeated word counts once
    assert strength([]) == 0.0


def test_the_score_follows_its_formula() -> None:
    words = Lexicon([entry("lake", "scenery", 0.8), entry("tree", "scenery", 0.5), entry("bus", "street", 0.4)])
    judged = judge_captions(["a lake by trees", "a bus", "a lake and a bus", "a dog"], words)
    scenery, otherwise = (0.9 + 0 + 0.8 + 0) / 4, (0 + 0.4 + 0.4 + 0) / 4
    assert judged.score == pytest.approx(scenery * (1 - otherwise))
    assert judged.reasons == "+lake [1 3]; -bus [2 3]; +tree [1]"


def test_a_word_beside_a_class_that_voids_it_says_nothing() -> None:
    words = Lexicon([entry("desert", "scenery", 0.9, "food"), entry("cake", "food", 0.9)])
    assert judge_captions(["a desert with cake"], words).reasons == "-cake [1]"
    assert judge_captions(["a desert at noon"], words).score == 0.9


def test_no_caption_gives_no_score(lexicon: Lexicon) -> None:
    judged = judge_captions([], lexicon)
    assert (judged.score, judged.reasons) == (0.0, "")


@pytest.mark.parametrize(
    "caption",
    [
        "Snow-capped peaks above a quiet valley",
        "Cliffs above the water at dusk",
        "A herd of cows grazing in a grassy meadow",
        "People walk along a sandy beach by the ocean",
        "A wide plain under heavy clouds",
        "Two elephants cross a river in the wilderness",
        "Sand dunes in the desert",
        "A path through the woods",
    ],
)
def test_scenery_is_kept(lexicon: Lexicon, caption: str) -> None:
    assert judge_captions([caption], lexicon).score >= THRESHOLD


@pytest.mark.parametrize(
    "caption",
    [
        "A player throws the ball on a baseball field",
        "A traffic island in the middle of the street",
        "A desert of chocolate cake on a plate",
        "A kitchen with an island and two stools",
        "A man in a plain white shirt",
        "A toilet with three sea shells on top",
        "A boy on a mountain bike",
        "A striped beach towel on the floor",
        "A river of people in the city",
        "A hill of beans",
        "A statue in a sea of flowers",
        "A bed with forest green sheets",
        "A painting of a mountain on a bedroom wall",
        "A living room with a window overlooking the forest",
        "A giraffe in its enclosure at the zoo",
        "A mountain of laundry",
        "A bottle of water and an apple",
        "A train passes a field",
    ],
)
def test_misleading_words_are_refused(lexicon: Lexicon, caption: str) -> None:
    assert judge_captions([caption], lexicon).score < THRESHOLD


def test_one_misleading_caption_does_not_undo_four_good_ones(lexicon: Lexicon) -> None:
    good = ["a lake below mountains", "mountains and a lake", "a calm lake", "hills by a lake"]
    assert judge_captions([*good, "a great place for a baseball field"], lexicon).score >= THRESHOLD


def precision_and_recall(
    captions: Mapping[str, Sequence[str]], labels: Mapping[str, str], lexicon: Lexicon
) -> tuple[float, float]:
    """Of the images labelled 1 or 0."""
    kept = {image for image in labels if judge_captions(captions[image], lexicon).score >= THRESHOLD}
    right = {image for image, label in labels.items() if label == "1"}
    doubtful = {image for image, label in labels.items() if label == "?"}
    hits = len(kept & right)
    return hits / len(kept - doubtful), hits / len(right)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_drawn_world_is_told_from_its_decoys(lexicon: Lexicon) -> None:
    leaves = album(3, {"train": 400}, 0.15, 0.2)
    labels = {leaf.name: "1" if leaf.is_landscape else "0" for leaf in leaves}
    precision, recall = precision_and_recall({leaf.name: leaf.captions for leaf in leaves}, labels, lexicon)
    assert precision >= 0.98
    assert recall >= 0.98


def test_the_development_labels_are_met(lexicon: Lexicon, shared_data: Path) -> None:
    """The words were chosen with these images in sight: 20 of 20 kept are right, 1 landscape is missed."""
    rows = [row for row in rows_of(shared_data / "landscape_labels/labels.csv") if row["sample"] == "hit"]
    captions = {row["image_id"]: row["captions"].split(" || ") for row in rows}
    precision, recall = precision_and_recall(captions, {row["image_id"]: row["label"] for row in rows}, lexicon)
    assert precision >= 0.95
    assert recall >= 0.9


def test_labels_made_after_the_lexicon_are_met(lexicon: Lexicon, shared_data: Path) -> None:
    """140 other images with a landscape word, chosen by chance and labelled by one reader before they were scored."""
    captions: dict[str, list[str]] = defaultdict(list)
    with (shared_data / "coco/annotations/captions_val2017.json").open(encoding="utf-8") as stream:
        for annotation in json.load(stream)["annotations"]:
            captions[str(annotation["image_id"])].append(annotation["caption"])
    labels = {row["image_id"]: row["label"] for row in rows_of(Path(__file__).with_name("labels_val2017.csv"))}
    assert len(labels) == 140
    precision, recall = precision_and_recall(captions, labels, lexicon)
    assert precision >= 0.93
    assert recall >= 0.93
