from __future__ import annotations

import json
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.names import Names
from rapporteur.datasets import read_coco
from rapporteur.fetching import coco
from rapporteur.fetching.client import Client
from rapporteur.fetching.coco import COUNTS, Choice, fetch_coco
from rapporteur.fetching.lock import Lock
from rapporteur.fetching.study import dataset_params
from rapporteur.stages.captions import chosen, on_disk
from tests.fetching import given, server
from tests.fetching.conftest import HURRIED
from tests.fetching.server import Site
from tests.fetching.test_download import jpeg

CAPTIONS = Path("data/coco/annotations/captions_val2014.json")
IMAGES = Path("data/coco/val2014")
LOCK = Path("data/coco.lock.json")


@pytest.fixture(autouse=True)
def small(site: Site, work: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given.study(work, repository)
    given.coco_server(site)
    monkeypatch.setitem(COUNTS, "val2014", (given.COUNT, 2 * given.COUNT))
    monkeypatch.setattr(coco, "ARCHIVES", {})


def fetch(site: Site, **choice: object) -> Path:
    return fetch_coco(Client(HURRIED), Choice(server=site.address, **choice), Lock(LOCK))  # type: ignore[arg-type]


def here() -> set[str]:
    return {path.name.removeprefix("COCO_val2014_").lstrip("0") for path in IMAGES.glob("*.jpg")}


def test_the_captions_and_the_studys_pictures_come_and_no_others(site: Site) -> None:
    assert fetch(site) == Path("data/coco")
    params = dataset_params("coco", "coco")
    pictures = read_coco(CAPTIONS, "val")
    expected = {picture.file_name for picture, *_ in chosen(pictures, params.study)}
    assert {path.name for path in IMAGES.iterdir()} == expected
    assert len(expected) == 3
    # What the captions stage then chooses among the pictures on the disk is just these.
    there = on_disk(pictures, params, Names(Path(params.images)))
    assert {picture.file_name for picture, *_ in chosen(there, params.study)} == expected


def test_each_pictures_licence_and_origin_are_recorded(site: Site) -> None:
    fetch(site, everything=True)
    files = json.loads(LOCK.read_text())["files"]
    entry = files["data/coco/val2014/COCO_val2014_000000000102.jpg"]
    assert entry["licence"] == "Attribution-NonCommercial-NoDerivs License"
    assert entry["licence_url"] == "http://licences.example/by-nc-nd/2.0/"
    assert entry["flickr_id"] == "6255196342"
    assert entry["source"] == site.url("val2014/COCO_val2014_000000000102.jpg")
    assert files[CAPTIONS.as_posix()]["licence"] == "CC BY 4.0"
    assert len(files) == given.COUNT + 1


def test_pictures_can_be_listed_by_id(site: Site) -> None:
    Path("ids.txt").write_text("101\n\n107\n")
    fetch(site, ids=Path("ids.txt"))
    assert here() == {"101.jpg", "107.jpg"}
    Path("ids.csv").write_text("note,image_id\nnice,103\n")
    fetch(site, ids=Path("ids.csv"))
    assert here() == {"101.jpg", "103.jpg", "107.jpg"}
    Path("ids.txt").write_text("101\n999\n")
    with pytest.raises(BadInput, match=r"ids.txt:2: the image 999 is not among the captions"):
        fetch(site, ids=Path("ids.txt"))
    Path("ids.txt").write_text("\n")
    with pytest.raises(BadInput, match=r"ids.txt: lists no image id"):
        fetch(site, ids=Path("ids.txt"))


def test_a_studys_own_list_decides_where_there_is_one(site: Site) -> None:
    Path("list.csv").write_text("image_id,caption_id,alternative,foil,foil_kind\n105,,,,\n")
    Path("params.yaml").write_text(given.PARAMS.replace("draws: 10,", "draws: 10, list: list.csv,"))
    fetch(site)
    assert here() == {"105.jpg"}


def test_landscapes_come_too_when_asked_for(site: Site) -> None:
    fetch(site, all_landscapes=True)
    assert {"100.jpg", "101.jpg"} <= here()
    assert len(here()) <= 5


def test_a_lasting_failure_is_listed_and_the_rest_is_there(site: Site) -> None:
    path = "val2014/COCO_val2014_000000000102.jpg"
    site.faults[path] = [server.page] * 9
    with pytest.raises(BadInput, match=r"1 of 8 files are missing:\n.*102.jpg: a web page came instead"):
        fetch(site, everything=True)
    assert here() == {f"{100 + place}.jpg" for place in range(8)} - {"102.jpg"}
    site.faults[path].clear()
    before = len(site.asked)
    fetch(site, everything=True)
    assert [asked for asked, _ in site.asked[before:]] == [path]


def test_a_picture_of_another_size_than_published_is_refused(site: Site) -> None:
    site.files["val2014/COCO_val2014_000000000104.jpg"] = jpeg(0, (48, 64))
    with pytest.raises(BadInput, match="104.jpg: .* has 48 × 64 pixels instead of 64 × 48"):
        fetch(site, everything=True)


def test_captions_without_their_published_count_are_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COUNTS, "val2014", (40_504, 202_654))
    with pytest.raises(BadInput, match="it has 8 images and 16 captions; val2014 has"):
        fetch(site)
    assert not CAPTIONS.exists()


def test_the_real_captions_have_their_published_count(shared_data: Path) -> None:
    coco._has_counts("val2017")(shared_data / "coco/annotations/captions_val2017.json")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  coco:", "  other:", r"params.yaml: has no dataset `coco`.*rapporteur new FOLDER --from paper"),
        ("layout: coco", "layout: karpathy", "`captions.coco.layout` is 'karpathy'; this fetches 'coco'"),
        ("captions_val2014.json", "mine.json", r"`captions.coco.annotations` is data/coco/annotations/mine.json"),
    ],
)
def test_parameters_that_say_nothing_of_coco_are_explained(old: str, new: str, said: str, site: Site) -> None:
    Path("params.yaml").write_text(given.PARAMS.replace(old, new, 1))
    with pytest.raises(BadInput, match=said):
        fetch(site)


@pytest.mark.parametrize("layout", ["export", "zoo"])
def test_a_fiftyone_folder_is_read_instead_of_the_network(layout: str, site: Site) -> None:
    folder = Path("fiftyone")
    data = folder / ("data" if layout == "export" else "validation/data")
    data.mkdir(parents=True)
    captions = given.coco_captions()
    for place, image in enumerate(captions["images"]):
        (data / image["file_name"]).write_bytes(jpeg(place))
    (data.parent / "labels.json").write_text(json.dumps({**captions, "annotations": []}))
    with pytest.raises(BadInput, match=r"fiftyone: holds no sound captions_val2014.json.* labels.json has no captions"):
        fetch(site, fiftyone=folder)
    (folder / "raw").mkdir()
    (folder / "raw/captions_val2014.json").write_text(json.dumps(captions))
    assert fetch(site, fiftyone=folder) == Path("data/coco")
    assert len(here()) == 3
    assert site.asked == []
    files = json.loads(LOCK.read_text())["files"]
    assert all(entry["licence"] for entry in files.values())
    assert {entry["source"].split("#")[0] for entry in files.values()} == {"fiftyone", "data"}


def test_a_folder_that_is_no_export_says_so(site: Site) -> None:
    fetch(site)
    Path("empty").mkdir()
    with pytest.raises(BadInput, match=r"empty: is no fiftyone export: it has neither data/ nor validation/data/"):
        fetch(site, fiftyone=Path("empty"))
