"""The worker that runs the official package: its protocol, and that our engine draws the same.

What needs the official package skips where reference/ is not installed (`uv sync --project reference`).
"""

from __future__ import annotations

import json
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from reference.draw import answer, sampler_settings

from rapporteur.models import checkpoint, dalle, decoding
from rapporteur.models.sampling import SamplerSettings, official_stream, sample_tokens
from rapporteur.models.tokenizer import CaptionTokenizer

SETTINGS = {"condition_scale": 4.0, "temperature": 0.8, "top_k": None, "top_p": 0.95}
ASKED = [("a red star above a blue ring", [1, 2]), ("a landscape with a lake", [2**32 - 1, 0])]


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
    tokenizer = CaptionTokenizer.load(folder, config.max_text_length)
    encode = partial(dalle.encode_text, params, config)
    ids, mask = tokenizer([text for text, _ in ASKED])
    blank_ids, blank_mask = tokenizer([""])
    settings = SamplerSettings(**SETTINGS, official_rng=True)  # type: ignore[arg-type]
    sample = partial(sample_tokens, config=config, settings=settings, codes=config.image_vocab_size)
    with official_stream():
        tokens = jax.jit(sample)(
            decoding.prepare(params),
            text=(encode(ids, mask), mask),
            blank=(encode(blank_ids, blank_mask)[0], blank_mask[0]),
            keys=jax.random.wrap_key_data(np.array([key for _, key in ASKED], np.uint32), impl="threefry2x32"),
        )
    return [[int(token) for token in row] for row in np.asarray(tokens)]


def test_both_engines_draw_the_same_tokens_from_the_sample_model(python: Path, repository: Path) -> None:
    folder = repository / "models/sample/dalle"
    lines = [{"text": text, "key": key} for text, key in ASKED]
    lines.insert(1, {"text": "no key"})
    arguments = ["--model", str(folder), "--settings", json.dumps(SETTINGS)]
    ready, first, refused, second = replies(python, arguments, lines)
    assert ready == {"ready": True, "engine": "dalle-mini 0.1.5, jax 0.4.13"}
    assert "key" in refused["error"]
    assert [first, second] == ours(folder)


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
