from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.models.clip import (
    image_features,
    load_clip,
    local_digest,
    text_features,
    token_counts,
    weights_digest,
)
from tests.studies import tiny_clip


def pictures(count: int) -> list[Image.Image]:
    random = np.random.default_rng(0)
    return [Image.fromarray(random.integers(0, 256, (20, 20, 3)).astype(np.uint8)) for _ in range(count)]


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


def test_the_company_in_a_batch_does_not_change_a_byte(folder: Path) -> None:
    network, preprocess, tokenizer, _ = load_clip(str(folder))
    many = pictures(11)
    together = image_features(network, preprocess, many, 8)
    alone = np.concatenate([image_features(network, preprocess, [one], 8) for one in many])
    backwards = image_features(network, preprocess, many[::-1], 8)[::-1]
    assert together.tobytes() == alone.tobytes() == backwards.tobytes()
    texts = ["a red star", "a dog", "two blue circles on a wall", "", "x"]
    assert (
        text_features(network, tokenizer, texts, 3)[4].tobytes()
        == text_features(network, tokenizer, ["x"], 3).tobytes()
    )


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
