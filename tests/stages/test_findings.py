"""The stage: same bytes for the same artifacts, every number finite, every table described."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table
from rapporteur.report.language import language
from rapporteur.stages import findings
from rapporteur.vocabulary.findings import FINDINGS, METRICS_FILE, UNITS
from tests.builders import Builder, write_pipeline

OUT = Path("artifacts/findings")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose findings are written: made once, for it costs three seconds."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Builder(Path()).write()
        write_pipeline(folder)
        findings.main()
    return folder


@pytest.fixture
def content(built: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((built / OUT / "findings.json").read_text(encoding="utf-8"))
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_runs_give_the_same_bytes(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built)
    first = contents(OUT)
    findings.main()
    assert contents(OUT) == first
    assert len(first) > 15


def test_every_finding_is_finite_or_says_why_it_is_absent(content: dict[str, dict[str, Any]]) -> None:
    assert list(content) == sorted(content)
    for name, record in content.items():
        assert record["unit"] in UNITS, name
        assert language().label(record) and language().say(record["method"]) and record["source"], name
        assert (record["low"] is None) == (record["high"] is None), name
        if record["low"] is not None:
            assert record["low"] <= record["value"] <= record["high"], name
    for dataset in ("shapes", "landscapes"):
        for name in ("clip.gold_minus_generated", "clip.generated", "colour.delta_e", "clip.variance_caption"):
            assert content[f"{name}.{dataset}"]["low"] is not None


def test_metrics_are_every_number_with_six_digits(built: Path, content: dict[str, dict[str, Any]]) -> None:
    metrics = json.loads((built / METRICS_FILE).read_text(encoding="utf-8"))
    numbers = {name: found["value"] for name, found in content.items() if isinstance(found["value"], int | float)}
    assert metrics == pytest.approx(numbers, rel=1e-5, abs=0)
    assert all(value == int(value) or float(f"{value:.6g}") == value for value in metrics.values())


def test_each_file_that_a_number_was_read_from_has_its_digest(built: Path, content: dict[str, dict[str, Any]]) -> None:
    digests = json.loads((built / OUT / "sources.json").read_text(encoding="utf-8"))
    read = {one["source"] for one in content.values() if (built / one["source"]).is_file()}
    assert read - set(digests) <= {"params.yaml"} and len(digests) > 10
    for path, digest in digests.items():
        assert hashlib.md5((built / path).read_bytes()).hexdigest() == digest


def test_parquet_and_json_say_the_same(built: Path, content: dict[str, dict[str, Any]]) -> None:
    frame = read_table(built / OUT / "findings.parquet", FINDINGS).set_index("name")
    assert set(frame.index) == set(content)
    assert frame.loc["clip.gold.shapes", "value"] == content["clip.gold.shapes"]["value"]
    assert frame.loc["images.model", "text"] == content["images.model"]["value"]


def test_every_table_is_described_column_by_column(built: Path) -> None:
    folder = built / OUT / "tables"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    written = {path.stem for path in folder.glob("*.parquet")}
    assert set(index) == written
    for name, table in index.items():
        frame = pd.read_parquet(folder / f"{name}.parquet")
        told = [column["name"] for column in table["columns"]]
        assert [column for column in frame.columns if column not in ("key", "at_most")] == told, name
        assert not np.isinf(frame.select_dtypes("number").to_numpy(dtype=float)).any(), name


def test_any_datasets_will_do_and_a_missing_artifact_is_named(work: Path) -> None:
    Builder(Path()).write()
    Path("artifacts/clip/shapes/scores.parquet").unlink()
    write_pipeline(work, datasets=("landscapes",))
    findings.main()
    found = json.loads((OUT / "findings.json").read_text(encoding="utf-8"))
    assert "clip.gold.landscapes" in found and "clip.gold.shapes" not in found
    before = contents(OUT)
    write_pipeline(work)
    with pytest.raises(BadInput, match=r"clip/shapes/scores\.parquet.*dvc repro"):
        findings.main()
    assert contents(OUT) == before
