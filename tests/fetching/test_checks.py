from __future__ import annotations

import gzip
import subprocess
import zipfile
from pathlib import Path

import pytest

from rapporteur.fetching.checks import Bad, has_git_id, is_json, is_picture, is_zip
from tests.fetching.test_download import jpeg


def test_every_picture_that_lost_its_last_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.jpg"
    for seed in range(30):
        whole = jpeg(seed, (16, 24))
        path.write_bytes(whole)
        is_picture(16, 24)(path)
        for lost in (1, 2, 20):
            path.write_bytes(whole[:-lost])
            with pytest.raises(Bad, match="the picture is"):
                is_picture()(path)


def test_an_end_that_only_the_thumbnail_has_is_no_end(tmp_path: Path) -> None:
    # An application segment with a picture of its own, as cameras write it, in a picture without its end.
    inner, outer = jpeg(0, (8, 8)), jpeg(1, (16, 16))
    segment = b"\xff\xe5" + (len(inner) + 2).to_bytes(2, "big") + inner
    path = tmp_path / "one.jpg"
    path.write_bytes(outer[:2] + segment + outer[2:])
    is_picture(16, 16)(path)
    path.write_bytes(outer[:2] + segment + outer[2:-2])
    with pytest.raises(Bad, match="the picture is"):
        is_picture()(path)


def test_bytes_after_the_end_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "one.jpg"
    path.write_bytes(jpeg() + bytes(5000))
    is_picture(64, 48)(path)


def test_real_pictures_pass(shared_data: Path) -> None:
    for path in sorted((shared_data / "coco/val2017").glob("*.jpg"))[:10]:
        is_picture()(path)


def test_git_names_a_content_as_git_does(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"a": 1}\n')
    said = subprocess.run(["git", "hash-object", str(path)], capture_output=True, text=True, check=True)
    has_git_id(said.stdout.strip())(path)
    with pytest.raises(Bad, match="its git id is"):
        has_git_id("0" * 40)(path)


def test_json_may_be_gzipped_but_must_be_an_object(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(gzip.compress(b'{"images": []}'))
    is_json(path)
    for bad in (gzip.compress(b'{"images": []}')[:-6], b"[1]", b"\xff", b"", b"[" * 100_000):
        path.write_bytes(bad)
        with pytest.raises(Bad, match="it is"):
            is_json(path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", "{}" * 100)
    is_zip(path)
    path.write_bytes(path.read_bytes().replace(b"{}{}", b"{}[]", 1))
    with pytest.raises(Bad, match=r"its member a.json is damaged"):
        is_zip(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Bad, match="it is no zip archive"):
        is_zip(path)
