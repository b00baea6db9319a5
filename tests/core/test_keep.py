from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rapporteur.core.keep import ItemStore, Kept, item_key, keep, missing, pack, packed


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
        keep(store, keys, list(range(5)), make, batch=2, label="images")
    assert batches == [[0, 2], [3, 4]]
    assert missing(store, keys) == [3, 4]
    assert store.get(keys[1]) == b"old"
    assert keep(store, keys, list(range(5)), lambda batch: [b"x"] * len(batch), batch=2, label="images") == Kept(2, 0)
    assert missing(store, keys) == []


def test_a_key_that_comes_twice_is_made_once(tmp_path: Path) -> None:
    store = ItemStore("images", tmp_path)
    made: list[str] = []

    def make(batch: list[str]) -> list[bytes]:
        made.extend(batch)
        return [b"x" for _ in batch]

    keep(store, ["aa11", "aa11"], ["first", "second"], make, batch=8, label="images")
    assert made == ["first"]


def test_a_batch_that_gives_too_few_results_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        keep(ItemStore("images", tmp_path), ["aa", "bb"], [1, 2], lambda batch: [b"x"], batch=2, label="images")


KEYS = [item_key({"seed": seed}) for seed in range(4)]


def numbered(batch: list[int]) -> list[bytes]:
    return [b"item %d" % number for number in batch]


@pytest.mark.parametrize("place", [0, 3, 5, 20, -1])
def test_an_altered_item_is_made_again_and_that_is_said(
    tmp_path: Path, place: int, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ItemStore("images", tmp_path)
    keep(store, KEYS, list(range(4)), numbered, batch=2, label="images")
    path = store.path(KEYS[2])
    kept = bytearray(path.read_bytes())
    kept[place] ^= 1
    path.write_bytes(kept)
    with pytest.raises(KeyError):
        store.get(KEYS[2])
    assert keep(store, KEYS, list(range(4)), numbered, batch=2, label="images") == Kept(1, 0)
    assert store.get(KEYS[2]) == b"item 2"
    assert "1 kept items were altered on the disk, and are made again" in capsys.readouterr().out
    assert keep(store, KEYS, list(range(4)), numbered, batch=2, label="images") == Kept(0, 0)


@pytest.mark.parametrize("damage", [b"", b"short", bytes(200)])
def test_a_zeroed_or_cut_item_is_not_there(tmp_path: Path, damage: bytes) -> None:
    store = ItemStore("images", tmp_path)
    store.put(KEYS[0], b"whole")
    store.path(KEYS[0]).write_bytes(damage)
    assert not store.has(KEYS[0])


def test_an_item_in_another_s_place_is_not_believed(tmp_path: Path) -> None:
    store = ItemStore("images", tmp_path)
    store.put(KEYS[0], b"whole")
    store.path(KEYS[1]).parent.mkdir(parents=True, exist_ok=True)
    store.path(KEYS[1]).write_bytes(store.path(KEYS[0]).read_bytes())
    assert not store.has(KEYS[1])


def test_what_an_earlier_run_packed_is_taken_back_and_the_rest_is_made(tmp_path: Path) -> None:
    store = ItemStore("images", tmp_path / "first")
    keep(store, KEYS[:3], list(range(3)), numbered, batch=2, label="images")
    out = tmp_path / "out"
    homes = pack(store, ["0.txt", "1.txt", "2.txt"], KEYS[:3], out)
    assert homes[1] == {"key": KEYS[1], "shard": "shard-0000.zip", "member": "1.txt"}
    pd.DataFrame(homes).to_parquet(out / "index.parquet")
    files = {path.name: path for path in out.iterdir()}
    other, made = ItemStore("images", tmp_path / "other"), list[int]()

    def make(batch: list[int]) -> list[bytes]:
        made.extend(batch)
        return numbered(batch)

    before = lambda: packed(files)  # noqa: E731
    kept = keep(other, KEYS[1:], [1, 2, 3], make, batch=2, label="images", earlier=before)
    assert kept == Kept(made=1, back=2) and made == [3]
    assert [other.get(key) for key in KEYS[1:]] == [b"item 1", b"item 2", b"item 3"]
    assert not other.has(KEYS[0]), "nobody asked for it"


def test_an_earlier_run_is_asked_only_when_something_is_missing(tmp_path: Path) -> None:
    store = ItemStore("images", tmp_path)
    keep(store, KEYS, list(range(4)), numbered, batch=2, label="images")
    never = lambda: pytest.fail("asked")  # noqa: E731
    assert keep(store, KEYS, list(range(4)), numbered, batch=never, label="images", earlier=never) == Kept(0, 0)
