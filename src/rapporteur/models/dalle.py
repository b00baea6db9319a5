"""DALL·E mini's text-to-image transformer: captions and earlier image tokens in, logits of the next image token out.

Pure functions over nested dicts named as dalle-mini's checkpoints name them; layers are stacked on axis 0 and
scanned. Blocks are the "normformer" ones: a layer norm before each sub-layer and another on its output (after
attention) or inside it (GLU). Every layer norm has epsilon 1e-5; one without a `scale` has a bias only.
Sources: Ramesh et al. 2021 (tokens then transformer), Lewis et al. 2019 (BART), Shleifer et al. 2021
(normformer), Shazeer 2020 (GLU); the exact arrangement is dalle-mini's, read from its published checkpoints.
Cost: the published 0.44-billion model reads 0.77 GB of weights per image token and batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

Params = Mapping[str, Any]
LAYER_NORM_EPSILON = 1e-5
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


class Cache(NamedTuple):
    """Keys and values of the decoder: `own_*` [layers, batch, image_length, heads, d_head], filled as tokens come;
    `text_*` [layers, batch, max_text_length, heads, d_head], computed once per caption."""

    own_keys: jax.Array
    own_values: jax.Array
    text_keys: jax.Array
    text_values: jax.Array


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


def _layer_norm(params: Params, x: jax.Array) -> jax.Array:
    """Layer norm over the last axis, in float32; the scale is optional."""
    wide = x.astype(jnp.float32)
    centred = wide - wide.mean(-1, keepdims=True)
    normal = centred * jax.lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + LAYER_NORM_EPSILON)
    scaled = normal * params["scale"] if "scale" in params else normal
    biased: jax.Array = scaled + params["bias"]
    return biased.astype(x.dtype)


def _heads(params: Params, x: jax.Array, heads: int) -> jax.Array:
    """Project [..., d_model] and cut it in contiguous slices: [..., heads, d_model / heads]."""
    y: jax.Array = x @ params["kernel"]
    return y.reshape(*y.shape[:-1], heads, -1)


def _attend(query: jax.Array, keys: jax.Array, values: jax.Array, bias: jax.Array) -> jax.Array:
    """softmax(q kᵀ / √d_head + bias) v with heads joined again; bias is 0 or -inf, [batch or 1, 1, q or 1, k]."""
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, keys) * query.shape[-1] ** -0.5
    weights = jax.nn.softmax((scores + bias).astype(jnp.float32), axis=-1).astype(query.dtype)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", weights, values)
    return mixed.reshape(*mixed.shape[:-2], -1)


def _self_attention(params: Params, x: jax.Array, heads: int, bias: jax.Array) -> jax.Array:
    """x + LN(Attention(LN(x)))."""
    own, y = params["FlaxBartAttention_0"], _layer_norm(params["LayerNorm_0"], x)
    query, keys, values = (_heads(own[f"{name}_proj"], y, heads) for name in "qkv")
    return _close_self(params, x, _attend(query, keys, values, bias))


def _close_self(params: Params, x: jax.Array, mixed: jax.Array) -> jax.Array:
    return x + _layer_norm(params["LayerNorm_1"], mixed @ params["FlaxBartAttention_0"]["out_proj"]["kernel"])


def _cross_attention(
    params: Params, x: jax.Array, text: tuple[jax.Array, jax.Array], heads: int, bias: jax.Array
) -> jax.Array:
    """x + LN(Attention(LN(x), text)), the text given by its keys and values."""
    cross = params["FlaxBartAttention_1"]
    query = _heads(cross["q_proj"], _layer_norm(params["LayerNorm_2"], x), heads)
    mixed = _attend(query, *text, bias) @ cross["out_proj"]["kernel"]
    return x + _layer_norm(params["LayerNorm_3"], mixed)


def _glu(params: Params, x: jax.Array) -> jax.Array:
    """x + LN(gelu(h W0) * (h W1)) W2 with h = LN(x); the gelu is the exact one."""
    h = _layer_norm(params["LayerNorm_0"], x)
    gate = jax.nn.gelu(h @ params["Dense_0"]["kernel"], approximate=False)
    inner = _layer_norm(params["LayerNorm_1"], gate * (h @ params["Dense_1"]["kernel"]))
    y: jax.Array = x + inner @ params["Dense_2"]["kernel"]
    return y


def _embed(params: Params, ids: jax.Array, positions: jax.Array) -> jax.Array:
    x = params["embed_tokens"]["embedding"][ids] + params["embed_positions"]["embedding"][positions]
    return _layer_norm(params["layernorm_embedding"], x)


def _padding_bias(mask: jax.Array) -> jax.Array:
    """[batch, length] of 1 (word) and 0 (padding) to an additive 0 / -inf of [batch, 1, 1, length]."""
    return jnp.where(mask[:, None, None, :] > 0, 0.0, -jnp.inf)


def _text_keys_values(params: Params, encoded: jax.Array, heads: int) -> tuple[jax.Array, jax.Array]:
    cross = params["FlaxBartAttention_1"]
    return _heads(cross["k_proj"], encoded, heads), _heads(cross["v_proj"], encoded, heads)


# -------------------------------------------------------------------------------------------------------- public


def encode_text(params: Params, config: DalleConfig, ids: jax.Array, mask: jax.Array) -> jax.Array:
    """Text ids and mask [batch, max_text_length] to encodings [batch, max_text_length, d_model]."""
    side, bias = params["model"]["encoder"], _padding_bias(mask)

    def layer(x: jax.Array, weights: Params) -> tuple[jax.Array, None]:
        x = _self_attention(weights, x, config.encoder_attention_heads, bias)
        return _glu(weights["GLU_0"], x), None

    x = _embed(side, ids, jnp.arange(ids.shape[1]))
    x, _ = jax.lax.scan(layer, x, side["layers"][ENCODER_STACK])
    return _layer_norm(side["final_ln"], x)


def logits(
    params: Params, config: DalleConfig, encoded: jax.Array, mask: jax.Array, image_tokens: jax.Array
) -> jax.Array:
    """Logits of every image token given the ones before it (teacher forcing): the training path.

    image_tokens [batch, image_length] are the targets; the shift by the start token happens here.
    Returns [batch, image_length, image_vocab_size + 1].
    """
    side, length, heads = params["model"]["decoder"], image_tokens.shape[1], config.decoder_attention_heads
    causal = jnp.where(jnp.tri(length, dtype=bool), 0.0, -jnp.inf)[None, None]
    text_bias = _padding_bias(mask)

    def layer(x: jax.Array, weights: Params) -> tuple[jax.Array, None]:
        x = _self_attention(weights, x, heads, causal)
        x = _cross_attention(weights, x, _text_keys_values(weights, encoded, heads), heads, text_bias)
        return _glu(weights["GLU_0"], x), None

    start = jnp.full((image_tokens.shape[0], 1), config.decoder_start_token_id, image_tokens.dtype)
    shifted = jnp.concatenate([start, image_tokens[:, :-1]], axis=1)
    x, _ = jax.lax.scan(layer, _embed(side, shifted, jnp.arange(length)), side["layers"][DECODER_STACK])
    scores: jax.Array = _layer_norm(side["final_ln"], x) @ params["lm_head"]["kernel"]
    return scores


def start_cache(params: Params, config: DalleConfig, encoded: jax.Array) -> Cache:
    """An empty cache for `image_length` tokens, with the text's keys and values computed once."""
    heads = config.decoder_attention_heads
    stack = params["model"]["decoder"]["layers"][DECODER_STACK]
    keys, values = jax.lax.map(lambda weights: _text_keys_values(weights, encoded, heads), stack)
    shape = (config.decoder_layers, encoded.shape[0], config.image_length, heads, config.d_model // heads)
    empty = jnp.zeros(shape, encoded.dtype)
    return Cache(empty, empty, keys, values)


def decode_step(
    params: Params, config: DalleConfig, cache: Cache, mask: jax.Array, *, token: jax.Array, position: jax.Array
) -> tuple[jax.Array, Cache]:
    """One token further: the token at `position` (the start token at 0) [batch] to the logits of the next.

    Returns logits [batch, image_vocab_size + 1] and the cache with this position filled.
    """
    side, heads = params["model"]["decoder"], config.decoder_attention_heads
    own_bias = jnp.where(jnp.arange(config.image_length) <= position, 0.0, -jnp.inf)[None, None, None]
    text_bias = _padding_bias(mask)

    def layer(carry: tuple[jax.Array, jax.Array, jax.Array], at: tuple[Any, ...]) -> tuple[Any, None]:
        x, all_keys, all_values = carry
        number, weights, text_keys, text_values = at
        own, y = weights["FlaxBartAttention_0"], _layer_norm(weights["LayerNorm_0"], x)
        query, key, value = (_heads(own[f"{name}_proj"], y, heads) for name in "qkv")
        # The caches are carried, not mapped over: XLA then writes one position in place instead of copying them.
        all_keys = jax.lax.dynamic_update_slice(all_keys, key[None], (number, 0, position, 0, 0))
        all_values = jax.lax.dynamic_update_slice(all_values, value[None], (number, 0, position, 0, 0))
        x = _close_self(weights, x, _attend(query, all_keys[number], all_values[number], own_bias))
        x = _cross_attention(weights, x, (text_keys, text_values), heads, text_bias)
        return (_glu(weights["GLU_0"], x), all_keys, all_values), None

    x = _embed(side, token[:, None], jnp.asarray(position)[None])
    layers = (jnp.arange(config.decoder_layers), side["layers"][DECODER_STACK], cache.text_keys, cache.text_values)
    (x, keys, values), _ = jax.lax.scan(layer, (x, cache.own_keys, cache.own_values), layers)
    scores = _layer_norm(side["final_ln"], x[:, 0]) @ params["lm_head"]["kernel"]
    return scores, cache._replace(own_keys=keys, own_values=values)
