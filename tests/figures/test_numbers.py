"""Numbers for charts, in the language that a figure is drawn in."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from rapporteur.figures.numbers import Numbers


def test_datasets_are_called_as_the_language_calls_them(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    for name in ("corpus", "clip_pairs"):
        frame = pd.DataFrame({"key": ["shapes", "coco"], "dataset": ["formes dessinées", "MS-COCO"]})
        frame.to_parquet(tmp_path / f"tables/{name}.parquet")
    (tmp_path / "findings.json").write_text("{}", encoding="utf-8")
    (tmp_path / "names.json").write_text(json.dumps({"en": {"formes dessinées": "drawn shapes"}}), encoding="utf-8")
    french, english = Numbers.read(tmp_path), Numbers.read(tmp_path, "en")
    assert french.labels() == {"shapes": "formes dessinées", "coco": "MS-COCO"}
    assert english.labels() == {"shapes": "drawn shapes", "coco": "MS-COCO"}
    assert list(english.table("clip_pairs")["dataset"]) == ["drawn shapes", "MS-COCO"]
