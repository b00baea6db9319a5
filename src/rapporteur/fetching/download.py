"""One file over HTTP, whole and checked or not at all; what stopped half-way goes on from there.

Bytes are gathered in `<name>.part`. Beside it, `<name>.origin.part` holds the address and the version (ETag or
Last-Modified) that the server stated: only the same version of the same address is ever continued (If-Range).
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests

from rapporteur.core.files import write_atomic
from rapporteur.core.provenance import file_digest
from rapporteur.fetching.checks import Bad, Check
from rapporteur.fetching.client import Client, NotFetched, Stopped, TryAgain

CHUNK = 1 << 18
BAD_CONTENTS = 2  # as often may a file come whole and wrong

Report = Callable[[int], None]


@dataclass(frozen=True)
class Wanted:
    """A file to fetch: `check` must refuse whatever is not the file, `size` is in bytes where it is known."""

    url: str
    target: Path
    check: Check
    size: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)  # what else the lock file says


@dataclass(frozen=True)
class Got:
    """A file in its place: when it came (UTC), its size in bytes and its SHA-256."""

    date: str
    size: int
    sha256: str


def download(client: Client, wanted: Wanted, report: Report = lambda count: None) -> Got:
    """Fetch a file, with patience. `report` hears of bytes as they come, of a negative count where they are dropped.

    Raises NotFetched, Stopped, and OSError for a disk that refuses.
    """
    wanted.target.parent.mkdir(parents=True, exist_ok=True)
    transfer = _Transfer(client, wanted, report)
    client.persist(transfer.run, lambda: transfer.held)
    got = settle(transfer.part, wanted.target)
    transfer.origin.unlink(missing_ok=True)
    return got


def settle(part: Path, target: Path) -> Got:
    """Give a checked file its name; its bytes are on the disk before its name is."""
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    got = Got(now(), part.stat().st_size, file_digest(part))
    part.chmod(0o644)
    part.replace(target)
    return got


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Transfer:
    """The attempts at one file, and what they have gathered: `held` bytes."""

    def __init__(self, client: Client, wanted: Wanted, report: Report) -> None:
        self.client, self.wanted, self.report = client, wanted, report
        self.part = wanted.target.with_name(f"{wanted.target.name}.part")
        self.origin = wanted.target.with_name(f"{wanted.target.name}.origin.part")
        self.held = self.bad = 0
        if self._version() is None:
            self._drop()
        elif self.part.exists():
            self._holds(self.part.stat().st_size)

    def run(self) -> None:
        """One attempt. Raises TryAgain or NotFetched; what it gathered stays unless it is known to be wrong."""
        headers = dict(self.wanted.headers)
        if self.held:
            headers |= {"Range": f"bytes={self.held}-", "If-Range": self._version() or ""}
        with self.client.get(self.wanted.url, headers) as response:
            total = self._total(response)
            if response.status_code != 416:
                self._gather(response, total)
        if response.status_code == 416 and self.held != total:
            self._drop()
            raise TryAgain("the server does not have the rest of what it began")
        if total is not None and self.held != total:
            reason = f"the transfer ended at {self.held} of {total} bytes"
            if self.held > total:
                self._drop()
            raise TryAgain(reason)
        self._judge(response)

    def _total(self, response: requests.Response) -> int | None:
        """The file's size as the answer states it, after dropping what the answer does not continue."""
        if response.status_code == 200:
            self._drop()
            total = _number(response.headers.get("Content-Length"))
            self._remember(response, total)
        else:
            start, total = content_range(response)
            if response.status_code == 206 and start != self.held:
                self._drop()
                raise TryAgain("the server sent another part than the one asked for")
        if total is not None and self.wanted.size not in (None, total):
            self._drop()
            raise TryAgain(f"the server's file has {total} bytes instead of {self.wanted.size}")
        return total

    def _gather(self, response: requests.Response, total: int | None) -> None:
        most = total if total is not None else self.wanted.size
        watch = Watch(self.client)
        with self.part.open("ab", buffering=0) as stream:  # whatever ends the program, these bytes are kept
            while block := response.raw.read1(CHUNK):
                stream.write(block)
                self._holds(self.held + len(block))
                watch.saw(len(block))
                if most is not None and self.held > most:
                    break

    def _judge(self, response: requests.Response) -> None:
        try:
            if self.wanted.size not in (None, self.held):
                raise Bad(f"it has {self.held} bytes instead of {self.wanted.size}")
            self.wanted.check(self.part)
        except Bad as error:
            self._drop()
            self.bad += 1
            page = "text/html" in response.headers.get("Content-Type", "")
            reason = f"{'a web page came instead: ' if page else 'what came is wrong: '}{error}"
            raise (NotFetched if self.bad >= BAD_CONTENTS else TryAgain)(reason) from None

    def _version(self) -> str | None:
        """The version of what is held, for If-Range; None where it can't be continued."""
        try:
            origin = json.loads(self.origin.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return str(origin["version"]) if origin.get("url") == self.wanted.url and origin.get("version") else None

    def _remember(self, response: requests.Response, total: int | None) -> None:
        etag = response.headers.get("ETag", "")
        # A weak ETag promises the same meaning, not the same bytes.
        version = etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
        if version and (total or 0) >= self.client.manners.worth_resuming:
            write_atomic(self.origin, json.dumps({"url": self.wanted.url, "version": version}).encode())

    def _holds(self, count: int) -> None:
        self.report(count - self.held)
        self.held = count

    def _drop(self) -> None:
        self.part.unlink(missing_ok=True)
        self.origin.unlink(missing_ok=True)
        self._holds(0)


class Watch:
    """Ends a transfer that is being stopped, or that trickles."""

    def __init__(self, client: Client) -> None:
        self.client, self.count, self.since = client, 0, time.monotonic()

    def saw(self, count: int) -> None:
        if self.client.stop.is_set():
            raise Stopped
        manners = self.client.manners
        self.count += count
        if (passed := time.monotonic() - self.since) >= manners.silence:
            if self.count < manners.slowest * passed:
                raise TryAgain(f"the server sent {self.count} bytes in {passed:.0f} s")
            self.count, self.since = 0, time.monotonic()


def content_range(response: requests.Response) -> tuple[int | None, int | None]:
    """First byte and size of the whole file in `bytes 5-9/10` or `bytes */10`; None for what is not stated."""
    found = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", response.headers.get("Content-Range", "").strip())
    return (_number(found[1]), _number(found[2])) if found else (None, None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
