"""The official outputs in tests/fixtures/text were made by reference/make_text_fixtures.py."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.dalle.normaliser import FREQUENCIES
from rapporteur.dalle.tokenizer import CaptionTokenizer

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "text"
OFFICIAL: dict[str, Any] = json.loads((FIXTURES / "official.json").read_text())
LENGTH = 64
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


# ------------------------------------------------------------------------------- equal to the official one


def model_folder(folder: Path, name: str) -> Path:
    """A model folder with the files of a variant."""
    variant = OFFICIAL["variants"][name]
    for file in [*variant["files"], FREQUENCIES]:
        shutil.copy(FIXTURES / file, folder)
    for file in variant.keys() - {"files"}:
        (folder / file).write_text(json.dumps(variant[file]))
    return folder


def padded(ids: list[int]) -> list[int]:
    return ids + [1] * (LENGTH - len(ids))


def different(tokenizer: CaptionTokenizer, rows: list[tuple[str, list[int]]]) -> list[str]:
    """The captions (their beginnings) whose ids or masks are not the official ones."""
    ids, mask = tokenizer([caption for caption, _ in rows])
    official = np.array([padded(one) for _, one in rows])
    lengths = np.array([len(one) for _, one in rows])
    equal = (ids == official).all(1) & (mask == (np.arange(LENGTH) < lengths[:, None])).all(1)
    return [caption[:40] for (caption, _), same in zip(rows, equal, strict=True) if not same]


@pytest.mark.parametrize("name", OFFICIAL["variants"])
def test_ids_of_hostile_captions_are_the_official_ones(name: str, tmp_path: Path) -> None:
    tokenizer = CaptionTokenizer.load(model_folder(tmp_path, name), LENGTH)
    rows = [
        (row["piece"] * row["times"], row["raw"].get(name, row["raw"]["json"]))
        for row in OFFICIAL["captions"]
        if row["raw"]
    ]
    assert len(rows) > 290
    assert different(tokenizer, rows) == []


def test_the_variants_of_a_model_folder_do_differ() -> None:
    named = {name for row in OFFICIAL["captions"] for name in row["raw"]}
    assert named >= {"json-spaced", "pair-spaced", "json-mask", "pair-mask"}


@pytest.mark.parametrize("name", ["json", "pair"])
def test_ids_of_normalised_captions_are_the_official_ones(name: str, tmp_path: Path) -> None:
    tokenizer = CaptionTokenizer.load(model_folder(tmp_path, name), LENGTH, normalise=True)
    rows = [(row["piece"] * row["times"], row["ids"]) for row in OFFICIAL["captions"]]
    assert different(tokenizer, rows) == []


def test_the_blank_input_is_never_normalised(tmp_path: Path) -> None:
    tokenizer = CaptionTokenizer.load(model_folder(tmp_path, "json"), LENGTH, normalise=True)
    ids, mask = tokenizer.blank()
    assert ids.tolist() == padded([0, 2]) and mask.sum() == 2
    assert tokenizer([""])[1].sum() == 3


def test_a_saved_tokenizer_has_the_merges_that_the_official_package_reads(tmp_path: Path) -> None:
    CaptionTokenizer.load(FIXTURES, LENGTH).save(tmp_path)
    content = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    assert content["model"]["merges"][0] == json.loads((FIXTURES / "tokenizer.json").read_text())["model"]["merges"][0]
    again = CaptionTokenizer.load(tmp_path, LENGTH)
    assert different(again, [(row["piece"], row["raw"]["json"]) for row in OFFICIAL["captions"][:50]]) == []


def test_lone_surrogates_are_replaced_and_pairs_joined(tokenizer: CaptionTokenizer) -> None:
    ids, _ = tokenizer(["\ud83d\ude00", "\U0001f600", "x\ud83dy", "x\ufffdy"])
    assert np.array_equal(ids[0], ids[1]) and np.array_equal(ids[2], ids[3])


def test_normalising_needs_the_word_frequencies(tokenizer: CaptionTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path)
    with pytest.raises(BadInput, match=r"no enwiki-words-frequency\.txt here"):
        CaptionTokenizer.load(tmp_path, 12, normalise=True)


def test_settings_that_this_layout_excludes_or_that_are_broken_are_named(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "tokenizer.json", tmp_path)
    file = tmp_path / "tokenizer_config.json"
    for content, complaint in (
        ('{"padding_side": "left"}', "padding_side must be right, not left"),
        ("{", "isn't JSON"),
        ("[]", "must hold an object"),
    ):
        file.write_text(content)
        with pytest.raises(BadInput, match=rf"tokenizer_config\.json: {complaint}"):
            CaptionTokenizer.load(tmp_path, 12)


# ------------------------------------------------------------------------------------------ real captions


def chosen(captions: Iterable[str], number: int) -> list[str]:
    """Of the different captions, the `number` with the smallest SHA-256: as the fixture script chooses them."""
    return sorted(set(captions), key=lambda one: hashlib.sha256(one.encode()).digest())[:number]


def real_captions(data: Path) -> list[str]:
    coco = json.loads((data / "coco/annotations/captions_val2017.json").read_text(encoding="utf-8"))["annotations"]
    flickr = json.loads(gzip.decompress((data / "flickr30k/dataset_flickr30k.json.gz").read_bytes()))["images"]
    with (data / "prompts/PartiPrompts.tsv").open(encoding="utf-8", newline="") as file:
        prompts = [row["Prompt"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    for text in (data / "prompts/t2i_compbench").glob("*.txt"):
        prompts += text.read_text(encoding="utf-8").splitlines()
    return [
        *chosen((one["caption"] for one in coco), 5000),
        *chosen((sentence["raw"] for image in flickr for sentence in image["sentences"]), 4000),
        *chosen(prompts, 1000),
    ]


def test_ten_thousand_real_captions_come_out_as_the_official_ones(shared_data: Path, tmp_path: Path) -> None:
    captions = real_captions(shared_data)
    assert len(captions) == 10_000
    raw = CaptionTokenizer.load(FIXTURES, LENGTH)
    both = CaptionTokenizer.load(FIXTURES, LENGTH, normalise=True)
    pair = CaptionTokenizer.load(model_folder(tmp_path, "pair"), LENGTH, normalise=True)
    assert both.normaliser is not None
    texts = [hashlib.sha256(both.normaliser(caption).encode()).digest()[:6] for caption in captions]
    found = np.stack([tokenizer(captions)[0] for tokenizer in (both, pair, raw)], axis=1).astype("<i4")
    ids = [hashlib.sha256(one.tobytes()).digest()[:6] for one in found]
    official = (FIXTURES / "real.bin").read_bytes()
    expected = [(official[start : start + 6], official[start + 6 : start + 12]) for start in range(0, 120_000, 12)]
    wrong = sum(one != other for one, other in zip(expected, zip(texts, ids, strict=True), strict=True))
    assert wrong == 0
