"""Write tests/fixtures/reference/dalle: small checkpoints in the official layout, and what the official code draws.

    uv run --project reference python reference/make_dalle_fixtures.py            # write
    uv run --project reference python reference/make_dalle_fixtures.py --check    # redo elsewhere and compare

Three models of tiny width and real lengths (64 text, 256 image tokens), saved by the official code itself. For each
`goldens.safetensors` holds the inputs, the encoder's output, logits for random image tokens and drawn tokens.
A draw is kept only if weights changed by three millionths of themselves give the same tokens: no rounding
of another machine can then change it. Cost: about a minute and a half on two CPU cores.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict
from official import DalleBart, DalleBartConfig, OfficialModel, generator

import fixtures

COMMAND = "uv run --project reference python reference/make_dalle_fixtures.py"
PACKAGES = ("dalle-mini", "jax", "jaxlib", "flax", "transformers", "numpy", "safetensors")
CODES, WORDS, CAPTIONS = 288, 320, 3
LENGTHS = (64, 5, 23)  # words of the three captions, <s> and </s> included
KEPT_POSITIONS = slice(3, None, 8)  # of the 256 positions whose logits are kept: enough for a wrong mask to show
SIZES = {
    "encoder_vocab_size": WORDS, "d_model": 32, "encoder_layers": 3, "decoder_layers": 2,
    "encoder_attention_heads": 2, "decoder_attention_heads": 4, "encoder_ffn_dim": 40, "decoder_ffn_dim": 56,
    "dropout": 0.0, "activation_dropout": 0.0, "gradient_checkpointing": False,
}  # fmt: skip


@dataclass(frozen=True)
class Draw:
    """One golden draw. alone: each picture drawn by itself with its own key, else one key for the whole batch."""

    name: str
    settings: dict[str, Any]
    alone: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """One model: what of the configuration differs, whether it is saved unscanned or in float16, what is drawn."""

    name: str
    config: dict[str, Any]
    draws: tuple[Draw, ...]
    unscanned: bool = False
    half: bool = False
    sizes: dict[str, Any] = field(default_factory=lambda: SIZES)


SCALE_1 = Draw("scale_1", {"condition_scale": 1.0})
SCALE_10 = Draw("scale_10", {"condition_scale": 10.0})
CHECKPOINTS = (
    # As mini-1: every special id is image_vocab_size.
    Checkpoint(
        "scanned",
        {"image_vocab_size": CODES},
        (
            SCALE_1,
            SCALE_10,
            Draw("top_k", {"condition_scale": 10.0, "top_k": 7, "temperature": 0.8}),
            Draw("top_p", {"condition_scale": 3.5, "top_k": 0, "top_p": 0.9, "temperature": 1.3}),
            Draw("alone", {"condition_scale": 10.0, "top_k": 40, "top_p": 0.95, "temperature": 1.2}, alone=True),
        ),
    ),
    # As mega-1: rows beyond the codebook, a start token which is not the last row, end and padding out of range.
    Checkpoint(
        "unscanned",
        {
            "image_vocab_size": CODES + 15,
            "decoder_start_token_id": CODES,
            "bos_token_id": CODES + 1,
            "eos_token_id": CODES + 16,
            "pad_token_id": CODES + 16,
        },
        (SCALE_1, SCALE_10),
        unscanned=True,
    ),
    # As older checkpoints: every norm has a scale; and stored in float16.
    Checkpoint("older", {"image_vocab_size": CODES, "force_ln_scale": True}, (SCALE_10,), half=True),
)


# ----------------------------------------------------------------------------------------------- weights


def weight(checkpoint: str, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A random weight. Norms are perturbed (a swapped one shows); logits spread by about 1 to 2; text moves them
    a little (the norm after cross-attention is small), so that a condition scale of 10 leaves a choice."""
    *_, layer, kind = name.split(".")
    full = f"{checkpoint}/{name}"
    if kind == "scale":
        return (np.float32(1) + fixtures.uniform(full, shape, 0.3)) * np.float32(0.15 if layer == "LayerNorm_3" else 1)
    if kind == "bias":
        return fixtures.uniform(full, shape, 0.3)
    if kind == "embedding":
        return fixtures.uniform(full, shape, 1.0)
    gain = 0.6 if layer == "lm_head" else 1.5 if layer in ("q_proj", "k_proj") else 1.0
    return fixtures.uniform(full, shape, gain * math.sqrt(3 / shape[-2]))


def forbid_beyond_codes(flat: dict[str, np.ndarray]) -> None:
    """Logits of about -50 for ids that no training picture has, as in trained weights: without, the official code
    now and then draws one (its min_length is ignored unless given to `generate`)."""
    flat["model.decoder.final_ln.bias"][0] = 12
    flat["lm_head.kernel"][0] *= np.float32(0.1)
    flat["lm_head.kernel"][:, CODES:] = 0
    flat["lm_head.kernel"][0, CODES:] = -4


def build(one: Checkpoint, folder: Path) -> DalleBart:
    """The random model, saved in `folder` by the official code and loaded from there again."""
    model = OfficialModel(DalleBartConfig(**one.sizes, **one.config), _do_init=True)
    flat = {name: weight(one.name, name, leaf.shape) for name, leaf in flatten_dict(model.params, sep=".").items()}
    forbid_beyond_codes(flat)
    params = jax.tree_util.tree_map(jax.numpy.asarray, unflatten_dict(flat, sep="."))
    params = model.to_fp16(params) if one.half else params
    model.save_pretrained(folder, params=model.unscan(params) if one.unscanned else params)
    model = OfficialModel.from_pretrained(str(folder))
    if one.half:
        model.params = model.to_fp32(model.params)  # else some layers compute in float16, off by 0.003
    return model


# ----------------------------------------------------------------------------------------------- goldens


def inputs(checkpoint: str) -> dict[str, np.ndarray]:
    """Text of three captions and of the empty one, random image tokens, random keys."""
    ids = fixtures.integers(f"{checkpoint}/ids", (CAPTIONS, 64), 5, WORDS)
    mask = (np.arange(64) < np.array(LENGTHS)[:, None]).astype(np.int32)
    ids[:, 0] = 0
    ids[np.arange(CAPTIONS), np.array(LENGTHS) - 1] = 2
    return {
        "ids": np.where(mask > 0, ids, 1).astype(np.int32),
        "mask": mask,
        "blank_ids": np.array([0, 2] + [1] * 62, np.int32),
        "blank_mask": np.array([1, 1] + [0] * 62, np.int32),
        "image_tokens": fixtures.integers(f"{checkpoint}/image", (CAPTIONS, 256), 0, CODES),
    }


def forward(model: DalleBart, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Encoder output [captions, 64, d_model] and logits [captions, kept positions, image_vocab_size + 1]."""
    encoded = model.encode(given["ids"], given["mask"])
    start = np.full((CAPTIONS, 1), model.config.decoder_start_token_id, np.int32)
    shifted = np.concatenate([start, given["image_tokens"][:, :-1]], axis=1)
    logits = model.decode(shifted, encoded, given["mask"]).logits
    return {
        "encoded": np.asarray(encoded.last_hidden_state, np.float32),
        "logits": np.asarray(logits, np.float32)[:, KEPT_POSITIONS],
    }


def words_of(given: dict[str, np.ndarray], rows: slice) -> dict[str, np.ndarray]:
    """What the official processor hands to `generate`, for some of the captions."""
    ids, mask = given["ids"][rows], given["mask"][rows]
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "input_ids_uncond": np.repeat(given["blank_ids"][None], len(ids), axis=0),
        "attention_mask_uncond": np.repeat(given["blank_mask"][None], len(ids), axis=0),
    }


def keys_of(name: str, attempt: int, alone: bool) -> np.ndarray:
    """One random key (uint32 [1, 2]) or one for each caption."""
    return fixtures.integers(f"{name}/keys/{attempt}", (CAPTIONS if alone else 1, 2), 0, 2**31).astype(np.uint32)


def drawn_tokens(draw: Any, params: Any, given: dict[str, np.ndarray], keys: np.ndarray) -> np.ndarray:
    """Tokens [captions, 256]: the batch with its one key, or each caption alone with its own."""
    if len(keys) == 1:
        return draw(params, keys[0], words_of(given, slice(None)))
    return np.concatenate([draw(params, keys[i], words_of(given, slice(i, i + 1))) for i in range(CAPTIONS)])


def stable_draw(name: str, model: DalleBart, one: Draw, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The first keys whose tokens do not change with the last bits of the weights, and those tokens."""
    draw = generator(model, **one.settings)
    near = [shaken(model.params, sign * 3e-6) for sign in (-1, 1)]
    for attempt in range(20):
        keys = keys_of(f"{name}/{one.name}", attempt, one.alone)
        tokens = drawn_tokens(draw, model.params, given, keys)
        others = [drawn_tokens(draw, params, given, keys) for params in near]
        if all(np.array_equal(tokens, other) for other in others):
            check_spread(f"{name}/{one.name}", tokens)
            return {f"{one.name}.keys": keys, f"{one.name}.tokens": tokens}
    raise SystemExit(f"{name}/{one.name}: no stable draw in 20 attempts")


def shaken(params: Any, share: float) -> Any:
    """Each weight changed by up to `share` of itself, in a direction of its own."""
    flat = flatten_dict(params, sep=".")
    moved = {
        name: (leaf.astype(np.float32) * (1 + fixtures.uniform(f"shake/{name}", leaf.shape, share)))
        for name, leaf in flat.items()
    }
    return unflatten_dict(moved, sep=".")


def check_spread(name: str, tokens: np.ndarray) -> None:
    """A test of tokens means something only if many different ones are drawn, all of them codes."""
    different = len(np.unique(tokens))
    if tokens.max() >= CODES or different < CODES // 4:
        raise SystemExit(f"{name}: {different} different tokens up to {tokens.max()}: the weights are no good")
    print(f"{name}: {different} of {CODES} codes drawn")


def make(folder: Path) -> None:
    """All checkpoints with their goldens and the manifest."""
    for one in CHECKPOINTS:
        model, given = build(one, folder / one.name), inputs(one.name)
        goldens = given | forward(model, given)
        for draw in one.draws:
            goldens |= stable_draw(one.name, model, draw, given)
        fixtures.write_arrays(folder / one.name / "goldens.safetensors", goldens)
        (folder / one.name / "draws.json").write_text(settings_of(one), encoding="utf-8")
    fixtures.write_manifest(folder, COMMAND, PACKAGES)


def settings_of(one: Checkpoint) -> str:
    """The settings of each draw, as `generate` got them (JSON)."""
    return json.dumps({draw.name: draw.settings for draw in one.draws}, indent=2) + "\n"


def main() -> None:
    """Write the fixtures, or redo them in a temporary folder and compare."""
    jax.config.update("jax_enable_x64", False)
    fixtures.write_or_check("dalle", make, __doc__)


if __name__ == "__main__":
    main()
