from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

from drawn_world.album import album
from drawn_world.decoys import MISLEADING
from drawn_world.layout import Captioned, jpeg_bytes, tokens, write_coco, write_karpathy
from rapporteur.core.pictures import load_picture
from rapporteur.datasets import read_coco, read_karpathy

ENTRIES = [
    Captioned(7, "000000000007.jpg", "test", ("a red star",)),
    Captioned(9, "000000000009.jpg", "train", ("a blue square", "a square, blue.")),
]


def test_coco_files_have_the_members_of_the_real_ones_and_are_read_back(work: Path) -> None:
    path = work / "annotations/captions_shapes.json"
    write_coco(path, ENTRIES, 256)
    content = json.loads(path.read_text())
    assert list(content) == ["info", "licenses", "images", "annotations"]
    members = {"license", "file_name", "coco_url", "height", "width", "date_captured", "flickr_url", "id"}
    assert {frozenset(image) for image in content["images"]} == {frozenset(members)}
    assert {frozenset(row) for row in content["annotations"]} == {frozenset({"image_id", "id", "caption"})}
    pictures = read_coco(path, "test")
    assert [picture.file_name for picture in pictures] == [entry.file_name for entry in ENTRIES]
    assert [[caption.text for caption in picture.captions] for picture in pictures] == [
        list(entry.captions) for entry in ENTRIES
    ]
    assert "CC0" in pictures[0].licence


def test_a_coco_file_has_the_members_of_mscoco_s_own(work: Path, shared_data: Path) -> None:
    write_coco(work / "ours.json", ENTRIES, 256)
    ours = json.loads((work / "ours.json").read_text())
    real = json.loads((shared_data / "coco/annotations/captions_val2017.json").read_text())
    assert set(real) - set(ours) <= {"type"}, "the files of 2014 have it, the official ones of 2017 do not"
    assert set(ours) <= set(real)
    assert list(ours["info"]) == list(real["info"])
    for part in ("licenses", "images", "annotations"):
        assert set(ours[part][0]) == set(real[part][0]), part
        assert {name: type(value) for name, value in ours[part][0].items()} == {
            name: type(value) for name, value in real[part][0].items()
        }


def test_karpathy_files_have_the_members_of_the_real_ones_and_are_read_back(work: Path) -> None:
    path = work / "dataset_flickr30k.json"
    write_karpathy(path, ENTRIES)
    content = json.loads(path.read_text())
    assert list(content) == ["images", "dataset"]
    assert [image["sentids"] for image in content["images"]] == [[0], [1, 2]]
    for number, image in enumerate(content["images"]):
        assert set(image) == {"sentids", "imgid", "sentences", "split", "filename"}
        assert image["imgid"] == number
        for sentence in image["sentences"]:
            assert set(sentence) == {"tokens", "raw", "imgid", "sentid"}
            assert sentence["imgid"] == number
    assert [(picture.file_name, picture.split) for picture in read_karpathy(path)] == [
        (entry.file_name, entry.split) for entry in ENTRIES
    ]


def test_a_karpathy_file_has_the_members_of_flickr30k_s_own(work: Path, shared_data: Path) -> None:
    write_karpathy(work / "ours.json", ENTRIES)
    ours = json.loads((work / "ours.json").read_text())
    real = json.loads(gzip.decompress((shared_data / "flickr30k/dataset_flickr30k.json.gz").read_bytes()))
    assert set(ours) == set(real)
    assert ours["dataset"] == real["dataset"]
    assert set(ours["images"][0]) == set(real["images"][0])
    assert set(ours["images"][0]["sentences"][0]) == set(real["images"][0]["sentences"][0])


def test_tokens_are_lower_case_words() -> None:
    assert tokens("A snow-capped peak, at dusk.") == ["a", "snow-capped", "peak", "at", "dusk"]


def test_jpeg_bytes_are_the_same_every_time_and_close_to_the_picture() -> None:
    picture = np.linspace(0, 255, 64 * 64 * 3).reshape(64, 64, 3).astype(np.uint8)
    data = jpeg_bytes(picture)
    assert data == jpeg_bytes(picture)
    assert abs(np.asarray(load_picture(data, "x")).astype(int) - picture).mean() < 4


def test_a_longer_split_moves_no_other_leaf_of_the_album() -> None:
    short = {leaf.name: leaf for leaf in album(1, {"test": 5, "train": 5}, 0.2, 0.1)}
    long = {leaf.name: leaf for leaf in album(1, {"test": 9, "train": 12}, 0.2, 0.1)}
    assert {name: long[name] for name in short} == short


def test_an_album_has_the_shares_of_decoys_and_misled_captions_that_were_asked_for() -> None:
    leaves = album(3, {"train": 600}, 0.15, 0.1)
    assert 0.1 < np.mean([not leaf.is_landscape for leaf in leaves]) < 0.2
    own = [leaf for leaf in leaves if leaf.is_landscape]
    misled = [leaf for leaf in own if set(leaf.captions) & set(MISLEADING)]
    assert 0.06 < len(misled) / len(own) < 0.14
    assert {len(set(leaf.captions)) for leaf in leaves} == {5}
