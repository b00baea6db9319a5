"""The verb `rapporteur rate`: opens the rating page for one rater, on their own machine."""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rapporteur.core.errors import BadInput

if TYPE_CHECKING:
    from rapporteur.people.modes import Mode
    from rapporteur.people.session import Session
    from rapporteur.people.task import Task

PARAMS = Path("params.yaml")
RATER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # as stages/ratings.py wants a file's name
FOLDERS = {"ratings": "data/ratings", "compare": "data/comparisons", "landscapes": "data/landscapes/labels"}
SETTINGS = {"ratings": "folder", "compare": "comparisons"}  # of the block `ratings`, where it names another folder
MOST_LANDSCAPES = 200  # a hundred images of each side: precision to within ten points
GOLD_SHARE = 0.25


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("rate", help="judge pictures in a page on this machine; answers go to data/")
    verb.add_argument("--rater", required=True, metavar="NAME", help="who judges: small letters, digits, - and _")
    verb.add_argument("--mode", choices=tuple(FOLDERS), default="ratings", help="default: ratings, picture by picture")
    verb.add_argument("--datasets", nargs="+", metavar="NAME", help="default: all datasets of params.yaml")
    most = f"the first N of the sample that all raters share; default: all, {MOST_LANDSCAPES} landscapes"
    verb.add_argument("--most", type=_at_least_one, metavar="N", help=most)
    share = f"of the pictures, or pairs, how many have a gold picture; default: {GOLD_SHARE}"
    verb.add_argument("--gold-share", type=_share, default=GOLD_SHARE, metavar="SHARE", help=share)
    verb.add_argument("--port", type=int, default=0, help="default: any that is free")
    verb.add_argument("--no-browser", action="store_true", help="only print the page's address")


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError("give 0 or more, less than 1")
    return number


def rate(chosen: argparse.Namespace) -> None:
    """Serve the page until Ctrl-C."""
    from rapporteur.people.journal import Journal
    from rapporteur.people.modes import MODES
    from rapporteur.people.order import for_rater
    from rapporteur.people.session import Allowance, Session

    mode, path = MODES[chosen.mode], rater_file(chosen.mode, chosen.rater)
    with Journal(path, mode.columns) as journal:
        tasks = for_rater(find_tasks(chosen), chosen.rater, lambda task: task.identity(mode.identity))
        session = Session(mode, chosen.rater, tasks, journal, Allowance())
        _serve(session, chosen.port, browser=not chosen.no_browser)
        _farewell(session, mode, path)


def rater_file(mode: str, rater: str) -> Path:
    if not RATER.fullmatch(rater):
        raise BadInput(f"--rater is {rater!r}; give a name of small letters, digits, - and _")
    from rapporteur.core.params import read_yaml

    named = read_yaml(PARAMS).get("ratings", {}).get(SETTINGS.get(mode))
    return Path(named or FOLDERS[mode]) / f"{rater}.csv"


def find_tasks(chosen: argparse.Namespace) -> list[Task]:
    """The sample that all raters share."""
    if chosen.mode == "landscapes":
        from rapporteur.people.of_landscapes import label_tasks

        return label_tasks(chosen.most or MOST_LANDSCAPES)
    from rapporteur.people.of_study import pair_tasks, rating_tasks
    from rapporteur.study.pictures import read_corpus

    studies = {name: read_corpus(name) for name in _datasets(chosen.datasets)}
    if chosen.mode == "compare":
        tasks = pair_tasks(studies, chosen.gold_share, chosen.rater)
    else:
        tasks = rating_tasks(studies, chosen.gold_share)
    if not tasks:
        raise BadInput("the study has no picture to show; run `dvc repro` first", PARAMS)
    return tasks[: chosen.most]


def _datasets(wanted: Sequence[str] | None) -> list[str]:
    from rapporteur.core.params import read_yaml

    known = [str(name) for name in read_yaml(PARAMS).get("captions", {})]
    unknown = [name for name in wanted or () if name not in known]
    if unknown:
        raise BadInput(f"there is no dataset {unknown[0]!r}; known: {', '.join(known)}", PARAMS)
    return [name for name in known if not wanted or name in wanted]


def _serve(session: Session, port: int, browser: bool) -> None:
    from rapporteur.people.server import LOOPBACK, RatingServer

    try:
        server = RatingServer(session, port)
    except (OSError, OverflowError) as error:
        raise BadInput(f"--port {port} can't be had on {LOOPBACK} ({error}); give another, or none") from None
    told = f"the page of {session.rater}; Ctrl-C here when done, the same command goes on"
    with server:
        try:
            print(f"{server.address}\n{told}", flush=True)
            with doorway(server.address) as door:
                if browser:
                    webbrowser.open(door.as_uri())
                server.serve_forever()
        except KeyboardInterrupt:
            print()


@contextmanager
def doorway(address: str) -> Iterator[Path]:
    """A page that only its owner can read and that leads to `address`.

    A browser is started with the address as its argument, which every user of the machine can list: it is given this
    file's instead, and the key stays out of the list of processes. It lies with the study, since browsers in a
    sandbox of their own are not shown the system's folder of temporary files.
    """
    from rapporteur.people.journal import LOCKS

    handle, name = tempfile.mkstemp(prefix="page-", suffix=".html", dir=LOCKS)  # 0600
    door, target = Path(name).resolve(), json.dumps(address).replace("<", "\\u003c")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            script = f"<script>location.replace({target})</script>"
            stream.write(f'<!doctype html><meta charset="utf-8"><title>rapporteur</title>{script}\n')
        yield door
    finally:
        door.unlink(missing_ok=True)


def _farewell(session: Session, mode: Mode, path: Path) -> None:
    progress = session.progress()
    print(f"{path}: {progress['done']} of {progress['total']} done")
    if path.exists():
        then = "" if mode.name == "landscapes" else "; uv run dvc repro ratings"
        print(f"next: git add {path.as_posix()}{then}")
