"""Model folders: config.json beside model.safetensors or flax_model.msgpack, checked tensor by tensor.

Names are the tree's path joined by "." or "/"; layers stacked on axis 0 ("scanned", as dalle-mini publishes
them) or one by one. Weights stored in float16 are computed with in float32. A tensor that is wrong, missing or
too many stops the load with the file, the tensor and the shapes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.models import dalle, vqgan
from rapporteur.models.dalle import DalleConfig
from rapporteur.models.vqgan import VqganConfig

Tree = dict[str, Any]
Config = TypeVar("Config", DalleConfig, VqganConfig)
SAFETENSORS, MSGPACK, CONFIG, TOKENIZER = "model.safetensors", "flax_model.msgpack", "config.json", "tokenizer.json"
_UNSCANNED = re.compile(r"(FlaxBart(?:En|De)coderLayer)_(\d+)")
# What these programs compute; a config.json which states something else describes another network.
_DALLE_VARIANT = {
    "ln_type": "layernorm",
    "ln_positions": "normformer",
    "use_glu": True,
    "activation_function": "gelu",
    "use_bias": False,
    "scale_embedding": False,
    "tie_word_embeddings": False,
    "use_absolute_position_embeddings": True,
    "use_swin_position_embeddings": False,
    "use_final_ln_encoder": True,
    "use_final_ln_decoder": True,
    "use_deepnet_scaling": False,
    "use_head_scale": False,
    "use_cosine_attention": False,
    "use_alibi": False,
    "sinkhorn_iters": 1,
}
_VQGAN_VARIANT = {"double_z": False, "resamp_with_conv": True, "use_conv_shortcut": False, "give_pre_end": False}


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


def stack_layers(flat: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Names with FlaxBart…Layer_<i> become one name with FlaxBart…Layers, their tensors stacked on axis 0."""
    stacked: dict[str, np.ndarray] = {}
    layers: dict[str, dict[int, np.ndarray]] = {}
    for name, tensor in flat.items():
        found = _UNSCANNED.search(name)
        if found:
            layers.setdefault(name.replace(found[0], f"{found[1]}s"), {})[int(found[2])] = tensor
        else:
            stacked[name] = tensor
    for name, numbered in layers.items():
        stacked[name] = np.stack([numbered[i] for i in sorted(numbered)])
    return stacked


# ------------------------------------------------------------------------------------------------------ reading


def weight_file(folder: Path) -> Path:
    """The folder's weights, safetensors first."""
    for name in (SAFETENSORS, MSGPACK):
        if (folder / name).exists():
            return folder / name
    raise BadInput(f"no {SAFETENSORS} and no {MSGPACK} here; is it the folder of a model?", folder)


def read_weights(file: Path) -> dict[str, np.ndarray]:
    """Tensors by dotted name, as stored. No pickle is ever read."""
    try:
        flat = load_file(file) if file.suffix == ".safetensors" else flatten(_read_msgpack(file))
    except (SafetensorError, ValueError, OSError) as error:
        raise BadInput(f"can't be read as weights ({error}); fetch it again", file) from error
    return {name.replace("/", "."): tensor for name, tensor in flat.items()}


def _read_msgpack(file: Path) -> Tree:
    """flax's serialisation: arrays are extension 1, a packed (shape, dtype name, bytes)."""
    import msgpack  # type: ignore[import-untyped]

    def extension(code: int, data: bytes) -> np.ndarray:
        if code != 1:
            raise ValueError(f"unknown msgpack extension {code}")
        shape, kind, values = msgpack.unpackb(data, raw=True)
        if kind == b"bfloat16":
            wide = np.frombuffer(values, np.uint16).astype(np.uint32) << 16
            return wide.view(np.float32).reshape(shape)
        return np.frombuffer(values, np.dtype(kind.decode())).reshape(shape)

    tree = msgpack.unpackb(file.read_bytes(), ext_hook=extension, raw=False, strict_map_key=False)
    if not isinstance(tree, dict):
        raise ValueError("not a tree of tensors")
    return tree


def check_shapes(found: Mapping[str, np.ndarray], wanted: Mapping[str, tuple[int, ...]], file: Path) -> None:
    """Raise BadInput at the first tensor that is missing, too many or of another shape.

    A scale that the layout does without is accepted when it fits its bias: older checkpoints carry some.
    """
    for name, shape in wanted.items():
        if name not in found:
            raise BadInput(f"tensor {name} is missing; expected shape {shape}", file)
        if found[name].shape != shape:
            raise BadInput(f"tensor {name} has shape {found[name].shape}; expected {shape}, as config.json says", file)
    for name, tensor in found.items():
        bias = name.removesuffix("scale") + "bias"
        fits = name.endswith(".scale") and wanted.get(bias) == tensor.shape
        if name not in wanted and not fits:
            raise BadInput(f"tensor {name} of shape {tensor.shape} has no place in this model", file)


def read_config(file: Path, kind: type[Config], variant: Mapping[str, Any]) -> Config:
    """config.json: the fields of `kind`; what it states of the network's variant must be what is computed here."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"can't be read as a model's configuration ({error})", file) from error
    if not isinstance(stored, dict):
        raise BadInput("must hold one JSON object", file)
    for name, value in variant.items():
        if stored.get(name, value) != value:
            raise BadInput(f"{name} is {stored[name]!r}; only {value!r} is computed here", file)
    return kind(**{one.name: _field(file, stored, one.name, one.default) for one in fields(kind) if one.name in stored})


def _field(file: Path, stored: Mapping[str, Any], name: str, default: Any) -> Any:
    value = tuple(stored[name]) if isinstance(stored[name], list) else stored[name]
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(default):
        raise BadInput(f"{name} must be of type {type(default).__name__}, not {value!r}", file)
    return value


def _load(folder: Path, shapes: Tree) -> Tree:
    file = weight_file(folder)
    flat = stack_layers(read_weights(file))
    check_shapes(flat, flatten(shapes), file)
    return unflatten({name: np.asarray(tensor, np.float32) for name, tensor in flat.items()})


def load_dalle(folder: Path) -> tuple[Tree, DalleConfig]:
    """Weights (float32, scanned layout) and configuration of a text-to-image model."""
    config = read_config(folder / CONFIG, DalleConfig, _DALLE_VARIANT)
    return _load(folder, dalle.parameter_shapes(config)), config


def load_vqgan(folder: Path) -> tuple[Tree, VqganConfig]:
    """Weights (float32) and configuration of a VQGAN."""
    config = read_config(folder / CONFIG, VqganConfig, _VQGAN_VARIANT)
    return _load(folder, vqgan.parameter_shapes(config)), config


# ------------------------------------------------------------------------------------------------------ writing


def save_model(folder: Path, config: DalleConfig | VqganConfig, params: Mapping[str, Any], half: bool = False) -> None:
    """Write config.json and model.safetensors (float16 where `half`); the same weights give the same bytes."""
    kind = np.float16 if half else np.float32
    flat = {name: np.ascontiguousarray(tensor, dtype=kind) for name, tensor in sorted(flatten(params).items())}
    write_atomic(folder / SAFETENSORS, save(flat, metadata={"format": "flax"}))
    variant = _DALLE_VARIANT if isinstance(config, DalleConfig) else _VQGAN_VARIANT
    write_atomic(folder / CONFIG, (json.dumps(asdict(config) | variant, indent=2) + "\n").encode())


def digest(*folders: Path) -> str:
    """SHA-256 (hex) over the configuration, the weights and the tokenizer of each folder: what decides a picture."""
    total = hashlib.sha256()
    for folder in folders:
        for file in (folder / CONFIG, weight_file(folder), folder / TOKENIZER):
            if file.exists():
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
