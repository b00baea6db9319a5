"""Pairs of any picture with any text: read from a CSV, checked, scored, written (`rapporteur clip`, verb.py)."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, get_args

import numpy as np
import pandas as pd

from rapporteur.clip.model import EXACT, Precision, image_features, load_clip, text_features, token_counts
from rapporteur.clip.score import Vectors, clipscore, cosine
from rapporteur.clip.verb import BATCH
from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.core.names import Names
from rapporteur.core.params import PARAMS_FILE, read_yaml
from rapporteur.core.pictures import load_picture
from rapporteur.core.progress import progress
from rapporteur.core.tables import table_of, write_table
from rapporteur.core.text import csv_rows
from rapporteur.vocabulary.clip import SCORED, scored

T = TypeVar("T")
PRECISIONS = get_args(Precision)
TEXTS = 32  # batches of texts at once, sorted by their widths within


@dataclass(frozen=True)
class Pair:
    """A row of the CSV."""

    line: int
    file: Path  # found from the CSV's folder
    cells: dict[str, str]

    @property
    def text(self) -> str:
        return self.cells["text"]


@dataclass(frozen=True)
class Chosen:
    """Which model scores, and how."""

    model: str
    pretrained: str | None
    precision: Any  # one of PRECISIONS
    batch: int


def score_pairs(given: argparse.Namespace) -> None:
    """Score the pairs of a CSV. Raises BadInput naming the file, the line and the mend."""
    check_target(given.out, given.pairs)
    pairs = read_pairs(given.pairs)
    chosen = choose(given)
    check_pictures(given.pairs, pairs)
    table = score(pairs, chosen)
    write(table, given.out, list(pairs[0].cells))
    cut = int(table["tokens_cut"].sum())
    short = f"; texts longer than the model's context, cut: {cut}" if cut else ""
    print(f"{len(table)} pairs scored by {chosen.model}{short}; the rows are in {given.out}")


def check_target(target: Path, pairs: Path) -> None:
    if target.suffix not in (".parquet", ".csv") or target.is_dir():
        raise BadInput("--out must be a file that ends in .parquet or .csv", target)
    if target.exists() and pairs.exists() and target.samefile(pairs):
        raise BadInput("--out is the file of the pairs itself; name another", target)


def choose(given: argparse.Namespace) -> Chosen:
    """The model of the command line, else the one of the params.yaml in the current folder."""
    block: Any = {"model": given.model, "pretrained": given.pretrained}
    if given.model is None:
        if not Path(PARAMS_FILE).is_file():
            raise BadInput("which model? give --model a folder or a name, or run where a params.yaml is")
        if given.pretrained is not None:
            raise BadInput("--pretrained belongs to a --model; give both")
        block = read_yaml(Path(PARAMS_FILE)).get("clip") or {}
        if "model" not in block:
            raise BadInput("`clip.model` is missing; add it, or give --model", PARAMS_FILE)
    precision = given.precision or block.get("precision") or EXACT
    if precision not in PRECISIONS:
        raise BadInput(f"`clip.precision` is {precision!r}; give {' or '.join(PRECISIONS)}", PARAMS_FILE)
    return Chosen(str(block["model"]), block.get("pretrained"), precision, given.batch or block.get("batch") or BATCH)


def read_pairs(path: Path) -> list[Pair]:
    """The rows of the CSV, each with its line. Raises BadInput for the first that can't be used."""
    absent = "not a file; give a CSV with the columns file and text"
    rows, folders = csv_rows(path, ("file", "text"), absent=absent, own=True), dict[Path, Names]()
    pairs = [_pair(path, line, dict(cells), folders) for line, cells in rows]
    if not pairs:
        raise BadInput("no pair below the names of the columns; add a line `file,text`", path)
    for name in pairs[0].cells:
        if name in SCORED:
            raise BadInput(f"the column {name!r} is one that the scores are written to; give it another name", path, 1)
    return pairs


def _pair(path: Path, line: int, cells: dict[str, str], folders: dict[Path, Names]) -> Pair:
    for name in ("file", "text"):
        if not cells[name]:
            raise BadInput(f"the {name} is empty; fill it in or take the line out", path, line)
    return Pair(line, _found(path.parent / cells["file"].replace("\\", "/"), folders), cells)


def _found(file: Path, folders: dict[Path, Names]) -> Path:
    """The file as the disk names it; as it is given where there is none: to open it says what is wrong."""
    try:
        return folders.setdefault(file.parent, Names(file.parent)).find(file.name) or file
    except (BadInput, OSError):
        return file


def check_pictures(path: Path, pairs: Sequence[Pair]) -> None:
    """Decode every picture once. Raises BadInput with the line of the first that can't be, and how many can't."""
    first = {pair.file: pair for pair in reversed(pairs)}
    bad = []
    with progress("checking", len(first), "pictures") as advance:
        for pair in sorted(first.values(), key=lambda one: one.line):
            try:
                load_picture(pair.file)
            except BadInput as error:
                bad.append((pair.line, str(error)))
            advance(1)
    if bad:
        more = f" ({len(bad)} pictures can't be read in all)" if len(bad) > 1 else ""
        raise BadInput(f"{bad[0][1]}{more}", path, bad[0][0])


def score(pairs: Sequence[Pair], chosen: Chosen) -> pd.DataFrame:
    """The columns of SCORED, a row a pair."""
    network, preprocess, tokenizer, _ = load_clip(chosen.model, chosen.pretrained, chosen.precision)

    def images(files: list[Path]) -> Vectors:
        return image_features(network, preprocess, [partial(load_picture, file) for file in files], chosen.batch)

    def texts(part: list[str]) -> Vectors:
        return text_features(network, tokenizer, part, chosen.batch)

    seen = encode([pair.file for pair in pairs], images, chosen.batch, "pictures")
    said = encode([pair.text for pair in pairs], texts, TEXTS * chosen.batch, "texts")
    cosines = cosine(seen, said)
    tokens = np.array(token_counts(tokenizer, [pair.text for pair in pairs]))
    scores = [clipscore(float(value)) for value in cosines]
    found = {"cosine": cosines, "clipscore": scores, "tokens": tokens, "tokens_cut": tokens > tokenizer.context_length}
    return pd.DataFrame({name: [pair.cells[name] for pair in pairs] for name in pairs[0].cells} | found)


def encode(items: Sequence[T], make: Callable[[list[T]], Vectors], batch: int, unit: str) -> Vectors:
    """float32 [items, width]: each distinct item is encoded once."""
    places = {item: place for place, item in enumerate(dict.fromkeys(items))}
    distinct, parts = list(places), []
    with progress("clip", len(distinct), unit) as advance:
        for start in range(0, len(distinct), batch):
            part = distinct[start : start + batch]
            parts.append(make(part))
            advance(len(part))
    return np.concatenate(parts)[[places[item] for item in items]]


def write(table: pd.DataFrame, target: Path, passed: Sequence[str]) -> None:
    checked = table_of(table.to_dict("records"), scored(passed))  # type: ignore[arg-type]
    if target.suffix == ".csv":
        write_atomic(target, checked.to_csv(index=False, lineterminator="\n").encode())
    else:
        write_table(checked, target, scored(passed))
