"""From captions to pictures: tokenizer, transformer and VQGAN decoder behind one call.

Importing this module imports JAX (2 s); a stage does so only when something is to be drawn. The sample
model draws about 10 pictures of 96 pixels a second on two CPU cores, after 10 s of compilation.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from rapporteur.core.chance import picture_bits
from rapporteur.core.errors import BadInput
from rapporteur.dalle import checkpoint, dalle, decoding, vqgan
from rapporteur.dalle.compiled import keep_compiled
from rapporteur.dalle.dalle import EXACT, DalleConfig, numbers_in
from rapporteur.dalle.memory import fitting_batch
from rapporteur.dalle.model_config import CONFIG
from rapporteur.dalle.sampling import SamplerSettings, official_stream, sample_tokens
from rapporteur.dalle.tokenizer import CaptionTokenizer
from rapporteur.dalle.vqgan import VqganConfig
from rapporteur.dalle.weights import release

Picture = npt.NDArray[np.uint8]
Encoding = tuple[jax.Array, jax.Array]  # [max_text_length, d_model] and mask [max_text_length]
KEYS = "threefry2x32"
KEPT_ENCODINGS = 256  # captions; 67 MB with the published model
DECODERS = min(4, os.cpu_count() or 1)  # pictures decoded beside each other on a CPU
SETTLED = 8  # pictures drawn again together in float64, the last ones filled up
TOGETHER = 32  # captions encoded, and pictures decoded, at once on an accelerator; one at a time on a CPU


def together() -> int:
    """How many captions or pictures go through a network at once: a fixed number, the last ones filled up.

    So a picture never depends on how many others are asked for; a CPU gains nothing from more than one.
    """
    return 1 if jax.default_backend() == "cpu" else TOGETHER


@dataclass(frozen=True)
class Vqgan:
    """A VQGAN ready to encode and decode, `together()` pictures at a time: one compilation, whatever their number.

    Tokens are found in float32. Pixels are computed in `precision`: with float64 they are the same bytes on every
    processor, for what is computed is nearer to the truth than to the border between two of 256 levels; bfloat16 is
    for kernels and codebook, norms stay in float32.
    """

    params: Any
    config: VqganConfig
    precision: str = EXACT

    @property
    def resolution(self) -> int:
        """Side of a picture in pixels."""
        return self.config.resolution

    @cached_property
    def _encode(self) -> Any:
        return jax.jit(lambda params, pixels: vqgan.encode(params, self.config, pixels.astype(jnp.float32) / 255))

    @cached_property
    def _decode(self) -> Any:
        return jax.jit(lambda params, ids: _to_bytes(vqgan.decode_together(params, self.config, ids)))

    @cached_property
    def _decoding_params(self) -> Any:
        """What decoding takes, in its precision."""

        def one(name: str, leaf: Any) -> Any:
            exact, weight = self.precision == EXACT, name.endswith((".kernel", ".embedding"))
            return leaf.astype(self.precision) if exact or (weight and leaf.dtype != self.precision) else leaf

        taken = {name: self.params[name] for name in ("decoder", "post_quant_conv", "quantize")}
        with numbers_in(self.precision):
            return checkpoint.unflatten({name: one(name, leaf) for name, leaf in checkpoint.flatten(taken).items()})

    def encode(self, pictures: Sequence[Picture]) -> npt.NDArray[np.int32]:
        """Pictures uint8 [n, resolution, resolution, 3] to token ids [n, tokens], raster order."""
        pixels = np.stack([np.asarray(picture) for picture in pictures])
        if pixels.shape[1:] != (self.resolution, self.resolution, 3):
            raise BadInput(
                f"the VQGAN encodes pictures of {self.resolution} x {self.resolution} x 3, not {pixels.shape[1:]}"
            )
        return np.concatenate([np.asarray(self._encode(self.params, one[None])) for one in pixels])

    def decode(self, ids: npt.NDArray[np.int32] | jax.Array) -> Picture:
        """Token ids [n, tokens] to pictures uint8 [n, resolution, resolution, 3]."""
        parts = [np.asarray(part) for part in self.decoding(ids)]
        return np.concatenate(parts)[: len(ids)] if parts else np.zeros((0, *[self.resolution] * 2, 3), np.uint8)

    def decoding(self, ids: npt.NDArray[np.int32] | jax.Array) -> list[jax.Array]:
        """The same in parts of `together()` pictures, the last filled up, and not waited for."""
        size = together()
        if len(ids) % size:
            ids = jnp.concatenate([ids, jnp.zeros((-len(ids) % size, ids.shape[1]), ids.dtype)])
        params, places = self._decoding_params, range(0, len(ids), size)

        def part(at: int) -> jax.Array:
            with numbers_in(self.precision):  # of this thread
                pixels: jax.Array = self._decode(params, ids[at : at + size])
                return pixels

        if size > 1:
            return [part(at) for at in places]
        with ThreadPoolExecutor(DECODERS) as pool:  # XLA leaves half of two cores idle
            return list(pool.map(part, places))


def _to_bytes(pixels: jax.Array) -> jax.Array:
    return jnp.round(pixels.astype(jnp.promote_types(pixels.dtype, jnp.float32)) * 255).astype(jnp.uint8)


def load_vqgan(folder: Path, precision: str = EXACT) -> Vqgan:
    """The VQGAN of a model folder; BadInput where it does not fit its configuration."""
    keep_compiled()
    params, config = checkpoint.load_vqgan(folder)
    return Vqgan(_moved(params, jax.devices()[0]), config, precision)


def _moved(tree: Any, device: jax.Device) -> Any:
    """The tree on a device, leaf by leaf; pages of mapped files that were read for it are given back."""

    def one(leaf: Any) -> jax.Array:
        array: jax.Array = jax.device_put(leaf, device).block_until_ready()
        release([leaf])
        return array

    return jax.tree.map(one, tree)


class Replica:
    """The weights on one device, and what is computed with them: tokens from captions, pictures from tokens."""

    def __init__(self, model: DalleMini, encoder: Any, decoder: decoding.Decoder, device: jax.Device) -> None:
        self.model, self.device = model, device
        self.encoder = {"model": {"encoder": _moved(encoder, device)}}
        self.decoder = jax.device_put(decoder, device)
        self.vqgan = replace(model.vqgan, params=jax.device_put(model.vqgan.params, device))
        self.settled = 0  # pictures whose close draws were drawn again
        self._encodings: OrderedDict[str, Encoding] = OrderedDict()
        ids, mask = model.tokenizer.blank()
        self._words = int(mask.sum())  # its padding is attended to by none: left away
        self._blank_ids = ids[None], mask[None]
        self._blank = self._encode_blank(self.encoder)

    def draw(self, captions: Sequence[str], seeds: Sequence[int]) -> Picture:
        """At most `model.batch` pictures; the batch is filled up, so that all batches are computed alike."""
        return _fetched(len(captions), self.drawing(captions, seeds))

    def drawing(self, captions: Sequence[str], seeds: Sequence[int]) -> list[jax.Array]:
        """The same in parts, the last one filled up; waited for only to settle close draws."""
        texts, keys = self._filled(captions, seeds, self.model.batch)
        with official_stream() if self.model.settings.official_rng else nullcontext():
            tokens, margins = self.model.sample(self.decoder, text=self._encoded(texts), blank=self._blank, keys=keys)
        tokens = tokens[: len(captions)]
        if self.model.exact:
            doubtful = np.flatnonzero(np.asarray(margins)[: len(captions)] < self.model.settings.doubt)
            for at in range(0, len(doubtful), SETTLED):
                places = doubtful[at : at + SETTLED]
                settled = self._settle([captions[place] for place in places], [seeds[place] for place in places])
                tokens = tokens.at[places].set(settled)
            self.settled += len(doubtful)
        return self.vqgan.decoding(tokens)

    def _filled(self, captions: Sequence[str], seeds: Sequence[int], size: int) -> tuple[list[str], jax.Array]:
        """The captions and their random keys, filled up to `size`."""
        filling, digest = size - len(captions), self.model.digest
        texts, numbers = [*captions, *[""] * filling], [*seeds, *[0] * filling]
        words = [key_words(text, seed, digest) for text, seed in zip(texts, numbers, strict=True)]
        return texts, jax.device_put(jax.random.wrap_key_data(jnp.asarray(np.stack(words)), impl=KEYS), self.device)

    def _encode_blank(self, encoder: Any) -> Encoding:
        ids, mask = self._blank_ids
        return self.model.encode_text(encoder, ids=ids, mask=mask)[0][: self._words], mask[0][: self._words]

    def _settle(self, captions: Sequence[str], seeds: Sequence[int]) -> jax.Array:
        """The tokens of at most `SETTLED` pictures, every number in float64: no processor rounds them otherwise."""
        texts, keys = self._filled(captions, seeds, SETTLED)
        ids, mask = self.model.tokenizer(texts)
        with numbers_in(EXACT):
            encoder, decoder, blank = self._in_float64
            encoded = self.model.encode_text(encoder, ids=ids, mask=mask), jax.device_put(mask, self.device)
            tokens: jax.Array = self.model.sample(decoder, text=encoded, blank=blank, keys=keys)[0]
            return tokens[: len(captions)]

    @cached_property
    def _in_float64(self) -> tuple[Any, decoding.Decoder, Encoding]:
        """Encoder, decoder and the empty caption's encoding; made at the first doubt."""
        encoder = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), self.encoder)
        decoder = jax.device_put(self.model.decoder_in(EXACT), self.device)
        return encoder, decoder, self._encode_blank(encoder)

    def _encoded(self, captions: Sequence[str]) -> Encoding:
        """Encodings [captions, max_text_length, d_model] and masks [captions, max_text_length]."""
        if together() == 1:
            encoded, mask = (jnp.stack(parts) for parts in zip(*map(self.encode, captions), strict=True))
            return encoded, mask
        return self.encode_together(captions)

    def encode(self, caption: str) -> Encoding:
        """A caption's encoding, alone, so that it never depends on a batch; kept, for a caption is drawn many times."""
        if caption not in self._encodings:
            encoded, mask = self.encode_together([caption])
            self._encodings[caption] = encoded[0], mask[0]
            if len(self._encodings) > KEPT_ENCODINGS:
                self._encodings.popitem(last=False)
        return self._encodings[caption]

    def encode_together(self, captions: Sequence[str]) -> Encoding:
        """The same for many, `together()` at a time, the last ones filled up: none depends on its neighbours."""
        size = together()
        ids, mask = self.model.tokenizer([*captions, *[""] * (-len(captions) % size)])
        parts = [
            self.model.encode_text(self.encoder, ids=ids[at : at + size], mask=mask[at : at + size])
            for at in range(0, len(ids), size)
        ]
        return jnp.concatenate(parts)[: len(captions)], jax.device_put(mask[: len(captions)], self.device)


class DalleMini:
    """A text-to-image model with its VQGAN; `draw` is the whole interface."""

    def __init__(
        self, *, params: Any, config: DalleConfig, tokenizer: CaptionTokenizer, network: Vqgan,
        settings: SamplerSettings, name: str, batch: int, digest: str = "", precision: str | None = None,
    ) -> None:  # fmt: skip
        self.config, self.tokenizer, self.vqgan = config, tokenizer, network
        self.exact = precision is None and not settings.official_rng
        self.settings, self.name, self.digest, self.batch = settings, name, digest, batch
        self.encode_text = jax.jit(partial(dalle.encode_text, config=config))
        self.sample = self._all_bits(
            jax.jit(partial(sample_tokens, config=config, settings=settings, codes=network.config.n_embed))
        )
        self._params = params
        # laid out once, then copied
        encoder, decoder = params["model"]["encoder"], self.decoder_in(precision or "float32")
        self.replicas = [Replica(self, encoder, decoder, device) for device in jax.devices()]

    @property
    def settled(self) -> int:
        """Pictures whose close draws were drawn again in float64."""
        return sum(replica.settled for replica in self.replicas)

    def decoder_in(self, kind: str) -> decoding.Decoder:
        """The decoder laid out in a precision."""
        alignment = 1 if together() == 1 else dalle.ALIGNMENT
        return decoding.prepare(self._params, jnp.dtype(kind), codes=self.vqgan.config.n_embed, alignment=alignment)

    def _all_bits(self, sample: Any) -> Any:
        """The same function with whole float32 products on an accelerator too, where draws must be exact."""
        if not self.exact:
            return sample

        def with_all_bits(*given: Any, **named: Any) -> Any:
            with jax.default_matmul_precision(decoding.FULL_PRODUCTS):
                return sample(*given, **named)

        return with_all_bits

    @classmethod
    def load(
        cls, model: Path, vqgan_folder: Path, settings: SamplerSettings, batch: int | None = None,
        precision: str | None = None,
    ) -> DalleMini:  # fmt: skip
        """Load both folders on every device; BadInput where they do not fit each other or themselves.

        batch: pictures computed together on a device; None: as many as its memory holds (`memory.fitting_batch`).
        precision: float32 or bfloat16, of the weights of the image decoder and of the VQGAN, and of what is kept of
        the tokens before, and captions are encoded in float32. None: the same pictures on every machine. Tokens are
        drawn in float32, and where a draw of a picture was so close that rounding may have decided it, the picture's
        tokens are drawn again in float64 (`settled` counts such pictures); they are decoded in float64.
        """
        with ThreadPoolExecutor(1) as beside:  # a second for 1.75 GB, while the weights are laid out
            params, config = checkpoint.load_dalle(model)
            digest = beside.submit(checkpoint.digest, model, vqgan_folder)
            network = load_vqgan(vqgan_folder, precision or EXACT)
            _check_pair(config, network.config, model)
            tokenizer = CaptionTokenizer.load(model, config.max_text_length, config.normalize_text)
            loaded = cls(
                params=params, config=config, tokenizer=tokenizer, network=network, settings=settings, name=model.name,
                batch=batch or fitting_batch(config, precision=precision or "float32"), precision=precision,
            )  # fmt: skip
            loaded.digest = digest.result()
        return loaded

    def draw(self, captions: Sequence[str], seeds: Sequence[int]) -> Picture:
        """One picture per caption and seed: uint8 [n, side, side, 3].

        A picture depends on its caption, its seed and the model alone. `batch` pictures are computed at a time on
        each device, the last batch filled up: memory and speed, not the pictures, depend on both. (With `precision`,
        the sums of another batch size are rounded otherwise; a draw that stands on it may fall otherwise.)
        """
        places = range(0, len(captions), self.batch)
        parts = [(captions[at : at + self.batch], seeds[at : at + self.batch]) for at in places]
        count = len(self.replicas)
        with ThreadPoolExecutor(count) as pool:
            shares = pool.map(lambda at: self._share(self.replicas[at], parts[at::count]), range(count))
            found = {at + count * place: part for at, share in enumerate(shares) for place, part in enumerate(share)}
        side = self.vqgan.resolution
        return np.concatenate([found[at] for at in sorted(found)] or [np.zeros((0, side, side, 3), np.uint8)])

    @staticmethod
    def _share(replica: Replica, parts: Sequence[tuple[Sequence[str], Sequence[int]]]) -> list[Picture]:
        """A device's batches, one begun before the pictures of the one before are fetched."""
        drawn: list[Picture] = []
        begun: list[tuple[int, list[jax.Array]]] = []
        for captions, seeds in parts:
            begun.append((len(captions), replica.drawing(captions, seeds)))
            if len(begun) > 1:
                drawn.append(_fetched(*begun.pop(0)))
        return drawn + [_fetched(*one) for one in begun]


def _fetched(count: int, parts: Sequence[jax.Array]) -> Picture:
    return np.concatenate([np.asarray(part) for part in parts])[:count]


def key_words(caption: str, seed: int, digest: str) -> npt.NDArray[np.uint32]:
    """The two words of a picture's random key (`picture_bits`)."""
    return np.frombuffer(picture_bits(caption, seed, digest), ">u4").astype(np.uint32)


def picture_key(caption: str, seed: int, digest: str) -> jax.Array:
    """The random key of a picture (`key_words`) as JAX takes it."""
    key: jax.Array = jax.random.wrap_key_data(jnp.asarray(key_words(caption, seed, digest)), impl=KEYS)
    return key


def _check_pair(config: DalleConfig, network: VqganConfig, model: Path) -> None:
    if config.image_length != network.tokens or config.image_vocab_size < network.n_embed:
        raise BadInput(
            f"draws {config.image_length} tokens of {config.image_vocab_size}, but the VQGAN decodes "
            f"{network.tokens} of {network.n_embed}: the two folders belong to different models",
            model / CONFIG,
        )
