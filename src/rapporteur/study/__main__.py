"""A first list of a study's pictures, chosen by the seed of `captions.<dataset>.study`, for a person to edit.

    python -m rapporteur.study coco data/studies/coco.csv

Costs a second per 10,000 captions. Pictures need not be on the disk; those whose captions admit no foil are passed
over.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import write_atomic
from rapporteur.core.params import stage_params
from rapporteur.datasets import READERS
from rapporteur.study.choice import CaptionsParams, check, ranked
from rapporteur.study.foils import KINDS, read_foil_lexicon
from rapporteur.study.listed import balanced, list_text


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python -m rapporteur.study DATASET data/studies/NAME.csv")
    dataset, path = sys.argv[1], Path(sys.argv[2])
    if path.exists():
        raise BadInput("is there already, and may have been edited; take it away first", path)
    params = stage_params(CaptionsParams, "captions", dataset)
    check(params, dataset)
    pictures = READERS[params.layout](Path(params.annotations), params.split)
    entries = balanced(ranked(pictures, params.study), params.study.pictures, read_foil_lexicon())
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, list_text(entries).encode())
    kinds = Counter(entry.foil_kind for entry in entries)
    print(f"{path}: {len(entries)} pictures; foils: " + ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS))


if __name__ == "__main__":
    run_stage(main)
