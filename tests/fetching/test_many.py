from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.fetching import many
from rapporteur.fetching.checks import is_picture
from rapporteur.fetching.client import Client
from rapporteur.fetching.download import Wanted
from rapporteur.fetching.lock import IN_PLACE, Lock
from rapporteur.fetching.many import Missing, fetch_all, refuse_missing
from tests.conftest import REPOSITORY
from tests.fetching import server
from tests.fetching.conftest import HURRIED
from tests.fetching.server import Site
from tests.fetching.test_download import jpeg


def pictures(site: Site, count: int = 12) -> list[Wanted]:
    for place in range(count):
        site.files[f"{place}.jpg"] = jpeg(place)
    return [
        Wanted(site.url(f"{place}.jpg"), Path(f"data/set/{place}.jpg"), is_picture(), licence=f"licence {place % 3}")
        for place in range(count)
    ]


def test_many_files_come_at_once_but_never_more_than_the_workers(site: Site, work: Path) -> None:
    wanted = pictures(site, 20)
    for path in list(site.files):
        site.faults[path] = [lambda handler, content: (time.sleep(0.02), server.well(handler, content))[1]]
    assert fetch_all(Client(HURRIED), wanted, Lock(Path("data/set.lock.json")), "set") == []
    assert all(one.target.read_bytes() == site.files[one.target.name] for one in wanted)
    assert 1 < site.most_busy <= HURRIED.workers


def test_a_file_that_cannot_be_had_does_not_hold_up_the_others(site: Site, work: Path) -> None:
    wanted = pictures(site)
    site.faults["3.jpg"] = [server.status(404)]
    site.faults["5.jpg"] = [server.page] * 9
    missing = fetch_all(Client(HURRIED), wanted, Lock(Path("data/set.lock.json")), "set")
    assert {one.target.name for one in missing} == {"3.jpg", "5.jpg"}
    assert sum(one.target.exists() for one in wanted) == 10
    with pytest.raises(
        BadInput, match=r"2 of 12 files are missing:\n  data/set/3.jpg: the server answers 404 Not Found\n"
    ):
        refuse_missing(missing, 12)


def test_every_file_is_recorded_with_source_date_size_digest_and_licence(site: Site, work: Path) -> None:
    wanted = pictures(site, 3)
    fetch_all(Client(HURRIED), wanted, Lock(Path("data/set.lock.json")), "set")
    files = json.loads(Path("data/set.lock.json").read_text())["files"]
    assert list(files) == [f"data/set/{place}.jpg" for place in range(3)]
    entry = files["data/set/1.jpg"]
    assert entry["source"] == site.url("1.jpg")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["date"])
    assert entry["size"] == len(site.files["1.jpg"])
    assert len(entry["sha256"]) == 64
    assert entry["licence"] == "licence 1"


def test_a_second_call_asks_for_nothing_and_changes_no_byte_of_the_record(site: Site, work: Path) -> None:
    wanted, lock = pictures(site), Path("data/set.lock.json")
    fetch_all(Client(HURRIED), wanted, Lock(lock), "set")
    before, asked = lock.read_bytes(), len(site.asked)
    assert fetch_all(Client(HURRIED), wanted, Lock(lock), "set") == []
    assert (lock.read_bytes(), len(site.asked)) == (before, asked)


def test_a_picture_that_changed_since_is_fetched_again(site: Site, work: Path) -> None:
    wanted, lock = pictures(site), Path("data/set.lock.json")
    fetch_all(Client(HURRIED), wanted, Lock(lock), "set")
    wanted[4].target.write_bytes(jpeg(99))
    fetch_all(Client(HURRIED), wanted, Lock(lock), "set")
    assert wanted[4].target.read_bytes() == site.files["4.jpg"]
    assert len(site.asked) == 13


def test_a_picture_that_the_user_put_there_is_kept_and_recorded_as_such(site: Site, work: Path) -> None:
    wanted = pictures(site, 2)
    wanted[0].target.parent.mkdir(parents=True)
    wanted[0].target.write_bytes(jpeg(50))
    wanted[1].target.write_bytes(jpeg(51)[:-40])
    lock = Lock(Path("data/set.lock.json"))
    fetch_all(Client(HURRIED), wanted, lock, "set")
    assert wanted[0].target.read_bytes() == jpeg(50)
    assert lock.files["data/set/0.jpg"]["source"] == IN_PLACE
    assert wanted[1].target.read_bytes() == site.files["1.jpg"]
    assert [path for path, _ in site.asked] == ["1.jpg"]


def test_sizes_make_the_progress_one_of_megabytes(site: Site, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.files["large"] = bytes(3_000_000)
    one = Wanted(site.url("large"), Path("large"), lambda path: None, 3_000_000)
    site.faults["large"] = [server.cut_after(1_500_000)]
    fetch_all(Client(HURRIED), [one], Lock(Path("lock.json")), "weights")
    assert "weights: 3/3 MB in" in capsys.readouterr().err


def test_a_full_disk_stops_everything_and_keeps_the_record(
    site: Site, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, real = pictures(site), many.download

    def full(client: Client, one: Wanted, *rest: object) -> object:
        if one.target.name == "6.jpg":
            raise OSError(errno.ENOSPC, "no space left")
        return real(client, one, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(many, "download", full)
    with pytest.raises(OSError, match="no space left"):
        fetch_all(Client(HURRIED), wanted, Lock(Path("data/set.lock.json")), "set")
    # Four workers: the seventh file was begun when three had come.
    assert len(json.loads(Path("data/set.lock.json").read_text())["files"]) >= 3


def test_a_long_list_of_failures_is_shortened() -> None:
    missing = [Missing(Path(f"{place:03}.jpg"), "gone") for place in range(30)]
    with pytest.raises(BadInput, match="30 of 40 files are missing") as caught:
        refuse_missing(missing, 40)
    assert "019.jpg: gone" in str(caught.value)
    assert "020.jpg" not in str(caught.value)
    assert "… and 10 more" in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", '{"files": 3}', '{"files": {"a": 1}}', "\xff"])
def test_a_spoilt_record_says_what_to_do(text: str, work: Path) -> None:
    Path("set.lock.json").write_text(text, encoding="latin-1")
    with pytest.raises(BadInput, match=r"set.lock.json: is no lock file; restore it .*or delete it"):
        Lock(Path("set.lock.json"))


INTERRUPTED = """
    import signal, sys
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    from pathlib import Path
    from rapporteur.fetching.checks import is_picture
    from rapporteur.fetching.client import Client
    from rapporteur.fetching.download import Wanted
    from rapporteur.fetching.lock import Lock
    from rapporteur.fetching.many import fetch_all
    from rapporteur.fetching.manners import Manners
    wanted = [Wanted(f"{sys.argv[1]}/{n}.jpg", Path(f"data/set/{n}.jpg"), is_picture()) for n in range(12)]
    fetch_all(Client(Manners(workers=2, worth_resuming=1)), wanted, Lock(Path("data/set.lock.json")), "set")
"""


def test_ctrl_c_keeps_what_came_and_the_next_call_fetches_the_rest(site: Site, work: Path) -> None:
    wanted = pictures(site)
    site.faults["7.jpg"] = [server.silent_after(700, 20)]
    program = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), site.address]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "src")}
    process = subprocess.Popen(program, env=environment, stderr=subprocess.PIPE, text=True)
    while len(site.asked) < 10:
        time.sleep(0.02)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - started < 5  # not until the silent server is given up
    assert "KeyboardInterrupt" in said
    recorded = set(json.loads(Path("data/set.lock.json").read_text())["files"])
    assert len(recorded) >= 8
    assert {path.as_posix() for path in Path("data/set").glob("*.jpg")} == recorded
    before = len(site.asked)
    assert fetch_all(Client(HURRIED), wanted, Lock(Path("data/set.lock.json")), "set") == []
    assert len(site.asked) - before == 12 - len(recorded)
    assert ("7.jpg", "bytes=700-") in site.asked[before:]
