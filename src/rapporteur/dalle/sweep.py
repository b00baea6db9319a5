"""`rapporteur sweep learning_rate=1e-5,5e-5 steps=60,120`: the landscape model's training with other settings.

Reads   params.yaml, artifacts/tokens and the folder `model.start`; what data/sweeps/landscapes.csv holds already.
Writes  that file (vocabulary/sweep.py): what each judged picture costs after each training, once for every combination
        of the values given. Lines are only added: a combination that the file holds is not trained again.
Costs   the trainings: with the sample model and 2 cores, 1.4 s a step of 32 pictures in float32, twice that in float64.

The stage `findings` says of these trainings what the documents show: they are tracked by git, for no stage makes them.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.core.keep import STORE
from rapporteur.core.progress import progress
from rapporteur.core.tables import read_table
from rapporteur.dalle.identity import TOKENS_FILE, training_key
from rapporteur.dalle.landscape import ModelParams, judge, learn
from rapporteur.vocabulary.losses import LEARNT
from rapporteur.vocabulary.sweep import FILE, SETTINGS, SWEEP, read_sweep
from rapporteur.vocabulary.tokens import TOKENS

Setting = Mapping[str, float]


def combinations(given: Sequence[str]) -> list[Setting]:
    """Every combination of `name=value,value` of each setting given. Raises BadInput for another name or form."""
    wanted: dict[str, list[float]] = {}
    for text in given:
        name, equals, values = text.partition("=")
        if not equals or name not in SETTINGS or name in wanted:
            raise BadInput(f"{text!r} is not NAME=VALUE,VALUE with NAME one of {', '.join(SETTINGS)}, each once")
        wanted[name] = [_number(name, value) for value in values.split(",")]
    return [dict(zip(wanted, values, strict=True)) for values in product(*wanted.values())]


def _number(name: str, text: str) -> float:
    try:
        value = float(text) if name == "learning_rate" else int(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise BadInput(
            f"{name}={text!r} is not a number above zero" + ("" if name == "learning_rate" else ", and whole")
        )
    return value


def sweep(params: ModelParams, given: Sequence[str], precision: str | None = None, file: Path = Path(FILE)) -> None:
    """Train with each combination that the file lacks, and add what it gave; precision: null is the study's."""
    params = params if precision is None else _with(params, {"precision": precision})
    known = read_sweep(file)
    done = {tuple(row) for row in known[list(SETTINGS)].drop_duplicates().itertuples(index=False)}
    trainings = [_with(params, setting) for setting in combinations(given)]
    trainings = [one for one in trainings if _settings(one) not in done]
    tokens = read_table(TOKENS_FILE, TOKENS)
    with progress("sweep", sum(one.steps for one in trainings), "steps") as advance:
        for one in trainings:
            checkpoints = STORE / "sweep" / training_key(one)
            learnt = learn(tokens, one, checkpoints, advance)
            known = pd.concat([known, _costs(judge(tokens, one, learnt), one)], ignore_index=True)
            write_atomic(file, _csv(known).encode())
            shutil.rmtree(checkpoints, ignore_errors=True)
    print(f"sweep: {len(trainings)} trainings, {len(done)} were there already; all are in {file}")


def _with(params: ModelParams, changes: Mapping[str, Any]) -> ModelParams:
    return replace(params, **changes)  # type: ignore[type-var]


def _settings(params: ModelParams) -> tuple[float, ...]:
    return tuple(getattr(params, name) for name in SETTINGS)


def _costs(losses: pd.DataFrame, params: ModelParams) -> pd.DataFrame:
    """The rows of one training: the start's losses and its own, beside each other."""
    wide = losses.pivot_table(index=["split", "image_id"], columns="model", values="loss").reset_index()
    before, after = LEARNT
    rows = wide.rename(columns={before: "start", after: "loss"})[["split", "image_id", "start", "loss"]]
    return rows.assign(**dict(zip(SETTINGS, _settings(params), strict=True)))[list(SWEEP.columns)]


def _csv(table: pd.DataFrame) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SWEEP.columns)
    losses = table[["start", "loss"]].map("{:.6f}".format)
    writer.writerows(table.assign(**losses).itertuples(index=False))
    return out.getvalue()
