from __future__ import annotations

import copy
import csv
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapporteur.cli import main
from rapporteur.core.params import read_yaml
from rapporteur.landscapes.verb import COLUMNS, THRESHOLD

COCO: dict[str, Any] = {
    "info": {},
    "images": [{"id": 9, "file_name": "9.jpg"}, {"id": 7, "file_name": "7.jpg"}, {"id": 8, "file_name": "8.jpg"}],
    "licenses": [],
    "annotations": [
        {"image_id": 7, "id": 1, "caption": "A beach by the sea"},
        {"image_id": 9, "id": 2, "caption": "A bus on a street"},
        {"image_id": 7, "id": 3, "caption": "People on a sandy beach"},
    ],
}
KARPATHY: dict[str, Any] = {
    "images": [
        {"filename": "lake.jpg", "split": "test", "sentences": [{"sentid": 0, "raw": "A lake below mountains"}]},
        {"filename": "cat.jpg", "split": "test", "sentences": [{"sentid": 1, "raw": "A cat on a sofa"}]},
    ]
}


def write(path: Path, content: object) -> str:
    data = json.dumps(content).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def scored(folder: Path, captions: str, *options: str) -> list[dict[str, str]]:
    main(["landscapes", captions, "--out", str(folder / "scores.csv"), *options])
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", ["captions.json", "captions.json.gz"])
def test_every_image_of_a_coco_file_is_scored_in_its_order(work: Path, name: str) -> None:
    rows = scored(work, write(work / name, COCO))
    assert tuple(rows[0]) == COLUMNS == ("image_id", "score", "kept", "reasons")
    assert [row["image_id"] for row in rows] == ["9", "7", "8"]
    assert [row["kept"] for row in rows] == ["false", "true", "false"]
    assert float(rows[1]["score"]) > 0.9
    assert rows[1]["reasons"].startswith("+beach [1 2]")
    assert (rows[2]["score"], rows[2]["reasons"]) == ("0.0", "")  # no caption, no landscape


def test_karpathy_s_layout_is_known_by_its_sentences(work: Path) -> None:
    rows = scored(work, write(work / "dataset.json.gz", KARPATHY))
    assert [(row["image_id"], row["kept"]) for row in rows] == [("lake", "true"), ("cat", "false")]


def test_the_threshold_and_the_lexicon_are_options(work: Path) -> None:
    captions = write(work / "captions.json", COCO)
    assert [row["kept"] for row in scored(work, captions, "--threshold", "1")] == ["false"] * 3
    (work / "words.csv").write_text("phrase,class,weight,unless\nbus,scenery,0.9,\n")
    rows = scored(work, captions, "--lexicon", str(work / "words.csv"))
    assert [row["kept"] for row in rows] == ["true", "false", "false"]
    assert rows[0]["reasons"] == "+bus [1]"


def test_the_default_threshold_is_the_pipeline_s(repository: Path) -> None:
    for path in [repository / "params.yaml", *(repository / "profiles").glob("*.yaml")]:
        assert read_yaml(path).get("landscapes", {"threshold": THRESHOLD})["threshold"] == THRESHOLD


def without(*place: Any) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for step in place[:-1]:
            content = content[step]
        del content[place[-1]]

    return change


def setting(value: Any, *place: Any) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for step in place[:-1]:
            content = content[step]
        content[place[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("annotations", 1, "caption"), r'annotations\[1\] \(id 2\) has no "caption"; write it in'),
        (setting("", "annotations", 1, "caption"), r"annotations\[1\] \(id 2\) has an empty caption; write one"),
        (setting(None, "annotations", 1, "image_id"), r'annotations\[1\] \(id 2\) has no "image_id"'),
        (
            setting(55, "annotations", 1, "image_id"),
            r"annotations\[1\] \(id 2\) names the image 55, which is not under",
        ),
        (setting(1, "annotations", 1, "id"), "the annotation id 1 comes twice; keep one"),
        (setting(9, "images", 1, "id"), "the image id 9 comes twice; keep one"),
        (setting("9", "images", 1), r'expected a list of objects under "images"; images\[1\] is none'),
        (without("images"), 'expected a list of objects under "images"'),
        (without("annotations"), 'expected a list of objects under "annotations"'),
    ],
)
def test_a_malformed_file_is_refused_by_record_and_leaves_no_scores(
    work: Path, change: Callable[[Any], None], said: str
) -> None:
    content = copy.deepcopy(COCO)
    change(content)
    with pytest.raises(SystemExit) as stop:
        scored(work, write(work / "captions.json", content))
    assert re.search(rf"^error: \S*captions\.json: {said}", str(stop.value))
    assert not (work / "scores.csv").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["captions.json", "--out", "s.csv", "--threshold", "28"], "--threshold is 28.0; give more than 0"),
        (["captions.json", "--out", "captions.json"], "captions.json: --out must be a file of its own"),
        (["captions.json", "--out", "."], r"\.: --out must be a file of its own"),
        (["absent.json", "--out", "s.csv"], "absent.json: the caption file is missing"),
        (["captions.json", "--out", "s.csv", "--lexicon", "absent.csv"], "absent.csv: the lexicon is missing"),
        (["cut.json", "--out", "s.csv"], r"cut.json:1: not JSON .* at images\[0\]; the file is cut or damaged"),
    ],
)
def test_what_cannot_be_is_refused(work: Path, options: list[str], said: str) -> None:
    write(work / "captions.json", COCO)
    (work / "cut.json").write_text(json.dumps(COCO)[:40])
    with pytest.raises(SystemExit, match=f"^error: {said}"):
        main(["landscapes", *options])
    assert not (work / "s.csv").exists()
