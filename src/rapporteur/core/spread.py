"""Work spread over the machine's processors: processes of one function, results in the order of what they are of."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

from rapporteur.core.errors import BadInput

T = TypeVar("T")
R = TypeVar("R")
_OF_THIS_PROCESS: list[Callable[[Any], Any]] = []


def processors() -> int:
    """That this process may run on, which is fewer than the machine has in many a container."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(make: Callable[[], Callable[[T], R]], items: Sequence[T], processes: int | None = None) -> Iterator[R]:
    """The function that `make` gives, of each item, in the items' order.

    Each process asks `make` once, for what is read or begun once; processes None: one a processor. `make`, items and
    results have to be what pickle takes. Fewer than two items, or a single processor: all is done in this process.
    What the function raises is raised here, and what was not begun is left.
    """
    count = min(processors() if processes is None else processes, len(items))
    pool = _pool(count, make) if count > 1 else None
    if pool is None:
        yield from map(make(), items)
        return
    with pool:
        try:
            yield from pool.map(_once, items)
        except BrokenProcessPool:
            raise BadInput(
                f"one of {count} processes was ended from outside, most often for want of memory; free some, or let "
                "one do all: `taskset -c 0` before the command"
            ) from None


def _pool(count: int, make: Callable[[], Callable[[Any], Any]]) -> ProcessPoolExecutor | None:
    """The processes; None on a machine that has no semaphores for them (a container without /dev/shm)."""
    try:
        # spawned, not forked: libraries with threads of their own do not survive a fork
        return ProcessPoolExecutor(count, get_context("spawn"), _begin, (make,))
    except (OSError, ImportError, NotImplementedError):
        return None


def _begin(make: Callable[[], Callable[[Any], Any]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked
    _OF_THIS_PROCESS[:] = [make()]


def _once(item: Any) -> Any:
    return _OF_THIS_PROCESS[0](item)
