"""DALL·E mini's text-to-image transformer: captions and earlier image tokens in, logits of the next image token out.

Pure functions over nested dicts named as dalle-mini's checkpoints name them; layers are stacked on axis 0 and
scanned. Blocks are the "normformer" ones: a layer norm before each sub-layer and another on its output (after
attention) or inside it (GLU). Every layer norm has epsilon 1e-5; one without a `scale` has a bias only.
Sources: Ramesh et al. 2021 (tokens then transformer), Lewis et al. 2019 (BART), Shleifer et al. 2021
(normformer), Shazeer 2020 (GLU); the exact arrangement is dalle-mini's, read from its published checkpoints.
This is the form that learns and that parity is checked on; `decoding` draws with the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

Params = Mapping[str, Any]
LAYER_NORM_EPSILON = 1e-5
ALIGNMENT = 16  # numbers: rows of 32 bytes in bfloat16, which an accelerator's matrix units read whole
EXACT = "float64"  # in which processors differ by less than what is kept
ENCODER_STACK, DECODER_STACK = "FlaxBartEncoderLayers", "FlaxBartDecoderLayers"


@dataclass(frozen=True)
class DalleConfig:
    """Sizes under the names of dalle-mini's `config.json`; the defaults are the published mini-1 model's.

    decoder_start_token_id: the id which stands before the first image token (published models differ, so it is
    read from the file); normalize_text: whether captions go through dalle-mini's own normaliser.
    """

    d_model: int = 1024
    encoder_layers: int = 12
    decoder_layers: int = 12
    encoder_attention_heads: int = 16
    decoder_attention_heads: int = 16
    encoder_ffn_dim: int = 2730
    decoder_ffn_dim: int = 2730
    encoder_vocab_size: int = 50264
    image_vocab_size: int = 16384
    max_text_length: int = 64
    image_length: int = 256
    decoder_start_token_id: int = 16384
    normalize_text: bool = True
    init_std: float = 0.02


# ---------------------------------------------------------------------------------------------- parameter shapes


def _attention_shapes(layers: int, width: int) -> dict[str, Any]:
    return {f"{name}_proj": {"kernel": (layers, width, width)} for name in ("q", "k", "v", "out")}


def _glu_shapes(layers: int, width: int, inner: int) -> dict[str, Any]:
    return {
        "LayerNorm_0": {"bias": (layers, width)},
        "Dense_0": {"kernel": (layers, width, inner)},
        "Dense_1": {"kernel": (layers, width, inner)},
        "LayerNorm_1": {"bias": (layers, inner)},
        "Dense_2": {"kernel": (layers, inner, width)},
    }


def _layer_shapes(layers: int, width: int, inner: int, attentions: int) -> dict[str, Any]:
    shapes: dict[str, Any] = {"GLU_0": _glu_shapes(layers, width, inner)}
    for place in range(attentions):
        shapes[f"FlaxBartAttention_{place}"] = _attention_shapes(layers, width)
        shapes[f"LayerNorm_{2 * place}"] = {"bias": (layers, width)}
        shapes[f"LayerNorm_{2 * place + 1}"] = {"scale": (layers, width), "bias": (layers, width)}
    return shapes


def _side_shapes(words: int, length: int, width: int, stack: str, layers: dict[str, Any]) -> dict[str, Any]:
    return {
        "embed_tokens": {"embedding": (words, width)},
        "embed_positions": {"embedding": (length, width)},
        "layernorm_embedding": {"scale": (width,), "bias": (width,)},
        "layers": {stack: layers},
        "final_ln": {"bias": (width,)},
    }


def parameter_shapes(config: DalleConfig) -> dict[str, Any]:
    """The tree of tensor shapes which a checkpoint of this configuration must have (scanned layout)."""
    width, codes = config.d_model, config.image_vocab_size + 1
    text = _layer_shapes(config.encoder_layers, width, config.encoder_ffn_dim, 1)
    image = _layer_shapes(config.decoder_layers, width, config.decoder_ffn_dim, 2)
    return {
        "lm_head": {"kernel": (width, codes)},
        "model": {
            "encoder": _side_shapes(config.encoder_vocab_size, config.max_text_length, width, ENCODER_STACK, text),
            "decoder": _side_shapes(codes, config.image_length, width, DECODER_STACK, image),
        },
    }


# -------------------------------------------------------------------------------------------------------- layers


def numbers_in(precision: str | None) -> AbstractContextManager[Any]:
    """The context, of this thread, in which JAX computes in a precision: it makes float64 arrays in this one alone."""
    context: AbstractContextManager[Any] = jax.enable_x64(True) if precision == EXACT else nullcontext()
    return context


def at_least_float32(x: jax.Array) -> jax.Array:
    """The array in float32, or in float64 where it is."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def layer_norm(params: Params, x: jax.Array) -> jax.Array:
    """Layer norm over the last axis, in float32 at least; the scale is optional."""
    wide = at_least_float32(x)
    centred = wide - wide.mean(-1, keepdims=True)
    normal = centred * jax.lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + LAYER_NORM_EPSILON)
    scaled = normal * params["scale"] if "scale" in params else normal
    biased: jax.Array = scaled + params["bias"]
    return biased.astype(x.dtype)


@dataclass(frozen=True)
class Seen:
    """What a query may attend to: `words` of each row, from the first on [batch], or what came before it (causal)."""

    words: jax.Array | None = None

    def bias(self, queries: int, keys: int) -> jax.Array:
        """0 or -inf, [batch or 1, 1, queries or 1, keys]."""
        if self.words is None:
            return jnp.where(jnp.tri(queries, keys, dtype=bool), 0.0, -jnp.inf)[None, None]
        return jnp.where(jnp.arange(keys) < self.words[:, None], 0.0, -jnp.inf)[:, None, None]


def _heads(params: Params, x: jax.Array, heads: int) -> jax.Array:
    """Project [..., d_model] and cut it in contiguous slices: [..., heads, d_model / heads]."""
    y: jax.Array = x @ params["kernel"]
    return y.reshape(*y.shape[:-1], heads, -1)


def _attend(query: jax.Array, keys: jax.Array, values: jax.Array, seen: Seen) -> jax.Array:
    """softmax(q kᵀ / √d_head) v over what is seen, heads joined again; [batch, positions, heads, d_head] all three."""
    if query.dtype == jnp.bfloat16 and jax.default_backend() == "gpu":
        mixed = jax.nn.dot_product_attention(  # cuDNN's fused kernel, which takes half precision alone
            query, keys, values, is_causal=seen.words is None, key_value_seq_lengths=seen.words, implementation="cudnn"
        )
        return mixed.reshape(*mixed.shape[:-2], -1)
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, keys) * query.shape[-1] ** -0.5
    biased = at_least_float32(scores + seen.bias(query.shape[1], keys.shape[1]).astype(scores.dtype))
    weights = jax.nn.softmax(biased, axis=-1).astype(query.dtype)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", weights, values)
    return mixed.reshape(*mixed.shape[:-2], -1)


def _self_attention(params: Params, x: jax.Array, heads: int, seen: Seen) -> jax.Array:
    """x + LN(Attention(LN(x)))."""
    own, y = params["FlaxBartAttention_0"], layer_norm(params["LayerNorm_0"], x)
    query, keys, values = (_heads(own[f"{name}_proj"], y, heads) for name in "qkv")
    return x + layer_norm(params["LayerNorm_1"], _attend(query, keys, values, seen) @ own["out_proj"]["kernel"])


def _cross_attention(
    params: Params, x: jax.Array, text: tuple[jax.Array, jax.Array], heads: int, seen: Seen
) -> jax.Array:
    """x + LN(Attention(LN(x), text)), the text given by its keys and values."""
    cross = params["FlaxBartAttention_1"]
    query = _heads(cross["q_proj"], layer_norm(params["LayerNorm_2"], x), heads)
    mixed = _attend(query, *text, seen) @ cross["out_proj"]["kernel"]
    return x + layer_norm(params["LayerNorm_3"], mixed)


def _glu(params: Params, x: jax.Array) -> jax.Array:
    """x + LN(gelu(h W0) * (h W1)) W2 with h = LN(x); the gelu is the exact one."""
    h = layer_norm(params["LayerNorm_0"], x)
    gate = jax.nn.gelu(h @ params["Dense_0"]["kernel"], approximate=False)
    width = params["LayerNorm_1"]["bias"].shape[0]  # kernels may be filled up with zeros (`training.in_precision`)
    inner = layer_norm(params["LayerNorm_1"], (gate * (h @ params["Dense_1"]["kernel"]))[..., :width])
    fill = params["Dense_2"]["kernel"].shape[0] - width
    filled = jnp.pad(inner, [*[(0, 0)] * (inner.ndim - 1), (0, fill)]) if fill else inner
    y: jax.Array = x + filled @ params["Dense_2"]["kernel"]
    return y


def _embed(params: Params, ids: jax.Array, positions: jax.Array, stack: str) -> jax.Array:
    """Embedded tokens, in the precision of the matrices of the layers that they go into."""
    x = params["embed_tokens"]["embedding"][ids] + params["embed_positions"]["embedding"][positions]
    return layer_norm(params["layernorm_embedding"], x).astype(
        params["layers"][stack]["GLU_0"]["Dense_0"]["kernel"].dtype
    )


def _words(mask: jax.Array) -> jax.Array:
    """[batch, length] of 1 (word), then 0 (padding) to the number of words [batch]."""
    return mask.sum(-1, dtype=jnp.int32)


def _text_keys_values(params: Params, encoded: jax.Array, heads: int) -> tuple[jax.Array, jax.Array]:
    cross = params["FlaxBartAttention_1"]
    return _heads(cross["k_proj"], encoded, heads), _heads(cross["v_proj"], encoded, heads)


# -------------------------------------------------------------------------------------------------------- public


def encode_text(params: Params, config: DalleConfig, ids: jax.Array, mask: jax.Array, remat: bool = False) -> jax.Array:
    """Text ids and mask [batch, max_text_length] to encodings [batch, max_text_length, d_model].

    The mask is 1 on words, then 0 on padding. remat: compute each layer again for its gradient instead of keeping it.
    Computed in the precision of the layers' kernels, norms in float32 at least.
    """
    side, seen = params["model"]["encoder"], Seen(_words(mask))

    def layer(x: jax.Array, weights: Params) -> tuple[jax.Array, None]:
        x = _self_attention(weights, x, config.encoder_attention_heads, seen)
        return _glu(weights["GLU_0"], x), None

    x = _embed(side, ids, jnp.arange(ids.shape[1]), ENCODER_STACK)
    x, _ = jax.lax.scan(jax.checkpoint(layer) if remat else layer, x, side["layers"][ENCODER_STACK])
    return layer_norm(side["final_ln"], x)


def logits(
    params: Params,
    config: DalleConfig,
    encoded: jax.Array,
    mask: jax.Array,
    image_tokens: jax.Array,
    remat: bool = False,
) -> jax.Array:
    """Logits of every image token given the ones before it (teacher forcing): the training path.

    image_tokens [batch, image_length] are the targets; the shift by the start token happens here.
    Returns [batch, image_length, ids that the head scores]; remat as in `encode_text`.
    """
    side, length, heads = params["model"]["decoder"], image_tokens.shape[1], config.decoder_attention_heads
    before, text = Seen(), Seen(_words(mask))

    def layer(x: jax.Array, weights: Params) -> tuple[jax.Array, None]:
        x = _self_attention(weights, x, heads, before)
        x = _cross_attention(weights, x, _text_keys_values(weights, encoded, heads), heads, text)
        return _glu(weights["GLU_0"], x), None

    start = jnp.full((image_tokens.shape[0], 1), config.decoder_start_token_id, image_tokens.dtype)
    shifted = jnp.concatenate([start, image_tokens[:, :-1]], axis=1)
    once = jax.checkpoint(layer) if remat else layer
    x = _embed(side, shifted, jnp.arange(length), DECODER_STACK)
    x, _ = jax.lax.scan(once, x, side["layers"][DECODER_STACK])
    head = params["lm_head"]["kernel"]
    return jnp.dot(
        layer_norm(side["final_ln"], x), head, preferred_element_type=jnp.promote_types(x.dtype, jnp.float32)
    )
