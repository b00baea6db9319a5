"""Pictures out of a folder or an archive that the user has: found by their name alone, checked, then put in place.

A member's own path is never used to write anything, and links are passed over, so an archive can't reach out of the
folder of pictures.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from rapporteur.core.errors import BadInput
from rapporteur.core.progress import progress
from rapporteur.fetching.checks import DAMAGE, Bad
from rapporteur.fetching.download import Wanted, settle
from rapporteur.fetching.lock import Lock
from rapporteur.fetching.many import Missing

LARGEST = 200_000_000  # bytes of one picture; more is no picture but an attack
BLOCK = 1 << 20

Member = tuple[str, Callable[[], IO[bytes] | None]]


def take_pictures(source: Path, wanted: Sequence[Wanted], lock: Lock, label: str) -> list[Missing]:
    """Put the wanted pictures in their places out of `source`, found by the name of their target.

    Returns those that `source` lacks or holds damaged.
    """
    todo = {one.target.name: one for one in wanted if not lock.holds(one)}
    reasons = dict.fromkeys(todo, f"not in {source}")
    broken = ""
    try:
        with progress(label, len(todo), "pictures") as advance:
            for name, opened in members(source) if todo else ():
                base = PurePosixPath(name).name
                if base in todo and base in reasons:
                    _take(todo[base], source, name, opened, lock, reasons)
                    advance(base not in reasons)
                    if not reasons:
                        break
    except DAMAGE as error:
        broken = f"; the archive is damaged ({error})"
    finally:
        lock.write()
    return [Missing(todo[name].target, reason + broken) for name, reason in reasons.items()]


def _take(
    one: Wanted, source: Path, name: str, opened: Callable[[], IO[bytes] | None], lock: Lock, reasons: dict[str, str]
) -> None:
    part = one.target.with_name(f"{one.target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        _copy(opened, part)
        one.check(part)
        lock.add(one.target, settle(part, one.target), f"{source.name}#{name}", one.licence, one.notes)
        del reasons[one.target.name]
    except Bad as error:
        reasons[one.target.name] = f"{name} in {source}: {error}"
    finally:
        part.unlink(missing_ok=True)


def _copy(opened: Callable[[], IO[bytes] | None], part: Path) -> None:
    left = LARGEST
    member = opened()
    if member is None:
        raise Bad("it has no content")
    with member, part.open("wb") as out:
        while block := member.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise Bad(f"it has more than {LARGEST} bytes")
            out.write(block)


def members(source: Path) -> Iterator[Member]:
    """Names and contents of the plain files in a folder, a zip archive or a tar archive of any compression."""
    if source.is_dir():
        yield from _of_folder(source)
    elif not source.is_file():
        raise BadInput("there is no such folder or archive", source)
    elif zipfile.is_zipfile(source):
        yield from _of_zip(source)
    elif tarfile.is_tarfile(source):
        yield from _of_tar(source)
    else:
        raise BadInput("is neither a folder nor a zip or tar archive; give what you obtained, whole", source)


def _of_folder(source: Path) -> Iterator[Member]:
    for path in sorted(source.rglob("*")):
        if path.is_file():
            yield path.relative_to(source).as_posix(), lambda path=path: path.open("rb")  # type: ignore[misc]


def _of_zip(source: Path) -> Iterator[Member]:
    with zipfile.ZipFile(source) as archive:
        for info in archive.infolist():
            if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16):
                yield info.filename, lambda info=info: archive.open(info)  # type: ignore[misc]


def _of_tar(source: Path) -> Iterator[Member]:
    with tarfile.open(source) as archive:
        for info in archive:
            if info.isreg():
                yield info.name, lambda info=info: archive.extractfile(info)  # type: ignore[misc]
