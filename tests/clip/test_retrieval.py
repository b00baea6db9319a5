from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from rapporteur.clip import retrieval
from rapporteur.clip.retrieval import Vectors, generated_rows, gold_rows, ranks, shared


def unit(*values: float) -> Vectors:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def random_vectors(count: int, seed: int, width: int = 16) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def table(*rows: tuple[str, str]) -> pd.DataFrame:
    found = [{"image_id": image, "caption_id": f"c{place}", "text": text} for place, (image, text) in enumerate(rows)]
    return pd.DataFrame(found)


def of(rows: list[dict[str, object]], direction: str, name: str = "rank") -> list[object]:
    return [row[name] for row in rows if row["direction"] == direction]


def test_the_ranks_are_those_of_sorting_query_by_query(monkeypatch: pytest.MonkeyPatch) -> None:
    queries, candidates = random_vectors(40, 1), random_vectors(60, 2)
    owner = np.arange(60) % 40
    right = sparse.csr_matrix(owner[None] == np.arange(40)[:, None])
    expected = []
    for place, query in enumerate(queries):
        order = np.argsort(-(candidates.astype(np.float64) @ query.astype(np.float64)))
        wrong_before = [one for one in order[: list(owner[order]).index(place)] if owner[one] != place]
        expected.append(1 + len(wrong_before))
    monkeypatch.setattr(retrieval, "CELLS", 7 * 60)  # blocks that don't divide the queries
    found = ranks(queries, candidates, right, right)
    assert found.rank.tolist() == expected
    assert found.candidates.tolist() == [60] * 40
    assert found.wrong.tolist() == [58] * 20 + [59] * 20


def test_equal_pictures_do_not_count_against_each_other() -> None:
    query, twin = random_vectors(1, 3), random_vectors(2, 4)[[0, 0, 1]]
    for place in (0, 1):
        right = sparse.csr_matrix(np.arange(3)[None] == place)
        other = float(twin[2] @ query[0]) > float(twin[0] @ query[0])
        assert ranks(query, twin, right, right).rank.tolist() == [2 if other else 1]


def test_shared_labels_are_found_whatever_their_order() -> None:
    found = shared([["a", "b"], ["c"], [], ["z"]], [["b"], ["c", "a"], ["c"]])
    assert found.toarray().tolist() == [[True, True, False], [False, True, True], [False] * 3, [False] * 3]


def test_a_gold_picture_finds_the_best_of_its_captions_and_a_caption_its_picture() -> None:
    pictures = {"i": unit(1, 0), "j": unit(0, 1)}
    texts = {"near i": unit(1, 0.1), "far from i": unit(-1, 0.2), "of j": unit(0.9, 1), "also of j": unit(1, 0)}
    rows = list(
        gold_rows(table(("i", "near i"), ("i", "far from i"), ("j", "of j"), ("j", "also of j")), pictures, texts)
    )
    assert of(rows, "image_to_text") == [2, 1]  # "also of j" lies on i; "far from i" is below "of j" for j
    assert of(rows, "image_to_text", "candidates") == [4, 4]
    assert of(rows, "text_to_image") == [1, 2, 1, 2]
    assert of(rows, "text_to_image", "candidates") == [2] * 4
    assert of(rows, "text_to_image", "caption_id") == ["c0", "c1", "c2", "c3"]
    assert of(rows, "image_to_text", "caption_id") == [None, None]


def test_the_same_words_under_another_picture_are_not_wrong() -> None:
    pictures = {"i": unit(1, 0.2), "j": unit(1, 0), "k": unit(0, 1)}
    texts = {"a dog": unit(1, 0), "a cat": unit(0, 1)}
    rows = list(gold_rows(table(("i", "a dog"), ("j", "a dog"), ("k", "a cat")), pictures, texts))
    assert of(rows, "text_to_image") == [1, 1, 1]  # j is nearer to "a dog" than i, and as right
    assert of(rows, "text_to_image", "candidates") == [2, 2, 3]
    assert of(rows, "image_to_text") == [1, 1, 1]
    assert of(rows, "image_to_text", "candidates") == [3, 3, 3]


def test_a_caption_without_its_gold_picture_takes_no_part() -> None:
    rows = list(gold_rows(table(("i", "a"), ("gone", "b"), ("j", "c")), {"i": unit(1, 0), "j": unit(0, 1)},
                          {"a": unit(1, 0), "b": unit(1, 1), "c": unit(0, 1)}))  # fmt: skip
    assert {row["image_id"] for row in rows} == {"i", "j"}
    assert of(rows, "image_to_text", "candidates") == [2, 2]
    assert list(gold_rows(table(("gone", "b")), {}, {})) == []


def drawn(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    names = ["image_id", "caption_id", "text", "seed"]
    return pd.DataFrame(rows, columns=names).assign(digest=[f"p{place}" for place in range(len(rows))])


def test_a_drawn_picture_is_ranked_among_the_drawn_texts_and_a_caption_among_its_seeds_pictures() -> None:
    made = drawn(
        ("i", "c0", "red", 0), ("i", "c0", "red", 1), ("j", "c1", "blue", 0), ("j", "c1", "blue", 1),
        ("k", "c2", "green", 0),
    )  # fmt: skip
    texts = {"red": unit(1, 0, 0), "blue": unit(0, 1, 0), "green": unit(0, 0, 1)}
    pictures = {"p0": unit(1, 0, 0), "p1": unit(0.1, 1, 0.5), "p2": unit(0, 1, 0), "p3": unit(1, 0.5, 0),
                "p4": unit(0.9, 0, 1)}  # fmt: skip
    rows = list(generated_rows(made, pictures, texts))
    assert of(rows, "image_to_text") == [1, 3, 1, 2, 1]
    assert of(rows, "image_to_text", "candidates") == [3] * 5
    assert of(rows, "text_to_image") == [1, 1, 1, 2, 2]  # seed 0: c0, c1, c2; then seed 1: c0, c1
    assert of(rows, "text_to_image", "seed") == [0, 0, 0, 1, 1]
    assert of(rows, "text_to_image", "candidates") == [3, 3, 3, 2, 2]


def test_another_caption_of_the_same_picture_and_the_same_words_are_not_wrong() -> None:
    made = drawn(("i", "c0", "red", 0), ("i", "c1", "a red one", 0), ("j", "c2", "red", 0), ("k", "c3", "blue", 0))
    texts = {"red": unit(1, 0.1), "a red one": unit(1, 0), "blue": unit(0, 1)}
    pictures = {f"p{place}": unit(1, 0) for place in range(3)} | {"p3": unit(0, 1)}
    rows = list(generated_rows(made, pictures, texts))
    assert of(rows, "image_to_text") == [1, 1, 2, 1]  # for j's picture "a red one" is another's and nearer
    assert of(rows, "image_to_text", "candidates") == [2, 2, 3, 3]
    assert of(rows, "text_to_image", "candidates") == [2, 3, 3, 4]


def test_a_query_without_anything_wrong_is_left_out() -> None:
    assert list(generated_rows(drawn(("i", "c0", "red", 0)), {"p0": unit(1, 0)}, {"red": unit(1, 0)})) == []
    assert list(generated_rows(drawn(), {}, {})) == []
