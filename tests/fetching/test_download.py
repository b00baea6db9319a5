from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rapporteur.fetching.checks import Check, has_sha256, is_json, is_picture
from rapporteur.fetching.client import Client, NotFetched, Stopped
from rapporteur.fetching.download import Wanted, download
from rapporteur.fetching.manners import Manners
from tests.fetching import server
from tests.fetching.conftest import HURRIED
from tests.fetching.server import Fault, Site


def jpeg(seed: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="JPEG")
    return out.getvalue()


CONTENT = jpeg()


def wanted(site: Site, folder: Path, check: Check | None = None, size: int | None = None) -> Wanted:
    site.files.setdefault("one.jpg", CONTENT)
    return Wanted(site.url("one.jpg"), folder / "pictures" / "one.jpg", check or is_picture(64, 48), size)


def nothing_is_left(folder: Path) -> bool:
    return not [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_comes_whole_with_its_size_and_digest(site: Site, client: Client, tmp_path: Path) -> None:
    got = download(client, wanted(site, tmp_path))
    assert (tmp_path / "pictures/one.jpg").read_bytes() == CONTENT
    assert (got.size, got.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["one.jpg"]


FAULTS: dict[str, Fault] = {
    "cut": server.cut_after(700),
    "cut at once": server.cut_after(0),
    "reset": server.reset_after(700),
    "silent in the middle": server.silent_after(700, 0.5),
    "silent from the start": server.silent_after(0, 0.5),
    "trickling": server.trickle(0.02, 100),
    "stating too little": server.states(1000),
    "a page": server.page,
    "other bytes": server.wrong,
    "busy": server.status(503),
    "busy, with a rest": server.status(429, Retry_After="0"),
    "broken": server.status(500),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_after_one_fault_the_file_still_comes_whole(fault: Fault, site: Site, client: Client, tmp_path: Path) -> None:
    site.faults["one.jpg"] = [fault]
    download(client, wanted(site, tmp_path))
    assert (tmp_path / "pictures/one.jpg").read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["one.jpg"]


LASTING: dict[str, tuple[Fault, str]] = {
    "cut": (server.cut_after(0), "the connection broke off"),
    "silent": (server.silent_after(0, 0.5), "the server fell silent"),
    "trickling": (server.trickle(0.02, 100), r"the server sent \d+ bytes in 0 s"),
    "stating too little": (server.states(1000), "what came is wrong: the picture is damaged"),
    "stating too much": (
        lambda handler, content: handler.answer(200, content, Content_Length="9999", Connection="close"),
        "the connection broke off",
    ),
    "without the end": (server.states(len(CONTENT) - 2), "what came is wrong: the picture"),
    "a page": (server.page, "a web page came instead: it is no picture"),
    "other bytes": (server.wrong, "what came is wrong: it is no picture"),
    "another picture": (lambda handler, content: handler.answer(200, jpeg(1, (48, 48))), "48 × 48 pixels instead"),
    "gone": (server.status(404), "^the server answers 404 Not Found$"),
    "forbidden": (server.status(403), "^the server answers 403 Forbidden$"),
    "busy": (server.status(503), r"503 Service Unavailable \(3 attempts\)"),
    "busy for an hour": (server.status(503, Retry_After="3600"), "left alone for 3600 s"),
}


@pytest.mark.parametrize(("fault", "reason"), LASTING.values(), ids=LASTING)
def test_a_lasting_fault_leaves_no_file_and_says_why(
    fault: Fault, reason: str, site: Site, client: Client, tmp_path: Path
) -> None:
    site.faults["one.jpg"] = [fault] * 9
    with pytest.raises(NotFetched, match=reason):
        download(client, wanted(site, tmp_path))
    assert not (tmp_path / "pictures/one.jpg").exists()


@pytest.mark.parametrize("code", [404, 403, 410, 401])
def test_what_is_gone_is_asked_for_once(code: int, site: Site, client: Client, tmp_path: Path) -> None:
    site.faults["one.jpg"] = [server.status(code)]
    with pytest.raises(NotFetched, match=str(code)):
        download(client, wanted(site, tmp_path))
    assert len(site.asked) == 1


def test_a_cut_transfer_goes_on_where_it_was_cut(site: Site, client: Client, tmp_path: Path) -> None:
    site.faults["one.jpg"] = [server.cut_after(700)]
    download(client, wanted(site, tmp_path))
    assert site.ranges_of("one.jpg") == [None, "bytes=700-"]


def test_a_later_call_goes_on_too(site: Site, tmp_path: Path) -> None:
    site.faults["one.jpg"] = [server.cut_after(700), server.status(404)]
    with pytest.raises(NotFetched):
        download(Client(HURRIED), wanted(site, tmp_path))
    assert (tmp_path / "pictures/one.jpg.part").stat().st_size == 700
    download(Client(HURRIED), wanted(site, tmp_path))
    assert site.ranges_of("one.jpg")[-1] == "bytes=700-"
    assert (tmp_path / "pictures/one.jpg").read_bytes() == CONTENT


def test_another_version_is_never_glued_to_the_first(site: Site, client: Client, tmp_path: Path) -> None:
    newer = jpeg(seed=5)

    def cut_then_renew(handler: server.Handler, content: bytes) -> None:
        server.cut_after(700)(handler, content)
        site.files["one.jpg"] = newer

    site.faults["one.jpg"] = [cut_then_renew]
    download(client, wanted(site, tmp_path))
    assert (tmp_path / "pictures/one.jpg").read_bytes() == newer


def test_a_part_of_another_address_is_not_continued(site: Site, client: Client, tmp_path: Path) -> None:
    site.files["two.jpg"] = jpeg(seed=2)
    one = wanted(site, tmp_path)
    one.target.parent.mkdir()
    Path(f"{one.target}.part").write_bytes(b"something else")
    origin = {"url": site.url("two.jpg"), "version": server.etag(CONTENT)}
    one.target.with_name("one.jpg.origin.part").write_text(json.dumps(origin))
    download(client, one)
    assert site.ranges_of("one.jpg") == [None]
    assert one.target.read_bytes() == CONTENT


def test_a_server_without_ranges_sends_all_again(site: Site, client: Client, tmp_path: Path) -> None:
    site.faults["one.jpg"] = [server.cut_after(700), server.whole_only]
    download(client, wanted(site, tmp_path))
    assert site.ranges_of("one.jpg") == [None, "bytes=700-"]
    assert (tmp_path / "pictures/one.jpg").read_bytes() == CONTENT


def test_another_range_than_the_one_asked_for_is_refused(site: Site, client: Client, tmp_path: Path) -> None:
    def other_range(handler: server.Handler, content: bytes) -> None:
        handler.answer(206, content[100:], Content_Range=f"bytes 100-{len(content) - 1}/{len(content)}")

    site.faults["one.jpg"] = [server.cut_after(700), other_range]
    download(client, wanted(site, tmp_path))
    assert (tmp_path / "pictures/one.jpg").read_bytes() == CONTENT


def test_a_part_that_was_whole_already_is_asked_for_no_more(site: Site, client: Client, tmp_path: Path) -> None:
    one = wanted(site, tmp_path)
    one.target.parent.mkdir()
    Path(f"{one.target}.part").write_bytes(CONTENT)
    origin = {"url": one.url, "version": server.etag(CONTENT)}
    one.target.with_name("one.jpg.origin.part").write_text(json.dumps(origin))
    download(client, one)
    assert site.ranges_of("one.jpg") == [f"bytes={len(CONTENT)}-"]
    assert one.target.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_dropped(site: Site, client: Client, tmp_path: Path) -> None:
    one = wanted(site, tmp_path)
    one.target.parent.mkdir()
    Path(f"{one.target}.part").write_bytes(CONTENT + b"more")
    origin = {"url": one.url, "version": server.etag(CONTENT)}
    one.target.with_name("one.jpg.origin.part").write_text(json.dumps(origin))
    download(client, one)
    assert one.target.read_bytes() == CONTENT


def test_a_transfer_that_gains_outlives_any_number_of_cuts(site: Site, client: Client, tmp_path: Path) -> None:
    large = np.random.default_rng(0).bytes(9 << 20)
    site.files["large"] = large
    site.faults["large"] = [server.cut_after(1 << 20)] * 8
    digest = hashlib.sha256(large).hexdigest()
    got = download(client, Wanted(site.url("large"), tmp_path / "large", has_sha256(digest), len(large)))
    assert got.sha256 == digest
    assert len(site.asked) == 9


def test_a_file_of_another_size_or_digest_is_refused(site: Site, client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match=f"has {len(CONTENT)} bytes instead of 7"):
        download(client, wanted(site, tmp_path, size=7))
    with pytest.raises(NotFetched, match="SHA-256 is .*, not 000000000000…"):
        download(client, wanted(site, tmp_path, has_sha256("0" * 64)))
    assert len(site.asked) == 3 + 2  # a wrong file is fetched a second time, not a third
    assert nothing_is_left(tmp_path)


def test_chunked_answers_without_a_length_are_judged_by_their_content(
    site: Site, client: Client, tmp_path: Path
) -> None:
    def chunked(content: bytes, ending: bytes) -> Callable[[server.Handler, bytes], None]:
        def fault(handler: server.Handler, _: bytes) -> None:
            handler.answer(200, b"", Content_Length="", Transfer_Encoding="chunked")
            handler.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n" + ending)
            handler.close_connection = True

        return fault

    site.faults["one.jpg"] = [chunked(CONTENT[:700], b""), chunked(CONTENT[:700], b"0\r\n\r\n")]
    site.faults["one.jpg"] += [chunked(CONTENT, b"0\r\n\r\n")]
    download(client, wanted(site, tmp_path))
    assert (tmp_path / "pictures/one.jpg").read_bytes() == CONTENT
    assert len(site.asked) == 3


def test_json_must_be_read_to_its_end(site: Site, client: Client, tmp_path: Path) -> None:
    site.files["one.jpg"] = b'{"images": []}'
    download(client, wanted(site, tmp_path, is_json))
    site.files["one.jpg"] = b'{"images": ['
    with pytest.raises(NotFetched, match="it is no JSON text"):
        download(client, wanted(site, tmp_path / "other", is_json))
    assert nothing_is_left(tmp_path / "other")


def test_a_server_that_is_not_there_is_named_in_plain_words(client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match=r"^no connection \(.*refused\) \(3 attempts\)$"):
        download(client, Wanted("http://127.0.0.1:9/x", tmp_path / "x", is_json))


def test_the_rest_that_a_server_asks_for_is_kept(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    client = Client(HURRIED)
    monkeypatch.setattr(client.stop, "wait", lambda seconds: waits.append(seconds) or False)
    site.faults["one.jpg"] = [server.status(503, Retry_After="7")]
    download(client, wanted(site, tmp_path))
    asked = [wait for wait in waits if wait > 0.1]
    assert len(asked) == 1 and 1 < asked[0] <= 7  # less what passed since the answer, on a machine in a hurry or not


def test_requests_keep_the_pace(site: Site) -> None:
    """Four of them take three intervals at least; how much more is the machine's affair."""
    site.files["one.jpg"] = CONTENT
    client = Client(Manners(per_second=20))
    started = time.monotonic()
    for _ in range(4):
        client.get(site.url("one.jpg"), {}).close()
    assert time.monotonic() - started >= 3 / 20


def test_waits_grow_and_differ(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    client = Client(Manners(attempts=5, per_second=1e6))
    monkeypatch.setattr(client.stop, "wait", lambda seconds: waits.append(seconds) or False)
    site.faults["one.jpg"] = [server.status(500)] * 4
    download(client, wanted(site, tmp_path))
    rests = [wait for wait in waits if wait > 0.1]
    assert all(2**place / 2 <= rest <= 2**place for place, rest in enumerate(rests))
    assert len(rests) == 4


def test_a_stopped_client_ends_its_transfer_and_keeps_the_part(site: Site, client: Client, tmp_path: Path) -> None:
    def stop_midway(handler: server.Handler, content: bytes) -> None:
        client.stop.set()
        server.silent_after(700, 0.1)(handler, content)

    site.faults["one.jpg"] = [stop_midway]
    with pytest.raises(Stopped):
        download(client, wanted(site, tmp_path))
    assert (tmp_path / "pictures/one.jpg.part").exists()
    download(Client(HURRIED), wanted(site, tmp_path))
    assert (tmp_path / "pictures/one.jpg").read_bytes() == CONTENT
