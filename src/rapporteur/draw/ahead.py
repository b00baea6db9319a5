"""`rapporteur ahead images@flickr30k`: a stage's long work by several processes, before `dvc repro` collects it.

Reads   what the stage reads; of which part this process is: `--part 2/8`, else what Slurm, Open MPI or torchrun say in
        the environment, else the whole.
Writes  what the stage keeps: `images@<dataset>` its part of the pictures in .items/images; `model` the checkpoint in
        .items/model, trained by all processes together (jax.distributed), from which the stage takes its weights.
Costs   what the stage costs, divided. All processes need one folder, on a disk that they share.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rapporteur.core.errors import BadInput

# Number of a process (from 0) and of all, as what starts many says it.
STARTERS = (
    ("SLURM_PROCID", "SLURM_NTASKS"), ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("RANK", "WORLD_SIZE"),
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """The `number`-th (from 0) of `count` processes."""

    number: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.number < self.count:
            raise BadInput(f"there is no part {self.number + 1}/{self.count}; parts count from 1/{self.count}")

    def __str__(self) -> str:
        return f"part {self.number + 1}/{self.count}"


def part_of(text: str | None, environment: Mapping[str, str]) -> Part:
    """From "2/8", or from the environment. Raises BadInput for what is neither, and for a part that there is not."""
    if text is not None:
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if not found:
            raise BadInput(f"a part is written 2/8, the second of eight; not {text!r}")
        return Part(int(found[1]) - 1, int(found[2]))
    for number, count in STARTERS:
        if number in environment and count in environment:
            try:
                return Part(int(environment[number]), int(environment[count]))
            except ValueError:
                raise BadInput(f"{number} and {count} of the environment are no numbers; say --part 1/8") from None
    return Part()


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("ahead", help="a part of a stage's long work, by several processes, before `dvc repro`")
    verb.add_argument("stage", metavar="STAGE", help="images@DATASET, or model")
    verb.add_argument("--part", metavar="2/8", help="default: what Slurm, Open MPI or torchrun say, else all of it")
    verb.add_argument("--coordinator", metavar="HOST:PORT", help="for model: where the first process listens")


def ahead(chosen: argparse.Namespace) -> None:
    """Do this process's part. Raises BadInput for another stage, and for a part that there is not."""
    part = part_of(chosen.part, os.environ)
    from rapporteur.core.params import checked_name

    stage, _, dataset = chosen.stage.partition("@")
    if stage == "images" and dataset:
        draw_part(checked_name(dataset), part)
    elif chosen.stage == "model":
        train_part(part, chosen.coordinator)
    else:
        raise BadInput(f"{chosen.stage!r} is not done ahead; known are images@DATASET and model")


def draw_part(dataset: str, part: Part) -> None:
    """Draw every `count`-th picture of a dataset that is not kept yet."""
    from rapporteur.core.keep import ItemStore
    from rapporteur.core.params import stage_params
    from rapporteur.core.stage import artifact
    from rapporteur.core.tables import read_table
    from rapporteur.draw.packing import draw
    from rapporteur.draw.painter import ImagesParams
    from rapporteur.draw.request import CAPTIONS_FILE, requests
    from rapporteur.vocabulary.captions import CAPTIONS

    painter = stage_params(ImagesParams, "images").painter()
    wanted = requests(read_table(Path(CAPTIONS_FILE.format(dataset=dataset)), CAPTIONS))
    keys = painter.keys(wanted)
    mine = slice(part.number, None, part.count)
    out = artifact("images", dataset).as_posix()
    kept = draw(wanted[mine], keys[mine], painter, ItemStore("images"), out, f"images {dataset}, {part}")
    told = f"{len(wanted[mine])} of {len(wanted)} pictures, {kept.made} drawn now{painter.settled()}"
    print(f"ahead images {dataset}, {part}: {told}; `dvc repro images@{dataset}` collects them")


def train_part(part: Part, coordinator: str | None) -> None:
    """Train the landscape model with the other processes, up to its last checkpoint."""
    from rapporteur.core.keep import STORE
    from rapporteur.core.params import stage_params
    from rapporteur.core.progress import progress
    from rapporteur.core.tables import read_table
    from rapporteur.dalle.identity import TOKENS_FILE, training_key
    from rapporteur.dalle.landscape import ModelParams, learn
    from rapporteur.dalle.optimise import join_hosts
    from rapporteur.vocabulary.tokens import TOKENS

    params = stage_params(ModelParams, "model")
    folder = STORE / "model" / training_key(params)
    tokens = read_table(TOKENS_FILE, TOKENS)
    with join_hosts(part.number, part.count, coordinator, params.cpu_devices) if part.count > 1 else nullcontext():
        first = part.number == 0
        with progress("model", params.steps if first else 0, "steps") as advance:
            learnt = learn(tokens, params, folder, advance)
    if first:
        told = learnt.told(params.patience is not None)
        print(f"ahead model, {part.count} processes: {told}; `dvc repro model` takes its weights")
