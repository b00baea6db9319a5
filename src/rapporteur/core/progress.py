"""Progress with what is left: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

SECONDS_BETWEEN_LINES = 10.0

Advance = Callable[[int], None]


@contextmanager
def progress(label: str, total: int, unit: str = "items") -> Iterator[Advance]:
    """Yield `advance(n)`; nothing is written when there is nothing to do."""
    if total == 0:
        yield lambda count: None
    elif sys.stderr.isatty():
        with _bar(unit) as bar:
            task = bar.add_task(label, total=total)
            yield lambda count: bar.advance(task, count)
    else:
        lines = _Lines(label, total, unit)
        yield lines.advance
        lines.close()


def _bar(unit: str) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


class _Lines:
    """A line every ten seconds and one at the end."""

    def __init__(self, label: str, total: int, unit: str) -> None:
        self.label, self.total, self.unit = label, total, unit
        self.done = 0
        self.start = self.last = time.monotonic()

    def advance(self, count: int) -> None:
        self.done += count
        now = time.monotonic()
        if now - self.last >= SECONDS_BETWEEN_LINES and self.done < self.total:
            self.last = now
            left = (now - self.start) / self.done * (self.total - self.done)
            self._say(f"{self.done}/{self.total} {self.unit}, about {left:.0f} s left")

    def close(self) -> None:
        self._say(f"{self.done}/{self.total} {self.unit} in {time.monotonic() - self.start:.1f} s")

    def _say(self, text: str) -> None:
        print(f"{self.label}: {text}", file=sys.stderr, flush=True)
