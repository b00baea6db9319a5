"""Pictures and texts to CLIP vectors, as items: the bytes of one picture or text, whatever is encoded beside it.

In float64 a vector is rounded to 1e-7, far more than two orders of summing differ by (3e-16), and kept as float32: no
batch, thread or processor changes it. In the faster precisions the batch's size moves last bits, and is in the key.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np
from PIL import Image

from rapporteur.clip.model import (
    EXACT,
    Features,
    Precision,
    image_features,
    load_clip,
    text_features,
    token_counts,
)
from rapporteur.core.code import code_version

LIBRARIES = ("torch", "torchvision", "open_clip_torch")


class Loadable(Protocol):
    """A picture that is read when it is encoded."""

    def load(self) -> Image.Image: ...


@dataclass(frozen=True)
class Encoder:
    """A CLIP model, loaded when it first encodes."""

    model: str  # a folder, one of open_clip's names, or hf-hub:owner/name
    pretrained: str | None  # for a name: a tag or a weight file
    precision: Precision
    batch: int  # pictures or texts encoded at once

    @cached_property
    def loaded(self) -> tuple[Any, Any, Any, str]:
        return load_clip(self.model, self.pretrained, self.precision)

    def images(self, pictures: Sequence[Loadable]) -> list[bytes]:
        network, preprocess, _, _ = self.loaded
        loads = [picture.load for picture in pictures]
        return [pack(vector) for vector in image_features(network, preprocess, loads, self.batch)]

    def texts(self, texts: Sequence[str]) -> list[bytes]:
        network, _, tokenizer, _ = self.loaded
        vectors = text_features(network, tokenizer, texts, self.batch)
        counts = token_counts(tokenizer, texts)
        return [pack(vector, count, tokenizer.context_length) for vector, count in zip(vectors, counts, strict=True)]


def decided_by(encoder: Encoder, weights: str) -> dict[str, object]:
    """What decides every vector of an encoder, for the items' keys; `weights` is the digest of the model's."""
    how: dict[str, object] = {"model": weights, "precision": encoder.precision, "code": code_version(Encoder)}
    if encoder.precision != EXACT:
        how["batch"] = encoder.batch
    return how | {"libraries": [version(name) for name in LIBRARIES]}


def pack(vector: Features, tokens: int = 0, context: int = 0) -> bytes:
    """An item: tokens of the text, context length, then the vector as little-endian float32."""
    return struct.pack("<ii", tokens, context) + vector.astype("<f4").tobytes()


def unpack(item: bytes) -> tuple[int, int, Features]:
    """Tokens, context length and vector of an item."""
    tokens, context = struct.unpack_from("<ii", item)
    return tokens, context, np.frombuffer(item, dtype="<f4", offset=8).astype(np.float32)
