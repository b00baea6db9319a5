"""Which text a picture meets, and the score of the pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rapporteur.clip.score import clipscore, cosine
from rapporteur.clip.scorer import Scorer, candidate_texts, mismatched_texts
from rapporteur.study.pictures import StudyPicture


def captions(*rows: tuple[str, str]) -> pd.DataFrame:
    ids = [f"c{place}" for place in range(len(rows))]
    return pd.DataFrame({"image_id": [r[0] for r in rows], "caption_id": ids, "text": [r[1] for r in rows]})


def test_clipscore_is_hessels() -> None:
    assert clipscore(0.3) == pytest.approx(0.75)
    assert clipscore(-0.2) == 0.0


def test_the_cosine_of_known_vectors() -> None:
    image = np.array([1, 0], dtype=np.float32)
    texts = np.array([[1, 0], [0, 1], [-0.6, 0.8]], dtype=np.float32)
    assert cosine(image, texts) == pytest.approx([1, 0, -0.6])


def test_mismatches_are_a_derangement_of_the_pictures() -> None:
    table = captions(*[(f"i{n}", f"text {n}") for n in range(30)])
    borrowed = mismatched_texts(table, 5)
    own = dict(zip(table["caption_id"], table["text"], strict=True))
    assert sorted(borrowed.values()) == sorted(own.values())  # each text is lent once
    assert all(borrowed[caption] != text for caption, text in own.items())
    assert borrowed != mismatched_texts(table, 6)


def test_a_new_caption_changes_the_mismatch_of_one_other_picture() -> None:
    rows = [(f"i{n}", f"text {n}") for n in range(30)]
    before = mismatched_texts(captions(*rows), 5)
    after = mismatched_texts(captions(*rows, ("new", "new text")), 5)
    assert sum(after[caption] != text for caption, text in before.items()) == 1


def test_pictures_with_equal_captions_do_not_lend_them_to_each_other() -> None:
    table = captions(("a", "same"), ("b", "same"), ("c", "other"))
    borrowed = mismatched_texts(table, 0)
    assert borrowed["c0"] == borrowed["c1"] == "other"
    assert borrowed["c2"] == "same"


def test_one_picture_alone_has_no_mismatch() -> None:
    assert mismatched_texts(captions(("a", "one"), ("a", "two")), 0) == {}


def test_candidates_are_distinct_texts_of_other_pictures_and_the_right_one() -> None:
    rows = [(f"i{n // 2}", f"text {n % 25}") for n in range(60)]
    table = captions(*rows)
    own = {image: set(part["text"]) for image, part in table.groupby("image_id")}
    for caption, texts in candidate_texts(table, 20, 3).items():
        row = table[table["caption_id"] == caption].iloc[0]
        assert texts[0] == row["text"]
        assert len(texts) == len(set(texts)) == 20
        assert not set(texts[1:]) & own[row["image_id"]]


def test_fewer_captions_than_candidates_give_fewer_candidates() -> None:
    found = candidate_texts(captions(("a", "one"), ("b", "two")), 20, 0)
    assert found == {"c0": ["one", "two"], "c1": ["two", "one"]}


def test_the_rank_counts_the_candidates_that_score_higher() -> None:
    vectors = {"p": np.array([1, 0]), "mine": np.array([0.6, 0.8]), "far": np.array([0, 1]), "near": np.array([1, 0])}
    vectors = {name: vector.astype(np.float32) for name, vector in vectors.items()}
    cut = dict.fromkeys(vectors, False)
    scorer = Scorer(vectors, cut, {}, {"c": ["mine", "far", "near"]})
    picture = StudyPicture("d", "i", None, None, "gold", "p", lambda: pytest.fail("not needed"))
    (row,) = scorer.rows(picture, "c")
    assert row["rank"] == 2
    assert row["candidates"] == 3
