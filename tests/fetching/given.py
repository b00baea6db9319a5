"""A study's parameters and small sets in the published layouts, for the tests of `rapporteur fetch`."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.fetching.server import Site
from tests.fetching.test_download import jpeg

PIPELINE = """
stages:
  captions: {foreach: "${captions}", do: {cmd: x, params: ["captions.${key}"]}}
  landscapes: {cmd: x, params: [landscapes]}
"""
PARAMS = """
captions:
  coco:
    layout: coco
    annotations: data/coco/annotations/captions_val2014.json
    images: data/coco/val2014
    split: val
    absent: leave_out
    study: {split: val, pictures: 3, captions_per_picture: 1, draws: 10, seed: 0}
  flickr30k:
    layout: karpathy
    annotations: data/flickr30k/dataset_flickr30k.json
    images: data/flickr30k/images
    split: null
    absent: leave_out
    study: {split: test, pictures: 3, captions_per_picture: 1, draws: 5, seed: 0}
landscapes: {dataset: coco, splits: [val], threshold: 0.28, lexicon: lexicon.csv}
"""
LICENCES = [
    {"id": 3, "name": "Attribution-NonCommercial-NoDerivs License", "url": "http://licences.example/by-nc-nd/2.0/"},
    {"id": 4, "name": "Attribution License", "url": "http://licences.example/by/2.0/"},
]
COUNT = 8


def study(work: Path, repository: Path) -> None:
    """The parameters, and the landscape filter's own lexicon."""
    (work / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    (work / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (work / "lexicon.csv").write_bytes((repository / "data/landscapes/lexicon.csv").read_bytes())


def coco_captions() -> dict[str, Any]:
    """Eight pictures; the first two are landscapes by their captions."""
    said = ["a sandy beach beneath snowy mountains"] * 2 + ["a cat on a sofa in a kitchen"] * (COUNT - 2)
    images = [
        {
            "id": 100 + place,
            "file_name": f"COCO_val2014_{100 + place:012}.jpg",
            "coco_url": f"http://images.example/val2014/COCO_val2014_{100 + place:012}.jpg",
            "flickr_url": f"http://farm7.example/6116/{6255196340 + place}_da26cf2c9e_z.jpg",
            "license": 3 + place % 2,
            "width": 64,
            "height": 48,
        }
        for place in range(COUNT)
    ]
    annotations = [
        {"id": 10 * place + number, "image_id": 100 + place, "caption": said[place]}
        for place in range(COUNT)
        for number in range(2)
    ]
    return {"info": {}, "licenses": LICENCES, "images": images, "annotations": annotations}


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def coco_server(site: Site) -> None:
    captions = json.dumps(coco_captions()).encode()
    members = {"annotations/instances_val2014.json": b"{}", "annotations/captions_val2014.json": captions}
    site.files["annotations/annotations_trainval2014.zip"] = zipped(members)
    for place, image in enumerate(coco_captions()["images"]):
        site.files[f"val2014/{image['file_name']}"] = jpeg(place)


def karpathy_captions() -> dict[str, Any]:
    """Four pictures to learn from and four to test on."""
    images = [
        {
            "filename": f"{500 + place}.jpg",
            "split": "train" if place < 4 else "test",
            "sentences": [{"raw": f"picture {place}", "sentid": place, "tokens": []}],
        }
        for place in range(8)
    ]
    return {"dataset": "flickr30k", "images": images}
