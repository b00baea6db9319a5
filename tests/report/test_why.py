"""Where a number comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rapporteur.cli import main
from rapporteur.core.errors import BadInput
from rapporteur.report.why import walk, why

LOCK = """
schema: '2.0'
stages:
  captions@shapes:
    cmd: python -m captions shapes
    deps: [{path: data/shapes.csv, md5: aaaa}, {path: src/rapporteur/core, md5: cccc.dir}]
    outs: [{path: artifacts/captions/shapes, md5: bbbb.dir}]
  captions@coco:
    cmd: python -m captions coco
    deps: [{path: data/coco.json, md5: eeee}]
    outs: [{path: artifacts/captions/coco, md5: ffff.dir}]
  clip@shapes:
    cmd: python -m clip shapes
    deps: [{path: artifacts/captions/shapes/captions.parquet, md5: dddd}, {path: models/clip, md5: '1111.dir'}]
    params: {params.yaml: {clip: {seed: 3}}}
    outs: [{path: artifacts/clip/shapes, md5: '2222222222222222.dir'}]
  findings:
    cmd: python -m findings
    deps: [{path: artifacts/captions, md5: '3'}, {path: artifacts/clip, md5: '4'}]
    params: {params.yaml: {findings: {resamples: 99}}}
    outs: [{path: artifacts/findings, md5: '5.dir'}]
"""


def test_a_number_is_followed_back_to_what_a_person_wrote(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "artifacts/clip/shapes/scores.parquet"
    path = project / "artifacts/findings/findings.json"
    text = path.read_text(encoding="utf-8").replace('"source": "x"', f'"source": "{source}"')
    assert source in text
    path.write_text(text, encoding="utf-8")
    (project / "dvc.lock").write_text(LOCK, encoding="utf-8")
    main(["why", "clip.gold"])
    said = capsys.readouterr().out
    assert said.startswith("clip.gold = 0,")
    places = [
        said.index(part)
        for part in (
            "computed by findings: python -m findings", "findings: resamples 99", f"from {source}",
            "clip@shapes: python -m clip shapes", "writes artifacts/clip/shapes  md5 222222222222", "clip: seed 3",
            "captions@shapes: python -m captions shapes", "tracked data/shapes.csv  md5 aaaa",
            "tracked models/clip  md5 1111.dir", "again: dvc repro findings",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert "coco" not in said and "src/" not in said


def test_a_source_that_is_a_whole_folder_follows_from_all_in_it(project: Path) -> None:
    from rapporteur.core.params import read_yaml

    (project / "dvc.lock").write_text(LOCK, encoding="utf-8")
    order, inputs = walk("artifacts/captions", read_yaml(project / "dvc.lock")["stages"])
    assert order == ["captions@shapes", "captions@coco"] and set(inputs) == {"data/shapes.csv", "data/coco.json"}


def test_an_unknown_number_and_a_missing_lock_are_said(project: Path) -> None:
    with pytest.raises(BadInput, match=r'no number is called "clip.golf"; did you mean'):
        why("clip.golf")
    with pytest.raises(BadInput, match="`dvc repro` writes it"):
        why("clip.gold")
