"""The landscape model's training: which pictures it learns from, the steps, and the log of its losses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from rapporteur.core.errors import BadInput
from rapporteur.core.params import strict
from rapporteur.core.tables import table_of
from rapporteur.vocabulary.log import LOG

if TYPE_CHECKING:
    from rapporteur.dalle.dalle import DalleConfig
    from rapporteur.dalle.training import DalleTraining, Examples


@strict
class ModelParams:
    start: str  # folder of the model to start from; its text encoder and tokenizer are kept
    fresh_decoder: bool = False  # true: the decoder starts from random weights
    steps: int
    batch: int = 32
    learning_rate: float
    warmup: int  # steps of linear rise; a cosine to zero follows
    blank_caption_prob: float = 0.1  # share of examples with the empty caption, for the condition scale
    held_out: float = 0.1  # share of the pictures that no step sees, by the hash of their name
    seed: int = 0
    log_every: int = 10  # steps between two rows of the log, and between two checkpoints
    cpu_devices: int = 2  # on a CPU, XLA uses one core a device; the number is part of the result
    # null: float64, whose weights are the same bytes on every processor; float32 is faster, and bfloat16 (of the
    # products) 2.4 times as fast as that on an H200
    precision: Literal["float32", "bfloat16"] | None = None
    remat: bool = False  # compute layers again for their gradients: a quarter of the memory
    accumulate: int = 1  # parts of a batch, one after the other
    average: float | None = None  # decay of a running mean of the weights, which is then the model

    def training(self) -> DalleTraining:
        from rapporteur.dalle.optimise import Schedule
        from rapporteur.dalle.training import DalleTraining

        return DalleTraining(
            Schedule(self.steps, self.learning_rate, self.warmup),
            batch=self.batch,
            seed=self.seed,
            blank_caption_prob=self.blank_caption_prob,
            freeze_text_encoder=True,
            log_every=self.log_every,
            precision=self.precision or "float64",
            remat=self.remat,
            accumulate=self.accumulate,
            average=self.average,
        )


def is_held_out(image_id: str, share: float, seed: int) -> bool:
    """Whether a picture is held out: its hash falls in the first `share` of all hashes, whatever the others are."""
    return int(hashlib.sha256(f"{seed}:{image_id}".encode()).hexdigest()[:8], 16) < share * 2**32


def split(tokens: pd.DataFrame, params: ModelParams) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pictures to learn from, and pictures to measure the loss on. Raises BadInput when either is empty."""
    out = tokens["image_id"].map(lambda name: is_held_out(name, params.held_out, params.seed)).astype(bool)
    if out.all() or not out.any():
        raise BadInput(
            f"{len(tokens)} pictures with `model.held_out: {params.held_out}` leave {int((~out).sum())} to learn from "
            f"and {int(out.sum())} to measure on; change the share, or keep more landscapes",
            "params.yaml",
        )
    return tokens[~out], tokens[out]


def log_table(rows: list[dict[str, Any]], first: float, batch: int) -> pd.DataFrame:
    """The trainer's rows in tidy form, with the held-out loss before the first step; to nine figures, on which
    processors agree in float64.
    """
    tidy = [{"step": 0, "images": 0, "split": "held_out", "loss": first, "learning_rate": 0.0}]
    for row in rows:
        place = {"step": row["step"], "images": row["step"] * batch, "learning_rate": row["learning_rate"]}
        tidy.append(place | {"split": "train", "loss": row["loss"]})
        tidy.append(place | {"split": "held_out", "loss": row["held_out_loss"]})
    figures = ("loss", "learning_rate")
    return table_of([row | {name: float(f"{row[name]:.9g}") for name in figures} for row in tidy], LOG)


def held_out_loss(params: Any, config: DalleConfig, held_out: Examples, batch: int, precision: str) -> float:
    """Mean loss of the held-out pictures, nats per token."""
    import jax
    import numpy as np

    from rapporteur.dalle.training import exactly, loss, wide

    of = jax.jit(lambda weights, one: loss(weights, config, *one))
    with exactly(precision):
        return float(np.mean([of(wide(params, precision), one) for one in held_out.fixed(batch)]))


@dataclass(frozen=True)
class Learnt:
    """What a training gives: the model, the trainer's rows, and the held-out loss before its first step."""

    config: DalleConfig
    weights: Any
    rows: list[dict[str, Any]]
    first: float


def learn(tokens: pd.DataFrame, params: ModelParams, checkpoints: Path, advance: Callable[[int], None]) -> Learnt:
    """Train, from the checkpoint if there is one."""
    from rapporteur.dalle import checkpoint
    from rapporteur.dalle.compiled import keep_compiled
    from rapporteur.dalle.optimise import use_cpu_devices
    from rapporteur.dalle.tokenizer import CaptionTokenizer
    from rapporteur.dalle.training import Examples, initial_parameters, split_frozen, train_text_to_image

    use_cpu_devices(params.cpu_devices)
    keep_compiled()
    start = Path(params.start)
    weights, config = checkpoint.load_dalle(start)
    if params.fresh_decoder:
        fresh, _ = split_frozen(initial_parameters(config, params.seed), True)
        weights = checkpoint.unflatten(checkpoint.flatten(weights) | fresh)
    tokenizer = CaptionTokenizer.load(start, config.max_text_length, config.normalize_text)
    seen, measure = (
        Examples.of(part["tokens"].tolist(), [list(texts) for texts in part["captions"]], tokenizer)
        for part in split(tokens, params)
    )
    how = params.training()
    trained, rows = train_text_to_image(config, how, weights, seen, measure, checkpoints=checkpoints, advance=advance)
    return Learnt(config, trained, rows, held_out_loss(weights, config, measure, params.batch, how.precision))
