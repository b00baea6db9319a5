"""How much memory drawing takes, and how many pictures may be drawn together.

Held are the weights once a device, and for each picture of a batch, in both passes of the guidance, the keys and
values of every layer and some rows of logits. A picture is decoded alone: the VQGAN's feature maps come on top.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rapporteur.dalle import dalle
from rapporteur.dalle.dalle import DalleConfig

FLOAT = 4  # bytes
LOGIT_ROWS = 8  # scores, guided, filtered, noise … of one pass
DECODING = 2**30  # bytes: the VQGAN's feature maps and JAX itself, generously
SHARE = 0.6  # of the memory, the rest is left to others
MOST_ON_CPU, MOST_ON_ACCELERATOR = 16, 128  # pictures; beyond, nothing is gained
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


def picture_bytes(config: DalleConfig) -> int:
    """Bytes that one picture of a batch adds."""
    cached = 2 * config.decoder_layers * (config.image_length + config.max_text_length) * config.d_model
    return 2 * FLOAT * (cached + LOGIT_ROWS * (config.image_vocab_size + 1))


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


def fitting_batch(config: DalleConfig, memory: int | None = None) -> int:
    """The largest power of two of pictures that fit in `memory` bytes (None: the device's), at least 1."""
    import jax

    room = SHARE * (device_memory() if memory is None else memory) - weight_bytes(config) - DECODING
    most = MOST_ON_CPU if jax.default_backend() == "cpu" else MOST_ON_ACCELERATOR
    fitting = max(1, min(most, int(room // picture_bytes(config))))
    return 1 << (fitting.bit_length() - 1)
