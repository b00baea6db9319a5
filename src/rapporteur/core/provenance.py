"""Where things come from: digests of files and code, and what the last run left in DVC's cache."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.files import is_junk
from rapporteur.core.params import read_yaml

LOCK_FILE = "dvc.lock"


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def bare_code(source: str) -> str:
    """The source without comments, docstrings, trailing blanks and blank lines; the same on every Python."""
    lines = source.split("\n")  # as tokenize and ast count them
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, start = token.start
            lines[row - 1] = lines[row - 1][:start]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _blank_docstring(node, lines)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _blank_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]
) -> None:
    if ast.get_docstring(node, clean=False) is None:
        return
    text = node.body[0]
    for row in range(text.lineno - 1, text.end_lineno or text.lineno):
        lines[row] = ""


class Unaltered(Mapping[str, Path]):
    """Files of DVC's cache by relative name: those alone whose bytes still have the MD5 that they are named by."""

    def __init__(self, objects: Mapping[str, tuple[Path, str]]) -> None:
        self._objects = objects
        self._checked: dict[str, bool] = {}

    def __getitem__(self, name: str) -> Path:
        path, md5 = self._objects[name]
        if name not in self._checked:
            self._checked[name] = path.exists() and md5_of(path) == md5
        if not self._checked[name]:
            raise KeyError(name)
        return path

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._objects if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def md5_of(path: Path) -> str:
    """The MD5 (hex) of a file, by which DVC names it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def previous_output(out: str, root: Path = Path()) -> Mapping[str, Path]:
    """The files of an output as the last dvc.lock names them: relative path to the file in DVC's cache.

    DVC deletes a stage's outputs before it runs the stage; its cache still has them, on the machine that
    made them and on one that pulled them. Empty when there is no lock, no such output or no cache. A file is compared
    with its digest when it is asked for; one that was altered is not there.
    """
    md5 = _locked_md5(out, root)
    if md5 is None:
        return {}
    from dvc.exceptions import NotDvcRepoError  # a second of start-up, paid only when something is missing
    from dvc.repo import Repo
    from dvc.scm import SCMError

    try:
        with Repo(str(root)) as repo:
            cache = repo.cache.local
            listing = Path(cache.oid_to_path(md5))
            if not listing.exists() or f"{md5_of(listing)}.dir" != md5:
                return {}
            files = {entry["relpath"]: entry["md5"] for entry in json.loads(listing.read_text(encoding="utf-8"))}
            return Unaltered({name: (Path(cache.oid_to_path(oid)), oid) for name, oid in files.items()})
    except (NotDvcRepoError, SCMError):  # a stage may run outside of DVC: then nothing is kept of earlier runs
        return {}


def _locked_md5(out: str, root: Path) -> str | None:
    if not (root / LOCK_FILE).exists():
        return None
    stages = read_yaml(root / LOCK_FILE).get("stages") or {}
    for stage in stages.values():
        for entry in stage.get("outs") or []:
            if entry["path"] == out and str(entry.get("md5", "")).endswith(".dir"):
                return str(entry["md5"])
    return None


def folder_digest(folder: Path) -> str:
    """SHA-256 (hex) over a folder's files, junk apart: relative names and contents, in the order of the names.

    Raises BadInput when the folder is missing or empty.
    """
    found = folder.rglob("*") if folder.is_dir() else ()
    files = sorted(path for path in found if path.is_file() and not is_junk(path.relative_to(folder)))
    if not files:
        raise BadInput("the folder is missing or empty; check the path in params.yaml", folder)
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder).as_posix()}\0{file_digest(path)}\n".encode())
    return digest.hexdigest()
