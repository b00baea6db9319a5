"""config.json of a model folder: sizes read and checked, other networks refused by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

from rapporteur.core.errors import BadInput
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.vqgan import VqganConfig
from rapporteur.dalle.weights import read_json

CONFIG = "config.json"
Config = TypeVar("Config", DalleConfig, VqganConfig)
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
# The fields which a published config.json may leave out.
_OPTIONAL = {"decoder_start_token_id", "normalize_text", "init_std", "norm_groups"}
_LARGEST_DEPTH = 1000  # of layers and blocks; a damaged number must not build shapes without end


def read_dalle_config(folder: Path) -> DalleConfig:
    """The configuration of a text-to-image model; BadInput names what is missing, wrong or of another network."""
    file = folder / CONFIG
    stored = read_json(file, "a model's configuration")
    # dalle-mini's own defaults, which its published files may leave unsaid.
    absent = {"decoder_start_token_id": stored.get("image_vocab_size"), "normalize_text": False}
    config = _read(file, absent | stored, DalleConfig, _DALLE_VARIANT)
    for side, heads in (("encoder", config.encoder_attention_heads), ("decoder", config.decoder_attention_heads)):
        if config.d_model % heads:
            raise BadInput(f"d_model {config.d_model} can't be shared by {side}_attention_heads {heads}", file)
    if config.decoder_start_token_id > config.image_vocab_size:
        raise BadInput(
            f"decoder_start_token_id {config.decoder_start_token_id} is beyond image_vocab_size "
            f"{config.image_vocab_size}, the last row of the embedding",
            file,
        )
    return config


def read_vqgan_config(folder: Path) -> VqganConfig:
    """The configuration of a VQGAN; BadInput names what is missing, wrong or of another network."""
    file = folder / CONFIG
    config = _read(file, read_json(file, "a model's configuration"), VqganConfig, _VQGAN_VARIANT)
    if not config.ch_mult or config.resolution % (1 << (config.levels - 1)):
        raise BadInput(f"resolution {config.resolution} can't be halved {config.levels - 1} times (ch_mult)", file)
    for level in range(config.levels):
        if config.width(level) % config.norm_groups:
            raise BadInput(f"{config.width(level)} channels (ch, ch_mult) don't form {config.norm_groups} groups", file)
    return config


def is_vqgan(folder: Path) -> bool:
    """Whether a folder's config.json is a VQGAN's; BadInput where it is neither that nor a text-to-image model's."""
    file = folder / CONFIG
    stored = read_json(file, "a model's configuration")
    if "image_vocab_size" in stored or "n_embed" in stored:
        return "image_vocab_size" not in stored
    raise BadInput("states neither image_vocab_size (DALL·E mini) nor n_embed (VQGAN): another model's file", file)


def config_bytes(config: DalleConfig | VqganConfig) -> bytes:
    """config.json: the sizes and what is said of the variant."""
    variant = _DALLE_VARIANT if isinstance(config, DalleConfig) else _VQGAN_VARIANT
    return (json.dumps(asdict(config) | variant, indent=2) + "\n").encode()


def _read(file: Path, stored: Mapping[str, Any], kind: type[Config], variant: Mapping[str, Any]) -> Config:
    for name, value in variant.items():
        if stored.get(name, value) != value:
            raise BadInput(f"{name} is {stored[name]!r}; only {value!r} is computed here", file)
    missing = [one.name for one in fields(kind) if one.name not in stored and one.name not in _OPTIONAL]
    if missing:
        raise BadInput(f"does not state {', '.join(missing)}; fetch the config.json that came with the weights", file)
    return kind(**{one.name: _field(file, stored, one.name, one.default) for one in fields(kind) if one.name in stored})


def _field(file: Path, stored: Mapping[str, Any], name: str, default: Any) -> Any:
    value = tuple(stored[name]) if isinstance(stored[name], list) else stored[name]
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(default):
        kind = "list" if isinstance(default, tuple) else type(default).__name__
        raise BadInput(f"{name} must be of type {kind}, not {value!r}", file)
    numbers = value if isinstance(value, tuple) else (value,) if type(value) is int else ()
    least = 0 if name == "decoder_start_token_id" else 1
    most = _LARGEST_DEPTH if name in ("num_res_blocks", "encoder_layers", "decoder_layers") else 2**31 - 1
    if len(numbers) > _LARGEST_DEPTH or any(type(one) is not int or not least <= one <= most for one in numbers):
        raise BadInput(f"{name} must be made of whole numbers from {least} to {most}, not {stored[name]!r}", file)
    return value
