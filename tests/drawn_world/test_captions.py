from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from drawn_world import phrases
from drawn_world.captions import is_held_out, random_shape, scene_captions, shape_caption
from drawn_world.decoys import DECOYS, MISLEADING, Decoy, decoy_captions, mislead
from drawn_world.landscapes import KINDS, random_scene
from drawn_world.sample import sample_world, training_shape
from drawn_world.shapes import COLOURS, SHAPES, TEXTURES, parse_shape_caption

SCENES = [random_scene(seed) for seed in range(600)]
# Words that a caption of such a scene never has.
WRONG = {
    "day": r"night|moon|sunset|dusk|snowfall|winter|fog|mist|storm|autumn",
    "dusk": r"night|moon|blue sky|snowfall|winter|fog|mist|storm|sunny|autumn",
    "snow": r"night|moon|sunset|sunny|green|autumn|grass|fog",
    "fog": r"night|moon|sunset|sunny|blue sky|clear|snowfall|storm",
    "night": r"sunset|sunny|blue sky|daylight|snowfall|winter|fog|mist",
    "storm": r"sunset|sunny|blue sky|clear|moon|snowfall|fog",
    "autumn": r"night|sunset|winter|snowfall|fog|green",
}
NAMES = {
    "boat": r"\bsail",
    "birds": r"\bbirds\b",
    "palm": r"\bpalm",
    "pines": r"\b(pine|fir)\b",
    "cottage": r"house|cottage",
    "crops": r"\b(rows|furrows)\b",
    "road": r"road|path\b",
    "tree": r"(single|one|lone|solitary) tree",
    "trees": r"scattered trees|leafy trees|dotted with trees",
}


def test_a_landscape_has_five_different_captions_of_different_lengths() -> None:
    for scene in SCENES:
        captions = scene_captions(scene, scene.seed)
        assert len(set(captions)) == 5, scene
        lengths = [len(caption.split()) for caption in captions]
        assert max(lengths) - min(lengths) >= 3, captions


def test_captions_are_well_formed_sentences() -> None:
    for caption in itertools.chain.from_iterable(scene_captions(scene, scene.seed) for scene in SCENES):
        assert re.fullmatch(r"[A-Z][A-Za-z, '-]+\.?", caption), caption
        assert "  " not in caption
        assert not re.search(r"\b([a-z]+) \1\b|\ba [aeio]|\ban [^aeiou]", caption.lower()), caption


def test_captions_say_nothing_untrue_of_the_light() -> None:
    for scene in SCENES:
        for caption in scene_captions(scene, scene.seed):
            assert not re.search(WRONG[scene.light], caption.lower()), (scene, caption)


def test_captions_name_only_things_that_are_there() -> None:
    for scene in SCENES:
        for caption in scene_captions(scene, scene.seed):
            named = {name for name, pattern in NAMES.items() if re.search(pattern, caption.lower())}
            assert named <= set(scene.extras), (scene, caption)


def test_the_sun_the_moon_and_clouds_are_named_only_where_they_are_seen() -> None:
    for scene in SCENES:
        text = " ".join(scene_captions(scene, scene.seed)).lower()
        if not scene.sun:
            assert not re.search(r"sunny|sunshine|bright sun\b|sun goes|sun low|moon", text), (scene, text)
        if not scene.clouds:
            assert "cloud" not in text, (scene, text)


def test_captions_of_a_kind_are_told_apart_from_those_of_another_by_their_nouns() -> None:
    for one, other in itertools.combinations(KINDS, 2):
        assert not set(phrases.NOUNS[one]) & set(phrases.NOUNS[other]), (one, other)


def test_the_vocabulary_is_varied() -> None:
    captions = [caption for scene in SCENES for caption in scene_captions(scene, scene.seed)]
    assert len(set(captions)) > 0.8 * len(captions)
    assert len({word for caption in captions for word in caption.lower().split()}) > 250


@pytest.mark.parametrize("kind", DECOYS)
def test_decoys_mislead_with_words_of_landscapes(kind: str) -> None:
    landscape_words = r"field|island|plain|desert|dessert|mountain|sea\b|beach|road|green"
    captions = [decoy_captions(Decoy(kind, seed), seed) for seed in range(12)]
    assert {len(set(five)) for five in captions} == {5}
    assert all(any(re.search(landscape_words, caption.lower()) for caption in five) for five in captions)


def test_a_misled_landscape_keeps_four_captions_of_its_own() -> None:
    captions = scene_captions(SCENES[0], 0)
    misled = mislead(captions, 3)
    changed = [text for text, own in zip(misled, captions, strict=True) if text != own]
    assert len(changed) == 1
    assert changed[0] in MISLEADING


def test_random_shapes_cover_every_word() -> None:
    shapes = [random_shape(np.random.default_rng(seed)) for seed in range(1500)]
    assert {shape.shape for shape in shapes} == set(SHAPES)
    assert {shape.colour for shape in shapes} == {shape.background for shape in shapes} - {None} == set(COLOURS)
    assert {shape.texture for shape in shapes} == {None, *TEXTURES}


def test_held_out_descriptions_never_train_and_are_enough_for_a_test() -> None:
    trained = {training_shape(0, place) for place in range(1000)}
    held_out = {training_shape(0, place, held_out=True) for place in range(450)}
    assert not any(is_held_out(shape) for shape in trained)
    assert all(is_held_out(shape) for shape in held_out)
    assert len(held_out) > 200


def test_samples_are_pictures_with_their_captions() -> None:
    for picture, captions in sample_world(1, 6, 32, "shapes"):
        assert picture.shape == (32, 32, 3)
        assert captions[0] == shape_caption(parse_shape_caption(captions[1]))
    assert {len(captions) for _, captions in sample_world(1, 6, 32, "landscapes")} == {5}


def test_samples_are_the_same_every_time_and_differ_by_seed() -> None:
    first, again, other = (list(sample_world(seed, 4, 32, "landscapes")) for seed in (1, 1, 2))
    assert all((a[0] == b[0]).all() and a[1] == b[1] for a, b in zip(first, again, strict=True))
    assert all(a[1] != b[1] for a, b in zip(first, other, strict=True))
