"""A small project to render: the repository's own look and settings over a few made-up findings and figures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

FACTS = {
    "clip.gold": (0.23456, 0.2111, 0.2512, 120, "score"),
    "clip.difference": (-0.0321, -0.05, -0.01, 120, "score"),
    "colour.obeyed": (0.1234, 0.1, 0.15, 1200, "share"),
    "images.pictures": (12345, None, None, 12345, "count"),
    "vqgan.psnr": (25.678, 24.0, 26.1, 64, "dB"),
    "test.p": (0.0000123, None, None, 80, "p"),
    "ratings.mean": (None, None, None, 0, "score"),
}

SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.1.0.json",
    "data": {"values": [{"a": "</script>", "b": 2}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a"}, "y": {"field": "b", "type": "quantitative"}},
}

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" viewBox="0 0 200 100">'
    '<rect width="200" height="100" fill="white"/><text x="20" y="50" font-family="sans-serif">Score</text></svg>'
)

BIBLIOGRAPHY = """
@inproceedings{ramesh2021, title={Zero-Shot Text-to-Image Generation}, year={2021}, booktitle={ICML},
  author={Ramesh, Aditya and Pavlov, Mikhail and Goh, Gabriel and Gray, Scott}}
@misc{dayma2021, title={DALL-E Mini}, author={Dayma, Boris}, year={2021}}
"""


def make_project(folder: Path, repository: Path) -> Path:
    """Write the project; returns its root."""
    (folder / "report").mkdir(parents=True)
    shutil.copy(repository / "_quarto.yml", folder)
    shutil.copy(repository / "report/_language.yml", folder / "report")
    shutil.copytree(repository / "report/_brand", folder / "report/_brand")
    (folder / "report/drawing.svg").write_text(DRAWING, encoding="utf-8")
    (folder / "report/references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    write_findings(folder / "artifacts/findings")
    write_figures(folder / "artifacts/figures")
    return folder


def write_findings(folder: Path) -> None:
    (folder / "tables").mkdir(parents=True)
    fields = ("value", "low", "high", "n", "unit")
    records: dict[str, Any] = {
        name: dict(zip(fields, values, strict=True))
        | {"quantity": name, "dataset": "", "source": "x"}
        | {"method": {"code": "nobody_rated"}}
        for name, values in FACTS.items()
    }
    (folder / "findings.json").write_text(json.dumps(records), encoding="utf-8")
    frame = pd.DataFrame(
        {"key": ["shapes", "scenes"], "dataset": ["formes", "paysages | rares"], "score": [0.23456, 0.1],
         "obeyed": [0.9, None], "n": [1200, 30], "p": [0.0001, 0.25]}
    )  # fmt: skip
    frame.to_parquet(folder / "tables/scores.parquet")
    columns = [
        {"name": "dataset", "unit": "1", "digits": None},
        {"name": "score", "unit": "score", "digits": 3},
        {"name": "obeyed", "unit": "share", "digits": 0},
        {"name": "n", "unit": "count", "digits": 0},
        {"name": "p", "unit": "p", "digits": None},
    ]
    index = {"scores": {"source": "x", "columns": columns}}
    (folder / "tables/index.json").write_text(json.dumps(index), encoding="utf-8")


def write_figures(folder: Path) -> None:
    for name in ("bars", "planche"):
        (folder / name).mkdir(parents=True)
    (folder / "bars/chart.vl.json").write_text(json.dumps(SPEC), encoding="utf-8")
    (folder / "bars/chart.svg").write_text(DRAWING, encoding="utf-8")
    Image.new("RGB", (600, 300), (200, 40, 40)).save(folder / "planche/sheet.jpg")
    index = {
        "bars": {"kind": "chart", "alt": 'Une barre "haute"', "width_mm": 60.0},
        "planche": {"kind": "sheet", "alt": "Des images rouges", "width_mm": 50.8},
        "muet": {"kind": "sheet", "alt": " ", "width_mm": 50.0},
    }
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")


def write_document(root: Path, body: str, front: str = "", name: str = "essai") -> Path:
    """Write report/<name>.qmd; returns its path from the root."""
    path = Path("report") / f"{name}.qmd"
    (root / path).write_text(f"---\ntitle: Essai\nauthor: Ada\n{front}---\n\n{body}", encoding="utf-8")
    return path
