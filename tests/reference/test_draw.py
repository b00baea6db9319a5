"""The worker that runs the official package: its protocol, and that our engine draws the same.

What needs the official package skips where reference/ is not installed (`uv sync --project reference`).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from reference.draw import answer, sampler_settings
from reference.fixtures import uniform

from rapporteur.dalle import checkpoint, dalle, decoding
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.sampling import SamplerSettings, official_stream, sample_tokens
from rapporteur.dalle.tokenizer import CaptionTokenizer

SETTINGS = {"condition_scale": 1.5, "temperature": 0.8, "top_k": None, "top_p": 0.95}
ASKED = [("A red star, above a #bluering &amp; 1,000 dots!", [1, 2]), ("a landscape with a lake", [2**32 - 1, 0])]
TINY = DalleConfig(
    d_model=32, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=2,
    encoder_ffn_dim=40, decoder_ffn_dim=40, encoder_vocab_size=2000, image_vocab_size=96, image_length=64,
    decoder_start_token_id=96, normalize_text=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def python() -> Path:
    """The official package's Python."""
    found = Path(__file__).resolve().parents[2] / "reference/.venv/bin/python"
    if not found.exists():
        pytest.skip("reference/ is not installed: uv sync --project reference")
    return found


def replies(python: Path, arguments: list[str], lines: list[Any]) -> list[Any]:
    """What the worker answers to these lines and then to the end of its input."""
    done = subprocess.run(
        [python, python.parents[2] / "draw.py", *arguments],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(folder: Path) -> list[list[int]]:
    """The same pictures by our engine, in the official order of random numbers."""
    params, config = checkpoint.load_dalle(folder)
    tokenizer = CaptionTokenizer.load(folder, config.max_text_length, config.normalize_text)
    encode = partial(dalle.encode_text, params, config)
    ids, mask = tokenizer([text for text, _ in ASKED])
    blank_ids, blank_mask = np.array([0, 2] + [1] * (config.max_text_length - 2)), np.zeros_like(mask[0])
    blank_mask[:2] = 1
    settings = SamplerSettings(**SETTINGS, official_rng=True)  # type: ignore[arg-type]
    sample = partial(sample_tokens, config=config, settings=settings, codes=config.image_vocab_size)
    with official_stream():
        tokens, _ = jax.jit(sample)(
            decoding.prepare(params),
            text=(encode(ids, mask), mask),
            blank=(encode(blank_ids[None], blank_mask[None])[0], blank_mask),
            keys=jax.random.wrap_key_data(np.array([key for _, key in ASKED], np.uint32), impl="threefry2x32"),
        )
    return [[int(token) for token in row] for row in np.asarray(tokens)]


def normalising_model(folder: Path, repository: Path) -> Path:
    """A random model that normalises its captions, written by us, with vocab.json, merges.txt and a word list."""
    shapes = checkpoint.flatten(dalle.parameter_shapes(TINY))
    weights = {name: uniform(f"engine/{name}", shape, 0.5) for name, shape in shapes.items()}
    checkpoint.save_model(folder, TINY, checkpoint.unflatten(weights))
    for name in ("vocab.json", "merges.txt", "enwiki-words-frequency.txt"):
        shutil.copy(repository / "tests/fixtures/text" / name, folder)
    return folder


@pytest.mark.parametrize("model", ["the sample model", "a model that normalises"])
def test_both_engines_draw_the_same_tokens(python: Path, repository: Path, work: Path, model: str) -> None:
    sample = model == "the sample model"
    folder = repository / "models/sample/dalle" if sample else normalising_model(work, repository)
    lines: list[Any] = [{"text": text, "key": key} for text, key in ASKED]
    lines.insert(1, {"text": "no key"})
    arguments = ["--model", str(folder), "--settings", json.dumps(SETTINGS)]
    ready, first, refused, second = replies(python, arguments, lines)
    assert ready == {"ready": True, "engine": "dalle-mini 0.1.5, jax 0.4.13"}
    assert "key" in refused["error"]
    assert [first, second] == ours(folder)
    assert len({*first, *second}) > 20


def test_a_missing_word_list_is_one_line_that_says_so(python: Path, repository: Path, work: Path) -> None:
    (normalising_model(work, repository) / "enwiki-words-frequency.txt").unlink()
    (reply,) = replies(python, ["--model", str(work)], [])
    assert "enwiki-words-frequency.txt is missing" in reply["error"]


def test_a_folder_without_a_model_is_one_line_that_says_so(python: Path, work: Path) -> None:
    assert replies(python, ["--model", str(work)], []) == [
        {"error": f"FileNotFoundError: {work}: no config.json; is it the folder of a model?"}
    ]


def test_settings_left_out_are_left_to_the_package() -> None:
    assert sampler_settings({"condition_scale": 10, "top_k": None}) == {"condition_scale": 10.0}
    with pytest.raises(ValueError, match="unknown settings .'seed'."):
        sampler_settings({"seed": 1})


@pytest.mark.parametrize(
    "line", ["", "[]", '{"text": "a"}', '{"text": 1, "key": [0, 0]}', '{"text": "a", "key": [-1, 0]}']
)
def test_a_line_that_asks_for_nothing_is_answered_with_an_error(line: str) -> None:
    assert "error" in answer(lambda text, key: [len(text), *key], line)
    assert answer(lambda text, key: [len(text), *key], '{"text": "ab", "key": [7, 8]}') == [2, 7, 8]
