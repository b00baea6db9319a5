"""How a server is asked: how often, how long, how many times. Apart, so that the command line starts quickly."""

from __future__ import annotations

from dataclasses import dataclass

GROWTH = 1 << 20  # bytes: what a transfer must have gained before its failures are counted anew


@dataclass(frozen=True)
class Manners:
    """How a server is asked; seconds, unless it says otherwise."""

    workers: int = 8
    per_second: float = 10.0  # requests, of all workers together
    attempts: int = 6  # without any gain
    base: float = 1.0  # the first wait; each further one may be twice as long
    longest: float = 60.0
    longest_asked: float = 600.0  # a server that asks for a longer rest is left alone
    connect: float = 10.0
    silence: float = 30.0  # without a byte
    slowest: float = 1000.0  # bytes a second, on average over `silence`
    worth_resuming: int = GROWTH  # bytes; smaller files are fetched anew
