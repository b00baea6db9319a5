from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.dalle import dalle, decoding, sampling
from rapporteur.dalle.sampling import SamplerSettings, filter_logits, guide, sample_tokens
from tests.dalle.test_dalle import CONFIG, random_params


def plain_filter(scores: np.ndarray, temperature: float, top_k: int, top_p: float) -> np.ndarray:
    """Temperature, top-k, top-p of one row, word for word."""
    scores = scores / temperature
    order = np.argsort(-scores, kind="stable")
    kept = list(order[:top_k] if top_k else order)
    share = np.exp(scores[kept] - scores[kept].max())
    share /= share.sum()
    nucleus, total = [], 0.0
    for token, weight in zip(kept, share, strict=True):
        nucleus.append(token)
        total += weight
        if total >= top_p:
            break
    out = np.full_like(scores, -np.inf)
    out[nucleus] = scores[nucleus]
    return out


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(1.0, 0, 1.0), (0.7, 5, 1.0), (1.3, 0, 0.8), (0.9, 8, 0.6), (2.0, 99, 0.999)]
)
def test_filters_follow_the_documented_order(temperature: float, top_k: int, top_p: float) -> None:
    scores = np.random.default_rng(0).normal(0, 2, (4, 30)).astype(np.float32)
    found = filter_logits(jnp.asarray(scores), SamplerSettings(1.0, temperature, top_k, top_p))
    wanted = [plain_filter(row, temperature, top_k, top_p) for row in scores]
    np.testing.assert_allclose(found, np.stack(wanted), rtol=1e-5)


def test_the_order_is_temperature_then_top_k_then_top_p() -> None:
    scores = jnp.log(jnp.array([[0.4, 0.3, 0.2, 0.1]]))
    # After top-k 2 the shares are 4/7 and 3/7: 0.5 is reached by the first alone; before it, it takes two.
    kept = np.isfinite(np.asarray(filter_logits(scores, SamplerSettings(1.0, 1.0, 2, 0.5))))
    assert kept.tolist() == [[True, False, False, False]]
    # A low temperature sharpens the shares before top-p sees them.
    cold = np.isfinite(np.asarray(filter_logits(scores, SamplerSettings(1.0, 0.1, 0, 0.9))))
    assert cold.tolist() == [[True, False, False, False]]


def test_no_top_k_means_fifty_and_zero_keeps_all() -> None:
    scores = jnp.arange(80.0)[None]
    assert np.isfinite(np.asarray(filter_logits(scores, SamplerSettings()))).sum() == 50
    assert np.isfinite(np.asarray(filter_logits(scores, SamplerSettings(top_k=0)))).sum() == 80


@pytest.mark.parametrize("wrong", [{"temperature": 0.0}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.5}])
def test_a_setting_without_a_meaning_is_refused(wrong: dict) -> None:
    with pytest.raises(BadInput, match=next(iter(wrong))):
        SamplerSettings(**wrong)


def test_guidance_goes_from_the_unconditional_beyond_the_conditional() -> None:
    np.testing.assert_allclose(guide(jnp.array([2.0]), jnp.array([1.0]), 3.0), [4.0])


IDS = np.array([[0, 7, 8, 9, 2, 1], [0, 5, 2, 1, 1, 1], [0, 11, 12, 2, 1, 1]], np.int32)
BLANK = np.array([0, 2, 1, 1, 1, 1], np.int32)


def encoded(params: dict, ids: np.ndarray) -> jax.Array:
    return dalle.encode_text(params, CONFIG, ids, (ids != 1).astype(np.int32))


def draw(rows: list[int], scale: float, codes: int = 16) -> np.ndarray:
    ids, keys = IDS[rows], jax.vmap(jax.random.key)(jnp.array(rows) + 100)
    masks = (ids != 1).astype(np.int32), (BLANK != 1).astype(np.int32)
    sample = jax.jit(partial(sample_tokens, config=CONFIG, settings=SamplerSettings(scale, 1.0, 0), codes=codes))
    params = random_params()
    text, blank = (encoded(params, ids), masks[0]), (encoded(params, BLANK[None])[0], masks[1])
    return np.asarray(sample(decoding.prepare(params), text=text, blank=blank, keys=keys)[0])


def test_a_picture_depends_on_its_own_key_and_caption_alone() -> None:
    together = draw([0, 1, 2], 2.0)
    np.testing.assert_array_equal(draw([2, 1, 0], 2.0)[::-1], together)
    np.testing.assert_array_equal(draw([1], 2.0)[0], together[1])


def test_the_official_order_of_draws_shares_one_key_or_keeps_one_a_picture() -> None:
    """One key for all draws as for a batch; a key each draws every picture as if alone."""
    params = random_params()
    decoder, masks = decoding.prepare(params), (IDS != 1).astype(np.int32)
    settings = SamplerSettings(2.0, 1.0, 0, official_rng=True)
    sample = jax.jit(partial(sample_tokens, config=CONFIG, settings=settings, codes=16))
    keys = jax.vmap(jax.random.key)(jnp.arange(3))
    text, blank = encoded(params, IDS), (encoded(params, BLANK[None])[0], (BLANK != 1).astype(np.int32))

    def official(rows: list[int], keys: jax.Array) -> np.ndarray:
        with sampling.official_stream():
            return np.asarray(sample(decoder, text=(text[jnp.array(rows)], masks[rows]), blank=blank, keys=keys)[0])

    alone = np.concatenate([official([row], keys[row : row + 1]) for row in range(3)])
    np.testing.assert_array_equal(official([0, 1, 2], keys), alone)
    assert not np.array_equal(official([0, 1, 2], keys[:1]), alone)


def test_stretches_cover_every_position_once() -> None:
    for length in (9, 128, 144, 256, 1024):
        parts = sampling.stretches(length, 64)
        assert [place for first, end in parts for place in range(first, end)] == list(range(length))
        assert max(end - first for first, end in parts) <= 64


def test_pictures_drawn_in_one_stretch_and_in_many_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = draw([0, 1, 2], 2.0)
    monkeypatch.setattr(sampling, "LONGEST_STRETCH", 4)
    np.testing.assert_array_equal(draw([0, 1, 2], 2.0), whole)


def test_ids_outside_the_codebook_are_never_drawn() -> None:
    assert draw([0, 1, 2], 1.0, codes=3).max() < 3


def test_a_condition_scale_of_one_runs_one_pass_only(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    original = decoding.step

    def seen(weights, cache, *, token, position):
        rows.append(token.shape[0])
        return original(weights, cache, token=token, position=position)

    monkeypatch.setattr(sampling.decoding, "step", seen)
    draw([0, 1, 2], 1.0)
    draw([0, 1, 2], 2.0)
    assert rows[0] == 3 and rows[-1] == 6


def test_without_guidance_draws_follow_the_model_s_own_probabilities() -> None:
    params = random_params()
    ids = np.repeat(IDS[:1], 400, axis=0)
    mask = (ids != 1).astype(np.int32)
    keys = jax.random.split(jax.random.key(3), 400)
    sample = partial(sample_tokens, config=CONFIG, settings=SamplerSettings(1.0, 1.0, 0), codes=17)
    text = encoded(params, ids)
    tokens, _ = jax.jit(sample)(decoding.prepare(params), text=(text, mask), blank=(text[0], mask[0]), keys=keys)
    drawn = tokens[:, 0]
    scores = dalle.logits(params, CONFIG, text[:1], mask[:1], jnp.zeros((1, 9), jnp.int32))[0, 0]
    expected = np.asarray(jax.nn.softmax(scores))
    found = np.bincount(np.asarray(drawn), minlength=17) / 400
    assert np.abs(found - expected).max() < 4 * np.sqrt(0.25 / 400)


def test_numbers_for_some_places_are_those_of_a_draw_over_all() -> None:
    keys = jax.random.split(jax.random.key(5), 4)
    places = jnp.asarray(np.random.default_rng(1).integers(0, 16384, (4, 50)))
    every = jax.vmap(lambda key: jax.random.gumbel(key, (16385,)))(keys)
    np.testing.assert_array_equal(sampling.gumbel_at(keys, places), jnp.take_along_axis(every, places, 1))


@pytest.mark.parametrize(("top_k", "top_p"), [(None, None), (5, 0.7), (0, 0.9), (0, None)])
def test_a_draw_among_the_kept_is_the_draw_over_all(top_k: int | None, top_p: float | None) -> None:
    settings = SamplerSettings(1.0, 0.8, top_k, top_p)
    scores = jnp.asarray(np.random.default_rng(2).normal(0, 3, (64, 600)).astype(np.float32))
    keys, position = jax.random.split(jax.random.key(6), 64), jnp.asarray(3)
    now = jax.vmap(jax.random.fold_in, (0, None))(keys, position)
    wanted = jax.vmap(jax.random.categorical)(now, filter_logits(scores, settings))
    np.testing.assert_array_equal(sampling._draw(keys, position, scores, settings)[0], wanted)


@pytest.mark.parametrize(("top_k", "top_p"), [(None, None), (5, 1.0), (5, 0.7), (0, 0.9), (0, None)])
def test_less_than_its_margin_changes_no_draw_and_more_can(top_k: int | None, top_p: float | None) -> None:
    """Scores moved at random by less than half the margin draw the same, and no margin is larger than it need be."""
    settings, chance = SamplerSettings(1.0, 1.0, top_k, top_p), np.random.default_rng(4)
    scores = chance.normal(0, 2, (400, 60)).astype(np.float32)
    keys, position = jax.random.split(jax.random.key(9), 400), jnp.asarray(3)
    draw = jax.jit(partial(sampling._draw, settings=settings))
    drawn, margin = (np.asarray(found) for found in draw(keys, position, jnp.asarray(scores)))
    assert (margin > 0).all() and np.median(margin) > 0.01
    for _ in range(20):
        moved = scores + 0.45 * margin[:, None] * chance.choice([-1, 1], scores.shape)
        np.testing.assert_array_equal(draw(keys, position, jnp.asarray(moved))[0], drawn)
    if (top_k, top_p) != (0, None):
        return
    # Without borders another is drawn as soon as the one drawn falls by more than the margin.
    fallen = scores.copy()
    fallen[np.arange(400), drawn] -= 1.001 * margin + 1e-6
    assert (np.asarray(draw(keys, position, jnp.asarray(fallen))[0]) != drawn).all()


def test_the_highest_are_found_by_group_as_by_sorting() -> None:
    scores = np.random.default_rng(7).normal(0, 1, (8, 5001)).astype(np.float32)
    scores[:, 100:120] = 9.0  # equal ones: the first tokens come first
    wanted, found = jax.lax.top_k(scores, 15), sampling._top_k_by_group(jnp.asarray(scores), 15)
    for one, other in zip(wanted, found, strict=True):
        np.testing.assert_array_equal(one, other)
