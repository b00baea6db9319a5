from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.fetching import flickr30k
from rapporteur.fetching.client import Client
from rapporteur.fetching.flickr30k import fetch_flickr30k
from rapporteur.fetching.lock import Lock
from rapporteur.fetching.member import Archive
from tests.fetching import given
from tests.fetching.conftest import HURRIED
from tests.fetching.server import Site
from tests.fetching.test_download import jpeg

HOME = Path("data/flickr30k")
PICTURES = {f"flickr30k-images/{500 + place}.jpg": jpeg(place) for place in range(8)}


@pytest.fixture(autouse=True)
def small(site: Site, work: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given.study(work, repository)
    captions = json.dumps(given.karpathy_captions()).encode()
    site.files["caption_datasets.zip"] = given.zipped({"dataset_coco.json": b"{}", "dataset_flickr30k.json": captions})
    monkeypatch.setattr(flickr30k, "COUNTS", {"train": 4, "test": 4})


def fetch(site: Site, source: Path | None, everything: bool = False) -> Path:
    lock = Lock(Path("data/flickr30k.lock.json"))
    archive = Archive(site.url("caption_datasets.zip"))
    return fetch_flickr30k(Client(HURRIED), source, "flickr30k", everything, archive, lock)


def folder(pictures: dict[str, bytes]) -> Path:
    for name, content in pictures.items():
        path = Path("obtained") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Path("obtained")


def zip_of(pictures: dict[str, bytes]) -> Path:
    Path("obtained.zip").write_bytes(given.zipped(pictures))
    return Path("obtained.zip")


def tar_of(pictures: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open("obtained.tar.gz", mode) as archive:
        for name, content in pictures.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return Path("obtained.tar.gz")


def here() -> set[str]:
    return {path.name for path in (HOME / "images").glob("*")}


@pytest.mark.parametrize("packed", [folder, zip_of, tar_of, lambda pictures: tar_of(pictures, "w")])
def test_the_studys_pictures_come_out_of_what_was_obtained(
    packed: Callable[[dict[str, bytes]], Path], site: Site
) -> None:
    assert fetch(site, packed(PICTURES)) == HOME
    assert len(here()) == 3
    assert here() < {f"{500 + place}.jpg" for place in range(4, 8)}
    assert all((HOME / "images" / name).read_bytes() == PICTURES[f"flickr30k-images/{name}"] for name in here())
    files = json.loads(Path("data/flickr30k.lock.json").read_text())["files"]
    name = sorted(here())[0]
    entry = files[f"data/flickr30k/images/{name}"]
    assert entry["source"].endswith(f"#flickr30k-images/{name}")
    assert entry["source"].startswith("obtained")
    assert entry["licence"] == "Flickr's terms; research and education only, no redistribution"
    assert len(files) == 4


def test_all_pictures_come_when_asked_for(site: Site) -> None:
    fetch(site, zip_of(PICTURES), everything=True)
    assert len(here()) == 8


def test_without_pictures_it_says_that_they_may_not_be_passed_on_and_where_to_ask(site: Site) -> None:
    with pytest.raises(BadInput, match="(?s)may not be passed.*University of Illinois.*DenotationGraph.*--from"):
        fetch(site, None)
    assert (HOME / "dataset_flickr30k.json").exists()
    fetch(site, folder(PICTURES))
    assert fetch(site, None) == HOME


def test_absent_and_damaged_pictures_are_listed(site: Site) -> None:
    pictures = dict(PICTURES)
    for place in range(4, 8):
        pictures[f"flickr30k-images/{500 + place}.jpg"] = pictures[f"flickr30k-images/{500 + place}.jpg"][:-300]
    del pictures["flickr30k-images/500.jpg"]
    with pytest.raises(BadInput, match="5 of 8 files are missing") as caught:
        fetch(site, zip_of(pictures), everything=True)
    assert "data/flickr30k/images/500.jpg: not in obtained.zip" in str(caught.value)
    assert "504.jpg: flickr30k-images/504.jpg in obtained.zip: the picture is damaged" in str(caught.value)
    assert here() == {"501.jpg", "502.jpg", "503.jpg"}
    fetch(site, zip_of(PICTURES), everything=True)
    assert len(here()) == 8


def test_an_archive_reaches_nothing_but_the_folder_of_pictures(site: Site, work: Path) -> None:
    outside = work.parent / "outside"
    outside.mkdir()
    with tarfile.open("obtained.tar", "w") as archive:
        link = tarfile.TarInfo("501.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
        hard = tarfile.TarInfo("502.jpg")
        hard.type, hard.linkname = tarfile.LNKTYPE, "../../dvc.yaml"
        archive.addfile(hard)
        device = tarfile.TarInfo("503.jpg")
        device.type = tarfile.FIFOTYPE
        archive.addfile(device)
        for name in ("../../../../outside/500.jpg", f"{outside}/504.jpg", "../505.jpg"):
            content = PICTURES[f"flickr30k-images/{name.rsplit('/', 1)[-1]}"]
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    with pytest.raises(BadInput, match="5 of 8 files are missing"):
        fetch(site, Path("obtained.tar"), everything=True)
    assert here() == {"500.jpg", "504.jpg", "505.jpg"}
    assert not any((HOME / "images" / name).is_symlink() for name in here())
    assert not list(outside.iterdir())
    assert not (HOME / "505.jpg").exists()


def test_links_in_a_zip_are_passed_over(site: Site) -> None:
    with zipfile.ZipFile("obtained.zip", "w") as archive:
        for place in range(8):
            info = zipfile.ZipInfo(f"{500 + place}.jpg")
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/hostname")
    with pytest.raises(BadInput, match="3 of 3 files are missing"):
        fetch(site, Path("obtained.zip"))
    assert here() == set()


def test_a_damaged_archive_gives_what_it_still_has(site: Site) -> None:
    path = tar_of(PICTURES)
    path.write_bytes(path.read_bytes()[:-8000])
    with pytest.raises(BadInput, match=r"not in obtained.tar.gz; the archive is damaged"):
        fetch(site, path, everything=True)
    assert 0 < len(here()) < 8


def test_something_that_is_no_archive_is_refused(site: Site) -> None:
    Path("obtained.txt").write_text("pictures")
    with pytest.raises(BadInput, match=r"obtained.txt: is neither a folder nor a zip or tar archive"):
        fetch(site, Path("obtained.txt"))
    with pytest.raises(BadInput, match=r"nowhere: there is no such folder or archive"):
        fetch(site, Path("nowhere"))


def test_captions_of_another_split_are_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flickr30k, "COUNTS", {"train": 29_000, "val": 1_014, "test": 1_000})
    with pytest.raises(BadInput, match="its splits have .* pictures instead of"):
        fetch(site, folder(PICTURES))
    assert not HOME.joinpath("dataset_flickr30k.json").exists()


def test_the_real_split_has_its_published_count(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert flickr30k.COUNTS["train"] == 29_000
    flickr30k.has_counts(shared_data / "flickr30k/dataset_flickr30k.json.gz")
