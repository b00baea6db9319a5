"""Files that are either whole or absent."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rapporteur.core.errors import BadInput

UMASK = os.umask(0)  # to be read, it has to be set
os.umask(UMASK)
JUNK = re.compile(r"\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|__pycache__|.*\.pyc", re.IGNORECASE)


def is_junk(path: Path) -> bool:
    """Whether a file is no one's content: what macOS, Windows or Python leave beside files (also in .dvcignore)."""
    return any(JUNK.fullmatch(part) for part in path.parts)


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a crash leaves the old file or the new one, never a part.

    Costs one fsync (1 to 10 ms on a laptop's disk).
    """
    with whole_file(path) as stream:
        stream.write(data)


def _open_through(path: Path, patience_s: float = 3.0) -> int:
    """A pipe or a device, open for writing. Raises OSError (ENXIO) where no one begins to read from a pipe."""
    until = time.monotonic() + patience_s
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            os.set_blocking(handle, True)
            return handle


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A stream to a temporary file beside `path` that takes its place only when the block ends well.

    Where `path` is a link, what it leads to is replaced; a pipe or a device is written through, never replaced.
    """
    if path.is_symlink():
        path = path.resolve()
    if path.exists() and not path.is_file() and not path.is_dir():
        with os.fdopen(_open_through(path), "wb") as stream:
            yield stream
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o666 & ~UMASK)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def refuse_filled(folder: Path) -> None:
    """Raise BadInput where a folder to be made holds something already, or is a file."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("is there already, and not empty; name another folder", folder)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Fill a temporary folder beside `path` and put it in its place only when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
    try:
        yield building
        building.chmod(0o777 & ~UMASK)
        if path.exists():
            shutil.rmtree(path)
        building.replace(path)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
