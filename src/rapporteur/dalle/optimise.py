"""What both trainings share: the optimiser, checkpoints that a crash can't halve, and the loop that goes on from them.

A training is a pure function of its state and of the step number: batches and noise derive from (seed, step),
so a run that was killed and goes on gives the bytes of an unbroken one, on the same number of devices. Where JAX runs
on several hosts (`jax.distributed`), each computes the part of a batch that lies on its devices; the first one saves.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.experimental import multihost_utils
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.core.params import PARAMS_FILE

CHECKPOINT = "checkpoint.safetensors"
WAIT_S = 300  # for the other processes of a training
STOPPED = "stopped"  # of a log row: the training ended there, before its last step
Tree = Any
LogRow = dict[str, Any]


@dataclass(frozen=True)
class Schedule:
    """Optimiser settings: AdamW with linear warm-up, then a cosine to zero or a constant rate.

    clip: largest global norm of a gradient; decay: "cosine" or "constant".
    """

    steps: int
    learning_rate: float
    warmup: int = 100
    decay: str = "cosine"
    weight_decay: float = 0.0
    clip: float = 1.0
    beta2: float = 0.99

    def rate(self, step: jax.Array | int) -> jax.Array:
        """Learning rate at a step."""
        if self.decay == "cosine":
            after = optax.cosine_decay_schedule(self.learning_rate, max(self.steps - self.warmup, 1))
        else:
            after = optax.constant_schedule(self.learning_rate)
        rise = optax.linear_schedule(self.learning_rate / max(self.warmup, 1), self.learning_rate, max(self.warmup, 1))
        number = jnp.asarray(step, jnp.result_type(float))  # of an int32, JAX would take the cosine in float32
        rate: jax.Array = optax.join_schedules([rise, after], [self.warmup])(number)
        return rate

    def optimiser(self) -> optax.GradientTransformation:
        """AdamW (Loshchilov and Hutter 2019) behind a clip of the global gradient norm."""
        return optax.chain(
            optax.clip_by_global_norm(self.clip),
            optax.adamw(self.rate, b1=0.9, b2=self.beta2, weight_decay=self.weight_decay),
        )


@dataclass
class TrainState:
    """All that a training carries from a step to the next; `arrays` is any tree of arrays."""

    step: int
    arrays: Tree
    log: list[LogRow] = field(default_factory=list)


def save_state(folder: Path, state: TrainState, identity: Mapping[str, Any]) -> None:
    """Write the state as one file, whole or not at all; `identity` says which training it belongs to.

    Of several hosts the first one writes, and all have to call.
    """
    leaves = [np.asarray(leaf, order="C") for leaf in jax.tree.leaves(on_host(state.arrays))]
    if jax.process_index() > 0:
        return
    header = {"step": str(state.step), "log": json.dumps(state.log), "identity": json.dumps(identity, sort_keys=True)}
    header["digest"] = _digest(header, leaves)
    named = {f"{place:05d}": leaf for place, leaf in enumerate(leaves)}
    write_atomic(folder / CHECKPOINT, save(named, metadata=header))


def load_state(folder: Path, like: TrainState, identity: Mapping[str, Any]) -> TrainState | None:
    """The saved state of the training `identity`; None where there is none, or not as it was saved."""
    stored = _read(folder / CHECKPOINT)
    if stored is None:
        return None
    header, leaves = stored
    if header["identity"] != json.dumps(identity, sort_keys=True):
        return None
    arrays = jax.tree.unflatten(jax.tree.structure(like.arrays), leaves)
    return TrainState(int(header["step"]), arrays, json.loads(header["log"]))


def saved_step(folder: Path) -> int:
    """The step that the checkpoint of a folder reached; 0 where there is none, or one that was altered on the disk."""
    stored = _read(folder / CHECKPOINT)
    return 0 if stored is None else int(stored[0]["step"])


def _read(file: Path) -> tuple[dict[str, str], list[np.ndarray]] | None:
    """Header and leaves of a checkpoint; None where there is none, or where its digest is another's."""
    if not file.exists():
        return None
    try:
        with safe_open(file, framework="numpy") as stored:
            header: dict[str, str] = dict(stored.metadata() or {})
            leaves = [stored.get_tensor(name) for name in sorted(stored.keys())]
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None  # what altered bytes make of it
    digest = header.pop("digest", "")
    return (header, leaves) if digest == _digest(header, leaves) else None


def _digest(header: Mapping[str, str], leaves: Sequence[np.ndarray]) -> str:
    """SHA-256 (hex) over all that a checkpoint holds."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for leaf in leaves:
        digest.update(f"{leaf.dtype} {leaf.shape}\n".encode())
        digest.update(leaf.tobytes())
    return digest.hexdigest()


def run_steps(
    state: TrainState,
    until: int,
    one_step: Callable[[Tree, int], tuple[Tree, Mapping[str, Any]]],
    *,
    measure: Callable[[Tree, int], Mapping[str, Any]] | None = None,
    every: int = 100,
    save_to: Path | None = None,
    identity: Mapping[str, Any] | None = None,
    advance: Callable[[int], None] | None = None,
    told: Callable[[int], str] | None = None,
    enough: Callable[[TrainState], bool] | None = None,
) -> TrainState:
    """Run steps until `until`; each `every` steps add a row to the log and save.

    `one_step(arrays, step)` returns the new arrays and its figures; a log row holds the mean of the figures
    since the last row, plus what `measure` adds. The state given is not modified. Raises BadInput at the first row
    with a figure that is no number, before it is saved; `told(step)` says what the batch of a step held.
    `enough(state)` is asked after each row whether to stop, and may change what the state carries.
    """
    state = TrainState(state.step, state.arrays, list(state.log))
    seen: list[Mapping[str, Any]] = []
    stopped = bool(state.log and state.log[-1].get(STOPPED))
    while state.step < until and not stopped:
        state.arrays, figures = one_step(state.arrays, state.step)
        seen.append(figures)
        state.step += 1
        if state.step % every == 0 or state.step == until:
            _refuse_no_number(seen, state.step, told)
            row = {name: float(np.mean([float(one[name]) for one in seen])) for name in seen[0]}
            extra = measure(state.arrays, state.step) if measure else {}
            state.log.append({"step": state.step, **row, **{name: float(value) for name, value in extra.items()}})
            seen = []
            stopped = enough is not None and enough(state)
            if stopped:
                state.log[-1][STOPPED] = 1.0
            if save_to is not None:
                save_state(save_to, state, identity or {})
        if advance is not None:
            advance(1)
    return state


def _refuse_no_number(seen: Sequence[Mapping[str, Any]], step: int, told: Callable[[int], str] | None) -> None:
    """`seen`: the figures of the last steps, of which `step` is the number done."""
    first = step - len(seen)
    for number, figures in enumerate(seen):
        for name, value in figures.items():
            if not np.isfinite(float(value)):
                what = f" ({told(first + number)})" if told else ""
                raise BadInput(
                    f"`{name}` was {float(value)} in step {first + number + 1}{what}; the state after step {first} is "
                    "kept, and the training goes on from it: lower the learning rate, or clip gradients more",
                    PARAMS_FILE,
                )


def batch_places(seed: int, step: int, size: int, population: int) -> np.ndarray:
    """Which examples the batch of a step takes: a function of (seed, step) alone, [size] int64."""
    return np.random.default_rng([seed, step]).integers(0, population, size)


def _mesh() -> jax.sharding.Mesh:
    """All devices, of all hosts, in a row."""
    return jax.sharding.Mesh(np.array(jax.devices()), ("batch",))


def over_devices(tree: Tree, batched: bool) -> Tree:
    """Put a tree that every host holds on all devices: split along axis 0 when `batched`, whole on each otherwise."""
    spec = jax.P("batch") if batched else jax.P()  # type: ignore[no-untyped-call]
    sharding = jax.sharding.NamedSharding(_mesh(), spec)
    return jax.tree.map(lambda leaf: _put(leaf, sharding), tree)


def _put(leaf: Any, sharding: jax.sharding.NamedSharding) -> jax.Array:
    """An array that every host holds, on the devices of all."""
    if jax.process_count() == 1:
        placed: jax.Array = jax.device_put(leaf, sharding)
        return placed
    held = np.asarray(leaf)
    return jax.make_array_from_callback(held.shape, sharding, lambda part: held[part])


def on_host(tree: Tree) -> Tree:
    """The arrays of a tree whole and in this host's memory; where there are several hosts, all have to call."""
    if jax.process_count() == 1:
        return jax.device_get(tree)
    everywhere = jax.sharding.NamedSharding(_mesh(), jax.P())  # type: ignore[no-untyped-call]
    return jax.device_get(jax.jit(lambda held: held, out_shardings=everywhere)(tree))


def agreed(state: TrainState, folder: Path) -> TrainState:
    """The state from which to go on; of several hosts, BadInput where they read other ones."""
    if jax.process_count() > 1:
        steps = np.asarray(multihost_utils.process_allgather(np.int32(state.step))).ravel()
        if len(set(steps.tolist())) > 1:
            told = ", ".join(map(str, steps.tolist()))
            raise BadInput(f"hosts would go on from different steps ({told}): it must be one folder for all", folder)
    return state


def split_over_devices(tree: Tree) -> Tree:
    """Put a tree on all devices, each leaf split along its longest side that they divide; whole where there is none."""
    return jax.tree.map(_put, tree, split_placing(tree))


def split_placing(tree: Tree) -> Tree:
    """Where `split_over_devices` puts each leaf of a tree of arrays, or of their shapes."""
    mesh = _mesh()

    def place(leaf: Any) -> jax.sharding.NamedSharding:
        sides = [(length, -axis) for axis, length in enumerate(np.shape(leaf)) if length and length % mesh.size == 0]
        spec: list[str | None] = [None] * np.ndim(leaf)
        if sides:
            spec[-max(sides)[1]] = "batch"
        return jax.sharding.NamedSharding(mesh, jax.P(*spec))  # type: ignore[no-untyped-call]

    return jax.tree.map(place, tree)


def use_cpu_devices(count: int) -> None:
    """Let JAX see `count` devices on a CPU: XLA runs element-wise work on one core a device, so two are faster.

    Must come before anything is computed. The number decides the order of sums, so keep it fixed for equal bytes.
    Raises BadInput where JAX already runs with another number.
    """
    try:
        jax.config.update("jax_num_cpu_devices", count)  # type: ignore[no-untyped-call]
    except RuntimeError:  # JAX has started: right if it is with this very number
        if len(jax.devices("cpu")) != count:
            raise BadInput(f"JAX already runs with {len(jax.devices('cpu'))} CPU devices, not {count}") from None


@contextmanager
def join_hosts(number: int, count: int, coordinator: str | None, cpu_devices: int) -> Iterator[None]:
    """Let the devices of `count` processes, of which this is the `number`-th, be one set to JAX while the block runs.

    coordinator: "host:port" where the first process listens; None: torchrun's MASTER_ADDR and MASTER_PORT, else what
    JAX finds out from Slurm or Open MPI. Must come before anything is computed. Raises BadInput where nobody says it,
    and where the others do not come.
    """
    use_cpu_devices(cpu_devices)
    if coordinator is None and "MASTER_ADDR" in os.environ:
        coordinator = f"{os.environ['MASTER_ADDR']}:{os.environ.get('MASTER_PORT', '29500')}"
    try:
        jax.distributed.initialize(coordinator, count, number, initialization_timeout=WAIT_S)
    except ValueError as error:
        raise BadInput(f"say where the first process listens, --coordinator HOST:PORT ({error})") from None
    except RuntimeError as error:
        raise BadInput(f"process {number + 1} of {count} did not meet the others at {coordinator}: {error}") from None
    try:
        yield
    finally:
        jax.distributed.shutdown()  # type: ignore[no-untyped-call]
