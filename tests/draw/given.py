"""What the generators' tests give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rapporteur.core.tables import table_of, write_table
from rapporteur.draw.generator import Settings
from rapporteur.vocabulary.captions import CAPTIONS


def settings(folder: Path, **changes: Any) -> Settings:
    """The block `images` as generators get it."""
    plain: dict[str, Any] = {
        "vqgan": Path("vqgan"),
        "condition_scale": 3.0,
        "temperature": 1.0,
        "top_k": None,
        "top_p": None,
        "official_rng": False,
        "steps": None,
        "size": None,
        "batch": 2,
    }
    return Settings(folder=folder, **(plain | changes))


def write_captions(texts: list[str], draws: int = 2, dataset: str = "shapes") -> None:
    """artifacts/captions/<dataset>/captions.parquet with the captions c0, c1, …"""
    rows = (
        {"dataset": dataset, "image_id": f"i{place}", "caption_id": f"c{place}", "kind": "original", "split": "test"}
        | {"text": text, "draws": draws}
        for place, text in enumerate(texts)
    )
    write_table(table_of(rows, CAPTIONS), Path("artifacts/captions") / dataset / "captions.parquet", CAPTIONS)
