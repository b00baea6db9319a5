"""`rapporteur convert`: any published model folder to one of model.safetensors, layers stacked, ready to be mapped.

Reads config.json and the weights of a text-to-image model or a VQGAN, writes the same numbers (or float16, bfloat16,
float32) beside config.json, the tokenizer's files and the word list. The weights go through piece by piece: mini-1
takes 2 MB of memory, 1.75 GB of disk and 12 s on two busy cores. The tensors of the new file are so laid down that
JAX computes with the mapped file itself.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rapporteur.core.errors import BadInput
from rapporteur.core.files import new_folder
from rapporteur.dalle import dalle, vqgan
from rapporteur.dalle.checkpoint import TEXT_FILES, WORDS, chosen_dtype, digest, flatten, open_model, shapes_as_found
from rapporteur.dalle.model_config import CONFIG, is_vqgan, read_dalle_config, read_vqgan_config
from rapporteur.dalle.weights import SAFETENSORS, Outgoing, StoredTensor, read_json, write_safetensors

# Copied when they are there; the last three say nothing to this program, but to others which read the folder.
COPIED = (*TEXT_FILES, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")


@dataclass(frozen=True)
class Converted:
    """What was written: the number of parameters, the types they are stored in and the folder's digest."""

    parameters: int
    dtypes: tuple[str, ...]
    digest: str


def convert(source: Path, target: Path, dtype: str | None = None, force: bool = False) -> Converted:
    """Write the model of `source` as the folder `target`, which appears whole or not at all.

    dtype: float16, bfloat16 or float32; None keeps each tensor's own. BadInput where the source is no sound model,
    and where `target` exists: with `force` it is replaced if it holds nothing but a converted model.
    """
    _check_target(source, target, force)
    tensors = _outgoing(source, dtype)
    try:
        with new_folder(target) as folder:
            _write(folder, source, tensors)
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise BadInput(f"can't be written ({error.strerror})", target) from error
    parameters = sum(int(np.prod(one.shape, dtype=np.int64)) for one in tensors.values())
    return Converted(parameters, tuple(sorted({str(one.dtype) for one in tensors.values()})), digest(target))


def main(source: Path, target: Path, dtype: str | None, force: bool) -> None:
    """The verb: convert, and say what was written and what the new folder lacks."""
    done = convert(source, target, dtype, force)
    print(f"{target}: {done.parameters:,} parameters ({', '.join(done.dtypes)}), digest {done.digest}")
    if read_json(target / CONFIG, "a model's configuration").get("normalize_text") and not (target / WORDS).exists():
        print(f"{source} has no {WORDS}: put it in {target}, for this model's captions are normalised with it")


def _check_target(source: Path, target: Path, force: bool) -> None:
    if not target.exists():
        return
    if target.resolve() in (source.resolve(), *source.resolve().parents):
        raise BadInput("holds the very model that is to be converted; choose another folder", target)
    if not target.is_dir():
        raise BadInput("is a file; choose another folder", target)
    others = sorted(file.name for file in target.iterdir() if file.name not in (CONFIG, SAFETENSORS, *COPIED))
    if others:
        raise BadInput(f"holds {others[0]}, which is no part of a converted model; choose another folder", target)
    if not force and any(target.iterdir()):
        raise BadInput("holds a model already; choose another folder, or add --force", target)


def _outgoing(source: Path, dtype: str | None) -> dict[str, Outgoing]:
    shapes: Mapping[str, Any] = (
        vqgan.parameter_shapes(read_vqgan_config(source))
        if is_vqgan(source)
        else dalle.parameter_shapes(read_dalle_config(source))
    )
    found = open_model(source, shapes)
    wanted = shapes_as_found(found, flatten(shapes))
    return {name: _one(layers, wanted[name], dtype) for name, layers in found.items()}


def _one(layers: list[StoredTensor], shape: tuple[int, ...], dtype: str | None) -> Outgoing:
    kind = chosen_dtype(layers, dtype)
    return Outgoing(kind, shape, _pieces(layers, kind))


def _pieces(layers: list[StoredTensor], kind: np.dtype[Any]) -> Iterator[np.ndarray]:
    for layer in layers:
        yield from layer.pieces(kind)


def _write(folder: Path, source: Path, tensors: Mapping[str, Outgoing]) -> None:
    with (folder / SAFETENSORS).open("wb") as stream:
        write_safetensors(stream, tensors, aligned=True)
        stream.flush()
        os.fsync(stream.fileno())
    (folder / CONFIG).write_bytes(_scanned_config(source / CONFIG))
    for name in COPIED:
        if (source / name).exists():
            shutil.copyfile(source / name, folder / name)


def _scanned_config(file: Path) -> bytes:
    """The configuration as it is, but for what it says of numbered layers: the official program reads that."""
    stored = read_json(file, "a model's configuration")
    if stored.get("use_scan", True):
        return file.read_bytes()
    return (json.dumps(stored | {"use_scan": True}, indent=2, ensure_ascii=False) + "\n").encode()
