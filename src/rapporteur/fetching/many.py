"""Many files at once: a few threads, one record. A file that can't be had does not hold up the others."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.progress import progress
from rapporteur.fetching.client import Client, NotFetched, Stopped
from rapporteur.fetching.download import Got, Wanted, download
from rapporteur.fetching.lock import Lock

MEGABYTE = 1_000_000
SHOWN = 20  # failures that are named one by one
GOODBYE = 2.0  # seconds that threads have to stop; a file that is cut there is continued later


@dataclass(frozen=True)
class Missing:
    """A file that could not be had, and why."""

    target: Path
    reason: str


def fetch_all(client: Client, wanted: Sequence[Wanted], lock: Lock, label: str) -> list[Missing]:
    """Fetch what is not yet in its place, record it, and return what is missing.

    Interrupted, it records what came: the next call goes on from there.
    """
    todo = [one for one in wanted if not lock.holds(one)]
    missing: list[Missing] = []
    jobs, events = _queues(todo)
    threads = [
        threading.Thread(target=_work, args=(client, jobs, events), daemon=True)
        for _ in range(min(client.manners.workers, len(todo)))
    ]
    try:
        for thread in threads:
            thread.start()
        _follow(todo, events, lock, label, missing)
    except BaseException:
        client.stop.set()
        for thread in threads:
            thread.join(GOODBYE / len(threads))
        _record_rest(events, lock)
        raise
    finally:
        lock.write()
    return missing


Event = tuple[Wanted, int | Got | Exception]
Jobs = queue.SimpleQueue[Wanted]
Events = queue.SimpleQueue[Event]


def _queues(todo: Sequence[Wanted]) -> tuple[Jobs, Events]:
    jobs: Jobs = queue.SimpleQueue()
    for one in todo:
        jobs.put(one)
    return jobs, queue.SimpleQueue()


def _work(client: Client, jobs: Jobs, events: Events) -> None:
    """A thread: job after job until none is left. What it meets is told to the main thread, which decides."""
    while not client.stop.is_set():
        try:
            job = jobs.get_nowait()
        except queue.Empty:
            return
        try:
            events.put((job, download(client, job, lambda count, job=job: events.put((job, count)))))  # type: ignore[misc]
        except Stopped:
            return
        except Exception as error:
            events.put((job, error))


def _follow(todo: Sequence[Wanted], events: Events, lock: Lock, label: str, missing: list[Missing]) -> None:
    """Hear what the threads tell until each file is there or missing."""
    by_size = bool(todo) and all(one.size is not None for one in todo)
    total = sum(one.size or 0 for one in todo) // MEGABYTE if by_size else len(todo)
    left, count, shown = len(todo), 0, 0
    with progress(label, total, "MB" if by_size else "files") as advance:
        while left:
            job, news = events.get()
            if isinstance(news, int):
                count += news
            else:
                left -= 1
                _settle(job, news, lock, missing)
            step = count // MEGABYTE if by_size else len(todo) - left
            if step > shown:  # bytes that were dropped come again
                advance(step - shown)
                shown = step


def _settle(job: Wanted, news: Got | Exception, lock: Lock, missing: list[Missing]) -> None:
    if isinstance(news, Got):
        lock.add(job.target, news, job.url, job.licence, job.notes)
    elif isinstance(news, NotFetched):
        missing.append(Missing(job.target, str(news)))
    else:
        raise news  # a full disk, or a fault of this program


def _record_rest(events: Events, lock: Lock) -> None:
    """Files that came while the main thread was already leaving."""
    while not events.empty():
        job, news = events.get()
        if isinstance(news, Got):
            lock.add(job.target, news, job.url, job.licence, job.notes)


def refuse_missing(missing: Sequence[Missing], of: int) -> None:
    """Raise BadInput that lists what is missing and why; nothing where nothing is."""
    if not missing:
        return
    ordered = sorted(missing, key=lambda one: one.target)
    lines = [f"  {one.target}: {one.reason}" for one in ordered[:SHOWN]]
    if len(ordered) > SHOWN:
        lines.append(f"  … and {len(ordered) - SHOWN} more")
    listed = "\n".join(lines)
    raise BadInput(
        f"{len(missing)} of {of} files are missing:\n{listed}\nThe others are in their places; "
        "the same command again fetches what is missing."
    )
