from __future__ import annotations

from pathlib import Path

import pytest

from rapporteur.core.engine import make_missing, missing
from rapporteur.core.items import ItemStore, item_key


def test_a_key_depends_on_every_part_and_not_on_their_order() -> None:
    one = item_key({"text": "un été", "seed": 1})
    assert one == item_key({"seed": 1, "text": "un été"})
    assert one != item_key({"seed": 2, "text": "un été"})
    assert len(one) == 64


def test_a_key_refuses_what_has_no_single_text() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        item_key({"scale": float("nan")})


def test_an_item_is_there_once_it_is_put(tmp_path: Path) -> None:
    store = ItemStore("images", tmp_path)
    key = item_key({"seed": 1})
    assert not store.has(key)
    store.put(key, b"picture")
    assert store.has(key)
    assert store.get(key) == b"picture"


def test_a_crash_while_writing_leaves_no_item_and_no_scrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ItemStore("images", tmp_path)

    def power_cut(source: object, target: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(Path, "replace", power_cut)
    with pytest.raises(OSError, match="power cut"):
        store.put("ab" * 32, b"half")
    assert not store.has("ab" * 32)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_only_missing_items_are_made_and_each_is_kept_before_the_next_batch(tmp_path: Path) -> None:
    store = ItemStore("images", tmp_path)
    keys = [item_key({"seed": seed}) for seed in range(5)]
    store.put(keys[1], b"old")
    batches: list[list[int]] = []

    def make(batch: list[int]) -> list[bytes]:
        batches.append(batch)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return [b"%d" % number for number in batch]

    with pytest.raises(KeyboardInterrupt):
        make_missing(store, keys, list(range(5)), make, 2, "images")
    assert batches == [[0, 2], [3, 4]]
    assert missing(store, keys) == [3, 4]
    assert store.get(keys[1]) == b"old"
    assert make_missing(store, keys, list(range(5)), lambda batch: [b"x"] * len(batch), 2, "images") == 2
    assert missing(store, keys) == []


def test_a_key_that_comes_twice_is_made_once(tmp_path: Path) -> None:
    store = ItemStore("images", tmp_path)
    made: list[str] = []

    def make(batch: list[str]) -> list[bytes]:
        made.extend(batch)
        return [b"x" for _ in batch]

    make_missing(store, ["aa11", "aa11"], ["first", "second"], make, 8, "images")
    assert made == ["first"]


def test_a_batch_that_gives_too_few_results_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        make_missing(ItemStore("images", tmp_path), ["aa", "bb"], [1, 2], lambda batch: [b"x"], 2, "images")
