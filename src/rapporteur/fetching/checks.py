"""What makes a fetched file a good one: its digest where it is known, else that it can be read to the end.

Each check takes a path and raises Bad with a few words.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from rapporteur.core.provenance import file_digest

Check = Callable[[Path], None]
# What Python's readers raise for archives that are damaged, encrypted or of an unknown kind.
DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


class Bad(Exception):
    """The bytes that came are not the file."""


def has_sha256(expected: str) -> Check:
    def check(path: Path) -> None:
        if (found := file_digest(path)) != expected:
            raise Bad(f"its SHA-256 is {found[:12]}…, not {expected[:12]}…")

    return check


def has_git_id(expected: str) -> Check:
    """SHA-1 as git names a file's content: what the hub states of a file that it keeps in git itself."""

    def check(path: Path) -> None:
        digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
        digest.update(path.read_bytes())  # these files have megabytes at most
        if digest.hexdigest() != expected:
            raise Bad(f"its git id is {digest.hexdigest()[:12]}…, not {expected[:12]}…")

    return check


def is_picture(width: int | None = None, height: int | None = None) -> Check:
    """Decodes to its last line, ends as its format ends, and has the size in pixels where that is known."""

    def check(path: Path) -> None:
        try:
            with Image.open(path) as picture:
                picture.load()
                size, kind = picture.size, picture.format
        except UnidentifiedImageError:
            raise Bad("it is no picture") from None
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise Bad(f"the picture is damaged ({error})") from None
        if kind == "JPEG" and not _has_end(path.read_bytes()):  # the decoder forgives an absent end
            raise Bad("the picture is cut off at its end")
        if (width is not None and size[0] != width) or (height is not None and size[1] != height):
            raise Bad(f"the picture has {size[0]} × {size[1]} pixels instead of {width} × {height}")

    return check


def _has_end(jpeg: bytes) -> bool:
    """Whether the end marker follows the last scan; something else may stand after it, and thumbnails have one too."""
    return b"\xff\xd9" in jpeg[jpeg.rfind(b"\xff\xda") :]


def is_json(path: Path) -> None:
    """A JSON object in UTF-8, plain or gzipped."""
    raw = path.read_bytes()
    try:
        content = json.loads((gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8"))
    except (ValueError, RecursionError, EOFError, OSError, zlib.error) as error:
        raise Bad(f"it is no JSON text ({error})") from None
    if not isinstance(content, dict):
        raise Bad("it is JSON, but no object")


def is_zip(path: Path) -> None:
    """An archive each of whose members has the checksum that the archive states."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except DAMAGE as error:
        raise Bad(f"it is no zip archive ({error})") from None
    if broken is not None:
        raise Bad(f"its member {broken} is damaged")


def all_of(*checks: Check) -> Check:
    def check(path: Path) -> None:
        for one in checks:
            one(path)

    return check
