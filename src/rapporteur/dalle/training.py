"""Training of the text-to-image transformer on image tokens and captions, as dalle-mini trains: teacher forcing,
mean cross entropy over every image token, now and then an empty caption so that a condition scale works.

The sample weights and the landscape variant are both trained here; the latter starts from the former with the
text encoder frozen. Batches derive from (seed, step) alone, so a run that was killed goes on from its
checkpoint and ends with the bytes of an unbroken one (same machine, same number of devices).
Cost: about 25 pictures of 144 tokens a second on two CPU cores for the sample's 8 million weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from rapporteur.core.errors import BadInput
from rapporteur.dalle import dalle
from rapporteur.dalle.checkpoint import flatten, unflatten
from rapporteur.dalle.dalle import ALIGNMENT, EXACT, DalleConfig, numbers_in
from rapporteur.dalle.optimise import (
    Schedule,
    TrainState,
    agreed,
    load_state,
    on_host,
    over_devices,
    run_steps,
    split_over_devices,
    split_placing,
)
from rapporteur.dalle.tokenizer import CaptionTokenizer

Tree = Any
Ids = npt.NDArray[np.int32]
Losses = npt.NDArray[np.float64]
ENCODER = "model.encoder."
TOLD = 8  # pictures of a batch that a message names
FILLED = {"Dense_0.kernel": -1, "Dense_1.kernel": -1, "Dense_2.kernel": -2, "lm_head.kernel": -1}  # which side


@dataclass(frozen=True)
class DalleTraining:
    """How to train; `batch` must be a multiple of the number of devices.

    blank_caption_prob: share of examples whose caption is replaced by the empty one; freeze_text_encoder:
    keep every weight under model.encoder as it is; log_every: steps between log rows and checkpoints. precision:
    float32; bfloat16 for the products, with weights, moments, norms, embeddings and the loss in float32; or float64
    throughout, in which processors differ by less than a float16 keeps; remat:
    compute layers again for their gradients, for less memory; accumulate: parts of a batch, one after the other, whose
    gradients are averaged; average: decay of a running mean of the weights, which is what is measured and given back;
    patience: rows of the log without a better held-out loss after which the training stops, and the weights of the best
    row are given back; shard: weights, moments and means are split over the devices, and each device gathers what a
    layer needs when it needs it, for a model that one device can't hold (ZeRO's third stage, by XLA's partitioner).
    """

    schedule: Schedule
    batch: int = 32
    seed: int = 0
    blank_caption_prob: float = 0.1
    freeze_text_encoder: bool = False
    log_every: int = 50
    precision: Literal["float64", "float32", "bfloat16"] = "float32"
    remat: bool = False
    accumulate: int = 1
    average: float | None = None
    patience: int | None = None
    shard: bool = False

    def __post_init__(self) -> None:
        if self.patience is not None and self.patience < 1:
            raise BadInput(f"patience counts readings of the held-out loss, from 1; it is {self.patience}")
        if self.accumulate < 1 or self.batch % self.accumulate:
            raise BadInput(f"a batch of {self.batch} can't be computed in {self.accumulate} equal parts")
        if self.average is not None and not 0 < self.average < 1:
            raise BadInput(f"the decay of the mean of the weights must be in (0, 1), not {self.average}")


@dataclass(frozen=True)
class Examples:
    """Pictures as tokens [n, image_length] with the captions of each; captions are tokenised once.

    ids, mask [captions + 1, max_text_length]: every caption of every picture in order, then the empty one;
    first [n + 1]: where each picture's captions begin; names: of the pictures, for messages.
    """

    tokens: Ids
    ids: Ids
    mask: Ids
    first: npt.NDArray[np.int64]
    names: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, tokens: Any, captions: Sequence[Sequence[str]], tokenizer: CaptionTokenizer, names: Sequence[str] = ()
    ) -> Examples:
        """Check and tokenise; BadInput for a picture without a caption or a table of unequal lengths."""
        tokens = np.asarray(tokens, np.int32)
        if len(tokens) != len(captions) or not len(tokens):
            raise BadInput(f"{len(tokens)} pictures with {len(captions)} lists of captions: nothing to train on")
        counts = [len(one) for one in captions]
        if 0 in counts:
            raise BadInput(f"picture {counts.index(0)} of the training set has no caption")
        ids, mask = tokenizer([text for one in captions for text in one])
        blank_ids, blank_mask = tokenizer.blank()
        ids, mask = np.concatenate([ids, blank_ids[None]]), np.concatenate([mask, blank_mask[None]])
        return cls(tokens, ids, mask, np.concatenate([[0], np.cumsum(counts)]), tuple(names))

    def batch(self, seed: int, step: int, size: int, blank_prob: float) -> tuple[Ids, Ids, Ids]:
        """The batch of a step: ids and mask [size, max_text_length], tokens [size, image_length]."""
        random = np.random.default_rng([seed, step])
        pictures = self._pictures(random, size)
        counts = self.first[pictures + 1] - self.first[pictures]
        captions = self.first[pictures] + (random.random(size) * counts).astype(np.int64)
        captions = np.where(random.random(size) < blank_prob, len(self.ids) - 1, captions)
        return self.ids[captions], self.mask[captions], self.tokens[pictures]

    def _pictures(self, random: np.random.Generator, size: int) -> npt.NDArray[np.int64]:
        """The places of a batch's pictures: the first numbers that a step's generator gives."""
        return random.integers(0, len(self.tokens), size)

    def told(self, seed: int, step: int, size: int) -> str:
        """The pictures of a step's batch, for a message."""
        pictures = self._pictures(np.random.default_rng([seed, step]), size)
        names = [self.names[place] if self.names else str(place) for place in pictures.tolist()]
        more = len(names) - TOLD
        return f"pictures {', '.join(names[:TOLD])}" + (f" and {more} more" if more > 0 else "")

    def filled(self, size: int) -> list[tuple[Ids, Ids, Ids]]:
        """Every picture once with its first caption, in batches of `size`; the last one is filled with its end."""
        size = min(size, len(self.tokens))
        last = len(self.tokens) - 1
        places = [np.arange(start, start + size).clip(max=last) for start in range(0, len(self.tokens), size)]
        return [(self.ids[self.first[at]], self.mask[self.first[at]], self.tokens[at]) for at in places]

    def fixed(self, size: int) -> list[tuple[Ids, Ids, Ids]]:
        """Every picture once with its first caption, in whole batches of `size`; what does not fill one is left out."""
        size = min(size, len(self.tokens))
        starts = range(0, len(self.tokens) - size + 1, size)
        places = [np.arange(start, start + size) for start in starts]
        return [(self.ids[self.first[at]], self.mask[self.first[at]], self.tokens[at]) for at in places]


def loss(
    params: Tree, config: DalleConfig, ids: jax.Array, mask: jax.Array, tokens: jax.Array, remat: bool = False
) -> jax.Array:
    """Mean cross entropy of the image tokens, nats per token."""
    return _cross_entropy(params, config, ids, mask, tokens, remat).mean()


def _cross_entropy(
    params: Tree, config: DalleConfig, ids: jax.Array, mask: jax.Array, tokens: jax.Array, remat: bool = False
) -> jax.Array:
    """Of each image token, nats: [batch, image_length]."""
    encoded = dalle.encode_text(params, config, ids, mask, remat)
    scores = dalle.at_least_float32(dalle.logits(params, config, encoded, mask, tokens, remat))
    scores = scores[..., : config.image_vocab_size + 1]
    value: jax.Array = optax.softmax_cross_entropy_with_integer_labels(scores, tokens)
    return value


def picture_losses(params: Tree, config: DalleConfig, examples: Examples, batch: int, precision: str) -> Losses:
    """How ill each picture's tokens are foreseen from its first caption, nats per token: [pictures]."""
    of = jax.jit(lambda weights, one: _cross_entropy(weights, config, *one).mean(axis=1))
    with numbers_in(precision):
        weights = wide(params, precision)
        found = [np.asarray(of(weights, one)) for one in examples.filled(batch)]
    return np.concatenate(found)[: len(examples.tokens)].astype(np.float64)


def in_precision(flat: Mapping[str, Any], precision: str) -> dict[str, Any]:
    """Weights by dotted name as the products take them: in bfloat16, kernels cast and their odd sides filled up.

    Filled are the GLU's inner width and the head's ids, with zeros, to what tensor cores read whole.
    """
    if precision != "bfloat16":
        return dict(flat)
    return {name: _half(name, leaf) if name.endswith(".kernel") else leaf for name, leaf in flat.items()}


def _half(name: str, leaf: jax.Array) -> jax.Array:
    fill = [(0, 0)] * leaf.ndim
    for end, axis in FILLED.items():
        if name.endswith(end):
            fill[axis] = (0, -leaf.shape[axis] % ALIGNMENT)
    return jnp.pad(leaf.astype(jnp.bfloat16), fill)


def initial_parameters(config: DalleConfig, seed: int) -> Tree:
    """Every matrix and embedding normal with deviation init_std, scales 1, biases 0."""
    random = np.random.default_rng([seed, 3])

    def one(name: str, shape: tuple[int, ...]) -> np.ndarray:
        if name.endswith((".kernel", ".embedding")):
            return random.normal(0, config.init_std, shape).astype(np.float32)
        return np.full(shape, 1.0 if name.endswith(".scale") else 0.0, np.float32)

    return unflatten({name: one(name, shape) for name, shape in flatten(dalle.parameter_shapes(config)).items()})


def split_frozen(params: Tree, frozen: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Weights by dotted name: those to train, and the text encoder's where it is frozen."""
    flat = flatten(params)
    kept = {name: value for name, value in flat.items() if frozen and name.startswith(ENCODER)}
    return {name: value for name, value in flat.items() if name not in kept}, kept


@cache
def make_step(config: DalleConfig, training: DalleTraining) -> Callable[..., tuple[Tree, Mapping[str, Any]]]:
    """The compiled step `(arrays, frozen, batch, step) -> (arrays, figures)`; arrays hold weights and moments."""
    optimiser = training.schedule.optimiser()

    def of(weights: Tree, frozen: Tree, part: tuple[Any, ...]) -> jax.Array:
        cast = in_precision(weights | frozen, training.precision)
        ids, mask, tokens = part
        return loss(unflatten(cast), config, ids, mask, tokens, training.remat)

    def gradient_of(weights: Tree, frozen: Tree, batch: tuple[Any, ...]) -> tuple[jax.Array, Tree]:
        if training.accumulate == 1:
            return jax.value_and_grad(of)(weights, frozen, batch)

        def one(sums: Tree, part: tuple[Any, ...]) -> tuple[Tree, None]:
            return jax.tree.map(jnp.add, sums, jax.value_and_grad(of)(weights, frozen, part)), None

        # every n-th row, so that each part lies on all devices
        parts = [x.reshape(-1, training.accumulate, *x.shape[1:]).swapaxes(0, 1) for x in batch]
        first = jax.tree.leaves(weights)[0]
        nothing = jnp.zeros((), first.dtype), jax.tree.map(jnp.zeros_like, weights)
        sums, _ = jax.lax.scan(one, nothing, tuple(parts))
        mean: tuple[jax.Array, Tree] = jax.tree.map(lambda total: total / training.accumulate, sums)
        return mean

    @partial(jax.jit, donate_argnums=0)
    def step(arrays: Tree, frozen: Tree, batch: tuple[Any, ...], number: jax.Array) -> tuple[Tree, Tree]:
        value, gradient = gradient_of(arrays["weights"], frozen, batch)
        updates, moments = optimiser.update(gradient, arrays["moments"], arrays["weights"])
        weights = optax.apply_updates(arrays["weights"], updates)
        after = {"weights": weights, "moments": moments}
        if training.average is not None:
            after["average"] = optax.incremental_update(weights, arrays["average"], 1 - training.average)
        if training.shard:  # the partitioner may choose otherwise
            after = jax.lax.with_sharding_constraint(after, split_placing(after))  # type: ignore[no-untyped-call]
        return after, {"loss": value, "learning_rate": training.schedule.rate(number)}

    return step


def wide(tree: Tree, precision: str) -> Tree:
    """Weights as the training holds them: in float64 where that is its precision."""
    return jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), tree) if precision == EXACT else tree


def result(arrays: Tree) -> Tree:
    """The weights as they are: their mean where one is kept."""
    return arrays.get("average", arrays["weights"])


def best_row(log: Sequence[Mapping[str, Any]]) -> int:
    """The place of the log's row with the least held-out loss."""
    return int(np.argmin([row["held_out_loss"] for row in log]))


def train_text_to_image(
    config: DalleConfig,
    training: DalleTraining,
    params: Tree,
    examples: Examples,
    held_out: Examples | None = None,
    *,
    checkpoints: Path | None = None,
    identity: Mapping[str, Any] | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[Tree, list[dict[str, Any]]]:
    """Train `params` (not modified) and return the weights as numpy arrays and the log.

    Log rows: step, loss (mean since the last row, nats per token), learning_rate and, with `held_out`,
    held_out_loss. With `checkpoints`, the state is saved there every `log_every` steps and a run with the same
    settings and `identity` (say: the digests of its inputs) goes on from it. `advance(1)` is called per step.
    """
    _check_devices(training.batch)
    with numbers_in(training.precision):
        return _trained(config, training, params, examples, held_out, checkpoints, dict(identity or {}), advance)


def _trained(
    config: DalleConfig,
    training: DalleTraining,
    params: Tree,
    examples: Examples,
    held_out: Examples | None,
    checkpoints: Path | None,
    identity: dict[str, Any],
    advance: Callable[[int], None] | None,
) -> tuple[Tree, list[dict[str, Any]]]:
    weights, frozen = split_frozen(wide(params, training.precision), training.freeze_text_encoder)
    arrays = {"weights": weights, "moments": training.schedule.optimiser().init(weights)}
    if training.average is not None:
        arrays["average"] = jax.tree.map(np.copy, weights)
    if training.patience is not None:
        arrays["best"] = jax.tree.map(np.copy, weights)
    start = TrainState(0, arrays)
    whose = {"config": asdict(config), "training": asdict(training), "inputs": identity}
    state = start
    if checkpoints is not None:
        state = agreed(load_state(checkpoints, start, whose) or start, checkpoints)
    placed = split_over_devices if training.shard else partial(over_devices, batched=False)
    state, frozen = TrainState(state.step, placed(state.arrays), state.log), placed(frozen)
    step = make_step(config, training)

    def one_step(arrays: Tree, number: int) -> tuple[Tree, Mapping[str, Any]]:
        batch = examples.batch(training.seed, number, training.batch, training.blank_caption_prob)
        kept = {name: tree for name, tree in arrays.items() if name == "best"}  # no step changes it
        given = {name: tree for name, tree in arrays.items() if name not in kept}
        after, figures = step(given, frozen, over_devices(batch, batched=True), np.int32(number))
        return after | kept, figures

    def enough(state: TrainState) -> bool:
        best = best_row(state.log)
        if best == len(state.log) - 1:
            state.arrays["best"] = jax.tree.map(jnp.copy, result(state.arrays))
        return len(state.log) - 1 - best >= (training.patience or 0)

    if training.patience is not None and held_out is None:
        raise BadInput("patience needs held-out pictures, to know the best weights by")
    measure = _held_out_measure(config, frozen, held_out, training.batch) if held_out else None
    state = run_steps(
        state, training.schedule.steps, one_step, measure=measure, every=training.log_every,
        save_to=checkpoints, identity=whose, advance=advance,
        told=lambda number: examples.told(training.seed, number, training.batch),
        enough=enough if training.patience is not None else None,
    )  # fmt: skip
    given = state.arrays.get("best", result(state.arrays))
    return unflatten(on_host(given | frozen)), state.log


@cache
def _compiled_loss(config: DalleConfig) -> Callable[..., jax.Array]:
    return jax.jit(lambda weights, frozen, one: loss(unflatten(weights | frozen), config, *one))


def _held_out_measure(
    config: DalleConfig, frozen: Tree, held_out: Examples, batch: int
) -> Callable[[Tree, int], Mapping[str, float]]:
    shared = min(batch, len(held_out.tokens)) % jax.device_count() == 0
    batches, of = [over_devices(one, batched=shared) for one in held_out.fixed(batch)], _compiled_loss(config)

    def measure(arrays: Tree, _: int) -> Mapping[str, float]:
        return {"held_out_loss": float(np.mean([of(result(arrays), frozen, one) for one in batches]))}

    return measure


def _check_devices(batch: int) -> None:
    if batch % jax.device_count():
        raise BadInput(
            f"the training batch of {batch} can't be split over {jax.device_count()} devices; use a multiple"
        )
