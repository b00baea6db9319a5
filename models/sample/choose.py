"""Choose how the sample model draws: condition scale and temperature, on captions that no report shows.

Reads params.yaml (choose, world) and the published vqgan/, dalle/ and clip/; writes settings.csv: for each pair, of the
held-out shape captions the share whose form, colour and background are obeyed and that CLIP ranks first among 20, and
of the held-out landscape captions the last. The captions come from another seed than measure.py's.
About 10 minutes on two cores.
"""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from common import params
from measure import first_of_20

from drawn_world import sample_world
from rapporteur.colour import obedience
from rapporteur.dalle.generator import DalleMini
from rapporteur.dalle.sampling import SamplerSettings
from rapporteur.form.overlap import form_of

COLUMNS = (
    "condition_scale", "temperature", "form", "colour", "background", "shapes_clip_first_of_20",
    "landscapes_clip_first_of_20",
)  # fmt: skip


def captions(kind: Any, count: int, seed: int, size: int) -> list[str]:
    """The first caption of `count` held-out pictures."""
    return [texts[0] for _, texts in sample_world(seed, count, size, kind, kind == "shapes")]


def measured(model: DalleMini, shapes: list[str], lands: list[str]) -> dict[str, float]:
    """What the model makes of the captions, one picture each, seed 0."""
    drawn, scenes = (model.draw(texts, [0] * len(texts)) for texts in (shapes, lands))
    forms = [form_of(picture, text).obeyed for picture, text in zip(drawn, shapes, strict=True)]
    obeyed = [obedience(picture, text) for picture, text in zip(drawn, shapes, strict=True)]
    grounds = [one.background_obeyed for one in obeyed if one.background_obeyed is not None]
    return {
        "form": float(np.mean([bool(one) for one in forms])),
        "colour": float(np.mean([bool(one.obeyed) for one in obeyed])),
        "background": float(np.mean(grounds)),
        "shapes_clip_first_of_20": first_of_20(drawn, shapes, Path("clip")),
        "landscapes_clip_first_of_20": first_of_20(scenes, lands, Path("clip")),
    }


def main() -> None:
    """Write the table."""
    wanted, size = params("choose"), params("world")["size"]
    shapes = captions("shapes", wanted["shapes"], wanted["seed"], size)
    lands = captions("landscapes", wanted["landscapes"], wanted["seed"], size)
    rows = []
    for scale, temperature in product(wanted["condition_scale"], wanted["temperature"]):
        settings = SamplerSettings(condition_scale=scale, temperature=temperature, top_k=None, top_p=None)
        model = DalleMini.load(Path("dalle"), Path("vqgan"), settings, batch=20)
        found = {"condition_scale": scale, "temperature": temperature} | measured(model, shapes, lands)
        rows.append({name: f"{found[name]:.4g}" for name in COLUMNS})
        print(rows[-1], flush=True)
    with Path("settings.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
