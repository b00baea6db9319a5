"""Which pictures are asked about, and in which order: chance that every clone of the study throws alike.

The sample is one sequence for all raters, the same in each clone, whose every beginning is a fair sample: datasets
take turns, captions come once before any comes twice, and gold pictures keep their share. So `--most 100` is a part
of `--most 200`, and raters who stop early have judged nearly the same pictures, without which there is no agreement
to compute. Each rater meets it in an order of their own, shuffled within blocks.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

BLOCK = 48  # pictures among which a rater's order is free: about ten minutes of rating

T = TypeVar("T")


def chance(*parts: object) -> str:
    """A random-looking text that depends on the parts alone."""
    return hashlib.sha256("\0".join(map(str, parts)).encode(errors="surrogatepass")).hexdigest()


def spread(items: Sequence[T], group: Callable[[T], Hashable], key: Callable[[T], object]) -> list[T]:
    """Items in random order, one of each group before the second of any."""
    rank: dict[Hashable, int] = defaultdict(int)
    placed = []
    for item in sorted(items, key=lambda item: chance("item", key(item))):
        placed.append((rank[group(item)], chance("turn", key(item)), item))
        rank[group(item)] += 1
    return [item for _, _, item in sorted(placed, key=lambda place: place[:2])]


def take_turns(pools: Mapping[str, Sequence[T]]) -> list[T]:
    """The items of the pools, one of each in turn."""
    nothing = object()
    rounds = zip_longest(*pools.values(), fillvalue=nothing)
    return [item for item in chain.from_iterable(rounds) if item is not nothing]  # type: ignore[misc]


def mix(many: Sequence[T], few: Sequence[T], share: float) -> list[T]:
    """All of `many` with enough of `few` among them to make up `share` of every beginning, as far as they reach.

    Where there is nothing to mix them into, `few` alone.
    """
    return list(_mixed(many, few, share)) if many else list(few)


def _mixed(many: Sequence[T], few: Sequence[T], share: float) -> Iterator[T]:
    rest, taken, place = iter(few), 0, 0
    for item in many:
        while taken < len(few) and taken + 0.5 < share * (place + 1):
            yield next(rest)
            taken, place = taken + 1, place + 1
        yield item
        place += 1


def for_rater(items: Sequence[T], rater: str, key: Callable[[T], object], block: int = BLOCK) -> list[T]:
    """The sample in a rater's own order."""
    blocks = (items[start : start + block] for start in range(0, len(items), block))
    return [item for each in blocks for item in sorted(each, key=lambda item: chance(rater, key(item)))]
