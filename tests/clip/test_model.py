from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rapporteur.clip.model import (
    EXACT,
    Precision,
    Preprocess,
    image_features,
    load_clip,
    local_digest,
    text_features,
    token_counts,
    weights_digest,
)
from rapporteur.core.errors import BadInput
from tests.clip.networks import causal_clip, tiny_siglip
from tests.studies import tiny_clip


def pictures(count: int) -> list[Image.Image]:
    random = np.random.default_rng(0)
    return [Image.fromarray(random.integers(0, 256, (20, 20, 3)).astype(np.uint8)) for _ in range(count)]


def widths(network: Any, tokenizer: Any, texts: list[str]) -> list[int]:
    """How many positions each text is given."""
    from rapporteur.clip.encoding import text_tower

    return text_tower(network).widths(tokenizer(texts))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip(tmp_path_factory.mktemp("models") / "clip")


def test_features_are_unit_vectors(folder: Path) -> None:
    network, preprocess, tokenizer, _ = load_clip(str(folder))
    images = image_features(network, preprocess, pictures(5), 4)
    texts = text_features(network, tokenizer, ["a red star", "a dog"], 4)
    assert images.shape == (5, 32)
    assert np.linalg.norm(images, axis=1) == pytest.approx(1, abs=1e-6)
    assert np.linalg.norm(texts, axis=1) == pytest.approx(1, abs=1e-6)


def test_features_equal_open_clips_own(folder: Path) -> None:
    import torch

    network, preprocess, tokenizer, _ = load_clip(str(folder))
    with torch.inference_mode():
        image = network.encode_image(torch.stack([preprocess(one) for one in pictures(3)]), normalize=True)
        text = network.encode_text(tokenizer(["a red star"]), normalize=True)
    assert image_features(network, preprocess, pictures(3), 2) == pytest.approx(image.numpy(), abs=1e-6)
    assert text_features(network, tokenizer, ["a red star"], 2) == pytest.approx(text.numpy(), abs=1e-6)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_company_in_a_batch_does_not_change_a_byte(folder: Path, precision: Precision) -> None:
    network, preprocess, tokenizer, _ = load_clip(str(folder), precision=precision)
    many = pictures(11)
    together = image_features(network, preprocess, many, 8)
    alone = np.concatenate([image_features(network, preprocess, [one], 8) for one in many])
    backwards = image_features(network, preprocess, many[::-1], 8)[::-1]
    assert together.tobytes() == alone.tobytes() == backwards.tobytes()
    texts = ["a red star", "a dog", "two blue circles on a green and yellow wall", "", "x"]  # two widths
    assert len(set(widths(network, tokenizer, texts))) == 2
    once = text_features(network, tokenizer, texts, 3)
    for text, vector in zip(texts, once, strict=True):
        assert text_features(network, tokenizer, [text], 3).tobytes() == vector.tobytes()
    assert text_features(network, tokenizer, texts[::-1], 3)[::-1].tobytes() == once.tobytes()


def test_in_float64_neither_batch_nor_threads_change_a_byte(folder: Path) -> None:
    import torch

    network, preprocess, tokenizer, _ = load_clip(str(folder), precision=EXACT)
    many, texts = pictures(23), ["a red star", "two blue circles on a green and yellow wall", "x"] * 5
    found = set()
    try:
        for threads, batch in ((1, 1), (1, 7), (2, 8), (4, 23)):
            torch.set_num_threads(threads)
            vectors = image_features(network, preprocess, many, batch), text_features(network, tokenizer, texts, batch)
            found.add(b"".join(part.tobytes() for part in vectors))
    finally:
        torch.set_num_threads(2)
    assert len(found) == 1
    rough = load_clip(str(folder))[0]
    assert image_features(network, preprocess, many, 4) == pytest.approx(
        image_features(rough, preprocess, many, 4), abs=1e-6
    )


def test_pixels_scaled_together_are_those_of_open_clips_preprocessing(folder: Path) -> None:
    import torch

    from rapporteur.clip.encoding import pixels

    random = np.random.default_rng(0)
    for mode in ("squash", "shortest", "longest"):
        preprocess = open_clip_preprocess(mode)
        sizes = [(20, 20), (31, 17), (9, 40), (224, 224)]
        many = [Image.fromarray(random.integers(0, 256, (*size, 3)).astype(np.uint8)) for size in sizes]
        assert torch.equal(pixels(preprocess, many), torch.stack([preprocess(one) for one in many]))
    own = lambda picture: torch.full((3, 2, 2), float(picture.size[0]))  # noqa: E731
    assert pixels(own, many)[:, 0, 0, 0].tolist() == [20, 17, 40, 224]


def open_clip_preprocess(mode: str) -> Preprocess:
    from open_clip.transform import image_transform

    return image_transform(16, is_train=False, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.25), resize_mode=mode)


def test_bfloat16_turns_a_vector_by_less_than_a_degree(folder: Path) -> None:
    exact, rounded = (load_clip(str(folder), precision=one) for one in ("float32", "bfloat16"))
    texts = ["a red star", "a dog", "two blue circles on a green and yellow wall"]
    for left, right in (
        (text_features(*exact[::2], texts, 4), text_features(*rounded[::2], texts, 4)),
        (image_features(*exact[:2], pictures(5), 4), image_features(*rounded[:2], pictures(5), 4)),
    ):
        cosines = (left * right).sum(axis=1)
        assert cosines.min() > np.cos(np.radians(1))
        assert cosines.min() < 1 - 1e-7  # else nothing was rounded
    assert exact[3] == rounded[3]  # the digest is of the weights as they are kept


@pytest.mark.parametrize("custom", [False, True])
@pytest.mark.parametrize("pool", ["argmax", "eos"])
def test_a_causal_tower_is_given_a_texts_own_width_and_answers_the_same(
    tmp_path: Path, custom: bool, pool: str
) -> None:
    import torch

    network, _, tokenizer, _ = load_clip(str(causal_clip(tmp_path / "clip", pool, custom)))
    texts = ["", "a dog", "a dog and a cat on", "two blue circles on a green and yellow wall", "star " * 40]
    assert widths(network, tokenizer, texts) == [8, 8, 8, 16, 24]
    with torch.inference_mode():
        whole = network.encode_text(tokenizer(texts), normalize=True).numpy()
    assert np.abs(text_features(network, tokenizer, texts, 2) - whole).max() < 5e-7


def test_a_tower_that_sees_both_ways_is_given_every_position(siglip: Path) -> None:
    network, _, tokenizer, _ = load_clip(str(siglip))
    assert widths(network, tokenizer, ["a dog"]) == [12]


@pytest.fixture(scope="module")
def siglip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_siglip(tmp_path_factory.mktemp("models") / "siglip")


def test_a_siglip_is_read_with_its_own_tokenizer_context_and_picture_scaling(siglip: Path) -> None:
    import torch

    network, preprocess, tokenizer, digest = load_clip(str(siglip))
    assert digest == local_digest(str(siglip), None)
    assert preprocess(Image.new("RGB", (40, 20), (255, 0, 255))).amin(dim=(1, 2)).tolist() == [1.0, -1.0, 1.0]
    assert preprocess(Image.new("RGB", (40, 20))).shape == (3, 160, 160)
    assert token_counts(tokenizer, ["a red star", "star " * 20]) == [4, 21]  # with the end, as its tokenizer adds
    assert tokenizer.context_length == 12
    texts = ["a red star", "a dog", "star " * 20]
    with torch.inference_mode():
        text = network.encode_text(tokenizer(texts), normalize=True).numpy()
        image = network.encode_image(torch.stack([preprocess(one) for one in pictures(2)]), normalize=True).numpy()
    assert text_features(network, tokenizer, texts, 2) == pytest.approx(text, abs=1e-6)
    assert image_features(network, preprocess, pictures(2), 2) == pytest.approx(image, abs=1e-6)
    assert np.abs(text[0] - text[1]).max() > 1e-3


def test_attention_on_plain_matrices_equals_torchs(tmp_path: Path) -> None:
    import torch

    from rapporteur.clip.blocks import Attention

    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(32, 4, batch_first=True).eval()
    torch.nn.init.normal_(theirs.in_proj_bias)
    x, mask = torch.randn(3, 10, 32), torch.full((10, 10), -torch.inf).triu(1)
    with torch.inference_mode():
        for given in (None, mask):
            expected = theirs(x, x, x, need_weights=False, attn_mask=given)[0]
            found = Attention(theirs)(x, x, x, need_weights=False, attn_mask=given)[0]
            assert torch.allclose(found, expected, atol=1e-6)
        everywhere = theirs(x, x, x, need_weights=False)[0]
        assert torch.allclose(Attention(theirs).at_first_place(x), everywhere[:, :1], atol=1e-6)


def test_every_fast_part_is_put_in_and_the_features_stay_open_clips(tmp_path: Path) -> None:
    import open_clip
    import torch
    from open_clip.transformer import QuickGELU

    from rapporteur.clip.blocks import Attention, FirstPlace

    folder = causal_clip(tmp_path / "clip", "argmax", custom=False, quick=True)
    plain, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    fast, _, tokenizer, _ = load_clip(str(folder))
    assert any(isinstance(part, QuickGELU) for part in plain.modules())
    parts = [type(part) for part in fast.modules()]
    assert parts.count(Attention) == 4 and parts.count(FirstPlace) == 1 and QuickGELU not in parts
    texts = ["a dog", "two blue circles on a wall"]
    with torch.inference_mode():
        text = plain.eval().encode_text(tokenizer(texts), normalize=True).numpy()
        image = plain.encode_image(torch.stack([preprocess(one) for one in pictures(3)]), normalize=True).numpy()
    assert np.abs(text_features(fast, tokenizer, texts, 2) - text).max() < 1e-6
    assert np.abs(image_features(fast, preprocess, pictures(3), 2) - image).max() < 1e-6


def test_a_text_longer_than_the_context_is_counted_whole(folder: Path) -> None:
    _, _, tokenizer, _ = load_clip(str(folder))
    assert tokenizer.context_length == 16
    assert token_counts(tokenizer, ["a red star", "star " * 20]) == [5, 22]  # with start and end


def test_a_tokenizer_of_another_library_is_counted_through_its_own_ids() -> None:
    class Encoded:
        input_ids = (0, 5, 6, 2)

    class Other:
        clean_fn = staticmethod(str.strip)
        tokenizer = staticmethod(lambda text: Encoded())

    assert token_counts(Other(), [" a star "]) == [4]


def test_a_folders_digest_needs_no_model_and_follows_its_files(folder: Path, tmp_path: Path) -> None:
    assert load_clip(str(folder))[3] == local_digest(str(folder), None)
    other = tiny_clip(tmp_path / "clip", seed=1)
    assert local_digest(str(other), None) != local_digest(str(folder), None)
    assert local_digest("ViT-B-32", "openai") is None


def test_the_digest_of_weights_follows_their_values(folder: Path) -> None:
    import torch

    network = load_clip(str(folder))[0]
    before = weights_digest(network)
    assert weights_digest(network) == before
    with torch.no_grad():
        network.logit_scale += 1
    assert weights_digest(network) != before


def test_a_weight_file_that_is_not_of_the_named_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"clip\.pretrained"):
        load_clip("ViT-B-32", str(tiny_clip(tmp_path / "clip") / "open_clip_model.safetensors"))


def test_weights_of_another_shape_are_refused_by_name(tmp_path: Path) -> None:
    folder, other = tiny_clip(tmp_path / "a"), tiny_clip(tmp_path / "b", width=64)
    (other / "open_clip_model.safetensors").replace(folder / "open_clip_model.safetensors")
    with pytest.raises(BadInput, match=r"width changed|size mismatch"):
        load_clip(str(folder))


@pytest.mark.parametrize("spoil", ["truncate", "foreign"])
def test_a_damaged_weight_file_is_refused(tmp_path: Path, spoil: str) -> None:
    folder = tiny_clip(tmp_path / "clip")
    weights = folder / "open_clip_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000] if spoil == "truncate" else b"not weights")
    with pytest.raises(BadInput, match=r"clip\.model"):
        load_clip(str(folder))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(BadInput, match="ViT-Z-99"):
        load_clip("ViT-Z-99", "openai")


def test_a_name_without_weights_is_refused() -> None:
    with pytest.raises(BadInput, match=r"clip\.pretrained"):
        load_clip("ViT-B-32", None)


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny model that open_clip knows by name, "tiny", with a tag "own" for its weights; the weight file."""
    import open_clip
    from open_clip import factory, pretrained

    folder = tiny_clip(tmp_path / "tiny")
    config = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]
    (tmp_path / "tiny.json").write_text(json.dumps(config))
    monkeypatch.setattr(factory, "_MODEL_CONFIGS", dict(factory._MODEL_CONFIGS))
    monkeypatch.setattr(factory, "_MODEL_CONFIG_PATHS", list(factory._MODEL_CONFIG_PATHS))
    open_clip.add_model_config(tmp_path / "tiny.json")
    file = folder / "open_clip_model.safetensors"
    scaling = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "resize_mode": "squash", "interpolation": "bicubic"}
    tag = scaling | {"file": str(file), "quick_gelu": True}
    monkeypatch.setitem(pretrained._PRETRAINED, "tiny", {"own": tag})
    return file


def test_a_name_with_a_tag_a_file_or_a_folder_has_a_digest_of_its_weights(named: Path, tmp_path: Path) -> None:
    ways = [("tiny", "own"), ("tiny", str(named)), (str(named.parent), None)]
    digests = [load_clip(*way)[3] for way in ways]
    assert digests == [load_clip(*way)[3] for way in ways]
    assert [local_digest(*way) for way in ways] == [None, *digests[1:]]
    tiny_clip(tmp_path / "other", seed=1).joinpath(named.name).replace(named)
    assert not set(digests) & {load_clip(*way)[3] for way in ways}


def test_a_tags_activation_and_a_names_picture_scaling_are_obeyed(named: Path) -> None:
    import open_clip
    import torch
    from open_clip.transformer import QuickGELU

    by_tag, by_file = load_clip("tiny", "own"), load_clip("tiny", str(named))
    texts = ["a dog", "two blue circles on a wall"]
    for loaded, quick in ((by_tag, True), (by_file, False)):
        plain = open_clip.create_model("tiny", str(named), force_quick_gelu=quick).eval()
        assert {type(block.mlp.gelu) is QuickGELU for block in plain.transformer.resblocks} == {quick}
        with torch.inference_mode():
            text = plain.encode_text(loaded[2](texts), normalize=True).numpy()
            image = plain.encode_image(torch.stack([loaded[1](one) for one in pictures(3)]), normalize=True).numpy()
        assert np.abs(text_features(loaded[0], loaded[2], texts, 2) - text).max() < 1e-6
        assert np.abs(image_features(*loaded[:2], pictures(3), 2) - image).max() < 1e-6
    for loaded in (by_tag, by_file):
        assert loaded[1](Image.new("RGB", (40, 20), (255, 0, 255))).amin(dim=(1, 2)).tolist() == [1.0, -1.0, 1.0]


def test_a_pickle_of_tensors_is_read_and_one_of_more_is_refused(named: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    tensors = load_file(named)
    torch.save(tensors, tmp_path / "plain.pt")
    network = load_clip("tiny", str(tmp_path / "plain.pt"))[0]
    assert torch.equal(network.token_embedding.weight, tensors["token_embedding.weight"])
    torch.save({"state_dict": tensors, "how": Path("x")}, tmp_path / "more.pt")
    with pytest.raises(BadInput, match=r"more\.pt.*more than tensors.*safetensors"):
        load_clip("tiny", str(tmp_path / "more.pt"))
