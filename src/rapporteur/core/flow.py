"""dvc.yaml, written from what the stages declare (`rapporteur flow`); a test fails where it is another.

To a stage's declared reads come the packages that its code is in: DVC does not see imports (dvc#9195), so a change in a
helper module would leave an output stale. Whole packages, so that the file stays short: a stage that runs for nothing
finds its items by the version of the code that makes them (core/code.py), which is exact.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rapporteur.core.closure import PACKAGE, stage_code
from rapporteur.core.stage import ARTIFACTS, Stage

STAGES = f"{PACKAGE}.stages"
HEAD = """# The study, stage by stage; written by `rapporteur flow` from what the stages declare: edit there.
# ${...} are values of params.yaml; a stage with `foreach` runs once for each dataset."""
WIDTH = 120
PLAIN = re.compile(r"[\w./-]+")  # what YAML reads as a text without quotes
AS_IT_IS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def declared() -> dict[str, Stage]:
    """Every stage by name, each after those whose outputs it reads."""
    names = [module.name for module in pkgutil.iter_modules(importlib.import_module(STAGES).__path__)]
    found: dict[str, Stage] = {name: importlib.import_module(f"{STAGES}.{name}").STAGE for name in names}
    return {stage.name: stage for stage in _in_order(found.values())}


def _in_order(stages: Iterable[Stage]) -> list[Stage]:
    left, done = sorted(stages, key=lambda stage: stage.name), list[Stage]()
    while left:
        ready = [one for one in left if not any(_feeds(other, one) for other in left if other is not one)]
        if not ready:
            raise ValueError(f"stages that wait for each other: {', '.join(one.name for one in left)}")
        done += ready
        left = [one for one in left if one not in ready]
    return done


def _feeds(maker: Stage, user: Stage) -> bool:
    """Whether a stage reads, by its declaration, what another writes."""
    return any(_makes(maker, read) for read in user.reads)


def _makes(maker: Stage, read: str) -> bool:
    outs = [out.removesuffix("/{dataset}") for out in maker.outputs]
    return any(read == out or read.startswith(f"{out}/") for out in outs)


Code = Callable[[str, Sequence[str]], list[str]]  # of a stage and what it reads, the code that it depends on


def pipeline(stages: Mapping[str, Stage], root: Path = Path(), code: Code | None = None) -> dict[str, Any]:
    """The content of dvc.yaml. What only stages write that are not among these is not read either."""
    code = code or (lambda name, reads: stage_code(name, reads, root))
    left_out = [one for name, one in declared().items() if name not in stages]
    entries = {}
    for name, stage in stages.items():
        reads = [read for read in stage.reads if not any(_makes(other, read) for other in left_out)]
        entries[name] = _entry(stage, [path for read in reads for path in _files(read, stage, root)], code)
    plots = [{one.path: {"x": one.x, "y": list(one.y)}} for stage in stages.values() for one in stage.plots]
    return {"stages": entries} | ({"plots": plots} if plots else {})


def _entry(stage: Stage, reads: list[str], code: Code) -> dict[str, Any]:
    command = f"python -m {STAGES}.{stage.name}" + (" '${key}'" if stage.each else "")
    body: dict[str, Any] = {
        "cmd": command,
        "params": [_of_dvc(name) for name in stage.parameters],
        "deps": [*code(stage.name, reads), *map(_of_dvc, reads)],
        "outs": [_of_dvc(out) for out in stage.outputs],
    }
    if stage.tells:
        body["metrics"] = [{path: {"cache": False}} for path in stage.tells]
    return {"foreach": "${captions}", "do": body} if stage.each else body


def _of_dvc(text: str) -> str:
    return text.replace("{dataset}", "${key}")


def _files(read: str, stage: Stage, root: Path) -> list[str]:
    """What a read stands for: itself, where it is to be there, or what lies in a folder but what is hidden or made."""
    if "*" not in read:
        made = read.startswith(f"{ARTIFACTS}/") or "${" in read
        return [read] if made or (root / read).exists() else []
    found = sorted(path.relative_to(root).as_posix() for path in root.glob(read) if not path.name.startswith("."))
    return [path for path in found if path not in stage.outputs]


def text(content: Mapping[str, Any]) -> str:
    """dvc.yaml: a list on as few lines as it needs."""
    stages = [_lines({name: entry}, 2) for name, entry in content["stages"].items()]
    body = f"{HEAD}\nstages:\n" + "\n\n".join("\n".join(lines) for lines in stages) + "\n"
    plots = "".join(f"  - {_item(plot)}\n" for plot in content.get("plots", ()))
    return body + (f"\nplots:\n{plots}" if plots else "")


def _item(item: str | Mapping[str, Any]) -> str:
    if isinstance(item, Mapping):  # an output with what is said of it
        return ", ".join(f"{path}: {json.dumps(about)}" for path, about in item.items())
    return item if PLAIN.fullmatch(item) else f"'{item}'"


def _lines(entry: Mapping[str, Any], indent: int) -> list[str]:
    lines = []
    for name, value in entry.items():
        start = f"{' ' * indent}{name}:"
        if isinstance(value, Mapping):
            lines += [start, *_lines(value, indent + 2)]
        elif isinstance(value, list):
            items = ", ".join(map(_item, value))
            inside = " " * (indent + 2)
            lines += textwrap.wrap(f"{start} [{items}]", WIDTH, subsequent_indent=inside, **AS_IT_IS)
        else:
            lines.append(f"{start} {value}")
    return lines
