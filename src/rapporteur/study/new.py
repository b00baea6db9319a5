"""`rapporteur new FOLDER`: a study of its own, which depends on the installed package and is rebuilt by `dvc repro`.

A study is a folder: params.yaml, dvc.yaml with the stages that it needs, _quarto.yml, report/, data/ with its card,
.gitignore and README.md. Inside this repository it uses the sample weights, the fetched data and DVC's cache that are
here; elsewhere it brings the sample weights along and gets a DVC of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from rapporteur.core import flow
from rapporteur.core.closure import stage_code
from rapporteur.core.errors import BadInput
from rapporteur.core.files import new_folder, refuse_filled, write_atomic
from rapporteur.core.home import home
from rapporteur.core.params import PARAMS_FILE, PIPELINE_FILE, read_yaml
from rapporteur.core.stage import Stage
from rapporteur.study.passages import passages

DEFAULT = "default"
MATERIAL = ("_quarto.yml", "_quarto-code.yml", "_environment", "report")
DATA = (
    "foils",
    "studies",
    "prompts",
    "landscapes",
    "ratings",
    "comparisons",
    "sweeps",
    "shapes",
)  # small, and to be edited
WEIGHTS = ("dalle", "vqgan", "clip")
ELSEWHERE = ("data/coco", "data/flickr30k", "models")  # large: used where they are, if they are here
MADE = shutil.ignore_patterns("_out", "__pycache__", ".quarto", "*.quarto_ipynb", ".DS_Store", "._*", "Thumbs.db")
_DATE = re.compile(r"^date: .*$", re.MULTILINE)  # of the documents
VERSION = "rapporteur.txt"  # what an installed package is to DVC

IGNORED = """\
/artifacts/
/.items/
/report/_out/
/report/.quarto/
/.quarto/
/data/coco/
/data/flickr30k/
**/*.quarto_ipynb
*.part
__pycache__/
"""
READ_ME = """\
# {name}

A study of a text-to-image model, made by `rapporteur new` from `{source}`.

    dvc repro          pictures, scores, findings, figures and documents: report/_out
    quarto render      the documents alone
    dvc push, pull     results to teammates and from them

(Inside rapporteur's own repository: `uv run dvc repro`, and so on.) Settings are in params.yaml, texts in report/,
captions and ratings in data/ (data/README.md is its card).
"""
CARD = """\
# Data card

What the study reads, beside what params.yaml names elsewhere. Fill in what is yours.

| folder | what | from whom, with which licence |
| --- | --- | --- |
| `foils/`, `landscapes/` | words for foils and for the filter of landscapes | come with rapporteur, Apache-2.0 |
| `prompts/` | prompts, and those for samples of the landscape model | come with rapporteur, Apache-2.0 |
| `studies/` | lists of pictures and captions, to be edited | |
| `ratings/`, `comparisons/` | judgements, a file a rater | |
| `sweeps/` | trainings with other settings, by `rapporteur sweep` | |
"""


def sources() -> list[str]:
    """What a study can be made from."""
    return [DEFAULT, *sorted(path.stem for path in (home() / "profiles").glob("*.yaml"))]


def new_study(folder: Path, source: str = DEFAULT) -> None:
    """Make the folder. Raises BadInput for an unknown source, and for a folder that holds something."""
    known = sources()
    if source not in known:
        raise BadInput(f"no study is called {source!r}; known: {', '.join(known)}")
    refuse_filled(folder)
    text = (home() / (PARAMS_FILE if source == DEFAULT else f"profiles/{source}.yaml")).read_text(encoding="utf-8")
    inside = _way_back(folder)
    with new_folder(folder) as building:
        _copy(building, "world:" in text, inside is None)
        (building / PARAMS_FILE).write_text(_placed(_own(text, source), inside), encoding="utf-8")
        for name, content in {".gitignore": IGNORED, "data/README.md": CARD}.items():
            (building / name).write_text(content, encoding="utf-8")
        (building / "README.md").write_text(READ_ME.format(name=folder.resolve().name, source=source), encoding="utf-8")
        if inside is None:
            (building / VERSION).write_text(f"rapporteur=={core_version()}\n", encoding="utf-8")
        _cut(building)
        _write_flow(building, inside)
    if inside is None:
        _start_dvc(folder)
    print(f"{folder}: a study from `{source}`; edit {folder / PARAMS_FILE}, then: cd {folder} && dvc repro")


def core_version() -> str:
    from importlib.metadata import version

    return version("rapporteur")


def _way_back(folder: Path) -> str | None:
    """The way from the folder to the checkout that it lies in, or is; None for one that lies elsewhere."""
    base = home()
    if (base / "src").is_dir() and folder.resolve().is_relative_to(base):
        return Path(os.path.relpath(base, folder.resolve())).as_posix()
    return None


def _copy(target: Path, world: bool, weights: bool) -> None:
    """What a study may edit; the sample weights too where they can't be used from where they are."""
    base = home()
    for name in MATERIAL:
        source = base / name
        shutil.copytree(source, target / name, ignore=MADE) if source.is_dir() else shutil.copy(source, target)
    said = target / "report/_metadata.yml"
    said.write_text(_DATE.sub(f"date: {date.today().isoformat()}", said.read_text(encoding="utf-8")), encoding="utf-8")
    for name in DATA:
        if world or name != "shapes":
            shutil.copytree(base / "data" / name, target / "data" / name, ignore=MADE)
    for name in WEIGHTS if weights else ():
        shutil.copytree(base / "models/sample" / name, target / "models/sample" / name, ignore=MADE)


def _own(text: str, source: str) -> str:
    """The parameters with a heading of their own."""
    body = re.sub(r"\A(#[^\n]*\n)+", "", text).lstrip("\n")
    heading = f"""\
# Made by `rapporteur new` from `{source}`. A stage without its block here is not in this study: after a block came or
# went, `rapporteur flow` writes dvc.yaml anew.
"""
    return f"{heading}\n{body}"


def _placed(text: str, inside: str | None) -> str:
    """The parameters with paths of what is large leading to where it is."""
    for name in ELSEWHERE if inside else ():
        if (home() / name).exists():
            text = re.sub(rf"(?<![\w./-]){re.escape(name)}(?=/)", f"{inside}/{name}", text)
    return text


def _cut(folder: Path) -> None:
    """Take out of the documents what speaks of stages that the study has not."""
    known = flow.declared()
    has = needed(known, read_yaml(folder / PARAMS_FILE))
    for path in (folder / "report").rglob("*.qmd"):
        path.write_text(passages(path.read_text(encoding="utf-8"), has, known), encoding="utf-8")


def write_flow(folder: Path) -> None:
    """Write dvc.yaml anew: the stages whose blocks params.yaml has, and what they depend on."""
    _write_flow(folder, _way_back(folder))


def _write_flow(folder: Path, inside: str | None) -> None:
    stages = needed(flow.declared(), read_yaml(folder / PARAMS_FILE))
    content = flow.pipeline(stages, folder, lambda stage, reads: _code(stage, reads, inside))
    write_atomic(folder / PIPELINE_FILE, flow.text(content).encode())


def _code(stage: str, reads: Sequence[str], inside: str | None) -> list[str]:
    """The code that a stage depends on: its packages in the checkout, or the version of the installed package."""
    if inside is None:
        return [VERSION]
    return [path if inside == "." else f"{inside}/{path}" for path in stage_code(stage, reads, home())]


def needed(stages: Mapping[str, Stage], params: Mapping[str, object]) -> dict[str, Stage]:
    """The stages whose block a study has."""
    return {name: stage for name, stage in stages.items() if name in params}


def _start_dvc(folder: Path) -> None:
    """Git and DVC for a folder that is in no repository."""
    place = folder.resolve()
    if any((parent / ".dvc").is_dir() for parent in (place, *place.parents)):
        return
    in_git = any((parent / ".git").exists() for parent in (place, *place.parents))
    if not in_git and shutil.which("git"):
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        in_git = True
    at_top = (place / ".git").exists()
    how = [] if at_top else ["--subdir"] if in_git else ["--no-scm"]
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q", *how], cwd=folder, check=True)
