"""Drawing image tokens from the transformer: guidance by a condition scale, temperature, top-k, top-p.

Order as in dalle-mini: guidance, temperature, top-k, top-p, then a categorical draw. Each picture has its own
random key, folded with the step, so what is drawn for it never depends on its neighbours in the batch
(dalle-mini's one key for a whole batch made pictures change with the batch size). Random numbers are made for the
tokens that top-k keeps alone, and are those that a draw over all tokens would have used. With `official_rng` the keys
are split and used as the official package does: one key a picture gives what that package draws for the picture
alone, one key for all what it draws for the batch.

One behaviour differs from the official package on purpose: ids at or above the codebook's size, for which the
published embeddings have rows and the VQGAN has no code, are never drawn.
"""

from __future__ import annotations

import itertools
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry_2x32

from rapporteur.core.errors import BadInput
from rapporteur.dalle import decoding
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.decoding import Cache, Decoder

DEFAULT_TOP_K = 50  # what dalle-mini does when top_k is not given
LONGEST_STRETCH, LONGEST_ON_ACCELERATOR = 128, 64  # positions
GROUP = 16  # scores: see `_top_k`
FLOAT32 = np.dtype(np.float32)
NO_MORE = np.finfo(np.float32).tiny  # of a distance beyond a border: as little as there is
BEYOND = 4  # tokens looked at beyond those that top-k keeps
ROUNDING = 1e-4  # by which float32 may miss a score, before guidance and temperature; measured in benchmarks/margins.py


@dataclass(frozen=True)
class SamplerSettings:
    """condition_scale: 1 turns guidance off; top_k: None means 50, 0 keeps every token; top_p: None or 1 keeps all;
    official_rng: draw random numbers in the official package's order (inside `official_stream()`)."""

    condition_scale: float = 10.0
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    official_rng: bool = False

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise BadInput(f"the sampler's temperature must be above 0, not {self.temperature}")
        if self.top_k is not None and self.top_k < 0:
            raise BadInput(f"the sampler's top_k must be 0 (off) or more, not {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise BadInput(f"the sampler's top_p must be in (0, 1], not {self.top_p}")

    @property
    def kept(self) -> int:
        """How many tokens top-k keeps; 0 means all."""
        return DEFAULT_TOP_K if self.top_k is None else self.top_k

    @property
    def guided(self) -> bool:
        """Whether the unconditional pass is needed."""
        return self.condition_scale != 1.0

    @property
    def doubt(self) -> float:
        """A margin below which float32 may have drawn another token than exact numbers would."""
        spread = abs(self.condition_scale) + abs(self.condition_scale - 1)
        return 2 * ROUNDING * spread / self.temperature


def guide(conditional: jax.Array, unconditional: jax.Array, scale: float) -> jax.Array:
    """unconditional + scale * (conditional - unconditional): classifier-free guidance (Ho and Salimans 2022)."""
    return unconditional + scale * (conditional - unconditional)


def filter_logits(scores: jax.Array, settings: SamplerSettings) -> jax.Array:
    """Temperature, then top-k, then top-p: [batch, tokens] to the same with -inf where a token may not be drawn."""
    tokens = scores.shape[-1]
    if settings.kept in {0, tokens} and (settings.top_p or 1.0) == 1.0:
        return scores / settings.temperature
    best, places = likeliest(scores, settings)
    rows = jnp.arange(scores.shape[0])[:, None]
    return jnp.full_like(scores, -jnp.inf).at[rows, places].set(best)


def likeliest(scores: jax.Array, settings: SamplerSettings) -> tuple[jax.Array, jax.Array]:
    """The tokens that may be drawn, likeliest first: their scores over the temperature and their ids, [batch, kept].

    top-p keeps the likeliest tokens up to and including the one which reaches the sum (Holtzman et al. 2020); those
    beyond have -inf.
    """
    tokens = scores.shape[-1]
    best, places = _top_k(scores / settings.temperature, min(settings.kept, tokens) or tokens)
    top_p = settings.top_p or 1.0
    if top_p < 1.0:
        reached = jnp.cumsum(jax.nn.softmax(best, axis=-1), axis=-1) < top_p
        best = jnp.where(jnp.roll(reached, 1, axis=-1).at[:, 0].set(True), best, -jnp.inf)
    return best, places


def _top_k(scores: jax.Array, kept: int) -> tuple[jax.Array, jax.Array]:
    """`lax.top_k`; on accelerators, where that sorts whole rows, among the groups of the highest maxima alone."""
    tokens = scores.shape[-1]
    if jax.default_backend() == "cpu" or tokens < 4 * GROUP * kept:
        return jax.lax.top_k(scores, kept)
    return _top_k_by_group(scores, kept)


def _top_k_by_group(scores: jax.Array, kept: int) -> tuple[jax.Array, jax.Array]:
    filled = jnp.pad(scores, ((0, 0), (0, -scores.shape[-1] % GROUP)), constant_values=-jnp.inf)
    groups = filled.reshape(scores.shape[0], -1, GROUP)
    _, chosen = jax.lax.top_k(groups.max(-1), kept)
    chosen = jnp.sort(chosen, axis=-1)  # among equal scores, the first token comes first
    candidates = jnp.take_along_axis(groups, chosen[:, :, None], axis=1).reshape(scores.shape[0], -1)
    best, at = jax.lax.top_k(candidates, kept)
    group = jnp.take_along_axis(chosen, at // GROUP, axis=1)
    return best, group * GROUP + at % GROUP


def _next_scores(
    decoder: Decoder, settings: SamplerSettings, carry: tuple[Cache, jax.Array, jax.Array]
) -> tuple[jax.Array, Cache]:
    """Guided logits [pictures, codes] of the next token: both passes in one doubled batch."""
    cache, token, position = carry
    both = jnp.concatenate([token, token]) if settings.guided else token
    scores, cache = decoding.step(decoder, cache, token=both, position=position)
    if settings.guided:
        conditional, unconditional = jnp.split(scores, 2)
        scores = guide(conditional, unconditional, settings.condition_scale)
    return scores, cache


def official_stream() -> AbstractContextManager[Any]:
    """Random numbers as JAX made them before 0.5, which the official package's draws need; wrap the jitted call."""
    stream: AbstractContextManager[Any] = jax.threefry_partitionable(False)
    return stream


def _draw(
    keys: jax.Array, position: jax.Array, scores: jax.Array, settings: SamplerSettings
) -> tuple[jax.Array, jax.Array]:
    """One token a picture from its key folded with the step, among the tokens that may be drawn; and by how much.

    The token drawn is that of the highest score once its noise is added (Gumbel-max). Its margin is the least change
    of the scores that would have drawn another: of two scores against each other, or of one across the borders of
    top-k and top-p.
    """
    now = jax.vmap(jax.random.fold_in, (0, None))(keys, position)
    best, places, over, unseen = _candidates(scores, settings)
    noisy = best + gumbel_at(now, places, best.dtype)
    allowed = over.within < 0
    in_play = jnp.where(allowed, noisy, -jnp.inf)
    first, second = jnp.split(jax.lax.top_k(in_play, 2)[0], 2, axis=1)
    drawn = jnp.argmax(in_play, axis=-1)[:, None]
    # One beyond a border draws once it is let in and leads; one within it no longer once it is put out.
    let_in = jnp.where(allowed, jnp.inf, jnp.maximum(over.within, first - noisy)).min(axis=-1)
    lead = jnp.take_along_axis(best, drawn, axis=1) - best
    put_out = jnp.where(jnp.arange(best.shape[1]) >= drawn, jnp.maximum(lead, over.out), jnp.inf).min(axis=-1)
    margin = jnp.minimum(jnp.minimum((first - second)[:, 0], unseen), jnp.minimum(let_in, put_out))
    return jnp.take_along_axis(places, drawn, axis=1)[:, 0].astype(jnp.int32), margin


class _Borders(NamedTuple):
    """Where candidates [batch, tokens] lie by the borders of top-k and top-p."""

    within: jax.Array  # by how much one is put out, at least: negative for those that may be drawn
    out: jax.Array  # by how much the place of one in the order is inside, 0 outside: one who falls there is put out


def _candidates(scores: jax.Array, settings: SamplerSettings) -> tuple[jax.Array, jax.Array, _Borders, jax.Array]:
    """Scores over the temperature and ids, likeliest first, [batch, kept and `BEYOND`]; their places by the borders;
    and how far beyond those lie that are not looked at [batch].
    """
    tokens, kept, scaled = scores.shape[-1], settings.kept, scores / settings.temperature
    top_p, unseen = settings.top_p or 1.0, jnp.full(scores.shape[0], jnp.inf, scaled.dtype)
    if kept in {0, tokens} and top_p == 1.0:  # all may be drawn: there is nothing to sort for
        places = jnp.broadcast_to(jnp.arange(tokens, dtype=jnp.int32), scaled.shape)
        return scaled, places, _Borders(jnp.full_like(scaled, -jnp.inf), jnp.full_like(scaled, jnp.inf)), unseen
    kept = min(kept, tokens) or tokens
    best, places = _top_k(scaled, min(kept + BEYOND, tokens))
    if best.shape[1] < tokens:
        unseen = best[:, kept - 1] - best[:, -1]
    inside = jnp.broadcast_to(jnp.arange(best.shape[1]) < kept, best.shape)
    borders = _Borders(_beyond(best, inside), jnp.where(inside, jnp.inf, 0.0))
    if top_p < 1.0:
        likely = jax.nn.softmax(best[:, :kept], axis=-1)
        before = jnp.pad(jnp.cumsum(likely, axis=-1) - likely, ((0, 0), (0, best.shape[1] - kept)), constant_values=2)
        chosen = (before < top_p).at[:, 0].set(True)
        # Likelihoods carry the border past the first who is out; or a score takes one past the last who is in.
        least = jnp.where(chosen, jnp.inf, before - top_p).min(axis=-1, keepdims=True)
        past = jnp.maximum(jnp.minimum(least, _beyond(best, chosen)), NO_MORE)
        within = jnp.where(chosen, borders.within, jnp.maximum(borders.within, past))
        borders = _Borders(within, jnp.minimum(borders.out, jnp.maximum(top_p - before, 0.0)).at[:, 0].set(jnp.inf))
    return best, places, borders, unseen


def _beyond(best: jax.Array, inside: jax.Array) -> jax.Array:
    """How far scores [batch, tokens] lie below the last that is inside; negative inside."""
    last = jnp.where(inside, best, jnp.inf).min(axis=-1, keepdims=True)
    return jnp.where(inside, -jnp.inf, jnp.maximum(last - best, NO_MORE))


def gumbel_at(keys: jax.Array, places: jax.Array, kind: np.dtype[Any] = FLOAT32) -> jax.Array:
    """`jax.random.gumbel(key, (n,))[places]` for every row, without the others: keys [batch], places [batch, kept].

    JAX's stream is a hash of key and place (Salmon et al. 2011); a uniform number is its upper 23 bits. `kind`: in
    which the logarithms are taken, of the same uniform numbers.
    """
    words = jax.random.key_data(keys)
    counts = jnp.concatenate([jnp.zeros_like(places), places], axis=1).astype(jnp.uint32)
    high, low = jnp.split(jax.vmap(lambda key, count: threefry_2x32((key[0], key[1]), count))(words, counts), 2, axis=1)
    one_to_two = jax.lax.bitcast_convert_type(((high ^ low) >> 9) | jnp.uint32(0x3F800000), jnp.float32)
    least = np.finfo(np.float32).tiny
    uniform = jnp.maximum(least, (one_to_two - 1) * (1 - least) + least)
    return -jnp.log(-jnp.log(uniform.astype(kind)))


def _draw_officially(keys: jax.Array, position: jax.Array, scores: jax.Array) -> tuple[jax.Array, jax.Array]:
    """One token a picture, each key split in (now, later) and used for its share of the batch; the later keys."""
    del position  # the official package counts by splitting
    pairs = jax.vmap(jax.random.split)(keys)
    shared = scores.reshape(keys.shape[0], -1, scores.shape[-1])
    return jax.vmap(jax.random.categorical)(pairs[:, 0], shared).reshape(-1).astype(jnp.int32), pairs[:, 1]


def longest_stretch() -> int:
    """Positions; an accelerator's time goes into reading the cache, so its stretches are shorter."""
    return LONGEST_STRETCH if jax.default_backend() == "cpu" else LONGEST_ON_ACCELERATOR


def stretches(length: int, longest: int) -> list[tuple[int, int]]:
    """Positions in stretches (from, to) of at most `longest`: a stretch attends to no more cache than its end can fill.

    Saves a tenth of the time at batch 8 of the published size; each stretch is compiled for itself.
    """
    count = -(-length // longest)
    ends = [length * part // count for part in range(count + 1)]
    return list(itertools.pairwise(ends))


def sample_tokens(
    decoder: Decoder,
    config: DalleConfig,
    settings: SamplerSettings,
    *,
    codes: int,
    text: tuple[jax.Array, jax.Array],
    blank: tuple[jax.Array, jax.Array],
    keys: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """Draw image tokens for a batch of captions.

    decoder: the laid-out decoder (`decoding.prepare`); codes: size of the image codebook (ids at or above it are
    never drawn); text: encodings [batch, max_text_length, d_model] (`dalle.encode_text`) and masks [batch,
    max_text_length] of the captions; blank: those of the empty caption, without the batch's axis; keys: one random
    key per picture [batch]; with `official_rng` also fewer, each for an equal share of the batch. Computed in the
    decoder's precision. Returns ids [batch, image_length] (int32), and the least margin of each picture's draws
    [batch] (see `_draw`; infinite with `official_rng`, where it is not known). Pure: wrap it in `jax.jit`.
    """

    def draw(keys: jax.Array, position: jax.Array, scores: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        if not settings.official_rng:
            drawn, margin = _draw(keys, position, scores[:, :codes], settings)
            return drawn, keys, margin
        fill = [(0, 0), (0, config.image_vocab_size + 1 - codes)]
        allowed = jnp.pad(scores[:, :codes], fill, constant_values=-jnp.inf)
        drawn, keys = _draw_officially(keys, position, filter_logits(allowed, settings))
        return drawn, keys, jnp.full(len(drawn), jnp.inf, scores.dtype)

    def step(carry: tuple[Cache, jax.Array, jax.Array, jax.Array], position: jax.Array) -> tuple[Any, jax.Array]:
        cache, token, keys, least = carry
        scores, cache = _next_scores(decoder, settings, (cache, token, position))
        drawn, keys, margin = draw(keys, position, scores)
        return (cache, drawn, keys, jnp.minimum(least, margin)), drawn

    cache = decoding.start(decoder, config, text, 0, blank if settings.guided else None)
    token = jnp.full(text[0].shape[0], config.decoder_start_token_id, jnp.int32)
    least = jnp.full(text[0].shape[0], jnp.inf, jnp.promote_types(decoder.head.dtype, jnp.float32))
    tokens = []
    for first, end in stretches(config.image_length, longest_stretch()):
        carry = (decoding.grow(cache, end), token, keys, least)
        (cache, token, keys, least), drawn = jax.lax.scan(step, carry, jnp.arange(first, end))
        tokens.append(drawn)
    return jnp.concatenate(tokens).T, least
