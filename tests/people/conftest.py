"""A study of two datasets on disk, a session on it, a server in this process, and a program of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.tables import table_of, write_table
from rapporteur.people.journal import Journal
from rapporteur.people.modes import MODES
from rapporteur.people.order import for_rater
from rapporteur.people.server import KEY_HEADER, RatingServer
from rapporteur.people.session import Allowance, Session
from rapporteur.people.task import Task
from rapporteur.people.verb import find_tasks, rater_file
from rapporteur.vocabulary.landscapes import LANDSCAPES
from tests.studies import SmallStudy, square

REPOSITORY = Path(__file__).resolve().parents[2]
PARAMS = """
captions: {shapes: {}, scenes: {}}
ratings: {folder: data/ratings}
landscapes: {dataset: scenes}
"""
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><b>a red square</b>"
RED, GREEN, BLUE = (200, 30, 30), (30, 160, 60), (40, 60, 200)


def write_study(folder: Path) -> None:
    """Six captions of two drawings each in two datasets, gold pictures larger than drawings, one caption in HTML."""
    for dataset, texts in {
        "shapes": [HOSTILE, "a green square"],
        "scenes": ["a hill", "a lake", "a wood", "a shoe"],
    }.items():
        study = SmallStudy(folder, dataset, params=PARAMS)
        for place, text in enumerate(texts):
            colour = (RED, GREEN, BLUE)[place % 3]
            study.add(f"{dataset}-{place}", text, square(colour, size=64), square(colour), draws=2)
        study.write()
    rows = [
        {
            "dataset": "scenes",
            "image_id": f"scenes-{place}",
            "split": "test",
            "score": 0.9 * (place < 3),
            "kept": place < 3,
        }
        | {"reasons": "", "captions": ["a hill", "another hill"]}
        for place in range(4)
    ]
    write_table(table_of(rows, LANDSCAPES), folder / "artifacts/landscapes/landscapes.parquet", LANDSCAPES)


@pytest.fixture
def study(work: Path) -> Path:
    write_study(work)
    return work


@dataclass
class Chosen:
    """What the command line says."""

    rater: str = "amel"
    mode: str = "ratings"
    datasets: list[str] | None = None
    most: int | None = None
    gold_share: float = 0.25


def sample(**named: Any) -> list[Task]:
    return find_tasks(Chosen(**named))  # type: ignore[arg-type]


@pytest.fixture
def open_session(study: Path) -> Iterator[Callable[..., Session]]:
    """Opens the session of a rater as `rapporteur rate` does; the one before is closed first."""
    opened: list[Journal] = []

    def open_one(allowance: Allowance | None = None, **named: Any) -> Session:
        while opened:
            opened.pop().__exit__(None, None, None)
        chosen = Chosen(**named)
        mode = MODES[chosen.mode]
        journal = Journal(rater_file(chosen.mode, chosen.rater), mode.columns).__enter__()
        opened.append(journal)
        tasks = for_rater(sample(**named), chosen.rater, lambda task: task.identity(mode.identity))
        return Session(mode, chosen.rater, tasks, journal, allowance or Allowance())

    yield open_one
    while opened:
        opened.pop().__exit__(None, None, None)


@dataclass
class Client:
    """Speaks to a server as its page does, unless told otherwise."""

    server: RatingServer
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = {KEY_HEADER: self.server.key, "Host": self.host}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str | None) -> tuple[int, bytes]:
        """Status and body. A header of None is left out; `_` in names is `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}  # type: ignore[operator]
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get(self, path: str, **headers: str | None) -> tuple[int, bytes]:
        return self.ask("GET", path, **headers)

    def json(self, path: str) -> Any:
        status, body = self.get(path)
        assert status == 200, body
        return json.loads(body)

    def post(self, content: Any, **headers: str | None) -> tuple[int, bytes]:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        usual = {"Origin": f"http://{self.host}", "Content_Type": "application/json", "Content_Length": str(len(body))}
        return self.ask("POST", "/answer", body, **(usual | headers))


@pytest.fixture
def serve(open_session: Callable[..., Session]) -> Iterator[Callable[..., Client]]:
    """A running server on a session, as a client of it."""
    running: list[RatingServer] = []

    def serve_one(**named: Any) -> Client:
        server = RatingServer(open_session(**named))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(server)
        return Client(server)

    yield serve_one
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def client(serve: Callable[..., Client]) -> Client:
    return serve()


@pytest.fixture
def start_program(study: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts `rapporteur rate` as a process of its own; gives it and the page's address."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, browser: bool = False) -> tuple[subprocess.Popen[str], str]:
        heard = (
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a background shell ignores it
        )
        code = f"{heard}; from rapporteur.cli import main; main()"
        program = [sys.executable, "-c", code, "rate", *([] if browser else ["--no-browser"]), *arguments]
        paths = {"PYTHONPATH": str(REPOSITORY / "src")}
        one = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=os.environ | paths)
        started.append(one)
        assert one.stdout is not None
        return one, one.stdout.readline().strip()

    yield start
    for one in started:
        if one.poll() is None:
            one.send_signal(signal.SIGKILL)
        one.communicate()
