from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.shards import ShardReader, write_shards

MEMBERS = [(f"{place}.png", bytes([place]) * 10) for place in range(5)]


def test_members_come_back_from_the_shard_that_is_named(tmp_path: Path) -> None:
    homes = write_shards(tmp_path, MEMBERS, per_shard=2)
    assert homes == ["shard-0000.zip", "shard-0000.zip", "shard-0001.zip", "shard-0001.zip", "shard-0002.zip"]
    with ShardReader(tmp_path) as shards:
        assert [shards.read(home, name) for home, (name, _) in zip(homes, MEMBERS, strict=True)] == [
            data for _, data in MEMBERS
        ]


def test_equal_members_give_equal_bytes_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_shards(tmp_path / "a", MEMBERS)
    monkeypatch.setattr("time.time", lambda: 4e9)
    write_shards(tmp_path / "b", MEMBERS)
    assert (tmp_path / "a/shard-0000.zip").read_bytes() == (tmp_path / "b/shard-0000.zip").read_bytes()


def test_pictures_are_stored_and_not_deflated(tmp_path: Path) -> None:
    write_shards(tmp_path, MEMBERS)
    with zipfile.ZipFile(tmp_path / "shard-0000.zip") as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_no_member_makes_no_shard(tmp_path: Path) -> None:
    assert write_shards(tmp_path, []) == []
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    write_shards(tmp_path, MEMBERS)
    path = tmp_path / "shard-0000.zip"
    raw = path.read_bytes()
    path.write_bytes(raw.replace(MEMBERS[3][1], b"?" * 10))
    with (
        ShardReader(tmp_path) as shards,
        pytest.raises(BadInput, match=r"shard-0000.zip: 3.png: the zip is damaged .Bad CRC"),
    ):
        shards.read("shard-0000.zip", "3.png")


@pytest.mark.parametrize(
    ("shard", "name", "message"),
    [("shard-0009.zip", "0.png", "the shard is missing"), ("shard-0000.zip", "9.png", "has no member '9.png'")],
)
def test_an_absent_shard_or_member_is_named(tmp_path: Path, shard: str, name: str, message: str) -> None:
    write_shards(tmp_path, MEMBERS)
    with ShardReader(tmp_path) as shards, pytest.raises(BadInput, match=message):
        shards.read(shard, name)


def test_a_shard_that_a_table_names_elsewhere_is_not_opened(tmp_path: Path) -> None:
    write_shards(tmp_path / "other", [("a.png", b"x")])
    with ShardReader(tmp_path / "images") as shards, pytest.raises(BadInput, match="leaves the folder"):
        shards.read("../other/shard-0000.zip", "a.png")
