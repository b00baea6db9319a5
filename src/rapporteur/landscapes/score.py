"""How much a picture's captions speak of natural scenery as its setting, and which words say so.

For each caption, the scenery that it speaks of and what it speaks of otherwise are put together as independent
hints: strength = 1 - prod(1 - weight). The score is

    mean over captions of scenery strength  x  (1 - mean over captions of the strength of the rest),

so a landscape is one that most captions see, and a stadium in every caption undoes the grass. A word of two senses
is settled by the other captions too: `island` says nothing in any caption of a picture in whose captions a kitchen is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

from rapporteur.landscapes.lexicon import ANYWHERE, NOTHING, SCENERY, Entry, Lexicon

SURE = 0.6  # from this weight on, a phrase settles the sense of a word in another caption


@dataclass(frozen=True, slots=True)
class Judgement:
    """A score in 0..1 and its reasons: "+beach [1 3]; -street [2]", the captions numbered from 1."""

    score: float
    reasons: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """What counts in a caption, its two strengths, and how it bears on the senses of words in other captions."""

    entries: tuple[Entry, ...]
    scenery: float
    otherwise: float
    sure: frozenset[str]  # classes that void words in other captions
    doubtful: frozenset[str]  # classes that would void words of this one


class Judge:
    """Judgements by one lexicon; captions that say the same are weighed once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._known: dict[tuple[str, ...], Hearing] = {}

    def judge(self, captions: Sequence[str]) -> Judgement:
        """The judgement of a picture by its captions; about 5 microseconds a caption."""
        heard = [self.hear(caption) for caption in captions]
        sure = frozenset[str]().union(*[each.sure for each in heard])
        if sure:
            heard = [hearing(each.entries, sure) if each.doubtful & sure else each for each in heard]
        count = max(1, len(captions))
        scenery = sum(each.scenery for each in heard) / count
        otherwise = sum(each.otherwise for each in heard) / count
        return Judgement(round(scenery * (1 - otherwise), 4), reasons([each.entries for each in heard]))

    def hear(self, caption: str) -> Hearing:
        said = self.lexicon.heard(caption)
        phrases = tuple([entry.phrase for entry in said])
        known = self._known.get(phrases)
        if known is None:
            known = self._known[phrases] = hearing(said)
        return known


def judge_captions(captions: Sequence[str], lexicon: Lexicon) -> Judgement:
    """The judgement of one picture; for many, keep a Judge."""
    return Judge(lexicon).judge(captions)


def hearing(said: Iterable[Entry], elsewhere: frozenset[str] = frozenset()) -> Hearing:
    """The entries that count in a caption, given the classes that the other captions are sure of."""
    entries = tuple(effective(said, elsewhere))
    doubtful = frozenset[str]().union(*[entry.unless for entry in entries if ANYWHERE in entry.unless])
    return Hearing(
        entries,
        strength(entry for entry in entries if entry.kind == SCENERY),
        strength(entry for entry in entries if entry.kind != SCENERY),
        frozenset(entry.kind for entry in entries if entry.kind != SCENERY and entry.weight >= SURE),
        doubtful,
    )


def effective(said: Iterable[Entry], elsewhere: frozenset[str]) -> Iterator[Entry]:
    """Those that mean something and stand beside no class that voids them."""
    said = list(said)
    here = {entry.kind for entry in said}
    for entry in said:
        voiding = here | elsewhere if ANYWHERE in entry.unless else here
        if entry.kind != NOTHING and not entry.unless & voiding:
            yield entry


def strength(entries: Iterable[Entry]) -> float:
    """Independent hints put together; each phrase counts once."""
    weights = {entry.phrase: entry.weight for entry in entries}
    return 1 - prod(1 - weight for weight in weights.values())


def reasons(heard: Sequence[Sequence[Entry]]) -> str:
    """The phrases with the captions that have them, those of most weight first."""
    places: dict[str, list[int]] = {}
    entries: dict[str, Entry] = {}
    for number, said in enumerate(heard, start=1):
        for entry in said:
            entries[entry.phrase] = entry
            numbers = places.setdefault(entry.phrase, [])
            if not numbers or numbers[-1] != number:
                numbers.append(number)
    ranked = sorted(places.items(), key=lambda pair: (-entries[pair[0]].weight * len(pair[1]), pair[0]))
    return "; ".join(
        f"{'+' if entries[phrase].kind == SCENERY else '-'}{phrase} [{' '.join(map(str, numbers))}]"
        for phrase, numbers in ranked
    )
