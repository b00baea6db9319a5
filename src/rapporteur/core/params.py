"""Parameters, strict: a stage receives only what dvc.yaml declares for it, checked name by name.

A parameter that a stage reads without declaring it would go stale unnoticed; one that nobody reads is
a typing error that would be obeyed by nobody. Both stop the stage with the file and the line.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

import pydantic
from pydantic.dataclasses import dataclass as pydantic_dataclass
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from rapporteur.core.errors import BadInput

PARAMS_FILE = "params.yaml"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")  # of a dataset
PIPELINE_FILE = "dvc.yaml"

P = TypeVar("P")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def strict(cls: type[P]) -> type[P]:
    """Make a frozen dataclass whose fields are type-checked and admit no unknown name; those with a default may be left
    out of params.yaml.
    """
    config = pydantic.ConfigDict(extra="forbid", strict=True)
    return pydantic_dataclass(frozen=True, kw_only=True, config=config)(cls)  # type: ignore[return-value]


def stage_params(cls: type[P], stage: str, item: str | None = None, root: Path = Path(), block: str | None = None) -> P:
    """The block `<stage>` (or `<stage>.<item>`) of params.yaml as a `cls`.

    `block` names another stage's block, where two stages share one setting.

    Raises BadInput for a block that dvc.yaml does not declare for this stage, an unknown or missing
    name, and a value of the wrong type; the message gives the line of params.yaml.
    """
    path = block or stage if item is None else f"{block or stage}.{item}"
    return _build(cls, shared_param(path, stage, root), root / PARAMS_FILE, path)


def checked_name(dataset: str, file: Path = Path(PARAMS_FILE), line: int | None = None) -> str:
    """A dataset's name. It is part of paths, of commands and of findings' names: raises BadInput for other signs."""
    if not NAME.fullmatch(dataset):
        raise BadInput(
            f"the dataset {dataset!r} under `captions` needs a plain name: a letter (a to z) first, then letters, "
            "digits, - and _",
            file,
            line,
        )
    return dataset


def shared_param(path: str, stage: str, root: Path = Path()) -> Any:
    """The value at the dotted `path` of params.yaml, provided that dvc.yaml declares it for `stage`."""
    if not any(path == name or path.startswith(f"{name}.") for name in declared_params(stage, root)):
        raise BadInput(
            f"the stage `{stage}` reads the parameter `{path}` but does not declare it; "
            f"add it to `stages.{stage}.params`",
            root / PIPELINE_FILE,
        )
    content = read_yaml(root / PARAMS_FILE)
    datasets = content.get("captions")
    for name in datasets if isinstance(datasets, CommentedMap) else ():
        checked_name(str(name), root / PARAMS_FILE, datasets.lc.key(name)[0] + 1)
    return _lookup(content, path, root / PARAMS_FILE)


def dataset_names(stage: str, root: Path = Path()) -> list[str]:
    """The study's datasets, in the order of params.yaml: the blocks of `captions`."""
    return [str(name) for name in shared_param("captions", stage, root)]


def declared_params(stage: str, root: Path = Path()) -> list[str]:
    """The parameters that dvc.yaml declares for a stage; `block.${key}` stands for the whole block."""
    pipeline = read_yaml(root / PIPELINE_FILE)
    entry = (pipeline.get("stages") or {}).get(stage)
    if entry is None:
        raise BadInput(f"there is no stage `{stage}`", root / PIPELINE_FILE)
    entry = entry.get("do", entry)
    return [str(name).split(".${")[0] for name in entry.get("params") or []]


def read_yaml(path: Path) -> CommentedMap:
    """A YAML mapping that remembers its lines."""
    try:
        with path.open(encoding="utf-8") as stream:
            content = YAML(typ="rt").load(stream)
    except FileNotFoundError:
        raise BadInput("the file is missing; run from the study's folder", path) from None
    except UnicodeDecodeError as error:
        place = error.object[: error.start].count(b"\n") + 1
        raise BadInput("not UTF-8; save the file as UTF-8", path, place) from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise BadInput(f"not valid YAML: {getattr(error, 'problem', error)}", path, line) from None
    except (RecursionError, ValueError) as error:  # nested without end; a number or date that is none
        raise BadInput(f"not valid YAML ({error})", path) from None
    if not isinstance(content, CommentedMap):
        raise BadInput("expected `name: value` lines at the top level", path)
    return content


def _lookup(content: Mapping[str, Any], path: str, file: Path) -> Any:
    node: Any = content
    for depth, name in enumerate(path.split(".")):
        if not isinstance(node, Mapping) or name not in node:
            parent = ".".join(path.split(".")[:depth])
            inside = f"in `{parent}`" if parent else "at the top level"
            raise BadInput(f"the parameter `{name}` is missing {inside}", file, _line(node))
        node = node[name]
    return node


def _build(cls: type[P], block: Any, file: Path, path: str) -> P:
    block = {} if block is None else block  # "colour:" alone: all of it by default
    if not isinstance(block, Mapping):
        raise BadInput(f"`{path}` must be a block of `name: value` lines", file)
    adapter: pydantic.TypeAdapter[P] = pydantic.TypeAdapter(cls)
    try:
        return adapter.validate_json(json.dumps(_plain(block)))  # strict Python mode would refuse nested blocks
    except pydantic.ValidationError as error:
        raise _explain(error, cls, block, file, path) from None


def _explain(error: pydantic.ValidationError, cls: type, block: Any, file: Path, path: str) -> BadInput:
    # A misspelt name is both unknown and missing: say that it is unknown, and what it resembles.
    first = min(error.errors(), key=lambda found: found["type"] != "unexpected_keyword_argument")
    *parents, name = [str(part) for part in first["loc"]] or [path]
    full = ".".join([path, *parents, name])
    holder = block
    for parent in parents:
        holder = holder[parent] if isinstance(holder, Mapping) and parent in holder else holder
    line = _line(holder, name)
    if first["type"] == "unexpected_keyword_argument":
        known = sorted(getattr(cls, "__dataclass_fields__", {})) if not parents else []
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "known here: " + (", ".join(known) or "see the README")
        return BadInput(f"unknown parameter `{full}`; {hint}", file, line)
    if first["type"] == "missing":
        return BadInput(f"the parameter `{full}` is missing", file, _line(holder))
    return BadInput(f"the parameter `{full}` is {first['input']!r}: {first['msg'].lower()}", file, line)


def _line(node: Any, name: str | None = None) -> int | None:
    """The 1-based line of a key, or of the first key of a block."""
    places = getattr(getattr(node, "lc", None), "data", None)
    if not places:
        return None
    place = places.get(name) if name is not None else next(iter(places.values()))
    return None if place is None else int(place[0]) + 1


def _plain(value: Any) -> Any:
    """Ruamel's containers and scalars as plain Python, which JSON can write."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
