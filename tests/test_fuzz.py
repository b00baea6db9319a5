"""Files that people, programs and accidents made: every loader gives a right result or one message, never a traceback.

Valid files are cut, and bytes and pieces of them changed, doubled and taken out, from a seed.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from safetensors.numpy import save

from rapporteur.clip.pairs import read_pairs
from rapporteur.core.errors import BadInput
from rapporteur.core.params import read_yaml
from rapporteur.core.shards import ShardReader, write_shards
from rapporteur.core.tables import read_frame
from rapporteur.core.text import csv_rows
from rapporteur.dalle.weights import open_file
from rapporteur.datasets import read_coco, read_folder, read_karpathy
from rapporteur.datasets.prompts import read_prompts
from rapporteur.draw.engines.pictures import read_rows
from rapporteur.landscapes.labels import read_truth
from rapporteur.landscapes.lexicon import read_lexicon
from rapporteur.people.answers import RATING, read_rater
from rapporteur.study.listed import read_study_list

COCO = {
    "images": [{"id": n, "file_name": f"{n}.jpg", "license": 1} for n in range(3)],
    "annotations": [{"id": n, "image_id": n % 3, "caption": f"a lake é {n}"} for n in range(5)],
    "licenses": [{"id": 1, "name": "CC BY", "url": "http://x"}],
}
KARPATHY = {
    "images": [
        {"filename": f"{n}.jpg", "split": "train", "sentences": [{"sentid": n, "raw": f"a hill {n}"}]} for n in range(3)
    ]
}
RATINGS = "rater,dataset,image_id,caption_id,seed,attribute,score,time\namel,d,1,1,0,shape,4,2026-11-22T10:31:05\n"


ODD = [b"\0", b'"', b"\n", b"[", b"{", b"null", b"-1e999", b"\xff\xfe", b"\\ud83d", b"&x", b"*x", b";", b"\t"]
LONG = [b"[" * 3000, b"9" * 400, b"../" * 3, b"\xe2\x80\xa8", b"true", b"x" * 5000, b"\r\n" * 50]


def stored(write: Callable[[Any], None]) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def read_shard(path: Path) -> None:
    with ShardReader(path.parent) as reader:
        for member in ("a.png", "b.png"):
            reader.read(path.name, member)


def shard(folder: Path) -> bytes:
    write_shards(folder, [("a.png", b"picture " * 20), ("b.png", b"another " * 20)])
    return (folder / "shard-0000.zip").read_bytes()


TABLE = stored(lambda out: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_parquet(out))
LOADERS: dict[str, tuple[str, bytes, Callable[[Path], object]]] = {
    "coco": ("c.json", json.dumps(COCO).encode(), lambda path: read_coco(path, "val")),
    "coco, gzipped": ("c.json.gz", gzip.compress(json.dumps(COCO).encode()), lambda path: read_coco(path, "val")),
    "karpathy": ("k.json", json.dumps(KARPATHY).encode(), read_karpathy),
    "folder": ("f.csv", "file,caption\na.jpg,un été\nb.jpg,deux\n".encode(), lambda path: read_folder(path, "test")),
    "folder, parquet": ("f.parquet", TABLE, lambda path: read_folder(path, "test")),
    "prompts": ("p.csv", b"id,text\n1,a red star\n2,a blue one\n", read_prompts),
    "pairs": ("p.csv", b"file,text\na.jpg,x\nb.jpg,y\n", read_pairs),
    "ratings": ("amel.csv", RATINGS.encode(), lambda path: list(read_rater(path, RATING))),
    "labels": ("amel.csv", b"image_id,label\n1,1\n2,0\n3,?\n", read_truth),
    "lexicon": ("l.csv", b"phrase,class,weight,unless\nlake,scenery,0.5,\nsea,scenery,1,side\n", read_lexicon),
    "study list": ("s.csv", b"image_id,caption_id,alternative,foil,foil_kind\n1,1,,,\n2,,x,,colour\n", read_study_list),
    "pictures": ("pictures.csv", b"text,seed,file\na lake,0,a.png\na hill,1,b.png\n", read_rows),
    "csv": ("a.csv", "a;b\n1;é\n".encode("utf-16"), lambda path: list(csv_rows(path, ("a", "b")))),
    "params": ("params.yaml", "a:\n  b: [1, 2]\n  c: été\nd: &x {e: 1}\nf: *x\n".encode(), read_yaml),
    "table": ("t.parquet", TABLE, lambda path: read_frame(path, "t")),
    "safetensors": ("w.safetensors", save({"a": np.ones((2, 3), np.float32), "b": np.zeros(4, np.float16)}), open_file),
    "shard": ("shard-0000.zip", b"", read_shard),
}  # fmt: skip


def spoilt(whole: bytes, random: np.random.Generator) -> bytes:
    """A file with some accidents."""
    data = bytearray(whole)
    for _ in range(int(random.integers(1, 4))):
        place = int(random.integers(0, max(1, len(data))))
        length = int(random.integers(1, 12))
        piece = data[place : place + length]
        match int(random.integers(0, 7)):
            case 0:
                del data[place:]
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = piece * int(random.integers(1, 40))
            case 3:
                data[place : place + 1] = bytes([int(random.integers(0, 256))])
            case 4:
                data[place:place] = random.choice(
                    [b"\0", b'"', b"\n", b"[", b"{", b"null", b"-1e999", b"\xff\xfe", b"\\ud83d"]
                )
            case 5:
                data[place : place + length] = bytes(length)
            case _:
                data[place : place + length] = random.choice(
                    [b"[" * 3000, b"9" * 400, b"../", b"\xe2\x80\xa8", b"true"]
                )
    return bytes(data)


@pytest.mark.parametrize("kind", LOADERS)
def test_a_spoilt_file_is_read_or_refused_in_one_message(kind: str, tmp_path: Path) -> None:
    name, whole, read = LOADERS[kind]
    whole = whole or shard(tmp_path)
    path, random, refused = tmp_path / name, np.random.default_rng(sorted(LOADERS).index(kind)), 0
    for _ in range(600):
        data = spoilt(whole, random)
        path.write_bytes(data)
        try:
            read(path)
        except BadInput as error:
            assert len(str(error)) < 2000
            refused += 1
        except Exception as error:
            raise AssertionError(f"{type(error).__name__} for {data!r}") from error
    assert refused > 50


def test_a_spoilt_training_checkpoint_is_not_gone_on_from(tmp_path: Path) -> None:
    from rapporteur.dalle.optimise import CHECKPOINT, TrainState, load_state, save_state, saved_step

    state = TrainState(3, {"w": np.arange(12, dtype=np.float32)}, [{"step": 3, "loss": 1.0}])
    save_state(tmp_path, state, {"seed": 1})
    whole, random = (tmp_path / CHECKPOINT).read_bytes(), np.random.default_rng(2)
    for _ in range(600):
        data = spoilt(whole, random)
        (tmp_path / CHECKPOINT).write_bytes(data)
        back = load_state(tmp_path, state, {"seed": 1})
        assert (back is None and saved_step(tmp_path) == 0) or data == whole


def test_a_spoilt_picture_is_shown_or_refused(tmp_path: Path) -> None:
    from rapporteur.core.pictures import load_picture

    random, picture = np.random.default_rng(1), Image.fromarray(np.arange(768, dtype=np.uint8).reshape(16, 16, 3))
    for form in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"):
        whole = stored(lambda out, form=form: picture.save(out, form))  # type: ignore[misc]
        for _ in range(100):
            try:
                assert load_picture(spoilt(whole, random), "x").mode == "RGB"
            except BadInput as error:
                assert str(error).startswith("x: ")
