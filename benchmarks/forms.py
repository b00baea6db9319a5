"""How far the measure of form can be trusted: on gold pictures of known forms, and on real pictures of DALL·E mini.

    RAPPORTEUR_DATA=<folder> uv run python -m benchmarks.forms   about 15 seconds; writes benchmarks/results/forms.json

Gold: 24 pictures of each form at 96 pixels, with colours, textures, grounds and sizes by a seed. Real: 360 pictures
drawn for 180 prompts ("black circle on blue background": 6 forms); there the share is the model's obedience and the
measure's own faults together. Shares have Wilson's interval at the effective size, clusters are prompts.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import publish
from drawn_world.shapes import COLOURS, SHAPES, SIZES, TEXTURES, Shape, draw_shape
from rapporteur.core.pictures import load_picture, picture_array
from rapporteur.form.overlap import form_of
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.statistics.proportions import share

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/forms.json"
DATA = Path(os.environ.get("RAPPORTEUR_DATA", ROOT.parent / "shared/data")) / "dallemini_shapes"
EACH, SIDE, SEED = 24, 96, 0


def gold() -> pd.DataFrame:
    """A row for each gold picture: its prompt, the form that it has and the form that is seen."""
    random, rows = np.random.default_rng(SEED), []
    for name in SHAPES:
        for number in range(EACH):
            colour, ground = random.choice(list(COLOURS), 2, replace=False)
            texture, size = random.choice([None, *TEXTURES]), random.choice([None, *SIZES])
            shape = Shape(name, str(colour), texture, str(ground) if number % 2 else None, size)
            seen = form_of(draw_shape(shape, int(random.integers(2**31)), SIDE), f"a {colour} {name}")
            rows.append({"prompt": f"{name} {number}", "named": seen.named, "seen": seen.seen})
    return pd.DataFrame(rows)


def real() -> pd.DataFrame:
    """The same for the pictures that DALL·E mini drew."""
    with (DATA / "prompts.csv").open(encoding="utf-8") as stream:
        prompts = list(csv.DictReader(stream))
    forms = [form_of(picture_array(load_picture(DATA / row["file"])), row["prompt"]) for row in prompts]
    rows = zip(prompts, forms, strict=True)
    return pd.DataFrame({"prompt": row["prompt"], "named": form.named, "seen": form.seen} for row, form in rows)


def told(table: pd.DataFrame) -> dict[str, Any]:
    """The share seen as named, and for each form what was seen instead."""
    obeyed = share(table["named"] == table["seen"], table["prompt"], Resampling(seed=0))
    low, high = (None if bound is None else round(bound, 3) for bound in (obeyed.low, obeyed.high))
    confusions = {str(form): dict(Counter(rows["seen"]).most_common()) for form, rows in table.groupby("named")}
    return {"value": round(obeyed.value, 3), "low": low, "high": high, "n": obeyed.n, "seen_by_named": confusions}


def main() -> None:
    publish(RESULT, {"gold": told(gold()), "dalle_mini": told(real())})


if __name__ == "__main__":
    main()
