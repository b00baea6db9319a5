"""Refuses what a report must not contain: typed numbers, promises of text to come, stale results.

    python -m rapporteur.report.guard report/note.qmd report/rapport.qmd

The hooks of Quarto (hooks.py) and the stage `render` call it before; rendered.py reads what was made of the text.
Cost: 20 ms a document; the staleness check imports DVC (1 to 2 s).
"""

from __future__ import annotations

import argparse
import ast
import os
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from qmdpress.qmd import Line, Passage, Qmd, inline_code, prose, read_qmd
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.report.artifacts import inside_project, project_root
from rapporteur.report.boundary import as_bad_input
from rapporteur.report.language import DEFAULT, speaking, spoken

NAMES_FILE = Path("report/_brand/names.txt")
RENDER_STAGE = "render"
SHOWN_FAULTS = 20
# What DVC calls data that is elsewhere: in the cache but not here, or here but not in the cache.
ABSENT = ("deleted", "not in cache")

_NUMBER = re.compile(r"\S*\d\S*")


@as_bad_input()
def check_document(path: Path, root: Path) -> None:
    """Raises BadInput listing every typed number and placeholder of a document, each with its line."""
    document = read_qmd(path, root)
    with speaking(language_of(document)):
        faults = sorted(
            {*typed_numbers(document, known_names(root)), *placeholders(document), *typed_in_code(document)}, key=_place
        )
    if not faults:
        return
    shown = [f"{line.file}:{line.number}: {message}" for line, message in faults[:SHOWN_FAULTS]]
    rest = [f"... and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
    raise BadInput("\n".join([f"{path} can't be rendered:", *shown, *rest]))


def language_of(document: Qmd) -> str:
    """The language that a document says it is in ("fr-CA" is French); the default where it does not."""
    return str(document.front.get("lang") or DEFAULT).partition("-")[0].lower()


Fault = tuple[Line, str]


def _place(fault: Fault) -> tuple[str, int, str]:
    line, message = fault
    return str(line.file), line.number, message


def known_names(root: Path) -> list[re.Pattern[str]]:
    """The names that hold digits ("DALL·E 2"), one regular expression a line; a space stands for any spaces.

    Raises BadInput for a line that is no regular expression.
    """
    path = root / NAMES_FILE
    names = []
    for number, text in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1) if path.is_file() else ():
        pattern = text.partition("# ")[0].strip()
        if not pattern:
            continue
        spaced = pattern.replace(" ", r"\s+")
        try:
            names.append(re.compile(rf"(?<!\w)(?:{spaced})(?!\w)"))
        except re.error as error:
            raise BadInput(f"not a regular expression: {error}", NAMES_FILE, number) from None
    return names


def typed_numbers(document: Qmd, names: list[re.Pattern[str]]) -> Iterator[Fault]:
    """Digits that someone typed where a reader reads them."""
    for passage in prose(document):
        text = passage.text
        for pattern in (*names, *map(_pattern, spoken().lint.dates)):
            text = pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
        for found in _NUMBER.finditer(text):
            yield passage.line_at(found.start()), _advice(passage, text, found)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _advice(passage: Passage, text: str, found: re.Match[str]) -> str:
    typed = found[0].strip(".,;:!?()[]\u00ab\u00bb*_|\"'")
    if _pattern(spoken().lint.reference).search(text[: found.start()]):
        return f"`{typed}` is a typed reference; write @fig-…, @tbl-…, @eq-… or @sec-…"
    return (
        f'`{typed}` is a typed number; write `{{python}} fact("...")`, or words, '
        f"or add the name that it belongs to in {NAMES_FILE}"
    )


def typed_in_code(document: Qmd) -> Iterator[Fault]:
    """Inline code that is a constant is a typed number in disguise."""
    for expression, line in inline_code(document):
        try:
            tree = ast.parse(expression, mode="eval")
        except SyntaxError as error:
            yield line, f"`{{python}} {expression}` is not an expression: {error.msg}"
            continue
        if not any(isinstance(part, (ast.Call, ast.Name)) for part in ast.walk(tree)):
            yield line, f"`{{python}} {expression}` is a typed value; take it from a fact"


def placeholders(document: Qmd) -> Iterator[Fault]:
    """ "[à compléter]" and its like."""
    for passage in prose(document, keep_marks=True):
        for found in _pattern(spoken().lint.promise).finditer(passage.text):
            yield passage.line_at(found.start()), f"`{found[0]}` is a promise, not a text; write it or leave it out"


# --- staleness ----------------------------------------------------------------------------------------


def stale_stages(root: Path) -> list[str]:
    """Stages before `render` whose outputs no longer follow from their inputs, in the order to run them.

    It reads what `dvc.lock` recorded, so data that lies only in the cache or a remote counts as present.
    It may be called from within `dvc repro`: `render` itself, which is then running, is left out.
    Empty where there is no dvc.yaml with a stage `render`.
    """
    if not (root / "dvc.yaml").is_file():
        return []
    from dvc.repo import Repo  # 1 s, and nothing else here needs it

    with Repo(str(root)) as repo:
        upstream = [stage for stage in _upstream(repo, root) if stage.name != RENDER_STAGE]
        made = {str(out.fs_path): out.hash_info for stage in upstream for out in stage.outs}
        with repo.lock:
            return [_shown(stage, root) for stage in upstream if _is_stale(stage, made)]


def would_run(root: Path) -> list[tuple[str, str]]:
    """What `dvc repro` would run for a reason of its own, and why, in order; what follows from these is not among them.

    Raises BadInput where there is no study, or no repository around it.
    """
    if not (root / "dvc.yaml").is_file():
        raise BadInput("no dvc.yaml here; go to the study's folder", root.resolve())
    from dvc.repo import Repo
    from dvc.scm import SCMError

    try:
        with Repo(str(root)) as repo:
            stages = _upstream(repo, root)
            made = {str(out.fs_path) for stage in stages for out in stage.outs}
            with repo.lock:
                found = [(_shown(stage, root), _reason(stage, made, root)) for stage in stages]
    except SCMError:
        raise BadInput(
            "not a git repository, as DVC wants one: run `git init`, or `dvc config core.no_scm true`", root.resolve()
        ) from None
    return [(name, reason) for name, reason in found if reason]


def _reason(stage: Any, made: Collection[str], root: Path) -> str:
    """Why a stage would run even if all that it reads of others were up to date; "" where it would not."""
    if unmade := _unmade(stage):
        return unmade
    for side, path, change in _changes(stage):
        if not side:
            return str(change)
        if isinstance(change, dict):
            return f"{path}: {', '.join(change)}"
        if change not in ABSENT:
            return f"{path} {'changed' if side == 'changed deps' else 'changed by hand'}"
        mine = any(os.path.relpath(one, root.resolve()).startswith(path) for one in made)
        if side == "changed deps" and not mine:
            return f"{path} is missing"
    return ""


def _unmade(stage: Any) -> str:
    """What of a stage's outputs can be had neither here nor from the cache."""
    if any(out.hash_info.value is None for out in stage.outs):
        return "never made"
    away = [out for out in stage.outs if not out.exists and out.changed_cache()]
    if away:
        return f"{away[0].def_path} is neither here nor in the cache (`dvc pull` may bring it)"
    return ""


def _changes(stage: Any) -> Iterator[tuple[str, str, Any]]:
    """What DVC finds changed of a stage: side, path and how; of the stage itself ("changed command") how alone."""
    for entry in stage.status().get(stage.addressing, []):
        if isinstance(entry, str):
            yield "", "", entry
        else:
            for side in ("changed deps", "changed outs"):
                yield from ((side, str(path), change) for path, change in entry.get(side, {}).items())


def _shown(stage: Any, root: Path) -> str:
    """What `dvc repro` calls a stage from the project's root."""
    file = os.path.relpath(stage.path, root.resolve())
    return str(stage.name) if file == "dvc.yaml" else f"{file}:{stage.name}"


def _upstream(repo: Any, root: Path) -> list[Any]:
    from dvc.stage.exceptions import StageNotFound

    try:
        # By its whole path: DVC takes a bare name from the current folder's dvc.yaml.
        wanted = repo.stage.collect(f"{root.resolve() / 'dvc.yaml'}:{RENDER_STAGE}", with_deps=True)
    except StageNotFound:
        return []
    order: list[Any] = []
    for stage in sorted(wanted, key=lambda stage: str(stage.addressing)):
        _after_its_needs(stage, repo.index.graph, order)
    return order


def _after_its_needs(stage: Any, graph: Any, order: list[Any]) -> None:
    """Append a stage to `order` after those that it needs; edges go from a stage to its needs."""
    if stage in order:
        return
    for need in sorted(graph.successors(stage), key=lambda need: str(need.addressing)):
        _after_its_needs(need, graph, order)
    order.append(stage)


def _is_stale(stage: Any, made: Mapping[str, Any]) -> bool:
    """Whether code, parameters, inputs or outputs of a stage differ from its lock, which also judges absent data."""
    if any(not side or change not in ABSENT for side, _, change in _changes(stage)):
        return True
    return any(_is_another(Path(dep.fs_path), dep.hash_info, made) for dep in stage.deps if not dep.exists)


def _is_another(path: Path, recorded: Any, made: Mapping[str, Any]) -> bool:
    """Whether absent data is another version than its stage made, or was never any stage's to make."""
    if str(path) in made:
        return bool(made[str(path)] != recorded)
    # A part of a stage's output, or a folder of several: the stages that make it answer for it.
    return not any(path in (out, *out.parents) or out in path.parents for out in map(Path, made))


def check_fresh(root: Path) -> None:
    """Raises BadInput that names the stages to run when a result is stale."""
    stale = stale_stages(root)
    if stale:
        raise BadInput(
            f"stale: {', '.join(stale)}. The documents would show results that no longer follow from their inputs; "
            f"run `dvc repro {RENDER_STAGE}`, or `dvc repro {stale[0]}` for the first of them"
        )


def main() -> None:
    """Check the documents named, from any folder of the project."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", nargs="+", type=Path)
    parser.add_argument("--fresh", action="store_true", help="also refuse stale results")
    arguments = parser.parse_args()
    root = project_root()
    for path in arguments.documents:
        check_document(inside_project(path, root), root)
    if arguments.fresh:
        check_fresh(root)


if __name__ == "__main__":
    run_stage(main)
