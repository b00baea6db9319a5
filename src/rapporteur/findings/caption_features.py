"""What a caption names (a number, a colour, a person, an animal, a texture, nature, an indoor scene) and its length.

By the words alone, in their singular or regular plural: "orange" is a colour even on a plate, and "a couple" is no
number. That is coarse, but the same for all captions of a study, and a reader can check it.
"""

from __future__ import annotations

import re

import pandas as pd

from rapporteur.vocabulary.colour_terms import BASIC_TERMS

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*|\d+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS: dict[str, frozenset[str]] = {
    "number": _words("two three four five six seven eight nine ten eleven twelve dozen")
    | {str(number) for number in range(2, 100)},
    "colour": frozenset(BASIC_TERMS) | _words("gray silver golden beige tan violet turquoise maroon crimson"),
    "person": _words(
        "person people man men woman women boy girl child children kid baby toddler lady guy gentleman crowd family "
        "player skier skateboarder snowboarder surfer rider cyclist biker batter pitcher catcher umpire "
        "policeman officer worker chef student tourist passenger pedestrian friend mother father someone"
    ),
    "animal": _words(
        "animal dog puppy puppies cat kitten horse pony ponies cow bull cattle sheep lamb goat pig bird duck goose "
        "geese swan gull seagull pigeon parrot owl chicken elephant giraffe zebra bear lion tiger monkey deer rabbit "
        "fish whale dolphin butterfly butterflies bee insect"
    ),
    "texture": _words(
        "striped stripes dotted dots spotted spots chequered checkered checked plaid woven rough smooth glossy shiny "
        "matte furry fluffy wooden metal metallic marble leather knitted woolen glass brick velvet rusty cracked"
    ),
    "nature": _words(
        "mountain hill valley canyon cliff beach shore coast sea ocean lake river waterfall stream pond island desert "
        "dune forest woods jungle meadow field prairie countryside landscape glacier volcano sunset sunrise horizon "
        "peak snowy"
    ),
    "indoor": _words(
        "room bedroom bathroom kitchen office classroom restaurant store shop library indoors inside couch sofa bed "
        "toilet sink shower oven stove refrigerator fridge microwave desk shelf counter"
    ),
}


def names(text: str, feature: str) -> bool:
    """Whether a caption has a word of `feature`."""
    words = [part for word in _WORD.findall(text.lower()) for part in (word, *word.split("-"))]
    return any(form in WORDS[feature] for word in words for form in (word, *_singulars(word)))


def _singulars(word: str) -> list[str]:
    return [word.removesuffix(ending) for ending in ("s", "es") if word.endswith(ending)]


def described(texts: pd.Series) -> pd.DataFrame:
    """A boolean column for each feature, and `length` in words, for each caption."""
    flags = {feature: texts.map(lambda text, feature=feature: names(text, feature)) for feature in WORDS}
    return pd.DataFrame(flags | {"length": texts.map(lambda text: len(text.split()))}, index=texts.index)
