from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.models.tokenizer import CaptionTokenizer

CAPTIONS = ["a red star on a blue background", "a striped green circle", "mountains at dusk, été"] * 20


@pytest.fixture
def tokenizer() -> CaptionTokenizer:
    return CaptionTokenizer.train(CAPTIONS, 320, 12)


def test_a_caption_is_framed_and_padded(tokenizer: CaptionTokenizer) -> None:
    ids, mask = tokenizer(["a red star"])
    assert ids.shape == mask.shape == (1, 12) and ids.dtype == np.int32
    length = int(mask.sum())
    assert ids[0, 0] == 0 and ids[0, length - 1] == 2
    assert (ids[0, length:] == 1).all() and (mask[0, :length] == 1).all()


def test_the_empty_caption_is_start_and_end_alone(tokenizer: CaptionTokenizer) -> None:
    ids, mask = tokenizer([""])
    assert ids[0, :3].tolist() == [0, 2, 1] and mask[0].sum() == 2


def test_a_long_caption_is_cut_and_still_ends(tokenizer: CaptionTokenizer) -> None:
    ids, mask = tokenizer(["red star " * 40])
    assert mask.sum() == 12 and ids[0, -1] == 2


def test_letters_are_lowered_and_unseen_words_survive(tokenizer: CaptionTokenizer) -> None:
    assert np.array_equal(tokenizer(["A RED Star"])[0], tokenizer(["a red star"])[0])
    assert 3 not in tokenizer(["zebra ☃"])[0]


def test_it_is_the_same_after_saving(tokenizer: CaptionTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path)
    again = CaptionTokenizer.load(tmp_path, 12)
    assert np.array_equal(again(CAPTIONS[:3])[0], tokenizer(CAPTIONS[:3])[0])
    assert again.words == tokenizer.words


def test_vocab_and_merges_are_read_as_well(tokenizer: CaptionTokenizer, tmp_path: Path) -> None:
    model = json.loads(tokenizer.tokenizer.to_str())["model"]
    (tmp_path / "vocab.json").write_text(json.dumps(model["vocab"]))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in model["merges"]))
    again = CaptionTokenizer.load(tmp_path, 12)
    assert np.array_equal(again(["a red star"])[0], tokenizer(["a red star"])[0])


def test_special_tokens_elsewhere_are_refused(tokenizer: CaptionTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path)
    text = (tmp_path / "tokenizer.json").read_text()
    swapped = text.replace('"<pad>"', '"<p>"')
    (tmp_path / "tokenizer.json").write_text(swapped)
    with pytest.raises(BadInput, match="<pad> must be token 1"):
        CaptionTokenizer.load(tmp_path, 12)


def test_a_broken_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no tokenizer\.json"):
        CaptionTokenizer.load(tmp_path, 12)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(BadInput, match=r"tokenizer\.json: can't be read as a tokenizer"):
        CaptionTokenizer.load(tmp_path, 12)
