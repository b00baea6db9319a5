"""Rules that change exactly one thing of a caption: a colour, an object, the number of things, or the place.

A rule prefers silence to a doubtful foil: it changes only words of data/foils, only between words that show that they
begin and end no compound ("hot dog", "train car", "red wine"), and never into a word that any caption of the picture
says, or a near one (`kin`). The English article before the change is mended (a, an).

Error rate, by eye on 100 captions of MS-COCO val2017: data/foils/README.md.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rapporteur.core.errors import BadInput
from rapporteur.study.foils.lexicon import PALETTES, FoilLexicon, Place, Thing

KINDS = ("colour", "object", "number", "place")
# How strongly a kind is preferred where a caption admits several: about the inverse of how often one admits it.
WEIGHTS = {"colour": 3.0, "object": 1.0, "number": 12.0, "place": 4.0}
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[^\w\s]")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_LONGEST = 6  # words of a phrase


@dataclass(frozen=True)
class Foil:
    """A caption with one thing changed."""

    text: str
    kind: str
    changed_from: str
    changed_to: str


@dataclass(frozen=True)
class Change:
    """Tokens `start` to `stop` (not included) of a caption, and what may be written there."""

    kind: str
    start: int
    stop: int
    others: tuple[str, ...]


@dataclass(frozen=True)
class Tokens:
    """A caption in its tokens; `words` are in small letters."""

    text: str
    spans: tuple[tuple[int, int], ...]
    words: tuple[str, ...]

    def word(self, place: int) -> str:
        """The word at a place, "" outside the caption."""
        return self.words[place] if 0 <= place < len(self.words) else ""

    def phrase(self, start: int, stop: int) -> str:
        return self.text[self.spans[start][0] : self.spans[stop - 1][1]]


def parse(text: str) -> Tokens:
    """The caption's words and signs."""
    spans = tuple(match.span() for match in _TOKEN.finditer(text))
    return Tokens(text, spans, tuple(text[start:end].lower() for start, end in spans))


def make_foil(captions: Sequence[str], key: str, lexicon: FoilLexicon, kinds: Collection[str] = KINDS) -> Foil | None:
    """The foil, of one of these kinds, of the first of a picture's captions; None where no rule applies.

    `key` decides the kind among those that apply, then the change, each by a hash: other pictures move nothing.
    """
    offers = [foil for foil in foils_of(captions, lexicon) if foil.kind in kinds]
    if not offers:
        return None
    kind = min({foil.kind for foil in offers}, key=lambda name: -math.log(_uniform(f"{key}:{name}")) / WEIGHTS[name])
    return min((foil for foil in offers if foil.kind == kind), key=lambda foil: _uniform(f"{key}:{foil.text}"))


def foils_of(captions: Sequence[str], lexicon: FoilLexicon) -> list[Foil]:
    """Every foil that the rules offer for the first of a picture's captions; the others say what is there too."""
    caption = parse(captions[0])
    said = frozenset(word for text in captions for word in _WORD.findall(text.lower()))
    rules = (_colours, _objects, _numbers, _places)
    return [
        _written(caption, change, other)
        for rule in rules
        for change in rule(caption, said, lexicon)
        for other in change.others
    ]


def single_change(original: str, foil: str) -> tuple[str, str]:
    """What a hand-written foil changes: the words between the longest common beginning and end.

    Raises BadInput where nothing is changed.
    """
    before, after = parse(original), parse(foil)
    if before.words == after.words:
        raise BadInput(f"the foil {foil!r} says the same as the caption; change one thing of it")
    least = min(len(before.words), len(after.words))
    head = next((place for place in range(least) if before.words[place] != after.words[place]), least)
    tail = next((n for n in range(least - head) if before.words[-1 - n] != after.words[-1 - n]), least - head)
    return _between(before, head, tail), _between(after, head, tail)


def _between(caption: Tokens, head: int, tail: int) -> str:
    stop = len(caption.words) - tail
    return caption.phrase(head, stop) if head < stop else ""


def _colours(caption: Tokens, said: frozenset[str], lexicon: FoilLexicon) -> Iterator[Change]:
    for place, word in enumerate(caption.words):
        thing = _coloured(caption, place, lexicon)
        if word not in lexicon.colours or thing is None:
            continue
        near = {caption.word(place + step) for step in (-2, -1, 1)}
        if near & lexicon.colours.keys() or _hyphenated(caption, place):
            continue
        palette = PALETTES[thing.palette]
        free = (other for other in lexicon.colours[word] if other not in said)
        others = tuple(other for other in free if palette is None or other in palette)
        yield Change("colour", place, place + 1, others)


def _coloured(caption: Tokens, place: int, lexicon: FoilLexicon) -> Thing | None:
    """The thing that the colour at `place` is said of: the next word, or the one after an adjective."""
    for start in (place + 1, place + 2):
        thing = _thing_at(caption, start, lexicon)
        if thing is not None:
            return thing if thing.palette else None
        if caption.word(start) not in lexicon.roles["before"]:
            return None
    return None


def _thing_at(caption: Tokens, start: int, lexicon: FoilLexicon) -> Thing | None:
    for length in (2, 1):
        thing = lexicon.things.get(caption.words[start : start + length])
        if thing is not None:
            return thing
    return None


def _objects(caption: Tokens, said: frozenset[str], lexicon: FoilLexicon) -> Iterator[Change]:
    place = 0
    while place < len(caption.words):
        thing = _thing_at(caption, place, lexicon)
        stop = place + (1 if thing is None else len(thing.phrase))
        if thing is not None and thing.kind and _stands_alone(caption, place, stop, thing, lexicon):
            yield Change("object", place, stop, _other_things(thing, said, lexicon))
        place = stop


def _stands_alone(caption: Tokens, start: int, stop: int, thing: Thing, lexicon: FoilLexicon) -> bool:
    """Whether the thing is a whole noun, said once."""
    roles, before = lexicon.roles, caption.word(start - 1)
    elsewhere = {*caption.words[:start], *caption.words[stop:]}
    if elsewhere & thing.forms or caption.word(start - 2) in roles["measure"]:
        return False
    if roles.get(f"{thing.kind}_bars", frozenset()) & set(caption.words[max(start - 4, 0) : start]):
        return False
    bare = thing.plural and (before in roles["plural"] or start == 0)
    return (bare or before in roles["before"]) and _ends(caption, stop, lexicon)


def _ends(caption: Tokens, stop: int, lexicon: FoilLexicon) -> bool:
    """Whether a noun phrase may end before the token at `stop`."""
    after = caption.word(stop)
    if not after or after in ".,;:!?)":
        return True
    verb = after.endswith("ing") and after not in lexicon.roles["thing"]
    return verb or after in lexicon.roles["after"]


def _other_things(thing: Thing, said: frozenset[str], lexicon: FoilLexicon) -> tuple[str, ...]:
    others = (
        other
        for other in lexicon.things.values()
        if other.target and (other.kind, other.plural) == (thing.kind, thing.plural) and not other.kin & said
    )
    return tuple(" ".join(other.phrase) for other in others if not set(other.phrase) & thing.kin)


def _numbers(caption: Tokens, said: frozenset[str], lexicon: FoilLexicon) -> Iterator[Change]:
    others = set(caption.words) & lexicon.roles["number_bars"]
    if others - {"other"} or ("other" in others and "each" not in caption.words):
        return
    for place, word in enumerate(caption.words):
        if word in lexicon.numbers and _counted(caption, place, lexicon) and not _hyphenated(caption, place):
            yield Change(
                "number", place, place + 1, tuple(other for other in lexicon.numbers[word] if other not in said)
            )


def _counted(caption: Tokens, place: int, lexicon: FoilLexicon) -> bool:
    """Whether a plural thing follows the number, at once or after one or two adjectives."""
    first = caption.word(place + 1)
    if not first.isalpha() or first in lexicon.roles["after"]:
        return False
    following = (caption.word(place + step) for step in (1, 2, 3))
    for word in following:
        if _is_plural(word, lexicon):
            return True
        if word not in lexicon.roles["before"] and word not in lexicon.colours:
            return False
    return False


def _is_plural(word: str, lexicon: FoilLexicon) -> bool:
    regular = word.endswith("s") and not word.endswith("ss") and word not in lexicon.roles["singular"]
    return (regular and len(word) > 3) or word in lexicon.roles["irregular"]


def _places(caption: Tokens, said: frozenset[str], lexicon: FoilLexicon) -> Iterator[Change]:
    for start in range(1, len(caption.words)):
        found = _place_at(caption, start, lexicon)
        if found is None or caption.word(start - 1) in lexicon.roles["place_bars"]:
            continue
        stop = start + len(found.phrase)
        if {*caption.words[:start], *caption.words[stop:]} & lexicon.roles["place_left"]:
            continue
        if _ends(caption, stop, lexicon) and caption.word(stop) not in ("of", "and", "or"):
            yield Change("place", start, stop, _other_places(found, said, lexicon))


def _place_at(caption: Tokens, start: int, lexicon: FoilLexicon) -> Place | None:
    for length in range(_LONGEST, 1, -1):
        found = lexicon.places.get(caption.words[start : start + length])
        if found is not None:
            return found
    return None


def _other_places(place: Place, said: frozenset[str], lexicon: FoilLexicon) -> tuple[str, ...]:
    free = (other for other in lexicon.places.values() if other.target and not other.kin & said)
    return tuple(" ".join(other.phrase) for other in free if place.setting not in other.kin)


def _hyphenated(caption: Tokens, place: int) -> bool:
    """Whether a sign joins the word to a neighbour ("two-story", "black/white")."""
    start, end = caption.spans[place]
    return caption.text[end : end + 1] in ("-", "/") or caption.text[max(start - 1, 0) : start] in ("-", "/")


def _written(caption: Tokens, change: Change, other: str) -> Foil:
    """The caption with `other` in place of the changed words, in their case, after the right article."""
    start, end = caption.spans[change.start][0], caption.spans[change.stop - 1][1]
    old = caption.text[start:end]
    new = _in_case(other, old, caption.text[:start])
    head = _mended_article(caption.text[:start], caption.word(change.start - 1), other)
    return Foil(head + new + caption.text[end:], change.kind, old, new)


def _in_case(new: str, old: str, head: str) -> str:
    """`new` in capitals where `old` was, with a capital where it begins a sentence as `old` did."""
    if old.isupper() and len(old) > 1:
        return new.upper()
    begins = not head.strip() or head.rstrip()[-1] in ".!?"
    return new[:1].upper() + new[1:] if old[:1].isupper() and begins else new


def _mended_article(head: str, before: str, word: str) -> str:
    """`head`, whose last word is `before`, with "a" or "an" as `word` wants it."""
    if before not in ("a", "an"):
        return head
    old = head.rstrip()[-len(before) :]
    article = "an" if word[0] in "aeiou" and not word.startswith("uni") else "a"
    if old[0].isupper():
        article = article.upper() if old == "AN" or (head.isupper() and len(head) > 2) else article.capitalize()
    blanks = head[len(head.rstrip()) :]
    return head.rstrip()[: -len(before)] + article + blanks


def _uniform(text: str) -> float:
    """A number between 0 and 1, not included, from the hash of a text."""
    return (int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big") + 0.5) / 2**56
