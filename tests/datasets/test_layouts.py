from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.datasets import read_coco, read_karpathy

COCO: dict[str, Any] = {
    "licenses": [{"id": 4, "name": "Attribution License"}],
    "images": [
        {"id": 7, "file_name": "7.jpg", "license": 4},
        {"id": 9, "file_name": "9.jpg"},
    ],
    "annotations": [
        {"id": 1, "image_id": 9, "caption": " A dog. \n"},
        {"id": 2, "image_id": 7, "caption": "A cat."},
        {"id": 3, "image_id": 9, "caption": "A big dog."},
    ],
}
KARPATHY: dict[str, Any] = {
    "dataset": "flickr30k",
    "images": [
        {
            "imgid": 0,
            "filename": "1000092795.jpg",
            "split": "train",
            "sentids": [0],
            "sentences": [{"raw": "Two men.", "tokens": ["two", "men"], "imgid": 0, "sentid": 0}],
        },
        {
            "imgid": 1,
            "filename": "COCO_1.jpg",
            "filepath": "val2014",
            "split": "restval",
            "sentids": [1],
            "sentences": [{"raw": "A boat.", "tokens": ["a", "boat"], "imgid": 1, "sentid": 1}],
        },
    ],
}


def _write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_coco_pictures_carry_their_captions_and_licence(tmp_path: Path) -> None:
    cat, dog = read_coco(_write(tmp_path / "captions.json", COCO), "test")
    assert (cat.image_id, cat.file_name, cat.split, cat.licence) == ("7", "7.jpg", "test", "Attribution License")
    assert [caption.text for caption in dog.captions] == ["A dog.", "A big dog."]
    assert dog.licence == ""


def test_the_members_of_a_coco_file_may_come_in_any_order(tmp_path: Path) -> None:
    backwards = dict(reversed(COCO.items()))
    assert list(backwards) == ["annotations", "images", "licenses"]
    path, other = _write(tmp_path / "captions.json", COCO), _write(tmp_path / "backwards.json", backwards)
    assert read_coco(other, "test") == read_coco(path, "test")


def test_karpathy_pictures_carry_their_split_and_folder(tmp_path: Path) -> None:
    path = tmp_path / "dataset.json.gz"
    path.write_bytes(gzip.compress(json.dumps(KARPATHY).encode()))
    men, boat = read_karpathy(path)
    assert (men.image_id, men.split, men.captions[0].text) == ("1000092795", "train", "Two men.")
    assert (boat.file_name, boat.split) == ("val2014/COCO_1.jpg", "train")


def test_the_rest_of_coco_s_validation_pictures_counts_as_train(tmp_path: Path) -> None:
    """In the published file: 82,783 train, 30,504 restval, 5,000 val and 5,000 test; a thousandth of it here."""
    published = {"train": 83, "restval": 31, "val": 5, "test": 5}
    splits = [split for split, number in published.items() for _ in range(number)]
    entries = [
        {
            "filename": f"{number}.jpg",
            "filepath": "train2014" if split == "train" else "val2014",
            "split": split,
            "sentences": [{"raw": "A boat.", "sentid": number}],
        }
        for number, split in enumerate(splits)
    ]
    pictures = read_karpathy(_write(tmp_path / "dataset_coco.json", {"images": entries, "dataset": "coco"}))
    found = [picture.split for picture in pictures]
    assert {name: found.count(name) for name in set(found)} == {"train": 114, "val": 5, "test": 5}
    rest = [one for one in pictures if one.split == "train" and one.file_name.startswith("val2014/")]
    assert len(rest) == 31


def _set(place: list[Any], value: object) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for step in place[:-1]:
            content = content[step]
        if value is None:
            del content[place[-1]]
        else:
            content[place[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set(["annotations", 1, "caption"], "  "), r"annotations\[1\] \(id 2\) has an empty caption"),
        (_set(["annotations", 1, "caption"], 5), r"annotations\[1\] \(id 2\) has an empty caption"),
        (_set(["annotations", 1, "caption"], None), r'annotations\[1\] \(id 2\) has no "caption"'),
        (_set(["annotations", 1, "image_id"], 8), r"annotations\[1\] \(id 2\) names the image 8"),
        (_set(["annotations", 1, "id"], 1), "the annotation id 1 comes twice"),
        (_set(["images", 1, "id"], 7), "the image id 7 comes twice"),
        (_set(["images", 1, "file_name"], None), r'images\[1\] \(id 9\) has no "file_name"'),
        (_set(["images", 1], 3), r'expected a list of objects under "images"; images\[1\] is none'),
        (_set(["images"], None), 'expected a list of objects under "images"'),
        (_set(["annotations"], {}), 'expected a list of objects under "annotations"'),
    ],
)
def test_a_bad_coco_record_is_named(tmp_path: Path, change: Callable[[Any], None], message: str) -> None:
    content = copy.deepcopy(COCO)
    change(content)
    with pytest.raises(BadInput, match=f"captions.json: .*{message}"):
        read_coco(_write(tmp_path / "captions.json", content), "test")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set(["images", 0, "split"], "training"), r"images\[0\] \(1000092795.jpg\) is in the unknown split"),
        (_set(["images", 1, "filename"], "1000092795.jpg"), "the picture 1000092795 comes twice"),
        (_set(["images", 0, "sentences", 0, "raw"], ""), r"sentences\[0\] has an empty caption"),
        (_set(["images", 1, "sentences", 0, "sentid"], 0), "the sentence id 0 comes twice"),
        (_set(["images", 0, "sentences"], None), 'expected a list of objects under "sentences"'),
        (_set(["images"], None), 'expected a list of objects under "images"'),
        (_set(["images"], {}), 'expected a list of objects under "images"'),
        (_set(["images", 1], 3), r'expected a list of objects under "images"; images\[1\] is none'),
    ],
)
def test_a_bad_karpathy_record_is_named(tmp_path: Path, change: Callable[[Any], None], message: str) -> None:
    content = copy.deepcopy(KARPATHY)
    change(content)
    with pytest.raises(BadInput, match=f"dataset.json: .*{message}"):
        read_karpathy(_write(tmp_path / "dataset.json", content))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"images": [\n{"id": 1, "file_name": "1.jpg"},\n oops]}', r"captions.json:3: not JSON .* at images\[1\]"),
        (b"\xff\xfe", "not a JSON text in UTF-8"),
        (b"\x1f\x8b\x08broken", "not a JSON text in UTF-8"),
        (b"[]", "expected a JSON object"),
        (None, "the caption file is missing"),
    ],
)
def test_a_file_that_is_not_json_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "captions.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_coco(path, "test")


def test_the_real_coco_file_has_its_published_counts(shared_data: Path) -> None:
    pictures = read_coco(shared_data / "coco/annotations/captions_val2017.json", "val")
    assert len(pictures) == 5000
    assert sum(len(picture.captions) for picture in pictures) == 25014


def test_the_real_flickr30k_file_has_karpathy_s_counts(shared_data: Path) -> None:
    pictures = read_karpathy(shared_data / "flickr30k/dataset_flickr30k.json.gz")
    splits = [picture.split for picture in pictures]
    assert [splits.count(name) for name in ("train", "val", "test")] == [29000, 1014, 1000]
    assert {len(picture.captions) for picture in pictures} == {5}


def test_a_coco_file_needs_its_split_stated(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not state the split"):
        read_coco(_write(tmp_path / "captions.json", COCO), None)
