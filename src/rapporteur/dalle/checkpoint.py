"""Model folders: config.json beside the weights, checked tensor by tensor, in any of the published layouts.

Weights are model.safetensors or flax_model.msgpack, whole or in shards, in float16, bfloat16 or float32. Names are
the tree's path joined by "." or "/"; layers are stacked on axis 0 ("scanned", as dalle-mini publishes them) or
numbered one by one, and are stacked then. A tensor that is wrong, missing, too many or not finite stops the load
with the file, the tensor and what was expected. Loading mini-1 (0.44 billion numbers) takes below a second from a
warm disk cache, and no memory beside the weights: benchmarks/load.py.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.core.params import PARAMS_FILE
from rapporteur.dalle import dalle, vqgan
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.model_config import CONFIG, config_bytes, read_dalle_config, read_vqgan_config
from rapporteur.dalle.vqgan import VqganConfig
from rapporteur.dalle.weights import (
    FLOATS,
    SAFETENSORS,
    Outgoing,
    StoredTensor,
    aligned_empty,
    open_file,
    open_weights,
    weight_files,
    write_safetensors,
)

Tree = dict[str, Any]
TOKENIZER = "tokenizer.json"
WORDS = "enwiki-words-frequency.txt"  # the caption normaliser's list
TEXT_FILES = (TOKENIZER, "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json", WORDS)
DTYPES: dict[str, np.dtype[Any]] = {kind.name: kind for kind in FLOATS}
_UNSCANNED = re.compile(r"(FlaxBart(?:En|De)coderLayer)_(\d+)(?=\.)")
_SCANNED = re.compile(r"(FlaxBart(?:En|De)coderLayer)s(?=\.)")


class Shaped(Protocol):
    """Anything that has a shape: an array, or a tensor that is still in its file."""

    @property
    def shape(self) -> tuple[int, ...]: ...


Tensor = TypeVar("Tensor", bound=Shaped)


# ------------------------------------------------------------------------------------------------------- trees


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested dicts to {"path.of.names": leaf}."""
    return dict(_walk(tree, prefix))


def _walk(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _walk(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def unflatten(flat: Mapping[str, Any]) -> Tree:
    """The opposite of `flatten`; names may also be joined by "/"."""
    tree: Tree = {}
    for name, value in flat.items():
        *path, last = name.replace("/", ".").split(".")
        place = tree
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return tree


def scanned_name(name: str) -> str:
    """The name of the stack that a numbered layer's tensor belongs to; other names as they are."""
    return _UNSCANNED.sub(r"\1s", name)


def gather_layers(flat: Mapping[str, Tensor]) -> dict[str, list[Tensor]]:
    """Tensors by their name in the scanned layout: one, or those of the numbered layers in order."""
    numbered: dict[str, list[tuple[int, Tensor]]] = {}
    for name, tensor in flat.items():
        layer = _UNSCANNED.search(name)
        numbered.setdefault(scanned_name(name), []).append((int(layer[2]) if layer else -1, tensor))
    return {name: [tensor for _, tensor in sorted(found, key=_number)] for name, found in numbered.items()}


def _number(pair: tuple[int, Any]) -> int:
    return pair[0]


def stack_layers(flat: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Names with FlaxBart…Layer_<i> become one name with FlaxBart…Layers, their tensors stacked on axis 0."""
    stacked = {scanned_name(name) for name in flat} - flat.keys()
    return {name: np.stack(found) if name in stacked else found[0] for name, found in gather_layers(flat).items()}


# ------------------------------------------------------------------------------------------------------ reading


def weight_file(folder: Path) -> Path:
    """The folder's weights, safetensors first; of sharded ones, their index."""
    return weight_files(folder)[0]


def read_weights(file: Path) -> dict[str, np.ndarray]:
    """Tensors by dotted name, as stored: views of the mapped file, not to be overwritten while they are in use."""
    return {name: tensor.view() for name, tensor in open_file(file).items()}


def check_shapes(found: Mapping[str, Shaped], wanted: Mapping[str, tuple[int, ...]], file: Path) -> None:
    """Raise BadInput at the first tensor that is missing, too many or of another shape.

    `wanted` is in the scanned layout, `found` in either, each side for itself. A scale that the layout does without
    is accepted when it fits its bias: older checkpoints carry some.
    """
    wanted = _in_the_layout_of(found, shapes_as_found(found, wanted))
    for name, shape in wanted.items():
        if name not in found:
            raise BadInput(f"tensor {name} is missing; expected shape {shape}: fetch the file again", file)
        if found[name].shape != shape:
            raise BadInput(f"tensor {name} has shape {found[name].shape}; expected {shape}, as config.json says", file)
    for name, tensor in found.items():
        if name not in wanted:
            raise BadInput(
                f"tensor {name} of shape {tensor.shape} has no place in this model: "
                "are config.json and the weights of one model?",
                file,
            )


def shapes_as_found(found: Iterable[str], wanted: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The wanted shapes and those of the further scales which were found (names in either layout)."""
    names = {scanned_name(name) for name in found if name.endswith(".scale")} - wanted.keys()
    biases = {name: f"{name.removesuffix('scale')}bias" for name in names}
    return dict(wanted) | {name: wanted[bias] for name, bias in biases.items() if bias in wanted}


def _in_the_layout_of(found: Iterable[str], wanted: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    one_by_one = {layer[1] for name in found if (layer := _UNSCANNED.search(name))}
    expected: dict[str, tuple[int, ...]] = {}
    for name, shape in wanted.items():
        stack = _SCANNED.search(name)
        if stack and stack[1] in one_by_one:
            for i in range(shape[0]):
                expected[f"{name[: stack.start()]}{stack[1]}_{i}{name[stack.end() :]}"] = shape[1:]
        else:
            expected[name] = shape
    return expected


def open_model(folder: Path, shapes: Mapping[str, Any]) -> dict[str, list[StoredTensor]]:
    """A folder's tensors in the scanned layout, checked against a tree of shapes and left in their files."""
    stored = open_weights(folder)
    check_shapes(stored, flatten(shapes), weight_file(folder))
    for name, tensor in stored.items():
        if tensor.dtype not in FLOATS:
            raise BadInput(f"tensor {name} is stored as {tensor.dtype}; expected {', '.join(DTYPES)}", tensor.file.path)
    return gather_layers(stored)


def chosen_dtype(layers: Iterable[StoredTensor], dtype: str | None) -> np.dtype[Any]:
    """The type by name; with None the one in which all layers are stored, float32 where they differ."""
    if dtype is not None:
        return DTYPES[dtype]
    kinds: set[np.dtype[Any]] = {layer.dtype for layer in layers}
    return kinds.pop() if len(kinds) == 1 else DTYPES["float32"]


def _read(layers: list[StoredTensor], shape: tuple[int, ...], dtype: str | None) -> np.ndarray:
    kind = chosen_dtype(layers, dtype)
    if len(layers) == 1 and layers[0].dtype == kind and layers[0].shape == shape:
        layers[0].check()
        return layers[0].view()
    tensor = aligned_empty(shape, kind)
    for layer, place in zip(layers, tensor.reshape(len(layers), -1), strict=True):
        layer.read_into(place)
    tensor.flags.writeable = False  # JAX computes with this very memory: a later write would change the model
    return tensor


def _load(folder: Path, shapes: Tree, dtype: str | None) -> Tree:
    found = open_model(folder, shapes)
    wanted = shapes_as_found(found, flatten(shapes))
    return unflatten({name: _read(layers, wanted[name], dtype) for name, layers in found.items()})


def load_dalle(folder: Path, dtype: str | None = "float32") -> tuple[Tree, DalleConfig]:
    """Weights (scanned layout) and configuration of a text-to-image model.

    dtype: float32, bfloat16, float16, or None for each tensor's stored type. A tensor which is stored as wanted stays
    in its mapped file; another is converted to memory that JAX takes over on a CPU without a copy, so that the peak
    is the size of the weights. The arrays can't be written to, and nobody may write over the file while they are in
    use; to put another in its place, as `save_model` does, is no harm. Pages that were looked at count as memory
    until `weights.release`.
    """
    config = read_dalle_config(folder)
    return _load(folder, dalle.parameter_shapes(config), dtype), config


def load_vqgan(folder: Path, dtype: str | None = "float32") -> tuple[Tree, VqganConfig]:
    """Weights and configuration of a VQGAN; `dtype` as for `load_dalle`."""
    config = read_vqgan_config(folder)
    return _load(folder, vqgan.parameter_shapes(config), dtype), config


# ------------------------------------------------------------------------------------------------------ writing


def save_model(folder: Path, config: DalleConfig | VqganConfig, params: Mapping[str, Any], half: bool = False) -> None:
    """Write config.json and model.safetensors (float16 where `half`); the same weights give the same bytes.

    Raises BadInput for a weight that float16 can't hold.
    """
    kind = np.dtype(np.float16 if half else np.float32)
    for name, tensor in flatten(params).items():
        if half and np.abs(tensor).max(initial=0) > np.finfo(np.float16).max:
            raise BadInput(f"`{name}` has grown beyond what float16 holds; lower `model.learning_rate`", PARAMS_FILE)
    flat = {name: np.ascontiguousarray(tensor, dtype=kind) for name, tensor in flatten(params).items()}
    stream = io.BytesIO()
    write_safetensors(stream, {name: Outgoing(kind, one.shape, [one.reshape(-1)]) for name, one in flat.items()})
    write_atomic(folder / SAFETENSORS, stream.getvalue())
    write_atomic(folder / CONFIG, config_bytes(config))


def digest(*folders: Path) -> str:
    """SHA-256 (hex) over each folder's configuration, weights, tokenizer and word list: what decides a picture.

    Costs 0.6 s per GB. The same weights in another layout or type have another digest.
    """
    total = hashlib.sha256()
    for folder in folders:
        for file in (folder / CONFIG, *weight_files(folder), *(folder / name for name in TEXT_FILES)):
            if file.exists():
                with file.open("rb") as stream:
                    total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()
