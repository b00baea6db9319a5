"""VQGAN: pictures to image tokens and back, over parameter trees named as vqgan-jax checkpoints name them.

Pictures are NHWC in [0, 1], convolution kernels HWIO. Sizes come from the checkpoint's `config.json`; the
published model (ImageNet, f = 16, 16384 codes of 256 numbers) and the small sample model differ by numbers only.
Cost of decoding one 96-pixel picture with the sample weights: about 20 ms on two CPU cores.
Architecture: Esser, Rombach, Ommer 2021, "Taming Transformers for High-Resolution Image Synthesis".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

Params = Mapping[str, Any]
GROUP_NORM_EPSILON = 1e-6


@dataclass(frozen=True)
class VqganConfig:
    """Sizes of a VQGAN; the defaults are the published ImageNet f16 model's.

    resolution: side of a picture in pixels; attn_resolutions: sides of the feature maps which get attention;
    norm_groups: groups of every GroupNorm (32 in every published checkpoint).
    """

    ch: int = 128
    ch_mult: tuple[int, ...] = (1, 1, 2, 2, 4)
    num_res_blocks: int = 2
    attn_resolutions: tuple[int, ...] = (16,)
    resolution: int = 256
    in_channels: int = 3
    out_ch: int = 3
    z_channels: int = 256
    embed_dim: int = 256
    n_embed: int = 16384
    norm_groups: int = 32

    @property
    def levels(self) -> int:
        """Number of resolutions, the full one included."""
        return len(self.ch_mult)

    @property
    def grid(self) -> int:
        """Side of the token grid."""
        return self.resolution // (1 << (self.levels - 1))

    @property
    def tokens(self) -> int:
        """Tokens of one picture, in raster order."""
        return self.grid**2

    def width(self, level: int) -> int:
        """Channels of the feature maps of a level (0 = full resolution)."""
        return self.ch * self.ch_mult[level]

    def has_attention(self, level: int) -> bool:
        """Whether the residual blocks of a level are each followed by attention."""
        return self.resolution // 2**level in self.attn_resolutions


# ---------------------------------------------------------------------------------------------- parameter shapes


def _conv_shapes(size: int, fan_in: int, fan_out: int) -> dict[str, tuple[int, ...]]:
    return {"kernel": (size, size, fan_in, fan_out), "bias": (fan_out,)}


def _norm_shapes(width: int) -> dict[str, tuple[int, ...]]:
    return {"scale": (width,), "bias": (width,)}


def _res_block_shapes(fan_in: int, fan_out: int) -> dict[str, Any]:
    shapes = {
        "norm1": _norm_shapes(fan_in),
        "conv1": _conv_shapes(3, fan_in, fan_out),
        "norm2": _norm_shapes(fan_out),
        "conv2": _conv_shapes(3, fan_out, fan_out),
    }
    return shapes if fan_in == fan_out else shapes | {"nin_shortcut": _conv_shapes(1, fan_in, fan_out)}


def _attention_shapes(width: int) -> dict[str, Any]:
    return {"norm": _norm_shapes(width)} | {name: _conv_shapes(1, width, width) for name in ("q", "k", "v", "proj_out")}


def _mid_shapes(width: int) -> dict[str, Any]:
    block = _res_block_shapes(width, width)
    return {"block_1": block, "attn_1": _attention_shapes(width), "block_2": block}


def _level_shapes(config: VqganConfig, level: int, fan_in: int, blocks: int) -> dict[str, Any]:
    width = config.width(level)
    shapes: dict[str, Any] = {}
    for block in range(blocks):
        shapes[f"block_{block}"] = _res_block_shapes(fan_in if block == 0 else width, width)
        if config.has_attention(level):
            shapes[f"attn_{block}"] = _attention_shapes(width)
    return shapes


def _encoder_shapes(config: VqganConfig) -> dict[str, Any]:
    shapes: dict[str, Any] = {"conv_in": _conv_shapes(3, config.in_channels, config.ch)}
    for level in range(config.levels):
        fan_in = config.ch if level == 0 else config.width(level - 1)
        shapes[f"down_{level}"] = _level_shapes(config, level, fan_in, config.num_res_blocks)
        if level < config.levels - 1:
            shapes[f"down_{level}"]["downsample"] = {"conv": _conv_shapes(3, config.width(level), config.width(level))}
    deepest = config.width(config.levels - 1)
    return shapes | {
        "mid": _mid_shapes(deepest),
        "norm_out": _norm_shapes(deepest),
        "conv_out": _conv_shapes(3, deepest, config.z_channels),
    }


def _decoder_shapes(config: VqganConfig) -> dict[str, Any]:
    deepest = config.width(config.levels - 1)
    shapes: dict[str, Any] = {"conv_in": _conv_shapes(3, config.z_channels, deepest), "mid": _mid_shapes(deepest)}
    for level in range(config.levels):
        fan_in = deepest if level == config.levels - 1 else config.width(level + 1)
        shapes[f"up_{level}"] = _level_shapes(config, level, fan_in, config.num_res_blocks + 1)
        if level > 0:
            shapes[f"up_{level}"]["upsample"] = {"conv": _conv_shapes(3, config.width(level), config.width(level))}
    return shapes | {
        "norm_out": _norm_shapes(config.width(0)),
        "conv_out": _conv_shapes(3, config.width(0), config.out_ch),
    }


def parameter_shapes(config: VqganConfig) -> dict[str, Any]:
    """The tree of tensor shapes which a checkpoint of this configuration must have."""
    return {
        "encoder": _encoder_shapes(config),
        "decoder": _decoder_shapes(config),
        "quantize": {"embedding": {"embedding": (config.n_embed, config.embed_dim)}},
        "quant_conv": _conv_shapes(1, config.z_channels, config.embed_dim),
        "post_quant_conv": _conv_shapes(1, config.embed_dim, config.z_channels),
    }


# -------------------------------------------------------------------------------------------------------- layers


def _conv(params: Params, x: jax.Array, stride: int = 1, padding: str = "SAME") -> jax.Array:
    """A convolution in the kernel's precision."""
    y = jax.lax.conv_general_dilated(
        x.astype(params["kernel"].dtype), params["kernel"], (stride, stride), padding,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )  # fmt: skip
    biased: jax.Array = y + params["bias"].astype(y.dtype)
    return biased


def _group_norm(params: Params, x: jax.Array, groups: int) -> jax.Array:
    """GroupNorm over NHWC, in float32 or better; moments per channel first, then per group: one pass over the map."""
    batch, _, _, channels = x.shape
    members = channels // groups
    x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    first = x.mean((1, 2)).reshape(batch, groups, members).mean(-1, keepdims=True)
    second = jnp.square(x).mean((1, 2)).reshape(batch, groups, members).mean(-1, keepdims=True)
    inverse = jax.lax.rsqrt(jnp.maximum(second - first**2, 0.0) + GROUP_NORM_EPSILON)
    scale = jnp.broadcast_to(inverse, (batch, groups, members)).reshape(batch, 1, 1, channels) * params["scale"]
    shift = jnp.broadcast_to(first, (batch, groups, members)).reshape(batch, 1, 1, channels)
    normal: jax.Array = x * scale + (params["bias"] - shift * scale)
    return normal


def _res_block(params: Params, x: jax.Array, groups: int) -> jax.Array:
    y = _conv(params["conv1"], jax.nn.silu(_group_norm(params["norm1"], x, groups)))
    y = _conv(params["conv2"], jax.nn.silu(_group_norm(params["norm2"], y, groups)))
    return y + (_conv(params["nin_shortcut"], x) if "nin_shortcut" in params else x)


def _attention(params: Params, x: jax.Array, groups: int) -> jax.Array:
    """Single-head attention over the positions of a feature map, scale 1/sqrt(channels)."""
    batch, height, width, channels = x.shape
    y = _group_norm(params["norm"], x, groups)
    query, key, value = (_conv(params[name], y).reshape(batch, height * width, channels) for name in ("q", "k", "v"))
    scores = jnp.einsum("bqc,bkc->bqk", query, key, preferred_element_type=y.dtype)
    weights = jax.nn.softmax(scores * channels**-0.5, axis=-1).astype(value.dtype)
    mixed = jnp.einsum("bqk,bkc->bqc", weights, value).reshape(x.shape)
    return x + _conv(params["proj_out"], mixed)


def _mid(params: Params, x: jax.Array, groups: int) -> jax.Array:
    x = _attention(params["attn_1"], _res_block(params["block_1"], x, groups), groups)
    return _res_block(params["block_2"], x, groups)


def _level(params: Params, x: jax.Array, blocks: int, groups: int) -> jax.Array:
    for block in range(blocks):
        x = _res_block(params[f"block_{block}"], x, groups)
        if f"attn_{block}" in params:
            x = _attention(params[f"attn_{block}"], x, groups)
    return x


def _downsample(params: Params, x: jax.Array) -> jax.Array:
    padded = jnp.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)))
    return _conv(params["conv"], padded, stride=2, padding="VALID")


def _upsample(params: Params, x: jax.Array) -> jax.Array:
    return _conv(params["conv"], jnp.repeat(jnp.repeat(x, 2, axis=1), 2, axis=2))


# -------------------------------------------------------------------------------------------------------- public


def encode_features(params: Params, config: VqganConfig, pixels: jax.Array) -> jax.Array:
    """Pictures [n, H, W, 3] in [0, 1] to continuous codes [n, grid, grid, embed_dim]."""
    encoder, groups = params["encoder"], config.norm_groups
    x = _conv(encoder["conv_in"], pixels)
    for level in range(config.levels):
        stage = encoder[f"down_{level}"]
        x = _level(stage, x, config.num_res_blocks, groups)
        if "downsample" in stage:
            x = _downsample(stage["downsample"], x)
    x = _group_norm(encoder["norm_out"], _mid(encoder["mid"], x, groups), groups)
    return _conv(params["quant_conv"], _conv(encoder["conv_out"], jax.nn.silu(x)))


def decode_features(params: Params, config: VqganConfig, codes: jax.Array) -> jax.Array:
    """Codes [n, grid, grid, embed_dim] to pictures [n, H, W, 3], meant for [0, 1] but not clipped."""
    decoder, groups = params["decoder"], config.norm_groups
    x = _conv(decoder["conv_in"], _conv(params["post_quant_conv"], codes))
    x = _mid(decoder["mid"], x, groups)
    for level in reversed(range(config.levels)):
        stage = decoder[f"up_{level}"]
        x = _level(stage, x, config.num_res_blocks + 1, groups)
        if "upsample" in stage:
            x = _upsample(stage["upsample"], x)
    return _conv(decoder["conv_out"], jax.nn.silu(_group_norm(decoder["norm_out"], x, groups)))


def nearest_code(codebook: jax.Array, features: jax.Array) -> jax.Array:
    """Index of the code nearest by squared Euclidean distance: features [..., d] to ids [...] (int32)."""
    distance = jnp.sum(codebook**2, axis=1) - 2 * features @ codebook.T  # |f|² is the same for every code
    return jnp.argmin(distance, axis=-1).astype(jnp.int32)


def encode(params: Params, config: VqganConfig, pixels: jax.Array) -> jax.Array:
    """Pictures [n, H, W, 3] in [0, 1] to token ids [n, tokens] (int32, raster order).

    One picture at a time (`lax.map`), so that a picture's tokens do not depend on its batch.
    """

    def one(picture: jax.Array) -> jax.Array:
        features = encode_features(params, config, picture[None])[0]
        return nearest_code(params["quantize"]["embedding"]["embedding"], features).reshape(-1)

    ids: jax.Array = jax.lax.map(one, pixels)
    return ids


def decode(params: Params, config: VqganConfig, ids: jax.Array) -> jax.Array:
    """Token ids [n, tokens] in [0, n_embed) to pictures [n, H, W, 3] clipped to [0, 1].

    One picture at a time (`lax.map`), so that a picture's bytes do not depend on its batch.
    """
    pixels: jax.Array = jax.lax.map(lambda tokens: decode_together(params, config, tokens[None])[0], ids)
    return pixels


def decode_together(params: Params, config: VqganConfig, ids: jax.Array) -> jax.Array:
    """What `decode` does, all pictures at once: n of another size may round the last bit otherwise."""
    codes = jnp.asarray(params["quantize"]["embedding"]["embedding"])[ids]
    pixels = decode_features(params, config, codes.reshape(len(ids), config.grid, config.grid, -1))
    return jnp.clip(pixels, 0.0, 1.0)
