"""The repository as a user has it: a copy of what git tracks, and `dvc repro` in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from rapporteur.core.params import read_yaml

ROOT = Path(__file__).resolve().parent.parent


FRENCH, ENGLISH = ("note", "rapport", "slides"), ("en/note", "en/report", "en/slides")
IN_FRENCH: dict[str, Any] = {"figures": {"languages": ["fr"]}, "render": {"documents": list(FRENCH)}}  # of params.yaml
FRENCH_DOCUMENTS = {f"{name}.{suffix}" for name in FRENCH for suffix in ("html", "pdf")}
ALL_DOCUMENTS = {f"{name}.{suffix}" for name in (*FRENCH, *ENGLISH) for suffix in ("html", "pdf")}


def made_documents(out: Path) -> set[str]:
    """What was rendered into a folder."""
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


def merge(block: Any, changes: dict[str, Any]) -> None:
    """Change parameters in place; a name that is not there is a mistake of the test."""
    for name, value in changes.items():
        assert name in block, name
        if isinstance(value, dict):
            merge(block[name], value)
        else:
            block[name] = value


def write_params(study: Path, changes: dict[str, Any]) -> None:
    """Change some parameters of a study."""
    params = read_yaml(study / "params.yaml")
    merge(params, changes)
    with (study / "params.yaml").open("w") as stream:
        YAML().dump(params, stream)


def copy_repository(target: Path) -> Path:
    """What git tracks, in a git repository of its own, without the lock's memory of other machines."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if name != "dvc.lock":
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)
    return target


def environment(study: Path) -> dict[str, str]:
    """The environment in which the study's own code is what `python` imports."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONPATH": str(study / "src")}


def repro(study: Path, *targets: str, code: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`dvc repro`, whatever comes of it; `code` is the checkout whose code runs, where it is not the study itself."""
    command, given = [sys.executable, "-m", "dvc", "repro", *targets], environment(code or study)
    return subprocess.run(command, cwd=study, env=given, capture_output=True, text=True, check=False)


def must(run: subprocess.CompletedProcess[str]) -> str:
    """The output of a run that has to succeed."""
    output = run.stdout + run.stderr
    assert run.returncode == 0, output[-6000:]
    return output


def ran(output: str) -> set[str]:
    """The stages that ran."""
    return set(re.findall(r"Running stage '([^']+)'", output))
