from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.fetching.checks import is_json
from rapporteur.fetching.client import Client
from rapporteur.fetching.lock import Lock
from rapporteur.fetching.member import Archive, fetch_member
from tests.fetching import server
from tests.fetching.conftest import HURRIED
from tests.fetching.server import Site

CAPTIONS = json.dumps({"images": [{"id": place} for place in range(200_000)]}).encode()
TARGET = Path("data/coco/annotations/captions_val2014.json")


def zipped(captions: bytes = CAPTIONS) -> bytes:
    """An archive of 9 MB of which the captions are a twentieth."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annotations/instances_val2014.json", np.random.default_rng(0).bytes(9 << 20))
        archive.writestr("annotations/captions_val2014.json", captions)
    return out.getvalue()


WHOLE = zipped()


@pytest.fixture
def archive(site: Site) -> Archive:
    site.files["all.zip"] = WHOLE
    return Archive(site.url("all.zip"), len(WHOLE), hashlib.sha256(WHOLE).hexdigest())


def fetch(archive: Archive, name: str = TARGET.name) -> list[str]:
    lock = Lock(Path("data/coco.lock.json"))
    missing = fetch_member(Client(HURRIED), archive, name, TARGET, is_json, lock, "CC BY 4.0")
    return [one.reason for one in missing]


def test_only_the_members_bytes_are_asked_for(site: Site, archive: Archive, work: Path) -> None:
    assert fetch(archive) == []
    assert TARGET.read_bytes() == CAPTIONS
    assert [path.name for path in TARGET.parent.iterdir()] == [TARGET.name]
    asked = sum(int(span[1]) - int(span[0]) + 1 for span in map(_span, site.ranges_of("all.zip")))
    assert asked < len(WHOLE) / 2
    entry = json.loads(Path("data/coco.lock.json").read_text())["files"][TARGET.as_posix()]
    assert entry["source"] == f"{archive.url}#captions_val2014.json"
    assert (entry["licence"], entry["size"]) == ("CC BY 4.0", len(CAPTIONS))
    assert entry["sha256"] == hashlib.sha256(CAPTIONS).hexdigest()


def _span(header: str | None) -> list[str]:
    assert header is not None
    return header.removeprefix("bytes=").split("-")


def test_faults_between_the_ranges_are_overcome(site: Site, archive: Archive, work: Path) -> None:
    def short(handler: server.Handler, content: bytes) -> None:
        handler.answer(206, b"abc", Content_Range=f"bytes 0-0/{len(content)}", ETag=server.etag(content))
        handler.close_connection = True

    site.faults["all.zip"] = [server.status(503), short, server.well, server.silent_after(3, 0.5), server.status(500)]
    # A silent 200 is an answer without a range: the whole archive is fetched, over the next fault.
    assert fetch(archive) == []
    assert TARGET.read_bytes() == CAPTIONS


def test_a_server_without_ranges_gives_the_whole_archive(site: Site, archive: Archive, work: Path) -> None:
    site.faults["all.zip"] = [server.whole_only, server.cut_after(5 << 20)]
    assert fetch(archive) == []
    assert TARGET.read_bytes() == CAPTIONS
    assert site.ranges_of("all.zip")[1:] == [None, f"bytes={5 << 20}-"]
    assert [path.name for path in TARGET.parent.iterdir()] == [TARGET.name]


def test_a_second_call_asks_for_nothing(site: Site, archive: Archive, work: Path) -> None:
    fetch(archive)
    asked, record = len(site.asked), Path("data/coco.lock.json").read_bytes()
    assert fetch(archive) == []
    assert (len(site.asked), Path("data/coco.lock.json").read_bytes()) == (asked, record)


def test_a_file_of_the_users_that_is_another_one_is_not_overwritten(site: Site, archive: Archive, work: Path) -> None:
    TARGET.parent.mkdir(parents=True)
    TARGET.write_text("my own notes")
    with pytest.raises(BadInput, match=r"captions_val2014.json: is there and is not the published file; move it"):
        fetch(archive)
    assert TARGET.read_text() == "my own notes"


def test_bad_archives_leave_nothing_and_say_why(site: Site, archive: Archive, work: Path) -> None:
    assert fetch(archive, "captions_test2014.json") == ["the archive has no captions_test2014.json"]
    site.faults["all.zip"] = [server.status(404)]
    assert fetch(archive) == ["the server answers 404 Not Found"]
    site.faults["all.zip"] = [server.page] * 9
    assert fetch(archive)[0].startswith("the server's file has 39 bytes instead of")
    site.faults["all.zip"].clear()
    site.files["all.zip"] = zipped(b'{"images": [')
    (reason,) = fetch(Archive(archive.url))
    assert reason.startswith("what came is wrong: it is no JSON text")
    assert fetch(archive)[0].startswith("the server's archive has")
    place = zipped().index(b"annotations/captions_val2014.json") + 60
    site.files["all.zip"] = WHOLE[:place] + b"\0\0\0\0" + WHOLE[place + 4 :]
    (reason,) = fetch(archive)
    assert reason.startswith("what came is wrong")
    assert not [path for path in TARGET.parent.rglob("*") if path.is_file()]


def test_an_archive_that_changes_while_it_is_read_is_refused(site: Site, archive: Archive, work: Path) -> None:
    def renew(handler: server.Handler, content: bytes) -> None:
        server.well(handler, content)
        site.files["all.zip"] = WHOLE[:-1] + b"\1"

    site.faults["all.zip"] = [renew]
    assert fetch(archive) == ["the archive changed while it was read"]
    assert not TARGET.exists()
