"""Whether DALL·E mini's pictures of "black circle on blue background" show these colours, and whether the eye agrees.

    RAPPORTEUR_DATA=<folder> uv run python -m benchmarks.shapes_obedience   about 10 seconds; writes
    benchmarks/results/shapes_obedience.json

360 pictures: 180 prompts (6 shapes, 6 colours, 5 backgrounds) drawn twice. Shares have Wilson's interval at the
effective size, clusters are prompts; the base rate is the same word on the pictures of prompts that name another one.
The eye is tests/colour/judged_by_eye_blind.csv: 60 of the pictures by a seed, judged by a language
model that saw no prompt, agreement on the name of the colour; and judged_by_eye.csv: 120, whether the prompt's colours
are there.
"""

from __future__ import annotations

import csv
import os
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
    low, high = (None if bound is None else round(bound, 3) for bound in (found.low, found.high))
    return {"value": round(found.value, 3), "low": low, "high": high, "n": found.n, "prompts": found.clusters}


def obedience(table: pd.DataFrame, part: str) -> dict[str, Any]:
    """The share of pictures that obey, against the base rate, and by colour and by shape."""
    flag, named, seen = PARTS[part]
    whole = clustering(table[flag], table["prompt"])
    clusters = table.assign(image_id=table["prompt"])
    found: dict[str, Any] = {
        "all": told(share(table[flag], table["prompt"], PLAN)),
        "base_rate": told(base_rate(clusters, named, seen, PLAN)),
        "minus_base_rate": told(base_rate(clusters, named, seen, PLAN, excess=True)),
    }
    for column in (named, "shape"):
        groups = {str(name): rows for name, rows in table.groupby(column)}
        shares = {name: share(rows[flag], rows["prompt"], PLAN, within=whole) for name, rows in groups.items()}
        found[f"by_{column}"] = {name: told(one) for name, one in shares.items()}
    return found


def agreement(table: pd.DataFrame) -> dict[str, Any]:
    """How often the program and the eye agree: on the colour's name, and on whether the prompt's colour is there."""
    names, verdicts = (judged(table, name) for name in ("judged_by_eye_blind", "judged_by_eye"))
    found: dict[str, Any] = {}
    for part, (flag, _, seen) in PARTS.items():
        same_name = names[seen] == names[f"{part}_judged"]
        same_verdict = verdicts[flag] == (verdicts[f"{part}_judged"] == "1")
        found[part] = {
            "same_name": told(share(same_name, names["prompt"], PLAN)),
            "same_verdict": told(share(same_verdict, verdicts["prompt"], PLAN)),
        }
    return found


def judged(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of the pictures that a file judges, with what it says as `subject_judged` and `background_judged`."""
    said = pd.DataFrame(rows_of(ROOT / f"tests/colour/{name}.csv"))
    columns = {part: f"{part}_judged" for part in PARTS}
    return table.merge(said.rename(columns=columns), on="file", validate="one_to_one")


def main() -> None:
    table = pd.DataFrame(measured(row) for row in rows_of(DATA / "prompts.csv"))
    table = table.astype({"obeyed": bool, "background_obeyed": bool})
    result = {part: obedience(table, part) for part in PARTS}
    publish(RESULT, {"pictures": len(table), "prompts": table["prompt"].nunique(), **result, "eye": agreement(table)})


if __name__ == "__main__":
    main()
