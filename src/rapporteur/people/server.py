"""The page's server: 127.0.0.1 alone, one rater, nothing obeyed without the session's key.

Python's own http.server: one person on their own machine asks a few pictures a second, so a framework would only add a
dependency to keep. What it lacks is here: the key (sent as a header by the page's script, so that no other site can
send it), the Host and Origin headers held against DNS rebinding and forged posts, bounded bodies, connections and
writes, and headers that let the page run its own files alone.
"""

from __future__ import annotations

import hmac
import html
import json
import re
import secrets
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.people.session import Refused, Session
from rapporteur.report.language import spoken

LOOPBACK = "127.0.0.1"
KEY_HEADER = "X-Rapporteur-Key"
LARGEST_BODY = 4096  # bytes; an answer has 80
CONNECTIONS = 24  # a browser opens six
PAGE = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class RatingServer(ThreadingHTTPServer):
    """`key` is in the address that is given to the rater, after the #, which browsers do not send."""

    daemon_threads = True

    def __init__(self, session: Session, port: int = 0) -> None:
        self.session, self.key = session, secrets.token_urlsafe(32)
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__((LOOPBACK, port), Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}
        self.origins = {f"http://{host}" for host in self.hosts}

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}/#{self.key}"

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):  # the browser went away
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    server: RatingServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "rapporteur", ""
    timeout = 30  # seconds: a connection that says nothing is closed
    error_content_type, error_message_format = "text/plain", "%(code)d\n"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)  # answers are small

    def do_GET(self) -> None:
        self._obey(self._get)

    def do_POST(self) -> None:
        self._obey(self._post)

    def _obey(self, act: Callable[[], None]) -> None:
        try:
            if self.headers.get_all("Host", []) not in ([host] for host in self.server.hosts):
                raise Refused(403, "refused.host")
            act()
        except Refused as refusal:
            self.close_connection = True  # a body that was not read would be taken for the next request
            self._send_json({"error": str(refusal)}, refusal.status)
        except BadInput as error:
            print(f"error: {error}", file=sys.stderr, flush=True)  # it names the file, which the rater may not see
            self._send_json({"error": spoken().say("refused.unreadable")}, 500)
        except OSError as error:
            if isinstance(error, (ConnectionError, TimeoutError)):
                raise
            self._send_json({"error": spoken().say("refused.not_written", why=error.strerror)}, 507)

    def _get(self) -> None:
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            raise Refused(400, "refused.body_of_a_reading")
        if self.path in PAGE:
            name, kind = PAGE[self.path]
            content = resources.files("rapporteur.people").joinpath(name).read_bytes()
            self._send(_worded(content) if name == "page.html" else content, f"{kind}; charset=utf-8")
            return
        self._check_key()
        folder, _, name = self.path.rpartition("/")
        if folder == "/picture":
            self._send(self.server.session.picture(name), "image/png")
        elif folder == "/task" and name.isascii() and name.isdecimal() and len(name) < 10:
            self._send_json(self.server.session.view(int(name)))
        elif self.path == "/start":
            self._send_json(self.server.session.start())
        else:
            raise Refused(404, "refused.nothing_here")

    def _post(self) -> None:
        self._check_key()
        if self.headers.get_all("Origin", []) not in ([origin] for origin in self.server.origins):
            raise Refused(403, "refused.origin")
        if self.path != "/answer":
            raise Refused(404, "refused.nothing_here")
        self._send_json(self.server.session.answer(**_answer(self._body())))

    def _check_key(self) -> None:
        given = self.headers.get(KEY_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self.server.key.encode()):
            raise Refused(403, "refused.key")

    def _body(self) -> bytes:
        if self.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, "refused.not_json_type")
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdecimal()):
            raise Refused(411, "refused.no_length")
        if len(length) > 9 or int(length) > LARGEST_BODY:
            raise Refused(413, "refused.too_long")
        return self.rfile.read(int(length))

    def _send_json(self, content: Mapping[str, Any], status: int = 200) -> None:
        self._send(json.dumps(content, ensure_ascii=False).encode(), "application/json; charset=utf-8", status)

    def _send(self, data: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is the rater's."""


def _worded(page: bytes) -> bytes:
    """The page in the language spoken: its own words, and those that its script takes."""
    screen = spoken().screen
    block = json.dumps(screen, ensure_ascii=False).replace("<", "\\u003c")  # nothing in it can end the script block
    told = {name: html.escape(text) for name, text in screen.items()} | {"words": block}
    return re.sub(r"\{\{(\w+)\}\}", lambda found: told[found[1]], page.decode()).encode()


def _answer(body: bytes) -> dict[str, str]:
    """The three texts of an answer, by the names of Session.answer's parameters."""
    try:
        content = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(400, "refused.not_json") from None
    names = {"task": "name", "question": "question", "answer": "value"}
    if not isinstance(content, dict) or set(content) != set(names):
        raise Refused(400, "refused.three_fields")
    if not all(isinstance(value, str) for value in content.values()):
        raise Refused(400, "refused.texts")
    return {names[name]: value for name, value in content.items()}
