"""`rapporteur verify`: what a rebuild gave, held against what was committed, as a page and as JSON.

Reads dvc.lock of a commit and that of the working tree, and the contents of both in DVC's cache. Each output is
*identical* (its digest), *equal within rounding*, *different*, or *unknown* where the committed content is not at hand;
each number of the findings has moved or not, and by how much of its interval. Nothing is computed again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from rapporteur.core.errors import BadInput
from rapporteur.core.provenance import LOCK_FILE
from rapporteur.verify.content import apart
from rapporteur.verify.sentences import Changed, changed
from rapporteur.vocabulary.findings import METRICS_FILE

IDENTICAL, ROUNDING, UNKNOWN, DIFFERENT = "identical", "equal within rounding", "unknown", "different"
CLASSES = (IDENTICAL, ROUNDING, UNKNOWN, DIFFERENT)  # from the best to the worst: the exit code is the place
FINDINGS, FIGURES = "artifacts/findings", "artifacts/figures"
DRAWN = ("chart.svg", "sheet.jpg")  # what a reader sees of a figure


@dataclass(frozen=True)
class Part:
    """A file of an output that has other bytes."""

    file: str
    verdict: str
    items: int  # numbers or pixels that moved
    farthest: float | None
    why: str = ""


@dataclass(frozen=True)
class Output:
    """An output of a stage."""

    stage: str
    path: str
    verdict: str
    files: int = 0
    parts: Sequence[Part] = ()


@dataclass(frozen=True)
class Moved:
    """A number of the findings that is not what was committed."""

    name: str
    was: Any
    now: Any
    of_interval: float | None  # of its half-width; None without an interval


@dataclass(frozen=True)
class FigureChanged:
    """A figure that is drawn otherwise: its files, None where there was or is none, or where it is not at hand."""

    name: str
    was: Path | None
    now: Path | None


@dataclass(frozen=True)
class Certificate:
    """All of it, against a commit."""

    revision: str
    outputs: Sequence[Output]
    numbers: int = 0
    moved: Sequence[Moved] = field(default_factory=tuple)
    sentences: Sequence[Changed] | None = None  # None: not compared
    figures: Sequence[FigureChanged] = ()

    @property
    def worst(self) -> str:
        return max((output.verdict for output in self.outputs), key=CLASSES.index, default=IDENTICAL)


def certify(root: Path, revision: str = "HEAD") -> Certificate:
    """The certificate of the study in `root`. Raises BadInput where there is no lock, no git, or no such commit."""
    if not (root / LOCK_FILE).is_file():
        raise BadInput("nothing was rebuilt here; run `dvc repro`", root / LOCK_FILE)
    was = _outputs(_committed(root, revision))
    now = _outputs((root / LOCK_FILE).read_text(encoding="utf-8"))
    with _cache(root) as cache:
        outputs = [_output(stage, path, was.get((stage, path)), digest, cache) for (stage, path), digest in now.items()]
        outputs += [Output(stage, path, DIFFERENT) for stage, path in was if (stage, path) not in now]
        found = [_findings(lock, cache) for lock in (was, now)]
        sentences = _sentences(root, was, now, cache) if all(found) else None
        figures = _figures(was, now, cache)
    numbers, moved = _moved(*found)
    return Certificate(_commit(root, revision), outputs, numbers, moved, sentences, figures)


def _git(root: Path, *arguments: str) -> str:
    try:
        run = subprocess.run(["git", *arguments], cwd=root, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise BadInput("there is no `git` here; install it, for the committed lock is in its history") from None
    if run.returncode:
        raise BadInput(f"git says: {(run.stderr.strip().splitlines() or ['nothing'])[-1]}", root)
    return run.stdout


def _committed(root: Path, revision: str) -> str:
    return _git(root, "show", f"{revision}:./{LOCK_FILE}")


def _commit(root: Path, revision: str) -> str:
    return _git(root, "rev-parse", revision).strip()


Locked = Mapping[tuple[str, str], str]  # by stage and path: the digest


def _outputs(lock: str) -> Locked:
    stages = (YAML(typ="safe").load(lock) or {}).get("stages") or {}
    return {
        (str(stage), str(out["path"])): str(out.get("md5", ""))
        for stage, entry in stages.items()
        for out in entry.get("outs") or []
        if out["path"] != METRICS_FILE  # of the findings, which are compared themselves
    }


class _Cache:
    """Contents by digest: DVC's cache."""

    def __init__(self, repo: Any) -> None:
        self._repo = repo

    def __enter__(self) -> _Cache:
        return self

    def __exit__(self, *fault: object) -> None:
        self._repo.close()

    def file(self, digest: str) -> Path | None:
        path = Path(self._repo.cache.local.oid_to_path(digest))
        return path if path.is_file() else None

    def files(self, digest: str) -> dict[str, str] | None:
        """The digests of a folder's files by name (of a file: its own under ""); None where it is not at hand."""
        if not digest.endswith(".dir"):
            return {"": digest}
        listing = self.file(digest)
        if listing is None:
            return None
        return {entry["relpath"]: entry["md5"] for entry in json.loads(listing.read_text(encoding="utf-8"))}


def _cache(root: Path) -> _Cache:
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo
    from dvc.scm import SCMError

    try:
        return _Cache(Repo(str(root)))
    except (NotDvcRepoError, SCMError) as error:
        raise BadInput(f"DVC does not know this folder ({error}); run it in a clone", root) from None


def _output(stage: str, path: str, was: str | None, now: str, cache: _Cache) -> Output:
    if was == now:
        return Output(stage, path, IDENTICAL)
    if was is None:
        return Output(stage, path, DIFFERENT)
    former, present = cache.files(was), cache.files(now)
    if former is None or present is None:
        return Output(stage, path, UNKNOWN)
    parts = [
        _part(name, path, former.get(name), present.get(name), cache)
        for name in sorted(former.keys() | present.keys())
        if former.get(name) != present.get(name)
    ]
    verdict = max((part.verdict for part in parts), key=CLASSES.index, default=IDENTICAL)
    return Output(stage, path, verdict, len(present), parts)


def _part(name: str, out: str, was: str | None, now: str | None, cache: _Cache) -> Part:
    if was is None or now is None:
        return Part(name, DIFFERENT, 1, None, "is here and was not committed" if was is None else "was committed")
    former, present = cache.file(was), cache.file(now)
    if former is None or present is None:
        return Part(name, UNKNOWN, 0, None, "not in the cache; `dvc fetch` brings what was pushed")
    found = apart(former, present, name or out)
    farthest = None if found.farthest == float("inf") else found.farthest
    return Part(name, ROUNDING if found.rounding else DIFFERENT, found.items, farthest, found.what)


def _findings_files(lock: Locked, cache: _Cache) -> dict[str, str] | None:
    return _files_of(FINDINGS, lock, cache)


def _files_of(output: str, lock: Locked, cache: _Cache) -> dict[str, str] | None:
    digest = next((digest for (_, path), digest in lock.items() if path == output), None)
    return None if digest is None else cache.files(digest)


def _figures(was: Locked, now: Locked, cache: _Cache) -> list[FigureChanged]:
    """The charts and contact sheets that have other bytes, by name."""
    former, present = (_files_of(FIGURES, lock, cache) or {} for lock in (was, now))
    drawn = sorted(name for name in former.keys() | present.keys() if Path(name).name in DRAWN)
    return [
        FigureChanged(str(Path(name).parent), *(
            cache.file(files[name]) if name in files else None for files in (former, present)
        ))
        for name in drawn
        if former.get(name) != present.get(name)
    ]  # fmt: skip


def _sentences(root: Path, was: Locked, now: Locked, cache: _Cache) -> list[Changed] | None:
    """What the documents say otherwise; None where a table of the findings is not at hand."""
    locks = [_findings_files(lock, cache) or {} for lock in (was, now)]
    if locks[0] == locks[1]:
        return []
    with tempfile.TemporaryDirectory() as folder:
        homes = Path(folder) / "was", Path(folder) / "now"
        for home, files in zip(homes, locks, strict=True):
            for name, digest in files.items():
                kept, target = cache.file(digest), home / FINDINGS / name
                if kept is None:
                    return None
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(kept, target)
        return changed(root, *homes)


def _findings(lock: Locked, cache: _Cache) -> dict[str, Any]:
    files = _findings_files(lock, cache)
    path = cache.file(files["findings.json"]) if files and "findings.json" in files else None
    return {} if path is None else dict(json.loads(path.read_text(encoding="utf-8")))


def _moved(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[int, list[Moved]]:
    """How many numbers both have, and those that moved, the farthest by its interval first."""
    both = [name for name in now if name in was]
    moved = [
        Moved(name, was[name]["value"], now[name]["value"], _share_of_interval(was[name], now[name]["value"]))
        for name in both
        if was[name]["value"] != now[name]["value"]
    ]
    return len(both), sorted(moved, key=lambda one: (-(one.of_interval or 0), one.name))


def _share_of_interval(was: Mapping[str, Any], now: Any) -> float | None:
    low, high, value = was.get("low"), was.get("high"), was["value"]
    if low is None or high is None or high == low or not isinstance(now, int | float):
        return None
    return float(abs(now - value) / ((high - low) / 2))


def summary(certificate: Certificate) -> str:
    """A line for each kind of output, and one on the numbers."""
    counts = Counter(output.verdict for output in certificate.outputs)
    lines = [f"{counts[kind]} outputs {kind}" for kind in CLASSES if counts[kind]]
    lines += [f"  {output.stage}: {_told(output)}" for output in certificate.outputs if output.verdict != IDENTICAL]
    if certificate.numbers:
        lines.append(f"{len(certificate.moved)} of {certificate.numbers} numbers moved")
    if certificate.moved and certificate.moved[0].of_interval is not None:
        first = certificate.moved[0]
        lines.append(f"  the most: {first.name}, by {first.of_interval:.2g} of its interval's half-width")
    if certificate.sentences is not None and certificate.numbers:
        lines.append(f"{len(certificate.sentences)} sentences, tables or figures of the documents change")
    if certificate.figures:
        lines.append(f"{len(certificate.figures)} figures are drawn otherwise")
    return "\n".join([*lines, f"verdict: {certificate.worst}, against {certificate.revision[:12]}"])


def _told(output: Output) -> str:
    if not output.parts:
        return f"{output.path} is {output.verdict}"
    far = max((part.farthest for part in output.parts if part.farthest is not None), default=None)
    items = sum(part.items for part in output.parts)
    share = f"{len(output.parts)} of {output.files} files of {output.path}"
    return f"{share} ({output.verdict}: {items} numbers or pixels{farthest(far)})"


def farthest(distance: float | None) -> str:
    """How far, at most; nothing where a text changed or a number came or went."""
    return "" if distance is None else f", at most {distance:.2g}"
