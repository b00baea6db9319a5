"""The server, asked over its socket by what may be listening on a rater's machine."""

from __future__ import annotations

import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from rapporteur.people.answers import read_folder
from rapporteur.people.server import CONNECTIONS, KEY_HEADER, RatingServer
from rapporteur.people.session import BURST, RATE
from rapporteur.vocabulary.attributes import RATED
from tests.people.conftest import HOSTILE, Client

RATINGS_FILE = Path("data/ratings/amel.csv")


def _answer(client: Client, **changed: Any) -> dict[str, Any]:
    return {"task": client.json("/task/0")["task"], "question": "shape", "answer": "4"} | changed


def test_the_page_s_own_requests_are_obeyed(client: Client) -> None:
    start = client.json("/start")
    assert (start["total"], start["next"], start["rater"]) == (16, 0, "amel")
    view = client.json("/task/0")
    status, picture = client.get(f"/picture/{view['pictures'][0]}")
    assert (status, picture[:4]) == (200, b"\x89PNG")
    status, told = client.post(_answer(client))
    assert (status, json.loads(told)) == (200, {"done": 0, "total": 16, "next": 0})
    assert read_folder(RATINGS_FILE.parent)["score"].tolist() == [4]


def test_the_server_listens_on_this_machine_alone(client: Client) -> None:
    assert client.server.server_address[0] == "127.0.0.1"
    assert client.server.address == f"http://127.0.0.1:{client.server.server_port}/#{client.server.key}"


def test_each_session_has_a_key_of_its_own(serve: Callable[..., Client]) -> None:
    first, second = serve(), serve(rater="zoe")
    assert first.server.key != second.server.key
    assert len(first.server.key) >= 43, "256 bits"


@pytest.mark.parametrize("path", ["/start", "/task/0", "/picture/x"])
@pytest.mark.parametrize("key", [None, "", "wrong", "é"])
def test_nothing_is_told_without_the_key(client: Client, path: str, key: str | None) -> None:
    status, told = client.get(path, **{KEY_HEADER: key})
    assert status == 403
    assert b"amel" not in told


def test_the_key_is_not_in_what_is_served_without_it(client: Client) -> None:
    for path in ("/", "/page.css", "/page.js"):
        status, content = client.get(path, **{KEY_HEADER: None})
        assert status == 200
        assert client.server.key.encode() not in content
        assert b"shapes" not in content


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "", None]
)
@pytest.mark.parametrize("path", ["/", "/start"])
def test_a_name_that_was_bound_anew_to_this_machine_is_refused(client: Client, host: str | None, path: str) -> None:
    named = None if host is None else host.format(port=client.server.server_port)
    assert client.get(path, Host=named)[0] in (400, 403)


def test_localhost_is_this_machine_too(client: Client) -> None:
    assert client.get("/start", Host=f"localhost:{client.server.server_port}")[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({KEY_HEADER: "wrong"}, 403),
        ({KEY_HEADER: None}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": None}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": None}, 415),
        ({"Content_Length": None}, 411),
        ({"Content_Length": "-1"}, 411),
        ({"Content_Length": "x"}, 411),
        ({"Content_Length": "9" * 30}, 413),
        ({"Transfer_Encoding": "chunked"}, 411),
    ],
)
def test_a_forged_answer_is_refused_and_nothing_is_written(
    client: Client, headers: dict[str, str | None], status: int
) -> None:
    assert client.post(_answer(client), **headers)[0] == status
    assert not RATINGS_FILE.exists()


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"task": "unknown"}, 404),
        ({"task": "../../etc/passwd"}, 404),
        ({"task": "shapes-0"}, 404),
        ({"answer": "6"}, 400),
        ({"answer": "4\namel,shapes,1,1,,shape,5"}, 400),
        ({"answer": 4}, 400),
        ({"answer": None}, 400),
        ({"question": "seed"}, 400),
        ({"question": ["shape"]}, 400),
        ({"rater": "zoe"}, 400),
    ],
)
def test_an_answer_that_is_not_one_is_refused_and_nothing_is_written(
    client: Client, changed: dict[str, Any], status: int
) -> None:
    assert client.post(_answer(client, **changed))[0] == status
    assert not RATINGS_FILE.exists()


@pytest.mark.parametrize("body", [b"", b"[", b"4", b"[" * 4000, b"\xff\xfe", b'{"task": "x"}', b"null"])
def test_a_body_that_is_no_answer_is_refused(client: Client, body: bytes) -> None:
    assert client.post(body)[0] == 400
    assert not RATINGS_FILE.exists()


def test_ten_megabytes_are_refused_unread(client: Client) -> None:
    try:
        status = client.post(b"x" * 10_000_000)[0]
    except (ConnectionError, http.client.RemoteDisconnected):
        status = 413  # the server closed while the body was on its way
    assert status == 413
    assert not RATINGS_FILE.exists()
    assert client.get("/start")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/picture/../../data/ratings/amel.csv",
        "/picture/%2e%2e%2fparams.yaml",
        "/../params.yaml",
        "/params.yaml",
        "//etc/passwd",
        "/picture/",
        "/task/16",
        "/task/-1",
        "/task/1e3",
        "/task/²",
        "/task/" + "9" * 5000,
        "/page.py",
        "/page.html/",
        "/start?",
    ],
)
def test_what_is_not_of_the_session_is_not_served(client: Client, path: str) -> None:
    status, told = client.get(path.encode().decode("latin-1") if path.isascii() else "/task/%C2%B2")
    assert status == 404
    assert b"captions" not in told


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "HEAD"])
def test_other_methods_are_not_known(client: Client, method: str) -> None:
    assert client.ask(method, "/start")[0] == 501


def test_a_reading_with_a_body_ends_the_connection(client: Client) -> None:
    """Else the body would be taken for the next request."""
    hidden = f"POST /answer HTTP/1.1\r\nHost: {client.host}\r\n\r\n".encode()
    assert client.ask("GET", "/start", hidden, Content_Length=str(len(hidden)))[0] == 400


@pytest.mark.parametrize("path", ["/", "/page.js", "/start", "/nowhere"])
def test_every_answer_forbids_what_the_page_does_not_need(client: Client, path: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", client.server.server_port, timeout=10)) as connection:
        connection.request("GET", path, headers=client.headers)
        with connection.getresponse() as response:
            headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Python" not in headers["Server"]


def test_the_page_has_no_script_in_its_text_and_nothing_from_elsewhere(client: Client) -> None:
    for path in ("/", "/page.css", "/page.js"):
        text = client.get(path)[1].decode()
        assert "http://" not in text
        assert "https://" not in text
        assert "innerHTML" not in text
    page = client.get("/")[1].decode()
    assert page.count("<script") == page.count("</script>") == 2
    assert '<script src="/page.js" defer>' in page and '<script type="application/json" id="words">' in page
    assert "{{" not in page and '<html lang="fr">' in page
    assert " on" not in page.replace(" on ", "")


def test_html_in_a_caption_leaves_as_text_in_json(serve: Callable[..., Client]) -> None:
    client = serve(datasets=["shapes"])
    captions = [client.json(f"/task/{place}")["captions"][0] for place in range(5)]
    assert HOSTILE in captions


def test_a_damaged_picture_is_told_in_the_terminal_and_not_on_the_page(
    client: Client, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (study / "gold").glob("*.png"):
        path.write_bytes(b"no picture")
    names = [client.json(f"/task/{place}")["pictures"][0] for place in range(16)]
    answers = [client.get(f"/picture/{name}") for name in names]
    assert sorted(status for status, _ in answers) == [200] * 12 + [500] * 4
    assert not any(b"gold" in told for status, told in answers if status == 500)
    assert "not a picture that can be read" in capsys.readouterr().err


def test_a_full_disk_is_told_and_the_answer_can_be_given_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = _answer(client)
    with monkeypatch.context() as patched:
        patched.setattr("rapporteur.people.journal._add", _no_space)
        status, told = client.post(answer)
        assert (status, json.loads(told)["error"]) == (507, "La réponse n’est pas écrite : No space left on device.")
    assert client.post(answer)[0] == 200
    assert len(read_folder(RATINGS_FILE.parent)) == 1


def _no_space(path: Path, data: bytes) -> int:
    raise OSError(28, "No space left on device")


def _posts(client: Client, count: int) -> Iterator[int]:
    """Answers that alternate, over one connection."""
    task = client.json("/task/0")["task"]
    headers = client.headers | {"Origin": f"http://{client.host}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", client.server.server_port, timeout=10)) as connection:
        for score, _ in zip(cycle("12345"), range(count), strict=False):
            body = json.dumps({"task": task, "question": "shape", "answer": score})
            connection.request("POST", "/answer", body, headers)
            with connection.getresponse() as response:
                response.read()
                yield response.status


def test_ten_thousand_posts_neither_fill_the_memory_nor_harm_the_file(client: Client) -> None:
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    threads = threading.active_count()
    statuses = list(_posts(client, 10_000))
    assert set(statuses) == {200, 429}
    lines = len(RATINGS_FILE.read_text().splitlines()) - 1
    assert BURST <= lines <= BURST + RATE * (time.monotonic() - begun) + 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000, "kB"
    assert threading.active_count() < threads + 5
    assert len(read_folder(RATINGS_FILE.parent)) == 1
    assert client.get("/start")[0] == 200


def test_answers_from_several_tabs_at_once_are_whole_lines(serve: Callable[..., Client]) -> None:
    client = serve()
    tasks = [client.json(f"/task/{place}")["task"] for place in range(6)]
    statuses: list[int] = []

    def rate(task: str) -> None:
        answers = [{"task": task, "question": question, "answer": "3"} for question in RATED]
        statuses.extend(client.post(answer)[0] for answer in answers)

    threads = [threading.Thread(target=rate, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 24
    assert len(read_folder(RATINGS_FILE.parent)) == 24


def test_silent_connections_do_not_pile_up(client: Client) -> None:
    silent = [socket.create_connection(("127.0.0.1", client.server.server_port)) for _ in range(3 * CONNECTIONS)]
    try:
        assert sum(_is_closed(one) for one in silent) >= 2 * CONNECTIONS
    finally:
        for one in silent:
            one.close()
    assert _until_served(client)


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.1)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def _until_served(client: Client) -> bool:
    """Whether the server answers once the others have gone."""
    for _ in range(50):
        try:
            return client.get("/start")[0] == 200
        except (ConnectionError, http.client.HTTPException):
            threading.Event().wait(0.05)
    return False


def test_a_port_that_is_taken_is_not_shared(client: Client) -> None:
    with pytest.raises(OSError, match="in use"):
        RatingServer(client.server.session, client.server.server_port)
