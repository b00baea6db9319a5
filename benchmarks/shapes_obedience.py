"""Whether DALL·E mini's pictures of "black circle on blue background" show these colours, and whether the eye agrees.

    RAPPORTEUR_DATA=<folder> uv run python -m benchmarks.shapes_obedience   about 10 seconds; writes
    benchmarks/results/shapes_obedience.json

360 pictures: 180 prompts (6 shapes, 6 colours, 5 backgrounds) drawn twice. Shares have Wilson's interval at the effective
size, clusters are prompts; the base rate is the same word on the pictures of prompts that name another one. The eye is
tests/colour/judged_by_eye_blind.csv: 60 of the pictures drawn by a seed, one person, prompts unseen, agreement on the
name of the colour; and judged_by_eye.csv: 120, whether the prompt's colours are there.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import publish
from rapporteur.colour.grammar import named_colours
from rapporteur.colour.obeyed import judge, plurality, seen_colours
from rapporteur.core.pictures import load_picture, picture_array
from rapporteur.findings.colour import base_rate
from rapporteur.statistics.bootstrap import Estimate, Resampling
from rapporteur.statistics.proportions import clustering, share

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/shapes_obedience.json"
DATA = Path(os.environ.get("RAPPORTEUR_DATA", ROOT.parent / "shared/data")) / "dallemini_shapes"
PLAN = Resampling(seed=0)
PARTS = {
    "subject": ("obeyed", "colour", "seen_colour"),
    "background": ("background_obeyed", "background", "seen_background"),
}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def measured(row: dict[str, str]) -> dict[str, Any]:
    """A prompt's row with what its picture shows."""
    seen = seen_colours(picture_array(load_picture(DATA / row["file"])))
    verdict = judge(seen, named_colours(row["prompt"]))
    shown = {"seen_colour": plurality(seen.subject), "seen_background": plurality(seen.background)}
    return row | shown | {"obeyed": verdict.obeyed, "background_obeyed": verdict.background_obeyed}


def told(found: Estimate) -> dict[str, float | int | None]:
    bounds = {
        name: None if value is None else round(value, 3) for name, value in (("low", found.low), ("high", found.high))
    }
    return {"value": round(found.value, 3), **bounds, "n": found.n, "prompts": found.clusters}


def obedience(table: pd.DataFrame, part: str) -> dict[str, Any]:
    """The share of pictures that obey, against the base rate, and by colour and by shape."""
    flag, named, seen = PARTS[part]
    whole = clustering(table[flag], table["prompt"])
    of: Callable[[pd.DataFrame], Estimate] = lambda rows: share(rows[flag], rows["prompt"], PLAN, within=whole)  # noqa: E731
    by = {column: {str(name): told(of(rows)) for name, rows in table.groupby(column)} for column in (named, "shape")}
    clusters = table.rename(columns={"prompt": "image_id"})
    base = partial(base_rate, clusters, named, seen, PLAN)
    overall = {"all": told(of(table)), "base_rate": told(base()), "minus_base_rate": told(base(excess=True))}
    return overall | {f"by_{name}": shares for name, shares in by.items()}


def agreement(table: pd.DataFrame) -> dict[str, Any]:
    """How often the program and the eye agree; each picture is a cluster but for the prompts drawn twice."""
    judged = {name: pd.DataFrame(rows_of(ROOT / f"tests/colour/{name}.csv")).merge(table, on="file", suffixes=("", "_asked"))
              for name in ("judged_by_eye_blind", "judged_by_eye")}  # fmt: skip
    found: dict[str, Any] = {}
    for part, (flag, _, seen) in PARTS.items():
        names, verdicts = judged["judged_by_eye_blind"], judged["judged_by_eye"]
        eye = names["background" if part == "background" else "subject"]
        there = verdicts["background" if part == "background" else "subject"] == "1"
        found[part] = {
            "same_name": told(share(names[seen] == eye, names["prompt"], PLAN)),
            "same_verdict": told(share(verdicts[flag].astype(bool) == there, verdicts["prompt"], PLAN)),
        }
    return found


def main() -> None:
    table = pd.DataFrame(measured(row) for row in rows_of(DATA / "prompts.csv"))
    table = table.astype({"obeyed": bool, "background_obeyed": bool})
    result = {part: obedience(table, part) for part in PARTS}
    publish(RESULT, {"pictures": len(table), "prompts": table["prompt"].nunique(), **result, "eye": agreement(table)})


if __name__ == "__main__":
    main()
