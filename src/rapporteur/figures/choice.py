"""Choosing what to show without looking at it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def at_random(items: Iterable[T], most: int) -> list[T]:
    """At most so many of the distinct items, chosen and ordered by the hash of their text: nobody picked them, and
    a new item displaces at most one.
    """
    return sorted(set(items), key=lambda item: hashlib.sha256(str(item).encode()).hexdigest())[:most]
