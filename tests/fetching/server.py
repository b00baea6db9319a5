"""A server on the loopback that serves files well, or badly in the ways in which servers do."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Fault = Callable[["Handler", bytes], None]


@dataclass
class Site:
    """What the server has. `faults`: for each path, what it does to its first requests, one after the other."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range
    times: list[float] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    busy: int = 0
    most_busy: int = 0
    address: str = ""

    def url(self, path: str) -> str:
        return f"{self.address}/{path}"

    def ranges_of(self, path: str) -> list[str | None]:
        return [header for asked, header in self.asked if asked == path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site
    lock: threading.Lock

    def do_GET(self) -> None:
        path = self.path.split("?")[0].lstrip("/")
        with self.lock:
            self.site.asked.append((path, self.headers.get("Range")))
            self.site.times.append(time.monotonic())
            self.site.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.site.busy += 1
            self.site.most_busy = max(self.site.most_busy, self.site.busy)
            faults = self.site.faults.get(path, [])
            fault = faults.pop(0) if faults else well
        try:
            fault(self, self.site.files.get(path, b""))
        finally:
            with self.lock:
                self.site.busy -= 1

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        """An answer whose headers can be overridden: `Content_Length="7"`; "" leaves one out."""
        stated = {"Content-Length": str(len(content)), "ETag": etag(content)}
        stated |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.send_response(status)
        for name, value in stated.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests ask what was asked."""


def etag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


def well(handler: Handler, content: bytes) -> None:
    """As a good server does: whole, or the range asked for if the version is still the same."""
    path = handler.path.split("?")[0].lstrip("/")
    if path not in handler.site.files:
        handler.answer(404, b"gone")
        return
    wanted = handler.headers.get("Range")
    same = handler.headers.get("If-Range", etag(content)) == etag(content)
    if wanted is None or not same:
        handler.answer(200, content)
        return
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start, end = int(first), int(last or len(content) - 1)
    if start >= len(content):
        handler.answer(416, b"", Content_Range=f"bytes */{len(content)}", ETag=etag(content))
        return
    end = min(end, len(content) - 1)
    part = content[start : end + 1]
    handler.answer(206, part, Content_Range=f"bytes {start}-{end}/{len(content)}", ETag=etag(content))


def whole_only(handler: Handler, content: bytes) -> None:
    """Ignores Range."""
    handler.answer(200, content)


def status(code: int, **headers: str) -> Fault:
    return lambda handler, content: handler.answer(code, b"no", **headers)


def cut_after(count: int) -> Fault:
    """States the whole length, sends `count` bytes of what is asked and closes the connection."""

    def fault(handler: Handler, content: bytes) -> None:
        start = int((handler.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        stated = {"Content_Length": str(len(content) - start), "ETag": etag(content)}
        if start:
            stated["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.answer(206 if start else 200, content[start : start + count], **stated)
        handler.close_connection = True

    return fault


def reset_after(count: int) -> Fault:
    """The same, with a reset instead of an orderly end."""

    def fault(handler: Handler, content: bytes) -> None:
        handler.answer(200, content[:count], Content_Length=str(len(content)), ETag=etag(content))
        handler.wfile.flush()
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.close_connection = True

    return fault


def silent_after(count: int, seconds: float) -> Fault:
    def fault(handler: Handler, content: bytes) -> None:
        handler.answer(200, content[:count], Content_Length=str(len(content)), ETag=etag(content))
        handler.wfile.flush()
        time.sleep(seconds)
        handler.close_connection = True

    return fault


def trickle(step: float, count: int) -> Fault:
    """A byte every `step` seconds: never silent, never done."""

    def fault(handler: Handler, content: bytes) -> None:
        handler.answer(200, b"", Content_Length=str(len(content)), ETag=etag(content))
        try:
            for place in range(count):
                handler.wfile.write(content[place : place + 1])
                handler.wfile.flush()
                time.sleep(step)
        except OSError:
            pass  # the client has left, as it should
        handler.close_connection = True

    return fault


def states(length: int) -> Fault:
    """Lies about the length, and sends all the same no more than it states."""

    def fault(handler: Handler, content: bytes) -> None:
        handler.answer(200, content[:length], Content_Length=str(length))
        handler.close_connection = True

    return fault


def page(handler: Handler, content: bytes) -> None:
    handler.answer(200, b"<html><body>Please log in</body></html>", Content_Type="text/html; charset=utf-8")


def wrong(handler: Handler, content: bytes) -> None:
    """All the bytes, and other ones."""
    handler.answer(200, bytes(byte ^ 255 for byte in content))


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    handler = type("Here", (Handler,), {"site": site, "lock": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
