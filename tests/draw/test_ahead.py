"""`rapporteur ahead`: which part a process does, and that the stage then finds everything done."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.draw.ahead import Part, ahead, part_of
from tests.stages.study import InstantModel
from tests.stages.test_images import PARAMS, TEXTS, _captions, _run, declare, model

__all__ = ["model"]  # a fixture


@pytest.mark.parametrize(
    ("text", "environment", "wanted"),
    [
        (None, {}, Part(0, 1)),
        ("2/8", {"SLURM_PROCID": "5", "SLURM_NTASKS": "6"}, Part(1, 8)),
        (None, {"SLURM_PROCID": "5", "SLURM_NTASKS": "6"}, Part(5, 6)),
        (None, {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"}, Part(0, 2)),
        (None, {"RANK": "1", "WORLD_SIZE": "2"}, Part(1, 2)),
        (None, {"RANK": "1"}, Part(0, 1)),
    ],
)
def test_a_process_learns_its_part(text: str | None, environment: dict[str, str], wanted: Part) -> None:
    assert part_of(text, environment) == wanted


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("0/8", {}, "no part 0/8"),
        ("9/8", {}, "no part 9/8"),
        ("2 of 8", {}, "a part is written 2/8"),
        ("1/0", {}, "no part 1/0"),
        (None, {"RANK": "one", "WORLD_SIZE": "2"}, "are no numbers"),
        (None, {"SLURM_PROCID": "6", "SLURM_NTASKS": "6"}, "no part 7/6"),
    ],
)
def test_a_part_that_there_is_not_is_refused(text: str | None, environment: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        part_of(text, environment)


def _ahead(stage: str, part: str) -> None:
    ahead(argparse.Namespace(stage=stage, part=part, coordinator=None))


def test_the_stage_takes_what_every_part_drew(
    work: Path, model: InstantModel, capsys: pytest.CaptureFixture[str]
) -> None:
    _captions(TEXTS)
    declare("images", {"images": PARAMS}, ["images"])
    for number in (3, 1, 2):
        _ahead("images@shapes", f"{number}/3")
    said = capsys.readouterr().out
    assert "ahead images shapes, part 3/3: 2 of 6 pictures, 2 drawn now" in said
    drawn = list(model.drawn)
    assert sorted(drawn) == sorted((text, seed) for text in TEXTS for seed in (0, 1))
    _run()
    assert "6 pictures, 0 drawn now" in capsys.readouterr().out
    assert model.drawn == drawn


@pytest.mark.parametrize("stage", ["images", "clip@shapes", "images@../up", "models"])
def test_another_stage_is_named(work: Path, stage: str) -> None:
    with pytest.raises(BadInput, match="images@DATASET and model|letters, digits"):
        _ahead(stage, "1/2")


def test_a_training_of_several_needs_a_place_to_meet(repository: Path) -> None:
    program = """
from rapporteur.core.errors import run_stage
from rapporteur.dalle.optimise import join_hosts
def main():
    with join_hosts(0, 2, None, 1):
        pass
run_stage(main)
"""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "OMPI", "MASTER"))
    }
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "--coordinator HOST:PORT" in run.stderr
    assert "Traceback" not in run.stderr
