"""How much memory drawing takes, and how many pictures may be drawn together.

Held are the weights once a device, and for each picture of a batch the keys and values of every layer, in both passes
of the guidance, those of its caption, and some rows of logits. Pictures are decoded alone (on an accelerator 32 at a
time): the VQGAN's feature maps come on top.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import jax.numpy as jnp

from rapporteur.dalle import dalle
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.decoding import kept_kind

FLOAT = 4  # bytes
LOGIT_ROWS = 8  # scores, guided, filtered, noise … of one pass
DECODING = 2**30  # bytes: the VQGAN's feature maps and JAX itself, generously
DECODING_ON_ACCELERATOR = 8 * 2**30
SHARE = 0.6  # of the memory, the rest is left to others
GROWTH = 1.75  # a cache that grows stands twice for a moment, the smaller of 3 quarters
MOST_ON_CPU, MOST_ON_ACCELERATOR = 16, 1024  # pictures; beyond, nothing is gained
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def weight_bytes(config: DalleConfig) -> int:
    """Bytes of a model's weights in float32."""
    return FLOAT * sum(_count(shape) for shape in _leaves(dalle.parameter_shapes(config)))


def _leaves(tree: Any) -> list[tuple[int, ...]]:
    return [shape for part in tree.values() for shape in _leaves(part)] if isinstance(tree, dict) else [tree]


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


def decoder_step_weights(config: DalleConfig) -> int:
    """Weights that one image token reads: the decoder's layers without the text's keys and values, and the head."""
    width, inner = config.d_model, config.decoder_ffn_dim
    return config.decoder_layers * (6 * width**2 + 3 * width * inner) + width * (config.image_vocab_size + 1)


def picture_bytes(config: DalleConfig, precision: str = "float32") -> int:
    """Bytes that one picture of a batch adds, with weights in `precision`."""
    cached = 2 * config.decoder_layers * (2 * config.image_length + config.max_text_length) * config.d_model
    return kept_kind(jnp.dtype(precision)).itemsize * cached + 2 * FLOAT * LOGIT_ROWS * (config.image_vocab_size + 1)


def device_memory() -> int:
    """Bytes of memory of the smallest device: an accelerator's own, else the machine's, as far as this process may."""
    import jax

    limits = [int((device.memory_stats() or {}).get("bytes_limit", 0)) for device in jax.devices()]
    return min(limits) or machine_memory()


def machine_memory(limits: tuple[str, ...] = CGROUP_LIMITS) -> int:
    """Bytes of the machine's memory, or of the container's where that is less."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    texts = [Path(name).read_text(encoding="utf-8").strip() for name in limits if Path(name).is_file()]
    return min([whole, *(int(text) for text in texts if text.isdigit())])


def fitting_batch(config: DalleConfig, memory: int | None = None, precision: str = "float32") -> int:
    """The largest power of two of pictures that fit in `memory` bytes (None: the device's), at least 1."""
    import jax

    host = jax.default_backend() == "cpu"
    room = SHARE * (device_memory() if memory is None else memory) - weight_bytes(config)
    room -= DECODING if host else DECODING_ON_ACCELERATOR
    each = picture_bytes(config, precision) * (1 if host else GROWTH)
    fitting = max(1, min(MOST_ON_CPU if host else MOST_ON_ACCELERATOR, int(room // each)))
    return 1 << (fitting.bit_length() - 1)
