"""A stage says once what it reads, writes and takes from params.yaml; dvc.yaml is written from it (core/flow.py)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rapporteur.core.errors import BadInput
from rapporteur.core.params import PARAMS_FILE, checked_name, shared_param, stage_params

ARTIFACTS = Path("artifacts")
P = TypeVar("P")


def artifact(stage: str, dataset: str = "") -> Path:
    """The folder that a stage writes, of one dataset where it runs once for each."""
    return ARTIFACTS / stage / dataset


@dataclass(frozen=True)
class Plot:
    """A CSV among a stage's outputs that `dvc plots` shows: columns `y` by column `x`."""

    path: str
    x: str
    y: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """The declaration of a stage.

    reads: files and folders from the project's root, the stage's code apart. "{dataset}" stands for the dataset,
    "${tokens.vqgan}" for the path that params.yaml holds there, "${item.images}" for one of the dataset's own block
    under `captions`; "report/*" for what lies in a folder, outputs apart. writes: folders; by default
    artifacts/<name>, with the dataset below where `each`. tells: small JSON files of numbers, which git tracks and
    `dvc metrics diff` compares. plots: curves that `dvc plots` shows. takes: blocks or names of params.yaml; by
    default its own.
    """

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    takes: tuple[str, ...] = ()
    each: bool = False  # runs once for each dataset of `captions`

    @property
    def outputs(self) -> tuple[str, ...]:
        """What it writes, with "{dataset}" where `each`."""
        return self.writes or (artifact(self.name, "{dataset}" if self.each else "").as_posix(),)

    @property
    def parameters(self) -> tuple[str, ...]:
        """What it takes from params.yaml."""
        return self.takes or (self.name,)

    def out(self, dataset: str = "") -> Path:
        """The first of its outputs."""
        return Path(self.outputs[0].format(dataset=dataset))

    def dataset(self) -> str:
        """The dataset that it was started for. Raises BadInput where the command line names none, or one too many."""
        if len(sys.argv) != 2:
            raise BadInput(
                f"say which dataset: python -m rapporteur.stages.{self.name} DATASET; a dataset's name has letters, "
                "digits, - and _ alone",
                PARAMS_FILE,
            )
        return checked_name(sys.argv[1])

    def params(self, cls: type[P], item: str | None = None, block: str | None = None) -> P:
        """Its block of params.yaml (`core/params.py`)."""
        return stage_params(cls, self.name, item, block=block)

    def shared(self, path: str) -> Any:
        """A value of another block that it declares."""
        return shared_param(path, self.name)
