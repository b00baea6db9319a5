"""The image-token decoder one token at a time: the same network as `dalle.logits`, laid out for drawing.

Weights are read once a token, so their layout decides the speed on a CPU. Layers stand apart (a scan over stacked
layers copies every weight that it reads), projections that share an input are one matrix (query, key and value;
the two branches of the GLU), and keys and values are kept by head, so that no step moves them. The text's keys and
values are computed once a caption, the empty caption's, which every picture shares, once. On an accelerator sides of
matrices are filled up to what its matrix units take (`dalle.ALIGNMENT`). Measured in benchmarks/results: drawing.json
and gpu.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from rapporteur.dalle.dalle import DECODER_STACK, DalleConfig, Params, at_least_float32, layer_norm
from rapporteur.dalle.weights import aligned_empty, release

FULL_PRODUCTS = "highest"  # JAX's name of a product that keeps all bits of float32 on an accelerator too

Layer = dict[str, Any]
Pair = tuple[jax.Array, jax.Array]  # keys and values, or an encoding and its mask


class Decoder(NamedTuple):
    """The decoder's weights: `layers` one by one, each a dict of fused projections [in, out] and norms."""

    tokens: jax.Array  # [image_vocab_size + 1, d_model]
    positions: jax.Array  # [image_length, d_model]
    embedding_norm: Params
    layers: tuple[Layer, ...]
    final_norm: Params
    head: jax.Array  # [d_model, image_vocab_size + 1]


class Cache(NamedTuple):
    """Keys and values of every layer, [rows, heads, positions, d_head]: `own` grow token by token.

    Rows are the captions' passes, then as many without caption where there is guidance: `blank`, without the rows'
    axis, is what those attend to. A bias is 0 on words and -inf on padding, [batch, 1, positions] and [positions].
    """

    own: tuple[Pair, ...]
    text: tuple[Pair, ...]
    text_bias: jax.Array
    blank: tuple[Pair, ...] = ()
    blank_bias: jax.Array | None = None


# ------------------------------------------------------------------------------------------------------- weights


def prepare(
    params: Params, kind: npt.DTypeLike = np.float32, *, codes: int | None = None, alignment: int = 1
) -> Decoder:
    """Lay out a checkpoint's decoder; matrices in `kind` (bfloat16, float32 or float64), norms in float32 at least.

    codes: how many ids the head scores, from 0 on (None: all); alignment: the GLU's inner width is filled up with
    zeros to a multiple of it. Works layer by layer from arrays that may be memory maps, whose pages are given back:
    no second copy of the whole is ever held.
    """
    side = params["model"]["decoder"]
    stack = side["layers"][DECODER_STACK]
    count = stack["LayerNorm_0"]["bias"].shape[0]

    def one(place: int) -> Layer:
        layer = _layer(_one_layer(stack, place), kind, alignment)
        release(leaf for leaf in jax.tree.leaves(stack) if isinstance(leaf, np.ndarray))
        return layer

    return Decoder(
        _put(side["embed_tokens"]["embedding"], kind),
        _put(side["embed_positions"]["embedding"], kind),
        _norm(side["layernorm_embedding"], kind),
        tuple(one(place) for place in range(count)),
        _norm(side["final_ln"], kind),
        _put(np.asarray(params["lm_head"]["kernel"])[:, :codes], kind),
    )


def _one_layer(tree: Mapping[str, Any], place: int) -> Layer:
    return {
        name: _one_layer(part, place) if isinstance(part, Mapping) else np.asarray(part[place])
        for name, part in tree.items()
    }


def _put(values: npt.ArrayLike, kind: npt.DTypeLike) -> jax.Array:
    array: jax.Array = jax.device_put(np.asarray(values).astype(kind, copy=False))
    return array


def _wide(kind: npt.DTypeLike) -> np.dtype[Any]:
    """What sums of numbers of this kind are made in: float32, or float64 where they have it."""
    return np.dtype(jnp.promote_types(kind, np.float32))


def _norm(params: Params, kind: npt.DTypeLike) -> Params:
    return {name: _put(values, _wide(kind)) for name, values in params.items()}


def _kernels(
    params: Params, names: tuple[str, ...], kind: npt.DTypeLike, filled: tuple[int, int] = (0, 0)
) -> jax.Array:
    """Kernels side by side, after `filled` rows and columns of zeros were put to each."""
    parts = [
        np.pad(kernel, [(0, more) for more in filled]) if any(filled) else kernel
        for kernel in (np.asarray(params[name]["kernel"]) for name in names)
    ]
    # Aligned, so that JAX takes it over on a CPU instead of copying it.
    fused = aligned_empty((parts[0].shape[0], sum(part.shape[1] for part in parts)), np.dtype(kind))
    return _put(np.concatenate(parts, axis=1, out=fused, casting="same_kind"), kind)


def _layer(layer: Layer, kind: npt.DTypeLike, alignment: int) -> Layer:
    fill = -layer["GLU_0"]["Dense_0"]["kernel"].shape[1] % alignment
    own, text, glu = layer["FlaxBartAttention_0"], layer["FlaxBartAttention_1"], layer["GLU_0"]
    norms = {f"norm_{place}": _norm(layer[f"LayerNorm_{place}"], kind) for place in range(4)}
    return norms | {
        "own_in": _kernels(own, ("q_proj", "k_proj", "v_proj"), kind),
        "own_out": _kernels(own, ("out_proj",), kind),
        "text_query": _kernels(text, ("q_proj",), kind),
        "text_in": _kernels(text, ("k_proj", "v_proj"), kind),
        "text_out": _kernels(text, ("out_proj",), kind),
        "glu_norm": _norm(glu["LayerNorm_0"], kind),
        "glu_in": _kernels(glu, ("Dense_0", "Dense_1"), kind, (0, fill)),
        "inner_norm": _norm(glu["LayerNorm_1"], kind),
        "glu_out": _kernels(glu, ("Dense_2",), kind, (fill, 0)),
    }


# -------------------------------------------------------------------------------------------------------- layers


def _project(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """x @ kernel in the kernel's precision, summed in float32 at least."""
    return jnp.dot(x.astype(kernel.dtype), kernel, preferred_element_type=_wide(kernel.dtype))


def _by_head(x: jax.Array, heads: int) -> jax.Array:
    """[batch, d_model] to [batch, heads, d_head], contiguous slices."""
    return x.reshape(x.shape[0], heads, -1)


def _attend(query: jax.Array, keys: jax.Array, values: jax.Array, bias: jax.Array) -> jax.Array:
    """softmax(q kᵀ / √d_head + bias) v for one query a head, multiplied in the cache's precision, summed in float32 at
    least.

    query [batch, heads, d_head]; keys and values [batch, heads, positions, d_head], or without the batch's axis where
    all share them; bias 0 or -inf, [batch or 1, 1, positions] or [positions]. Returns [batch, d_model].
    """
    rows = "b" if keys.ndim == 4 else ""
    wide = _wide(keys.dtype)
    scores = jnp.einsum(f"bhd,{rows}hkd->bhk", query.astype(keys.dtype), keys, preferred_element_type=wide)
    weights = jax.nn.softmax(scores * query.shape[-1] ** -0.5 + bias, axis=-1).astype(values.dtype)
    mixed = jnp.einsum(f"bhk,{rows}hkd->bhd", weights, values, preferred_element_type=wide)
    return mixed.reshape(mixed.shape[0], -1)


def _own_attention(
    layer: Layer, x: jax.Array, cache: Pair, position: jax.Array, bias: jax.Array
) -> tuple[jax.Array, Pair]:
    heads, at = cache[0].shape[1], (0, 0, position, 0)
    query, key, value = (
        _by_head(part, heads) for part in jnp.split(_project(layer_norm(layer["norm_0"], x), layer["own_in"]), 3, 1)
    )
    keys = jax.lax.dynamic_update_slice(cache[0], key[:, :, None].astype(cache[0].dtype), at)
    values = jax.lax.dynamic_update_slice(cache[1], value[:, :, None].astype(cache[1].dtype), at)
    mixed = _project(_attend(query, keys, values, bias), layer["own_out"])
    return x + layer_norm(layer["norm_1"], mixed), (keys, values)


def _text_attention(layer: Layer, x: jax.Array, cache: Cache, place: int) -> jax.Array:
    """The captions' rows attend to their own caption, the rows after them to the empty one."""
    text = cache.text[place]
    captions, heads = text[0].shape[:2]
    query = _by_head(_project(layer_norm(layer["norm_2"], x), layer["text_query"]), heads)
    mixed = _attend(query[:captions], *text, cache.text_bias)
    if cache.blank_bias is not None:
        mixed = jnp.concatenate([mixed, _attend(query[captions:], *cache.blank[place], cache.blank_bias)])
    return x + layer_norm(layer["norm_3"], _project(mixed, layer["text_out"]))


def _glu(layer: Layer, x: jax.Array) -> jax.Array:
    gate, line = jnp.split(_project(layer_norm(layer["glu_norm"], x), layer["glu_in"]), 2, 1)
    width = layer["inner_norm"]["bias"].shape[0]
    inner = (jax.nn.gelu(gate, approximate=False) * line)[:, :width]
    filled = jnp.pad(layer_norm(layer["inner_norm"], inner), [(0, 0), (0, layer["glu_out"].shape[0] - width)])
    return x + _project(filled, layer["glu_out"])


# -------------------------------------------------------------------------------------------------------- public


def kept_kind(kind: npt.DTypeLike) -> np.dtype[Any]:
    """What keys and values are kept in, for weights of this kind.

    The same, but float16 for float32 on a GPU: its products round to ten bits (TF32), as many as float16 has, and
    reading the cache takes most of its time. Not where all bits of the products were asked for (`FULL_PRODUCTS`).
    """
    rounds = jax.default_backend() == "gpu" and jax.config.values["jax_default_matmul_precision"] != FULL_PRODUCTS
    return np.dtype(np.float16 if kind == np.float32 and rounds else kind)


def start(weights: Decoder, config: DalleConfig, text: Pair, positions: int, blank: Pair | None = None) -> Cache:
    """A cache for the first `positions` tokens, with the text's keys and values computed once.

    text: encodings [batch, length, d_model] (`dalle.encode_text`) and masks [batch, length], 1 on words and 0 on
    padding; blank: those of the empty caption without the batch's axis, where there is guidance.
    """
    encoded, mask = text
    batch, _, width = encoded.shape
    heads = config.decoder_attention_heads
    kind = kept_kind(weights.head.dtype)
    empty = jnp.zeros((batch if blank is None else 2 * batch, heads, positions, width // heads), kind)
    own = tuple((empty, empty) for _ in weights.layers)
    seen = tuple(_text_pair(layer, encoded, heads, kind) for layer in weights.layers)
    if blank is None:
        return Cache(own, seen, _bias(mask)[:, None])
    nothing = (_text_pair(layer, blank[0][None], heads, kind) for layer in weights.layers)
    return Cache(
        own, seen, _bias(mask)[:, None], tuple((keys[0], values[0]) for keys, values in nothing), _bias(blank[1])
    )


def _text_pair(layer: Layer, encoded: jax.Array, heads: int, kind: np.dtype[Any]) -> Pair:
    batch, length, width = encoded.shape
    both = _project(encoded.reshape(-1, width), layer["text_in"]).reshape(batch, length, 2, heads, -1)
    keys, values = (both[:, :, place].swapaxes(1, 2).astype(kind) for place in (0, 1))
    return keys, values


def _bias(mask: jax.Array) -> jax.Array:
    return jnp.where(mask > 0, 0.0, -jnp.inf)


def grow(cache: Cache, positions: int) -> Cache:
    """The same cache with room for `positions` tokens."""
    more = [(0, 0), (0, 0), (0, positions - cache.own[0][0].shape[2]), (0, 0)]
    return cache._replace(own=tuple((jnp.pad(keys, more), jnp.pad(values, more)) for keys, values in cache.own))


def step(weights: Decoder, cache: Cache, *, token: jax.Array, position: jax.Array) -> tuple[jax.Array, Cache]:
    """One token further: the token at `position` (the start token at 0) [rows] to the logits of the next.

    Returns logits [rows, ids that the head scores] and the cache with this position filled.
    """
    room = cache.own[0][0].shape[2]
    own_bias = jnp.where(jnp.arange(room) <= position, 0.0, -jnp.inf)
    x = at_least_float32(weights.tokens[token]) + at_least_float32(weights.positions[position])
    x = layer_norm(weights.embedding_norm, x)
    own = []
    for place, (layer, kept) in enumerate(zip(weights.layers, cache.own, strict=True)):
        x, filled = _own_attention(layer, x, kept, position, own_bias)
        x = _glu(layer, _text_attention(layer, x, cache, place))
        own.append(filled)
    return _project(layer_norm(weights.final_norm, x), weights.head), cache._replace(own=tuple(own))
