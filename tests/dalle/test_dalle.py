from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rapporteur.dalle import dalle
from rapporteur.dalle.checkpoint import flatten, unflatten
from rapporteur.dalle.dalle import DalleConfig

CONFIG = DalleConfig(
    d_model=12,
    encoder_layers=2,
    decoder_layers=3,
    encoder_attention_heads=3,
    decoder_attention_heads=3,
    encoder_ffn_dim=10,
    decoder_ffn_dim=14,
    encoder_vocab_size=20,
    image_vocab_size=16,
    max_text_length=6,
    image_length=9,
    decoder_start_token_id=16,
    normalize_text=False,
)


def random_params(config: DalleConfig = CONFIG, seed: int = 0) -> dict:
    """Every tensor random, biases and scales too, so that none can be forgotten unseen."""
    random = np.random.default_rng(seed)
    shapes = flatten(dalle.parameter_shapes(config))
    return unflatten({name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()})


@pytest.fixture
def text() -> tuple[np.ndarray, np.ndarray]:
    ids = np.array([[0, 7, 8, 9, 2, 1], [0, 5, 2, 1, 1, 1]], np.int32)
    return ids, (ids != 1).astype(np.int32)


@pytest.fixture
def tokens() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 16, (2, 9)).astype(np.int32)


# An independent formulation: numpy, one picture, one position, one head at a time, from the description alone.


def plain_norm(tree: dict, layer: int | None, x: np.ndarray) -> np.ndarray:
    own = {name: value if layer is None else value[layer] for name, value in tree.items()}
    y = (x - x.mean()) / math.sqrt(x.var() + 1e-5)
    return y * own.get("scale", 1.0) + own["bias"]


def plain_attention(tree: dict, layer: int, queries: list, sources: list, *, allowed, heads: int) -> list:
    kernel = {name: tree[f"{name}_proj"]["kernel"][layer] for name in ("q", "k", "v", "out")}
    width = kernel["q"].shape[1] // heads
    out = []
    for place, x in enumerate(queries):
        mixed = np.zeros(kernel["q"].shape[1])
        for head in range(heads):
            cut = slice(head * width, (head + 1) * width)
            seen = [i for i in range(len(sources)) if allowed(place, i)]
            scores = [(x @ kernel["q"])[cut] @ (sources[i] @ kernel["k"])[cut] / math.sqrt(width) for i in seen]
            weights = np.exp(np.array(scores) - max(scores))
            weights /= weights.sum()
            mixed[cut] = sum(w * (sources[i] @ kernel["v"])[cut] for w, i in zip(weights, seen, strict=True))
        out.append(mixed @ kernel["out"])
    return out


def plain_glu(tree: dict, layer: int, x: np.ndarray) -> np.ndarray:
    h = plain_norm(tree["LayerNorm_0"], layer, x)
    gate = h @ tree["Dense_0"]["kernel"][layer]
    gate = np.array([0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in gate])
    y = plain_norm(tree["LayerNorm_1"], layer, gate * (h @ tree["Dense_1"]["kernel"][layer]))
    return y @ tree["Dense_2"]["kernel"][layer]


def plain_embed(side: dict, ids: list[int]) -> list:
    words, places = side["embed_tokens"]["embedding"], side["embed_positions"]["embedding"]
    return [plain_norm(side["layernorm_embedding"], None, words[i] + places[at]) for at, i in enumerate(ids)]


def plain_logits(
    params: dict, config: DalleConfig, ids: np.ndarray, mask: np.ndarray, tokens: np.ndarray
) -> np.ndarray:
    def attend(tree: dict, at: tuple[int, int], x: list, sources: list | None, *, allowed, heads: int) -> list:
        layer, number = at
        y = [plain_norm(tree[f"LayerNorm_{2 * number}"], layer, one) for one in x]
        mixed = plain_attention(
            tree[f"FlaxBartAttention_{number}"], layer, y, sources or y, allowed=allowed, heads=heads
        )
        post = tree[f"LayerNorm_{2 * number + 1}"]
        return [one + plain_norm(post, layer, m) for one, m in zip(x, mixed, strict=True)]

    side, heads = params["model"]["encoder"], config.encoder_attention_heads
    tree, x = side["layers"][dalle.ENCODER_STACK], plain_embed(side, list(ids))
    for layer in range(config.encoder_layers):
        x = attend(tree, (layer, 0), x, None, allowed=lambda _, i: mask[i] > 0, heads=heads)
        x = [one + plain_glu(tree["GLU_0"], layer, one) for one in x]
    text = [plain_norm(side["final_ln"], None, one) for one in x]
    side, heads = params["model"]["decoder"], config.decoder_attention_heads
    tree, x = side["layers"][dalle.DECODER_STACK], plain_embed(side, [config.decoder_start_token_id, *tokens[:-1]])
    for layer in range(config.decoder_layers):
        x = attend(tree, (layer, 0), x, None, allowed=lambda at, i: i <= at, heads=heads)
        x = attend(tree, (layer, 1), x, text, allowed=lambda _, i: mask[i] > 0, heads=heads)
        x = [one + plain_glu(tree["GLU_0"], layer, one) for one in x]
    return np.stack([plain_norm(side["final_ln"], None, one) @ params["lm_head"]["kernel"] for one in x])


def teacher_forced(params, ids, mask, tokens, config=CONFIG) -> np.ndarray:
    encoded = dalle.encode_text(params, config, ids, mask)
    return np.asarray(dalle.logits(params, config, encoded, mask, jnp.asarray(tokens)))


def test_logits_equal_a_plain_numpy_reading_of_the_description(text, tokens) -> None:
    params = random_params()
    found = teacher_forced(params, *text, tokens)
    for row in range(2):
        wanted = plain_logits(params, CONFIG, text[0][row], text[1][row], tokens[row])
        np.testing.assert_allclose(found[row], wanted, atol=2e-5 * np.abs(wanted).max())


def test_padding_never_changes_the_logits(text, tokens) -> None:
    params, (ids, mask) = random_params(), text
    other = np.where(mask == 1, ids, 13).astype(np.int32)
    np.testing.assert_array_equal(
        teacher_forced(params, ids, mask, tokens), teacher_forced(params, other, mask, tokens)
    )


def test_a_word_changes_the_logits(text, tokens) -> None:
    params, (ids, mask) = random_params(), text
    other = ids.copy()
    other[:, 1] = 11
    assert not np.allclose(teacher_forced(params, ids, mask, tokens), teacher_forced(params, other, mask, tokens))


def test_a_token_changes_only_what_comes_after_it(text, tokens) -> None:
    params, other = random_params(), tokens.copy()
    other[:, 4] = (other[:, 4] + 1) % 16
    before, after = teacher_forced(params, *text, tokens), teacher_forced(params, *text, other)
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert not np.allclose(before[:, 5], after[:, 5])


def test_a_tree_with_further_scales_uses_them(text, tokens) -> None:
    params = random_params()
    before = teacher_forced(params, *text, tokens)
    params["model"]["decoder"]["final_ln"]["scale"] = np.full(CONFIG.d_model, 2.0, np.float32)
    params["model"]["decoder"]["final_ln"]["bias"] = 2 * params["model"]["decoder"]["final_ln"]["bias"]
    np.testing.assert_allclose(teacher_forced(params, *text, tokens), 2 * before, rtol=1e-4, atol=1e-5)


def test_the_published_sizes_have_the_published_number_of_weights() -> None:
    sizes = flatten(dalle.parameter_shapes(DalleConfig()))
    assert sum(math.prod(shape) for shape in sizes.values()) == 437_833_712
    assert len(sizes) == 42


def test_shapes_of_encodings_and_logits(text, tokens) -> None:
    encoded = jax.eval_shape(lambda p: dalle.encode_text(p, CONFIG, *text), random_params())
    assert encoded.shape == (2, 6, 12)
    assert teacher_forced(random_params(), *text, tokens).shape == (2, 9, 17)
