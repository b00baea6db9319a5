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
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from rapporteur.core.errors import BadInput
from rapporteur.dalle import dalle
from rapporteur.dalle.checkpoint import flatten, unflatten
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.optimise import Schedule, TrainState, load_state, over_devices, run_steps
from rapporteur.dalle.tokenizer import CaptionTokenizer

Tree = Any
Ids = npt.NDArray[np.int32]
ENCODER = "model.encoder."


@dataclass(frozen=True)
class DalleTraining:
    """How to train; `batch` must be a multiple of the number of devices.

    blank_caption_prob: share of examples whose caption is replaced by the empty one; freeze_text_encoder:
    keep every weight under model.encoder as it is; log_every: steps between log rows and checkpoints.
    """

    schedule: Schedule
    batch: int = 32
    seed: int = 0
    blank_caption_prob: float = 0.1
    freeze_text_encoder: bool = False
    log_every: int = 50


@dataclass(frozen=True)
class Examples:
    """Pictures as tokens [n, image_length] with the captions of each; captions are tokenised once.

    ids, mask [captions + 1, max_text_length]: every caption of every picture in order, then the empty one;
    first [n + 1]: where each picture's captions begin.
    """

    tokens: Ids
    ids: Ids
    mask: Ids
    first: npt.NDArray[np.int64]

    @classmethod
    def of(cls, tokens: Any, captions: Sequence[Sequence[str]], tokenizer: CaptionTokenizer) -> Examples:
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
        return cls(tokens, ids, mask, np.concatenate([[0], np.cumsum(counts)]))

    def batch(self, seed: int, step: int, size: int, blank_prob: float) -> tuple[Ids, Ids, Ids]:
        """The batch of a step: ids and mask [size, max_text_length], tokens [size, image_length]."""
        random = np.random.default_rng([seed, step])
        pictures = random.integers(0, len(self.tokens), size)
        counts = self.first[pictures + 1] - self.first[pictures]
        captions = self.first[pictures] + (random.random(size) * counts).astype(np.int64)
        captions = np.where(random.random(size) < blank_prob, len(self.ids) - 1, captions)
        return self.ids[captions], self.mask[captions], self.tokens[pictures]

    def fixed(self, size: int) -> list[tuple[Ids, Ids, Ids]]:
        """Every picture once with its first caption, in whole batches of `size`; what does not fill one is left out."""
        size = min(size, len(self.tokens))
        starts = range(0, len(self.tokens) - size + 1, size)
        places = [np.arange(start, start + size) for start in starts]
        return [(self.ids[self.first[at]], self.mask[self.first[at]], self.tokens[at]) for at in places]


def loss(params: Tree, config: DalleConfig, ids: jax.Array, mask: jax.Array, tokens: jax.Array) -> jax.Array:
    """Mean cross entropy of the image tokens, nats per token."""
    encoded = dalle.encode_text(params, config, ids, mask)
    scores = dalle.logits(params, config, encoded, mask, tokens).astype(jnp.float32)
    value: jax.Array = optax.softmax_cross_entropy_with_integer_labels(scores, tokens).mean()
    return value


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

    @partial(jax.jit, donate_argnums=0)
    def step(arrays: Tree, frozen: Tree, batch: tuple[Any, ...], number: jax.Array) -> tuple[Tree, Tree]:
        def of(weights: Tree) -> jax.Array:
            return loss(unflatten(weights | frozen), config, *batch)

        value, gradient = jax.value_and_grad(of)(arrays["weights"])
        updates, moments = optimiser.update(gradient, arrays["moments"], arrays["weights"])
        weights = optax.apply_updates(arrays["weights"], updates)
        return {"weights": weights, "moments": moments}, {
            "loss": value,
            "learning_rate": training.schedule.rate(number),
        }

    return step


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
    weights, frozen = split_frozen(params, training.freeze_text_encoder)
    start = TrainState(0, {"weights": weights, "moments": training.schedule.optimiser().init(weights)})
    whose = {"config": asdict(config), "training": asdict(training), "inputs": dict(identity or {})}
    state = (load_state(checkpoints, start, whose) if checkpoints else None) or start
    state = TrainState(state.step, over_devices(state.arrays, batched=False), state.log)
    frozen = over_devices(frozen, batched=False)
    step = make_step(config, training)

    def one_step(arrays: Tree, number: int) -> tuple[Tree, Mapping[str, Any]]:
        batch = examples.batch(training.seed, number, training.batch, training.blank_caption_prob)
        return step(arrays, frozen, over_devices(batch, batched=True), np.int32(number))

    measure = _held_out_measure(config, frozen, held_out, training.batch) if held_out else None
    state = run_steps(
        state, training.schedule.steps, one_step, measure=measure, every=training.log_every,
        save_to=checkpoints, identity=whose, advance=advance,
    )  # fmt: skip
    return unflatten(jax.device_get(state.arrays["weights"] | frozen)), state.log


@cache
def _compiled_loss(config: DalleConfig) -> Callable[..., jax.Array]:
    return jax.jit(lambda weights, frozen, one: loss(unflatten(weights | frozen), config, *one))


def _held_out_measure(
    config: DalleConfig, frozen: Tree, held_out: Examples, batch: int
) -> Callable[[Tree, int], Mapping[str, float]]:
    batches, of = [jax.device_put(one) for one in held_out.fixed(batch)], _compiled_loss(config)

    def measure(arrays: Tree, _: int) -> Mapping[str, float]:
        return {"held_out_loss": float(np.mean([of(arrays["weights"], frozen, one) for one in batches]))}

    return measure


def _check_devices(batch: int) -> None:
    if batch % jax.device_count():
        raise BadInput(
            f"the training batch of {batch} can't be split over {jax.device_count()} devices; use a multiple"
        )
