"""One thing changes, and what should stay stays."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.datasets import read_coco
from rapporteur.study.foils import KINDS, Foil, FoilLexicon, foils_of, make_foil, read_foil_lexicon, single_change

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def lexicon() -> FoilLexicon:
    return read_foil_lexicon(ROOT / "data/foils")


def _offers(lexicon: FoilLexicon, kind: str, *captions: str) -> list[Foil]:
    return [foil for foil in foils_of(captions, lexicon) if foil.kind == kind]


@pytest.mark.parametrize(
    ("kind", "caption", "foil"),
    [
        ("colour", "A red couch next to a chair.", "A blue couch next to a chair."),
        ("colour", "a blue plate of food", "an orange plate of food"),
        ("colour", "an orange bus", "a blue bus"),
        ("colour", "White horse eating grass", "Black horse eating grass"),
        ("colour", "a red star on a blue background", "a red star on a yellow background"),
        ("object", "A cat is sitting on a rug.", "An elephant is sitting on a rug."),
        ("object", "An elephant in the grass", "A cat in the grass"),
        ("object", "THERE IS A CAT ON IT", "THERE IS A DOG ON IT"),
        ("object", "Street signs on a pole", "Fire hydrants on a pole"),
        ("object", "a red star on a blue background", "a red heart on a blue background"),
        ("number", "Two large dogs run.", "Five large dogs run."),
        ("number", "6 umbrellas on a line", "9 umbrellas on a line"),
        ("place", "A dog runs on the beach.", "A dog runs in a kitchen."),
        ("place", "a bus down a city street at night", "a bus in the snow at night"),
    ],
)
def test_one_thing_is_changed_in_good_english(lexicon: FoilLexicon, kind: str, caption: str, foil: str) -> None:
    assert foil in [one.text for one in _offers(lexicon, kind, caption)]


@pytest.mark.parametrize(
    ("kind", "caption"),
    [
        ("colour", "a glass of red wine and orange juice near a blackboard"),
        ("colour", "a black and white cat"),
        ("colour", "a blue and red bus"),
        ("colour", "a black bear and green beans"),
        ("colour", "a red-haired dog"),
        ("object", "a hot dog stand beside a bus stop sign"),
        ("object", "the dog house"),
        ("object", "A dog looks at a dog."),
        ("object", "a herd of elephants"),
        ("object", "A batter at the plate"),
        ("object", "water that mirrors the sky"),
        ("object", "people on a beach"),
        ("number", "two dogs, one of them asleep"),
        ("number", "a two-story house with windows"),
        ("number", "one cat"),
        ("number", "two is a number"),
        ("number", "at least four people swim"),
        ("place", "a skier in the snow on top of a mountain"),
        ("place", "a cake in a kitchen sink"),
        ("place", "looking at the beach"),
        ("place", "in the snow"),
        ("place", "a hiker on a cliff high in the mountains"),
    ],
)
def test_a_doubtful_change_is_not_made(lexicon: FoilLexicon, kind: str, caption: str) -> None:
    assert _offers(lexicon, kind, caption) == []


def test_nothing_is_written_that_a_caption_of_the_picture_says(lexicon: FoilLexicon) -> None:
    alone = {foil.changed_to for foil in _offers(lexicon, "object", "a dog on a rug")}
    beside = {foil.changed_to for foil in _offers(lexicon, "object", "a dog on a rug", "a kitten and some ponies")}
    assert alone - beside == {"cat", "horse"}


def test_near_words_do_not_stand_in_for_each_other(lexicon: FoilLexicon) -> None:
    assert not {"sofa", "chair"} & {foil.changed_to for foil in _offers(lexicon, "object", "a cat on a couch")}
    assert "plane" not in {foil.changed_to for foil in _offers(lexicon, "object", "an airplane in the sky")}
    assert "red" not in {foil.changed_to for foil in _offers(lexicon, "colour", "an orange bus")}


def test_a_landform_does_not_stand_in_for_its_neighbour(lexicon: FoilLexicon) -> None:
    for said, near in {
        "a canyon": {"mountain", "valley"},
        "an island": {"mountain"},
        "a valley": {"canyon", "meadow", "mountain"},
        "a beach": {"island"},
        "high dunes of a desert": {"mountain", "beach", "canyon"},
    }.items():
        offered = {foil.changed_to for foil in _offers(lexicon, "object", f"A picture of {said} in daylight")}
        assert offered and not near & offered, said


def test_the_foil_says_what_it_changed(lexicon: FoilLexicon) -> None:
    for foil in foils_of(["Two red buses are parked there."], lexicon):
        before, after = single_change("Two red buses are parked there.", foil.text)
        assert (before.lower(), after.lower()) == (foil.changed_from.lower(), foil.changed_to.lower())


def test_the_same_key_gives_the_same_foil_and_another_may_give_another(lexicon: FoilLexicon) -> None:
    caption = ["Two red buses are parked on a city street."]
    found = [make_foil(caption, f"0:{key}", lexicon) for key in range(30)]
    assert found == [make_foil(caption, f"0:{key}", lexicon) for key in range(30)]
    assert {foil.kind for foil in found if foil} == set(KINDS)
    assert make_foil(["nothing to change here"], "0:1", lexicon) is None


def test_a_kind_may_be_asked_for(lexicon: FoilLexicon) -> None:
    caption = ["Two red buses are parked on a city street."]
    for kind in KINDS:
        foil = make_foil(caption, "0:1", lexicon, (kind,))
        assert foil is not None and foil.kind == kind
    assert make_foil(["a red bus"], "0:1", lexicon, ("place",)) is None


@pytest.mark.parametrize(
    ("original", "foil", "change"),
    [
        ("a red bus", "a blue bus", ("red", "blue")),
        ("a bus", "a red bus", ("", "red")),
        ("A dog on the beach.", "A dog in a small kitchen.", ("on the beach", "in a small kitchen")),
        ("a a a", "a a", ("a", "")),
    ],
)
def test_what_a_hand_written_foil_changes_is_worked_out(original: str, foil: str, change: tuple[str, str]) -> None:
    assert single_change(original, foil) == change


def test_a_hand_written_foil_that_changes_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="says the same as the caption; change one thing"):
        single_change("A red bus.", "a red  bus.")


def test_the_foils_judged_by_eye_are_those_that_the_rules_make_and_few_are_wrong(
    lexicon: FoilLexicon, shared_data: Path
) -> None:
    with (ROOT / "tests/study/foils/judged_by_eye.csv").open(encoding="utf-8", newline="") as stream:
        judged = list(csv.DictReader(stream))
    assert len(judged) == 100 and sum(row["verdict"] == "wrong" for row in judged) == 2
    texts = {}
    for picture in read_coco(shared_data / "coco/annotations/captions_val2017.json", "val"):
        said = [caption.text for caption in picture.captions]
        for place, caption in enumerate(picture.captions):
            texts[caption.caption_id] = [said[place], *said[:place], *said[place + 1 :]]
    for row in judged:
        made = {(foil.kind, foil.changed_from, foil.changed_to) for foil in foils_of(texts[row["caption_id"]], lexicon)}
        assert (row["foil_kind"], row["changed_from"], row["changed_to"]) in made, f"{row}: judge the foils again"


def test_foils_of_landscapes_judged_right_are_still_made_and_those_judged_wrong_no_more(
    lexicon: FoilLexicon, shared_data: Path
) -> None:
    with (ROOT / "tests/study/foils/judged_landscapes.csv").open(encoding="utf-8", newline="") as stream:
        judged = list(csv.DictReader(stream))
    assert len(judged) == 100 and sum(row["verdict"] == "wrong" for row in judged) == 3
    pictures = read_coco(shared_data / "flickr8k_landscapes/captions.json", "test")
    texts = {picture.captions[0].caption_id: [caption.text for caption in picture.captions] for picture in pictures}
    rows = [row for row in judged if row["source"] == "flickr8k"]
    assert len(rows) == 50
    for row in rows:
        made = {(foil.kind, foil.changed_from, foil.changed_to) for foil in foils_of(texts[row["caption_id"]], lexicon)}
        said = (row["foil_kind"], row["changed_from"], row["changed_to"])
        assert (said in made) == (row["verdict"] == "right"), f"{row}: judge the foils again"


def test_most_pictures_have_a_caption_that_admits_a_foil(lexicon: FoilLexicon, shared_data: Path) -> None:
    pictures = read_coco(shared_data / "coco/annotations/captions_val2017.json", "val")[:500]
    said = [[caption.text for caption in picture.captions] for picture in pictures]
    some = sum(any(foils_of([text, *texts], lexicon) for text in texts) for texts in said)
    assert some / len(pictures) > 0.85
