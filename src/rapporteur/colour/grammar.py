"""Which colour a caption gives to its subject, and which to the background.

Only what a caption says outright is read: the colour word inside its first noun phrase ("a small red star",
"a photo of a blue bus"), and one beside "background" or after "on", "against", "in front of" at its end.
Two colours for one thing ("a black and white cat") name none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapporteur.basic_terms import BASIC_TERMS

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
    "bright", "plain", "striped", "dotted", "spotted", "rough", "smooth",
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
    text = " ".join(caption.lower().replace("-", " ").strip().rstrip(".!").split())
    background = _background(text)
    return NamedColours(None if _MONOCHROME.match(text) else _subject(_OPENING.sub("", text)), background)


def _background(text: str) -> str | None:
    found = [match for pattern in _BACKGROUNDS if (match := pattern.search(text))]
    if not found or re.search(rf"\b(?:{_COLOUR})\s+(?:and|or)\s+$", text[: found[0].start("colour")]):
        return None
    return COLOUR_WORDS[found[0]["colour"]]


def _subject(text: str) -> str | None:
    """The one colour of the first noun phrase, which must end with a noun."""
    words = _WORD.findall(text)
    phrase = _first_phrase(words)
    colours = {COLOUR_WORDS[word] for word in phrase if word in COLOUR_WORDS}
    if len(colours) != 1 or phrase[-1] in COLOUR_WORDS:
        return None
    return colours.pop()


def _first_phrase(words: list[str]) -> list[str]:
    """The words before the first that ends a noun phrase; "red and white" and "large, red" go on."""
    phrase: list[str] = []
    for place, word in enumerate(words):
        last = phrase[-1] if phrase else ""
        joins = word in ("and", "or", "&", ",") and (last in COLOUR_WORDS or last in _ADJECTIVES)
        if joins and place + 1 < len(words):
            continue
        if word in _ENDS or word in (",", "&") or (word in _DETERMINERS and last):
            break
        phrase.append(word)
    return phrase
