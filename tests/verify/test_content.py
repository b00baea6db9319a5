"""How far two files lie apart is told by what they hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from rapporteur.core.pictures import png_bytes
from rapporteur.core.shards import write_shards
from rapporteur.verify.content import Apart, apart

Write = Callable[[Path, float], None]


def table(path: Path, moved: float) -> None:
    frame = pd.DataFrame({"name": ["a", "b"], "score": [0.5 + moved, None], "list": [[1.0, 2.0 + moved], [3.0]]})
    frame.to_parquet(path)


def record(path: Path, moved: float) -> None:
    path.write_text(json.dumps({"a": {"value": 0.25 + moved, "low": None}, "b": ["text", True]}), encoding="utf-8")


def weights(path: Path, moved: float) -> None:
    save_file({"w": np.array([[0.5, -1.0 + moved]], np.float32), "b": np.zeros(3, np.float32)}, path)


@pytest.mark.parametrize(("write", "suffix"), [(table, ".parquet"), (record, ".json"), (weights, ".safetensors")])
@pytest.mark.parametrize(("moved", "rounding"), [(2e-7, True), (1e-3, False)])
def test_numbers_are_compared_and_rounding_is_told(
    tmp_path: Path, write: Write, suffix: str, moved: float, rounding: bool
) -> None:
    was, now = tmp_path / f"was{suffix}", tmp_path / f"now{suffix}"
    write(was, 0.0)
    write(now, moved)
    found = apart(was, now, was.name)
    assert found.rounding is rounding and found.items in (1, 2)
    assert found.farthest == pytest.approx(moved, rel=0.3)


@pytest.mark.parametrize(("step", "rounding"), [(1, True), (9, False)])
def test_pictures_of_a_shard_are_compared_by_level(tmp_path: Path, step: int, rounding: bool) -> None:
    for name, moved in (("was", 0), ("now", step)):
        picture = np.full((4, 4, 3), 100, np.uint8)
        picture[0, 0, 0] += moved
        write_shards(tmp_path / name, [("a.png", png_bytes(picture)), ("b.png", png_bytes(picture * 0))])
    found = apart(*(tmp_path / name / "shard-0000.zip" for name in ("was", "now")), "shard-0000.zip")
    assert found == Apart(1, float(step), rounding)


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ({"a": 1}, {"b": 1}, "other entries"),
        ({"a": [1, 2]}, {"a": [1]}, "other entries"),
    ],
)
def test_contents_of_another_form_are_different(tmp_path: Path, was: Any, now: Any, why: str) -> None:
    for name, content in (("was", was), ("now", now)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    found = apart(tmp_path / "was.json", tmp_path / "now.json", "was.json")
    assert not found.rounding and why in found.what


def test_a_changed_word_and_a_lost_number_are_no_rounding(tmp_path: Path) -> None:
    pd.DataFrame({"name": ["a"], "score": [1.0]}).to_parquet(tmp_path / "was.parquet")
    for name, score in (("b", 1.0), ("a", None)):
        pd.DataFrame({"name": [name], "score": pd.array([score], "float64")}).to_parquet(tmp_path / "now.parquet")
        assert not apart(tmp_path / "was.parquet", tmp_path / "now.parquet", "t.parquet").rounding


def test_files_that_hold_no_numbers_differ_by_their_bytes(tmp_path: Path) -> None:
    found = apart(tmp_path / "a.pdf", tmp_path / "b.pdf", "a.pdf")
    assert (found.rounding, found.what) == (False, "other bytes")
