"""How much a picture's captions speak of natural scenery as its setting, and which words say so.

For each caption, the scenery that it speaks of and what it speaks of otherwise are put together as independent
hints: strength = 1 - prod(1 - weight). The score is

    mean over captions of scenery strength  x  (1 - mean over captions of the strength of the rest),

so a landscape is one that most captions see, and a stadium in every caption undoes the grass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from rapporteur.landscapes.lexicon import NOTHING, SCENERY, Entry, Lexicon


@dataclass(frozen=True)
class Judgement:
    """A score in 0..1 and its reasons: "+beach [1 3]; -street [2]", the captions numbered from 1."""

    score: float
    reasons: str


def judge_captions(captions: Sequence[str], lexicon: Lexicon) -> Judgement:
    """The judgement of a picture by its captions; about 15 microseconds a caption."""
    heard = [effective(lexicon.heard(caption)) for caption in captions]
    count = max(1, len(captions))
    scenery = sum(strength(entry for entry in said if entry.kind == SCENERY) for said in heard) / count
    otherwise = sum(strength(entry for entry in said if entry.kind != SCENERY) for said in heard) / count
    return Judgement(round(scenery * (1 - otherwise), 4), reasons(heard))


def effective(heard: Sequence[Entry]) -> list[Entry]:
    """The entries that count in a caption: those that mean something and stand beside no class that voids them."""
    kinds = {entry.kind for entry in heard}
    return [entry for entry in heard if entry.kind != NOTHING and not entry.unless & kinds]


def strength(entries: Iterable[Entry]) -> float:
    """Independent hints put together; each phrase counts once."""
    weights = {entry.phrase: entry.weight for entry in entries}
    return 1 - prod(1 - weight for weight in weights.values())


def reasons(heard: Sequence[Sequence[Entry]]) -> str:
    """The phrases with the captions that have them, those of most weight first."""
    places: dict[Entry, list[int]] = {}
    for number, said in enumerate(heard, start=1):
        for entry in dict.fromkeys(said):
            places.setdefault(entry, []).append(number)
    ranked = sorted(places.items(), key=lambda pair: (-pair[0].weight * len(pair[1]), pair[0].phrase))
    return "; ".join(
        f"{'+' if entry.kind == SCENERY else '-'}{entry.phrase} [{' '.join(map(str, numbers))}]"
        for entry, numbers in ranked
    )
