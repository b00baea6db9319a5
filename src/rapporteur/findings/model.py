"""Findings on the landscape model: its tokens, its training and the pictures it was asked for.

The training log holds one number a step, without spread: such a loss is a plain reading. Whether the training helped is
an estimate: pictures are foreseen one by one, by the model before and after it, and resampled.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from math import exp, log

import numpy as np
import pandas as pd

from rapporteur.findings.finding import Column, Finding, Table, absent, bounds, count, measured, table_of_rows
from rapporteur.findings.topic import Topic
from rapporteur.findings.weights import parameter_count
from rapporteur.statistics.bootstrap import Resampling, mean
from rapporteur.study.tables import Study
from rapporteur.vocabulary.captions import SPLITS
from rapporteur.vocabulary.losses import LEARNT, MODELS

TOKENS, LOG, SAMPLES = "tokens/tokens.parquet", "model/log.parquet", "samples/index.parquet"
LOSSES = "model/losses.parquet"
NATS = "nats/token"


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Tokens, training, what it gained, and samples."""
    codes = _codebook(study)
    return [*_tokens(study, codes), *_training(study, codes), *_foreseen(study, plan), *_samples(study)]


def _codebook(study: Study) -> int | None:
    """Size of the codebook, if the model's configuration says it."""
    path = study.root / "model/config.json"
    if not path.is_file():
        return None
    size = json.loads(path.read_text(encoding="utf-8")).get("image_vocab_size")
    return None if size is None else int(size)


def _tokens(study: Study, codes: int | None) -> list[Finding]:
    frame, source = study.table(TOKENS), study.source(TOKENS)
    frame = frame[frame["view"] == 0]
    used = np.unique(np.concatenate(frame["tokens"].tolist()), return_counts=True)[1] if len(frame) else np.zeros(0)
    splits = {split: (frame["split"] == split).sum() for split in SPLITS}
    found = [
        count("tokens.images", len(frame), source),
        *[count(f"tokens.{name}", size, source) for name, size in splits.items()],
        _maybe("tokens.codes", "count", "artifacts/model/config.json", codes),
    ]
    if frame.empty:
        return found
    length, share = frame["tokens"].str.len().median(), used / used.sum()
    perplexity = exp(-(share * np.log(share)).sum())
    return [
        *found,
        count("tokens.per_image", length, source, method="median"),
        count("tokens.codes_used", len(used), source),
        _reading("tokens.code_perplexity", perplexity, "1", source),
    ]


def _reading(quantity: str, value: float, unit: str, source: str) -> Finding:
    return count(quantity, value, source, unit=unit, method="reading")


def _maybe(quantity: str, unit: str, source: str, value: float | None) -> Finding:
    if value is None:
        return absent(quantity, unit, source, "codebook_size_unknown")
    return _reading(quantity, value, unit, source)


def _training(study: Study, codes: int | None) -> list[Finding]:
    frame, source = study.table(LOG), study.source(LOG)
    train, held = (frame[frame["split"] == split].sort_values("step") for split in ("train", "held_out"))
    most = frame[["step", "images", "learning_rate"]].max().fillna(0)
    weights = study.root / "model"
    return [
        _reading("model.steps", most["step"], "count", source),
        _reading("model.images", most["images"], "count", source),
        _reading("model.learning_rate", most["learning_rate"], "1", source),
        count("model.parameters", parameter_count(weights), weights.as_posix()),
        *_losses("model.loss", train, source, ("first", "last")),
        *_losses("model.held_out", held, source, ("first", "last", "best")),
        *_perplexities(held, source),
        _maybe("model.loss_uniform", NATS, source, None if codes is None else log(codes)),
    ]


def _losses(name: str, rows: pd.DataFrame, source: str, which: Sequence[str]) -> list[Finding]:
    if rows.empty:
        return [absent(f"{name}_{end}", NATS, source, "no_reading") for end in which]
    values = {"first": rows["loss"].iloc[0], "last": rows["loss"].iloc[-1], "best": rows["loss"].min()}
    return [_reading(f"{name}_{end}", values[end], NATS, source) for end in which]


def _perplexities(rows: pd.DataFrame, source: str) -> list[Finding]:
    names = "model.perplexity_first", "model.perplexity"
    if rows.empty:
        return [absent(name, "1", source, "no_reading") for name in names]
    ends = rows["loss"].iloc[0], rows["loss"].iloc[-1]
    return [_reading(name, exp(loss), "1", source) for name, loss in zip(names, ends, strict=True)]


def losses_by(study: Study, split: str) -> pd.DataFrame:
    """A row for each judged picture of a split, a column for each model."""
    frame = study.table(LOSSES)
    return frame[frame["split"] == split].pivot(index="image_id", columns="model", values="loss")


def _foreseen(study: Study, plan: Resampling) -> list[Finding]:
    """How well held-out pictures are foreseen by each model, and what the training gained there and on its own."""
    held, seen, source = losses_by(study, "held_out"), losses_by(study, "train"), study.source(LOSSES)
    start, ours = LEARNT
    found = [
        count("model.judged", len(held), source),
        *(
            measured(f"model.nats_{name}", NATS, source, partial(mean, held[name], list(held.index), plan))
            for name in MODELS
            if name in held and name != "uniform"
        ),
    ]
    for quantity, frame in {"model.gain": held, "model.gain_train": seen}.items():
        differences = frame[start] - frame[ours] if len(frame) else pd.Series(dtype=float)
        compute = partial(mean, differences, list(differences.index), plan, "mean_of_paired_differences")
        found.append(measured(quantity, NATS, source, compute))
    return found


def _samples(study: Study) -> list[Finding]:
    index, source = study.table(SAMPLES), study.source(SAMPLES)
    ours = index[index["source"] == "landscape_model"]
    prompts = index["text"].nunique()
    found = [
        count("samples.pictures", len(index), source),
        count("samples.prompts", prompts, source),
        count("samples.landscape_model", len(ours), source),
        count("samples.start_model", len(index) - len(ours), source),
    ]
    if ours.empty:
        return [*found, absent("samples.per_prompt", "count", source, "no_sample")]
    return [*found, count("samples.per_prompt", len(ours) / ours["text"].nunique(), source, method="mean")]


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """How well each model foresees pictures that the training saw and did not see, the worst model first."""
    held, seen = losses_by(study, "held_out"), losses_by(study, "train")
    rows = []
    for name in MODELS:
        if name in held:
            told = known.get(f"model.nats_{name}")  # of a uniform draw every picture costs the same
            value, low, high = (told.value, told.low, told.high) if told else (held[name].mean(), None, None)
            rows.append(
                {"key": name, "model": name, "train": seen[name].mean(), "held_out": value, "low": low, "high": high}
            )
    columns = Column("train", NATS, 3), Column("held_out", NATS, 3), *bounds(NATS, 3)
    return [table_of_rows("model_losses", study.source(LOSSES), rows, Column("model", words="model"), *columns)]


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known),
    needs="model",
)
