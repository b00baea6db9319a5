from functools import partial

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from rapporteur.dalle import dalle, decoding
from tests.dalle.test_dalle import CONFIG, random_params

IDS = np.array([[0, 5, 6, 2, 1, 1], [0, 7, 2, 1, 1, 1]], np.int32)[:, : CONFIG.max_text_length]
MASK = (IDS != 1).astype(np.int32)
TOKENS = np.random.default_rng(4).integers(0, CONFIG.image_vocab_size, (2, CONFIG.image_length)).astype(np.int32)


def taught(params) -> jax.Array:
    """Logits of every position by the training form."""
    return dalle.logits(params, CONFIG, dalle.encode_text(params, CONFIG, IDS, MASK), MASK, jnp.asarray(TOKENS))


def drawn(params, kind=np.float32, rooms: tuple[int, ...] = (CONFIG.image_length,), **layout: int) -> np.ndarray:
    """The same, one token at a time; the cache grows to each of `rooms`."""
    weights, step, grow = (
        decoding.prepare(params, kind, **layout),
        jax.jit(decoding.step),
        jax.jit(decoding.grow, static_argnums=1),
    )
    start = jax.jit(partial(decoding.start, config=CONFIG, positions=0))
    cache = start(weights, text=(dalle.encode_text(params, CONFIG, IDS, MASK), MASK))
    token, found = jnp.full(2, CONFIG.decoder_start_token_id), []
    for position in range(CONFIG.image_length):
        room = min(room for room in rooms if room > position)
        scores, cache = step(weights, grow(cache, room), token=token, position=jnp.asarray(position))
        token = jnp.asarray(TOKENS[:, position])
        found.append(np.asarray(scores))
    return np.stack(found, axis=1)


@pytest.mark.parametrize("rooms", [(CONFIG.image_length,), (2, 5, CONFIG.image_length)])
def test_token_by_token_gives_the_taught_logits(rooms: tuple[int, ...]) -> None:
    params = random_params()
    np.testing.assert_allclose(drawn(params, rooms=rooms), taught(params), atol=2e-5)


def test_scales_of_older_checkpoints_are_computed_with() -> None:
    params = random_params()
    stack = params["model"]["decoder"]["layers"][dalle.DECODER_STACK]
    for place in ("LayerNorm_0", "LayerNorm_2"):
        stack[place]["scale"] = 1 + 0.5 * np.sin(np.arange(stack[place]["bias"].size)).reshape(
            stack[place]["bias"].shape
        )
    scaled = taught(params)
    np.testing.assert_allclose(drawn(params), scaled, atol=2e-5)
    assert np.abs(scaled - taught(random_params())).max() > 1e-2


def test_bfloat16_weights_stay_near_and_take_half_the_memory() -> None:
    params = random_params()
    wanted = np.asarray(taught(params))
    assert 0 < np.abs(drawn(params, ml_dtypes.bfloat16) - wanted).max() < 0.05 * np.abs(wanted).max()
    whole, half = (decoding.prepare(params, kind) for kind in (np.float32, ml_dtypes.bfloat16))
    assert half.layers[0]["glu_in"].nbytes * 2 == whole.layers[0]["glu_in"].nbytes


def test_filled_up_matrices_and_a_shorter_head_change_no_logit() -> None:
    params = random_params()
    assert CONFIG.decoder_ffn_dim % 16, "nothing would be filled up"
    found = drawn(params, codes=7, alignment=16)
    np.testing.assert_allclose(found, np.asarray(taught(params))[..., :7], atol=2e-5)
    laid_out = decoding.prepare(params, codes=7, alignment=16)
    assert laid_out.layers[0]["glu_out"].shape[0] % 16 == 0 and laid_out.head.shape[1] == 7


def test_rows_without_caption_attend_to_the_empty_one_held_once() -> None:
    """As if the empty caption stood in every row; its padding may be left away."""
    params = random_params()
    weights, blank_ids = decoding.prepare(params), np.array([[0, 2, 1, 1, 1, 1]], np.int32)
    blank_mask = (blank_ids != 1).astype(np.int32)
    text, blank = dalle.encode_text(params, CONFIG, IDS, MASK), dalle.encode_text(params, CONFIG, blank_ids, blank_mask)
    rows = jnp.concatenate([text, jnp.broadcast_to(blank, text.shape)]), np.concatenate([MASK, *[blank_mask] * 2])
    token, position = jnp.full(4, CONFIG.decoder_start_token_id), jnp.asarray(0)
    whole, _ = decoding.step(weights, decoding.start(weights, CONFIG, rows, 1), token=token, position=position)
    for words in (6, 2):
        once = decoding.start(weights, CONFIG, (text, MASK), 1, (blank[0, :words], blank_mask[0, :words]))
        found, _ = decoding.step(weights, once, token=token, position=position)
        np.testing.assert_allclose(found, whole, atol=2e-5)


def test_a_cache_in_float16_stays_as_near_as_products_in_tf32(monkeypatch: pytest.MonkeyPatch) -> None:
    params = random_params()
    monkeypatch.setattr(decoding, "kept_kind", lambda _: np.dtype(np.float16))
    difference = np.abs(drawn(params) - np.asarray(taught(params))).max()
    assert 0 < difference < 20 * 2**-11, "ten bits of a number near 1, over a few layers"
