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
from rapporteur.vocabulary.losses import LOSSES

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
    shard: bool = False  # split the weights over the devices too: a model that one can't hold
    average: float | None = None  # decay of a running mean of the weights, which is then the model
    # readings without a better held-out loss after which the training stops; the weights of the best one are the model,
    # and half of the pictures held out choose it: the other half is measured
    patience: int | None = None

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
            shard=self.shard,
            average=self.average,
            patience=self.patience,
        )


def is_held_out(image_id: str, share: float, seed: int) -> bool:
    """Whether a picture is held out: its hash falls in the first `share` of all hashes, whatever the others are."""
    return _hashed(image_id, seed) < share * 2**32


def some(names: pd.Series, most: int, seed: int) -> set[str]:
    """At most so many of the pictures named, spread over those held out and those learnt from as all are."""
    order = names.map(lambda name: _hashed(name, f"some {seed}"))
    return set(names.loc[order.sort_values(kind="stable").index[:most]])


def _hashed(image_id: str, seed: int | str) -> int:
    return int(hashlib.sha256(f"{seed}:{image_id}".encode()).hexdigest()[:8], 16)


def split(tokens: pd.DataFrame, params: ModelParams) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pictures to learn from, in each of their views, and pictures to measure the loss on, in the first.

    Raises BadInput when either is empty.
    """
    out = tokens["image_id"].map(lambda name: is_held_out(name, params.held_out, params.seed)).astype(bool)
    if out.all() or not out.any():
        raise BadInput(
            f"{len(tokens)} pictures with `model.held_out: {params.held_out}` leave {int((~out).sum())} to learn from "
            f"and {int(out.sum())} to measure on; change the share, or keep more landscapes",
            "params.yaml",
        )
    return tokens[~out], tokens[out & (tokens["view"] == 0)]


def choosing(held_out: pd.DataFrame, params: ModelParams) -> pd.Series:
    """Which of the pictures held out tell when to stop: half of them where a training may stop early, else none.

    Raises BadInput where none is left to measure on.
    """
    share = 0.0 if params.patience is None else params.held_out / 2
    chosen = held_out["image_id"].map(lambda name: is_held_out(name, share, params.seed)).astype(bool)
    if params.patience is not None and (chosen.all() or not chosen.any()):
        raise BadInput(
            f"{len(held_out)} pictures held out are too few to stop by some and measure on others; raise "
            "`model.held_out`, or leave `model.patience` out",
            "params.yaml",
        )
    return chosen


def judged(tokens: pd.DataFrame, params: ModelParams) -> pd.DataFrame:
    """The pictures whose losses are told: all that are held out, and at most as many of those learnt from."""
    seen, held_out = split(tokens, params)
    held_out, seen = held_out[~choosing(held_out, params)], seen[seen["view"] == 0]
    order = seen["image_id"].map(lambda name: _hashed(name, params.seed)).sort_values(kind="stable").index
    return pd.concat([held_out.assign(part="held_out"), seen.loc[order[: len(held_out)]].assign(part="train")])


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


def curve(log: pd.DataFrame) -> str:
    """The losses of the table that `log_table` makes, as a CSV: step, train, held_out."""
    wide = log.pivot_table(index="step", columns="split", values="loss")[["train", "held_out"]].dropna()
    return str(wide.to_csv(lineterminator="\n"))


def held_out_loss(params: Any, config: DalleConfig, held_out: Examples, batch: int, precision: str) -> float:
    """Mean loss of the held-out pictures, nats per token."""
    import jax
    import numpy as np

    from rapporteur.dalle.dalle import numbers_in
    from rapporteur.dalle.training import loss, wide

    of = jax.jit(lambda weights, one: loss(weights, config, *one))
    with numbers_in(precision):
        return float(np.mean([of(wide(params, precision), one) for one in held_out.fixed(batch)]))


@dataclass(frozen=True)
class Learnt:
    """What a training gives: the model, the weights that it began with, the trainer's rows, and `first`, the held-out
    loss before its first step.
    """

    config: DalleConfig
    weights: Any
    begun: Any
    rows: list[dict[str, Any]]
    first: float

    def told(self, chosen: bool) -> str:
        """How the training went, in a line; chosen: the weights are those of the best reading."""
        from rapporteur.dalle.optimise import STOPPED
        from rapporteur.dalle.training import best_row

        last = self.rows[best_row(self.rows) if chosen else -1]
        loss = f"held-out loss {self.first:.3f} to {last['held_out_loss']:.3f} nats per token"
        early = ", stopped early" if self.rows[-1].get(STOPPED) else ""
        kept = f"; the weights of step {last['step']} are kept" if chosen else ""
        return f"{self.rows[-1]['step']} steps{early}, {loss}{kept}"


def learn(tokens: pd.DataFrame, params: ModelParams, checkpoints: Path, advance: Callable[[int], None]) -> Learnt:
    """Train, from the checkpoint if there is one."""
    from rapporteur.dalle import checkpoint
    from rapporteur.dalle.compiled import keep_compiled
    from rapporteur.dalle.optimise import use_cpu_devices
    from rapporteur.dalle.training import initial_parameters, split_frozen, train_text_to_image

    use_cpu_devices(params.cpu_devices)
    keep_compiled()
    start = Path(params.start)
    weights, config = checkpoint.load_dalle(start)
    if params.fresh_decoder:
        fresh, _ = split_frozen(initial_parameters(config, params.seed), True)
        weights = checkpoint.unflatten(checkpoint.flatten(weights) | fresh)
    learnt_from, held_out = split(tokens, params)
    chosen = choosing(held_out, params)
    told_by = held_out[chosen] if params.patience is not None else held_out
    seen, measure = (_examples(part, start, config) for part in (learnt_from, told_by))
    how = params.training()
    trained, rows = train_text_to_image(config, how, weights, seen, measure, checkpoints=checkpoints, advance=advance)
    first = held_out_loss(weights, config, measure, params.batch, how.precision)
    return Learnt(config, trained, weights, rows, first)


def _examples(pictures: pd.DataFrame, start: Path, config: DalleConfig) -> Examples:
    from rapporteur.dalle.tokenizer import CaptionTokenizer
    from rapporteur.dalle.training import Examples

    tokenizer = CaptionTokenizer.load(start, config.max_text_length, config.normalize_text)
    captions = [list(texts) for texts in pictures["captions"]]
    return Examples.of(pictures["tokens"].tolist(), captions, tokenizer, pictures["image_id"].tolist())


def judge(tokens: pd.DataFrame, params: ModelParams, learnt: Learnt) -> pd.DataFrame:
    """Nats per token of single pictures (vocabulary/losses.py): by baselines of the pictures learnt from, by the model
    that the training began with, and by the one that it gave, as its float16 weights keep it.
    """
    import jax
    import numpy as np

    from rapporteur.dalle.baselines import BASELINES
    from rapporteur.dalle.training import picture_losses

    pictures, codes = judged(tokens, params), learnt.config.image_vocab_size
    seen, asked = (np.array(part["tokens"].tolist()) for part in (split(tokens, params)[0], pictures))
    found = {name: of(seen, asked, codes) for name, of in BASELINES.items()}
    kept = jax.tree.map(lambda leaf: np.asarray(leaf, np.float16).astype(np.float32), learnt.weights)
    examples, precision = _examples(pictures, Path(params.start), learnt.config), params.training().precision
    for name, weights in {"start_model": learnt.begun, "landscape_model": kept}.items():
        found[name] = picture_losses(weights, learnt.config, examples, params.batch, precision)
    rows = (
        {"image_id": image, "split": part, "model": name, "loss": float(f"{loss:.9g}")}
        for name, losses in found.items()
        for image, part, loss in zip(pictures["image_id"], pictures["part"], losses, strict=True)
    )
    return table_of(rows, LOSSES)
