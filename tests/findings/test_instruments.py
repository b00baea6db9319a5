"""The models side by side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from rapporteur.findings.finding import Finding, absent, count
from rapporteur.findings.instruments import tables
from rapporteur.findings.topic import Given
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.published import INSTRUMENTS


def given(model: Path) -> Given:
    return Given(Study(["shapes"]), Resampling(0, 10, 0.95), None, {"model": model.as_posix()}, None)


def known(parameters: Finding) -> dict[str, Finding]:
    return {"images.parameters": parameters, "images.size": count("images.size", 96, "x", unit="pixels")}


def test_the_model_at_hand_stands_beside_those_that_were_published(work: Path) -> None:
    (work / "dalle").mkdir()
    (work / "dalle/config.json").write_text('{"image_length": 144, "image_vocab_size": 1024, "decoder_layers": 4}')
    (work / "clip").mkdir()
    save_file({"a": np.zeros((3, 5), np.float32)}, work / "clip/open_clip_model.safetensors")
    (work / "artifacts/clip/shapes").mkdir(parents=True)
    (work / "artifacts/clip/shapes/model.json").write_text(json.dumps({"model": "clip"}))
    (table,) = tables(given(Path("dalle")), known(count("images.parameters", 77, "x")))
    found = table.frame.set_index("quantity")
    assert list(found.index) == list(INSTRUMENTS)
    here = found["here"].dropna().to_dict()
    assert here == {
        "picture_side": 96, "image_tokens": 144, "codes": 1024, "decoder_layers": 4, "parameters": 77,
        "clip_parameters": 15,
    }  # fmt: skip
    assert found.loc["codes", ["dalle", "dalle_mini"]].tolist() == [8192, 16384]


def test_of_a_model_of_another_kind_its_pictures_size_alone_is_known(work: Path) -> None:
    (work / "other").mkdir()
    (work / "other/config.json").write_text('{"image_length": 144}')
    (table,) = tables(given(Path("other")), known(absent("images.parameters", "count", "x", "model_files_absent")))
    assert table.frame.set_index("quantity")["here"].dropna().to_dict() == {"picture_side": 96}
