"""Draw image tokens with the official dalle-mini, one picture a line: the engine `images.engine: dalle-mini`.

    uv run --project reference python reference/draw.py --model FOLDER --settings '{"condition_scale": 10.0}'

FOLDER: config.json, flax_model.msgpack or model.safetensors, tokenizer.json or vocab.json with merges.txt, and
enwiki-words-frequency.txt where `normalize_text` is true. settings: condition_scale, temperature, top_k, top_p (null:
the package's own default). Says {"ready": true, "engine": …} once, then answers each line
{"text": …, "key": [uint32, uint32]} of standard input with the picture's tokens, a list, or with {"error": …}.
Standard output carries nothing else; logs go to standard error.

The text goes through the official processor, the tokens come from the official `generate`, each picture alone with
its own key: what it draws does not depend on its neighbours. Turning tokens into pixels stays outside, for vqgan-jax
is on no package registry. Costs: the first picture compiles; at the published size on two CPU cores expect minutes a
picture, and 4 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

MSGPACK, SAFETENSORS, TOKENIZER = "flax_model.msgpack", "model.safetensors", "tokenizer.json"
SETTINGS = {"condition_scale": float, "temperature": float, "top_k": int, "top_p": float}
Draw = Callable[[str, list[int]], list[int]]


def own_output() -> TextIO:
    """Standard output for the protocol alone: whatever else prints goes to standard error."""
    kept = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return kept


def sampler_settings(stated: dict[str, Any]) -> dict[str, Any]:
    """What `generate` takes; null is left to the package."""
    unknown = stated.keys() - SETTINGS.keys()
    if unknown:
        raise ValueError(f"unknown settings {sorted(unknown)}; there are {', '.join(SETTINGS)}")
    return {name: SETTINGS[name](value) for name, value in stated.items() if value is not None}


# ------------------------------------------------------------------------------------------------- model folder


def stage(folder: Path, staged: Path) -> None:
    """The model folder as the official package of 2022 can read it: links, and what must be rewritten."""
    for file in folder.iterdir():
        if file.is_file() and file.name != SAFETENSORS:
            (staged / file.name).symlink_to(file.resolve())
    if not (folder / "config.json").exists():
        raise FileNotFoundError(f"{folder}: no config.json; is it the folder of a model?")
    if not (folder / MSGPACK).exists():
        _stage_weights(folder, staged)
    if (folder / TOKENIZER).exists():
        _stage_tokenizer(folder / TOKENIZER, staged / TOKENIZER)


def _stage_weights(folder: Path, staged: Path) -> None:
    """model.safetensors as flax_model.msgpack, and a config.json that states its layout."""
    from flax.serialization import msgpack_serialize
    from flax.traverse_util import unflatten_dict
    from safetensors.numpy import load_file

    if not (folder / SAFETENSORS).exists():
        raise FileNotFoundError(f"{folder}: no {MSGPACK} and no {SAFETENSORS}; fetch the checkpoint again")
    flat = {name.replace("/", "."): tensor for name, tensor in load_file(folder / SAFETENSORS).items()}
    (staged / MSGPACK).write_bytes(msgpack_serialize(unflatten_dict(flat, sep=".")))
    stated = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    stated["use_scan"] = any("EncoderLayers." in name for name in flat)
    stated["force_ln_scale"] = any(name.endswith("GLU_0.LayerNorm_0.scale") for name in flat)
    _write_over_link(staged / "config.json", stated)


def _stage_tokenizer(source: Path, target: Path) -> None:
    """Merges written as pairs, as newer tokenizers do, become "left right"."""
    content = json.loads(source.read_text(encoding="utf-8"))
    merges = content["model"]["merges"]
    content["model"]["merges"] = [pair if isinstance(pair, str) else " ".join(pair) for pair in merges]
    _write_over_link(target, content)


def _write_over_link(file: Path, content: Any) -> None:
    file.unlink(missing_ok=True)
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def load(folder: Path, settings: dict[str, Any]) -> Draw:
    """The official processor and `generate` on a model folder: text and key to tokens."""
    import official

    if (folder / official.WORD_LIST).exists():
        official.use_word_list(folder / official.WORD_LIST)
    with tempfile.TemporaryDirectory() as place:
        stage(folder, Path(place))
        _check_word_list(folder, json.loads((Path(place) / "config.json").read_text(encoding="utf-8")))
        model, params = official.OfficialModel.from_pretrained(place, _do_init=False)
        processor = official.DalleBartProcessor.from_pretrained(place)
    params = model.to_fp32(params)  # with weights in float16 some layers would compute in it
    # The package means to forbid the end token by its configuration's min_length, but heeds only the argument.
    draw = official.generator(model, min_length=model.config.image_length + 1, **settings)
    return lambda text, key: draw(params, key, dict(processor([text])))[0].tolist()


def _check_word_list(folder: Path, config: dict[str, Any]) -> None:
    from official import WORD_LIST

    if config.get("normalize_text") and not (folder / WORD_LIST).exists():
        raise FileNotFoundError(f"{folder / WORD_LIST} is missing; normalize_text needs it, the checkpoint has it")


# ----------------------------------------------------------------------------------------------------- protocol


def answer(draw: Draw, line: str) -> list[int] | dict[str, str]:
    """The reply to one line."""
    try:
        asked = json.loads(line)
        text, key = asked["text"], [int(word) for word in asked["key"]]
        if not isinstance(text, str) or len(key) != 2 or not all(0 <= word < 2**32 for word in key):
            raise ValueError("text must be a string and key two unsigned 32-bit numbers")
        return draw(text, key)
    except Exception as error:  # whatever went wrong is the answer to this line; the next may be fine
        return {"error": f"{type(error).__name__}: {error}"}


def say(output: TextIO, reply: Any) -> None:
    """One line of JSON, at once."""
    print(json.dumps(reply), file=output, flush=True)


def main() -> None:
    """Load, say that all is ready, answer line by line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--settings", default="{}", help="JSON: condition_scale, temperature, top_k, top_p")
    arguments, output = parser.parse_args(), own_output()
    try:
        draw = load(arguments.model, sampler_settings(json.loads(arguments.settings)))
    except Exception as error:  # the client shows this line; the trace is in the log
        say(output, {"error": " ".join(f"{type(error).__name__}: {error}".split())})
        raise
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("dalle-mini", "jax"))
    say(output, {"ready": True, "engine": versions})
    for line in sys.stdin:
        say(output, answer(draw, line))


if __name__ == "__main__":
    main()
