from __future__ import annotations

from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from rapporteur.clip.judged import nearest, perceptual_hashes, real_rows, sample_rows
from rapporteur.core.keep import ItemStore
from rapporteur.study.pictures import StudyPicture


def picture(name: str, image: Image.Image | None = None, seed: int | None = None) -> StudyPicture:
    shown = image or Image.new("RGB", (8, 8))
    return StudyPicture("d", name, f"c {name}", seed, "landscape_model", f"digest {name}", lambda: shown)


def scene(seed: int) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC)


def test_the_nearest_is_another_picture_that_the_training_saw() -> None:
    vectors = np.random.default_rng(1).normal(size=(3000, 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    seen = [place for place in range(3000) if place % 3]
    found, cosines = nearest(3000, seen, lambda part: vectors[part] @ vectors[seen].T)
    every = vectors @ vectors[seen].T
    for column, place in enumerate(seen):
        every[place, column] = -2
    assert np.array_equal(found, every.argmax(axis=1))
    assert cosines == pytest.approx(every.max(axis=1), abs=1e-6)


def test_a_picture_that_was_only_made_lighter_is_nearly_the_same_and_another_is_not(tmp_path: Path) -> None:
    first = scene(1)
    lighter = ImageEnhance.Brightness(first.resize((64, 64))).enhance(1.1)
    pictures = [picture("a", first), picture("b", lighter), picture("c", scene(2)), picture("d", scene(3))]
    hashes = perceptual_hashes(pictures, ItemStore("judgement", tmp_path))
    assert int(hashes[0] ^ hashes[2]).bit_count() == imagehash.phash(first) - imagehash.phash(scene(2))
    vectors = np.eye(4)
    rows = {
        row["image_id"]: row for row in real_rows(pictures, ["train", "held_out", "train", "train"], vectors, hashes, 6)
    }
    assert rows["b"]["alike"] and rows["b"]["bits"] <= 6
    assert not rows["a"]["alike"], "its double is held out: the training does not have it"
    assert not rows["c"]["alike"] and rows["c"]["bits"] > 15
    again = perceptual_hashes([picture("a", scene(9))], ItemStore("judgement", tmp_path))
    assert again[0] == hashes[0], "kept by the digest: not hashed again"


def test_a_sample_is_scored_with_its_prompt_and_led_to_its_nearest_picture() -> None:
    unit = np.eye(3, dtype=np.float32)
    vectors = {"digest one": unit[0], "digest two": unit[1], "a lake": unit[0], "a hill": unit[2]}
    samples = [picture("one", seed=0), picture("two", seed=1)]
    texts = {"c one": "a lake", "c two": "a hill"}
    first, second = sample_rows(samples, texts, vectors, [("x", unit[2]), ("y", unit[1])])
    assert (first["cosine"], first["clipscore"], first["nearest_cosine"]) == (1.0, 2.5, 0.0)
    assert (second["cosine"], second["nearest"], second["nearest_cosine"]) == (0.0, "y", 1.0)
    assert (second["source"], second["caption_id"], second["seed"]) == ("landscape_model", "c two", 1)
