"""Which colour a caption gives to its subject, and which to the background.

Only what a caption says outright is read: the colour word inside its first noun phrase ("a small red star",
"a photo of a blue bus"), and one beside "background" or after "on", "against", "in front of" at its end.
Two colours for one thing ("a black and white cat") name none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapporteur.vocabulary.colour_terms import BASIC_TERMS

_SAME = {
    "gray": "grey",
    "violet": "purple",
    "crimson": "red",
    "scarlet": "red",
    "navy": "blue",
    "golden": "yellow",
}
COLOUR_WORDS: dict[str, str] = {term: term for term in BASIC_TERMS} | _SAME

_PICTURE = r"(?:photograph|photo|picture|image|drawing|painting|illustration|close ?up|view|shot)s?"
_OPENING = re.compile(rf"^(?:(?:an?|the|this|some)\s+)?(?:[a-z]+\s+)?{_PICTURE}\s+of\s+")
_MONOCHROME = re.compile(rf"^(?:an?\s+|the\s+)?black and white\s+{_PICTURE}\b")
_WORD = re.compile(r"[a-z]+|[,&]")
# A word that ends the first noun phrase: what stands after it speaks of something else.
_ENDS = frozenset((
    "on", "in", "at", "of", "with", "against", "over", "under", "beside", "near", "by", "next", "behind",
    "before", "above", "below", "between", "inside", "outside", "into", "from", "to", "through", "across",
    "around", "along", "while", "as", "and", "or", "but", "that", "which", "who", "is", "are", "was",
    "were", "has", "have", "being", "sits", "sitting", "stands", "standing", "lying", "laying", "riding",
    "parked", "walking", "holding", "wearing", "driving", "flying", "hanging", "topped", "filled",
    "covered", "surrounded",
))  # fmt: skip
# A second of these begins another noun phrase ("a girl holds a blue umbrella").
_DETERMINERS = frozenset(("a", "an", "the", "some", "his", "her", "its", "their", "this", "that"))
# After one of these a comma goes on with the adjectives ("a large, shiny grey square").
_ADJECTIVES = frozenset((
    "large", "small", "big", "little", "tiny", "huge", "long", "tall", "old", "new", "round", "shiny", "glossy",
    "bright", "plain", "striped", "dotted", "spotted", "rough", "smooth", "chequered", "checkered", "checked", "woven",
    "knitted", "wooden", "flat", "solid", "single", "simple", "light", "dark", "pale", "deep", "vivid", "soft",
    "perfect", "thin", "thick",
))  # fmt: skip
_COLOUR = "|".join(sorted(COLOUR_WORDS))
_SHADE = r"(?:(?:light|dark|pale|bright|deep|plain|solid|soft|vivid)\s+)?"
_GROUND = r"background|backdrop|backcloth|surface|wall|table|table ?cloth|paper|sky|field|floor"
_BACKGROUNDS = (
    re.compile(rf"\b(?P<colour>{_COLOUR})\s+(?:[a-z]+\s+)?(?:background|backdrop)\b"),
    re.compile(rf"\b(?:on|against|over|in front of|upon)\s+(?:an?\s+|the\s+)?{_SHADE}(?P<colour>{_COLOUR})"
               rf"(?:\s+(?:{_GROUND}))?$"),
    re.compile(rf"\bbackground\s+(?:that is|is|of|in)\s+{_SHADE}(?P<colour>{_COLOUR})\b"),
)  # fmt: skip


@dataclass(frozen=True)
class NamedColours:
    """Basic colour terms, None where the caption names none (or more than one) for that part."""

    subject: str | None
    background: str | None


def named_colours(caption: str) -> NamedColours:
    """The colours that a caption names for its subject and for the background."""
    text = _plain(caption)
    return NamedColours(None if _MONOCHROME.match(text) else _subject(_OPENING.sub("", text)), _background(text))


def subject_noun(caption: str) -> tuple[str, str] | None:
    """The noun of a caption's first noun phrase and the word after that phrase ("" at the end); None for no noun.

    Only where nothing but plain adjectives, colours and articles stands before it: "a large, shiny grey square" gives
    ("square", ""), "a movie star" None.
    """
    words = _WORD.findall(_OPENING.sub("", _plain(caption)))
    phrase, after = _first_phrase(words)
    before = {*COLOUR_WORDS, *_ADJECTIVES, *_DETERMINERS}
    if not phrase or phrase[-1] in before or not before.issuperset(phrase[:-1]):
        return None
    return phrase[-1], after


def _plain(caption: str) -> str:
    return " ".join(caption.lower().replace("-", " ").strip().rstrip(".!").split())


def _background(text: str) -> str | None:
    found = [match for pattern in _BACKGROUNDS if (match := pattern.search(text))]
    if not found or re.search(rf"\b(?:{_COLOUR})\s+(?:and|or)\s+$", text[: found[0].start("colour")]):
        return None
    return COLOUR_WORDS[found[0]["colour"]]


def _subject(text: str) -> str | None:
    """The one colour of the first noun phrase, which must end with a noun."""
    words = _WORD.findall(text)
    phrase, _ = _first_phrase(words)
    colours = {COLOUR_WORDS[word] for word in phrase if word in COLOUR_WORDS}
    if len(colours) != 1 or phrase[-1] in COLOUR_WORDS:
        return None
    return colours.pop()


def _first_phrase(words: list[str]) -> tuple[list[str], str]:
    """The words before the first that ends a noun phrase, and that one; "red and white" and "large, red" go on."""
    phrase: list[str] = []
    for place, word in enumerate(words):
        last = phrase[-1] if phrase else ""
        joins = word in ("and", "or", "&", ",") and (last in COLOUR_WORDS or last in _ADJECTIVES)
        if joins and place + 1 < len(words):
            continue
        if word in _ENDS or word in (",", "&") or (word in _DETERMINERS and last):
            return phrase, word
        phrase.append(word)
    return phrase, ""
