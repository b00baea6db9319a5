"""`rapporteur why NAME`: where a number comes from, back to what a person wrote.

Reads   artifacts/findings/findings.json, dvc.lock, and git for the commit.
Writes  to the terminal: the number with its interval, its method and its test; the artifact it was read from; every
        stage on the way from there to the tracked inputs, with its parameters and command; how to make it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.core.params import read_yaml
from rapporteur.core.provenance import LOCK_FILE
from rapporteur.core.repository import git
from rapporteur.report.artifacts import FINDINGS, nearest
from rapporteur.report.fact import fact, has_fact
from rapporteur.report.language import spoken
from rapporteur.report.prose import estimate
from rapporteur.vocabulary.findings import read_records

Stages = Mapping[str, Mapping[str, Any]]
CODE = "src/"
SHORT = 12  # signs of a digest


def why(name: str, root: Path = Path()) -> str:
    """What is known of the number `name`, in lines. Raises BadInput for an unknown one, and without a dvc.lock."""
    findings = read_records(root / FINDINGS / "findings.json")
    if name not in findings:
        raise BadInput(f'no number is called "{name}"; {nearest(name, findings)}', FINDINGS / "findings.json")
    if not (root / LOCK_FILE).is_file():
        raise BadInput("missing; `dvc repro` writes it", LOCK_FILE)
    stages: Stages = read_yaml(root / LOCK_FILE).get("stages") or {}
    record = findings[name]
    return "\n".join([*_number(name, record), *_chain(record["source"], stages), *_again(root)])


def _number(name: str, record: Mapping[str, Any]) -> Iterator[str]:
    language = spoken()
    yield f"{name} = {estimate(name) if has_fact(name) else '–'}"
    yield f"  {language.label(record)}"
    yield f"  {language.say(record['method'])}" + (f", n = {record['n']}" if record.get("n") else "")
    if record.get("p") and has_fact(record["p"]):
        yield f"  {record['p']} = {fact(record['p'])}"


def _chain(source: str, stages: Stages) -> Iterator[str]:
    """The stage that computed it, the artifact it was read from, each stage on the way back; then the inputs."""
    yield ""
    if "findings" in stages:
        yield from _stage("findings", stages["findings"], "computed by ")
    yield f"from {source}"
    order, inputs = walk(source, stages)
    if not order:
        yield f"  {LOCK_FILE} has no stage that writes it"
    for stage in order:
        yield from _stage(stage, stages[stage], "  ")
    for path, digest in sorted(inputs.items()):
        yield f"  tracked {path}  {digest}"


def _stage(name: str, entry: Mapping[str, Any], before: str) -> Iterator[str]:
    yield f"{before}{name}: {entry['cmd']}"
    for out in entry.get("outs") or ():
        yield f"    writes {out['path']}  {_digest(out)}"
    for block in (entry.get("params") or {}).values():
        for key, value in block.items():
            yield f"    {_setting(key, value)}"


def walk(source: str, stages: Stages) -> tuple[list[str], dict[str, str]]:
    """The stages that a file follows from, the last first, and the files that none of them writes, with their digests;
    code apart.
    """
    written = {name: [out["path"] for out in entry.get("outs") or ()] for name, entry in stages.items()}
    order: list[str] = []
    inputs: dict[str, str] = {}
    todo = [source]
    while todo:
        path = todo.pop(0)
        makers = [name for name, outs in written.items() if any(_within(path, out) for out in outs)]
        for stage in makers:
            if stage not in order:
                order.append(stage)
                deps = {dep["path"]: _digest(dep) for dep in stages[stage].get("deps") or ()}
                made = [dep for dep in deps if any(_within(dep, out) for outs in written.values() for out in outs)]
                todo += made
                inputs |= {dep: digest for dep, digest in deps.items() if dep not in made and not dep.startswith(CODE)}
    return order, inputs


def _within(path: str, other: str) -> bool:
    """Whether one of the two is the other, or lies in it: a stage may read a part of what another wrote, or all."""
    one, two = PurePosixPath(path), PurePosixPath(other)
    return one == two or one in two.parents or two in one.parents


def _digest(entry: Mapping[str, Any]) -> str:
    return f"md5 {str(entry.get('md5', ''))[:SHORT]}"


def _setting(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return f"{key}: " + ", ".join(f"{name} {part}" for name, part in value.items())
    return f"{key}: {value}"


def _again(root: Path) -> Iterator[str]:
    yield ""
    commit = git(root, "rev-parse", "--short=12", "HEAD")
    if commit:
        changed = git(root, "status", "--porcelain", "--", LOCK_FILE, "params.yaml", "src")
        yield f"commit {commit}" + (" with changes that are not committed" if changed else "")
    yield "again: dvc repro findings"
