"""One member of a zip archive on a server: its own bytes where the server sends ranges, else the whole archive.

COCO's annotations_trainval2014.zip has 253 MB, its captions of val2014 a twentieth of that.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import requests

from rapporteur.core.errors import BadInput
from rapporteur.fetching.checks import DAMAGE, Bad, Check, has_sha256, is_zip
from rapporteur.fetching.client import Client, NotFetched, TryAgain
from rapporteur.fetching.download import Got, Wanted, Watch, content_range, download, settle
from rapporteur.fetching.lock import Lock
from rapporteur.fetching.many import Missing

BLOCK = 1 << 20  # bytes asked for at a time


@dataclass(frozen=True)
class Archive:
    """A published zip archive: its size in bytes and its SHA-256 where they are known."""

    url: str
    size: int | None = None
    sha256: str | None = None


class NoRanges(Exception):
    """The server sends whole files only."""


def fetch_member(
    client: Client, archive: Archive, name: str, target: Path, check: Check, lock: Lock, licence: str
) -> list[Missing]:
    """Put the member `name` (its last part is enough) in `target`; nothing where a good file is there already.

    Returns what is missing, as fetch_all does.
    """
    wanted = Wanted(archive.url, target, check, licence=licence)
    if lock.holds(wanted):
        lock.write()
        return []
    if target.exists():
        raise BadInput("is there and is not the published file; move it away, and it will be fetched", target)
    print(f"{target.name}, out of {archive.url}", flush=True)
    try:
        try:
            got = _by_ranges(client, archive, name, target, check)
        except NoRanges:
            got = _whole(client, archive, name, target, check)
    except NotFetched as error:
        return [Missing(target, str(error))]
    lock.add(target, got, f"{archive.url}#{name}", licence, {})
    lock.write()
    return []


def _by_ranges(client: Client, archive: Archive, name: str, target: Path, check: Check) -> Got:
    remote = _Remote(client, archive)
    with io.BufferedReader(remote, BLOCK) as stream:
        return _extract(stream, name, target, check)


def _whole(client: Client, archive: Archive, name: str, target: Path, check: Check) -> Got:
    place = target.with_name(archive.url.rsplit("/", 1)[-1])
    sound = has_sha256(archive.sha256) if archive.sha256 else is_zip
    download(client, Wanted(archive.url, place, sound, archive.size))
    try:
        with place.open("rb") as stream:
            return _extract(stream, name, target, check)
    finally:
        place.unlink()


def _extract(stream: IO[bytes], name: str, target: Path, check: Check) -> Got:
    """The member, checked against the archive's checksum and by `check`."""
    part = target.with_name(f"{target.name}.part")
    try:
        with zipfile.ZipFile(stream) as archive:
            found = next((one for one in archive.namelist() if one.rsplit("/", 1)[-1] == name), None)
            if found is None:
                raise NotFetched(f"the archive has no {name}")
            part.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(found) as member, part.open("wb") as out:
                shutil.copyfileobj(member, out, BLOCK)
        check(part)
        return settle(part, target)
    except (*DAMAGE, Bad) as error:
        raise NotFetched(f"what came is wrong: {error}") from None
    finally:
        part.unlink(missing_ok=True)


class _Remote(io.RawIOBase):
    """A file on a server, read by ranges; each is asked for with patience. Raises NoRanges, NotFetched, Stopped."""

    def __init__(self, client: Client, archive: Archive) -> None:
        self.client, self.archive, self.place = client, archive, 0
        self.version = ""
        self.size = self._ask(0, 1)[1]
        if archive.size not in (None, self.size):
            raise NotFetched(f"the server's archive has {self.size} bytes instead of {archive.size}")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        return self.place

    def tell(self) -> int:
        return self.place

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self.size - self.place)
        if count <= 0:
            return 0
        data, size = self._ask(self.place, count)
        if size != self.size:
            raise NotFetched("the archive changed while it was read")
        buffer[:count] = data
        self.place += count
        return count

    def _ask(self, start: int, count: int) -> tuple[bytes, int]:
        return self.client.persist(lambda: self._ask_once(start, count))

    def _ask_once(self, start: int, count: int) -> tuple[bytes, int]:
        """`count` bytes from `start`, and the size of the whole."""
        with self.client.get(self.archive.url, {"Range": f"bytes={start}-{start + count - 1}"}) as response:
            first, size = content_range(response)
            if response.status_code != 206 or size is None:
                raise NoRanges
            version = response.headers.get("ETag", "")
            if first != start or (self.version and version != self.version):
                raise NotFetched("the archive changed while it was read")
            self.version = version
            data = _body(self.client, response, count)
        if len(data) != count:
            raise TryAgain(f"the server sent {len(data)} bytes instead of {count}")
        return data, size


def _body(client: Client, response: requests.Response, most: int) -> bytes:
    """The answer's bytes, a little over `most` of them at the utmost."""
    data, watch = bytearray(), Watch(client)
    while len(data) <= most and (block := response.raw.read1(BLOCK)):
        data += block
        watch.saw(len(block))
    return bytes(data)
