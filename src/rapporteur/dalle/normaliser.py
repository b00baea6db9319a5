"""Captions to the form that DALL·E mini was trained on: ASCII, lower case, commas for most punctuation.

Equal to the official normaliser (dalle-mini 0.1.5), quirks included: of two marks that share a letter only the
first is protected ("a.b.c" becomes "a.b, c"), and a hashtag swallows the protection ("#it's" falls apart).

- One deviation: the official one draws what a `<person>` placeholder becomes ("a person", "someone" or "somebody",
  weighted by their counts in Wikipedia, 282265, 121194 and 12219); here it is always the likeliest, "a person".
- Emoji become their English names, which belong to the version of the package `emoji`. The official package takes
  the newest, as we do (2.16). Of the 5,244 sequences that 2.16 names, 2.2.0 (of the year of the official release)
  does not know 501 and names six flags otherwise.
- Hashtags are split by the frequencies of words in Wikipedia: `enwiki-words-frequency.txt`, 2.7 million lines
  "word count" by falling count, which comes with the checkpoint. Checking it costs 0.3 s; the first hashtag
  2 s and 0.3 GB.

A caption costs about 0.1 ms, one of 10,000 characters less than a second whatever it holds.
"""

from __future__ import annotations

import html
import math
import re
from functools import cached_property
from itertools import count
from pathlib import Path

import emoji
import ftfy
from unidecode import unidecode

from rapporteur.core.errors import BadInput

FREQUENCIES = "enwiki-words-frequency.txt"
_LISTED = re.compile(rb"(?:\S+[ \t]+\d+[ \t]*(?:\r?\n|\Z))*+")
_WORD = re.compile(rb"^\S+", re.MULTILINE)

# Everything below sees ASCII in lower case. Possessive and disjoint classes keep each pattern linear in its text.
_PEOPLE = re.compile(r"<person>(?:[\s,]*+(?:and)*+[\s,]*+<person>)+")
_FIRST_REFERENCE, _LAST_REFERENCE = re.compile(r"\A\s*\[\d+]"), re.compile(r"\[\d+]\s*\Z")
_TAG = re.compile(r"<[^<][^<>]*>")
_ADDRESS = re.compile(r"http\S+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_HYPHEN = re.compile(r"(\w)-(\w)")
_SIGN = re.compile(r"[%&/$*]")
_HASHTAG = re.compile(r"#(\w+)")
_REPEATED = re.compile(r"(\D)\1{3,}")
_QUOTES, _COMMAS = re.compile(r'[ "]*"[ "]*'), re.compile(r"[ ,]*,[ ,]*")

# A mark that stays is spelled out in letters until the others are gone; the letters are the official ones, because
# a hashtag or a caption that contains them lets them through.
_KEPT = tuple(
    (mark, f"xtokx{name}xtokx", re.compile(place))
    for mark, name, place in (
        (".", "dot", r"(?P<before>\w)\.(?P<after>\w)"),
        ("'", "quote", r"(?P<before>)'(?P<after>)(?=(?:[dmst]|ll|re|ve)\b)"),
        ("/", "slash", r"(?P<before>\d)/(?P<after>\d)"),
    )
)
_SIMPLER = str.maketrans(
    dict.fromkeys("_#\\", " ") | dict.fromkeys("'\"`", ' " ') | dict.fromkeys("()[]{}.,:;?!=+~-/|", ",")
)


class Normaliser:
    """Normalises captions; `load` it from a model folder."""

    def __init__(self, frequencies: bytes) -> None:
        self._frequencies = frequencies

    @classmethod
    def load(cls, folder: Path) -> Normaliser:
        """With the word frequencies of a model folder; BadInput where they are missing or not such a list."""
        file = folder / FREQUENCIES
        if not file.is_file():
            raise BadInput(
                f"no {FREQUENCIES} here, and this model's captions are normalised (normalize_text): fetch that file "
                "from the repository dalle-mini/dalle-mini on the model hub, where it lies beside the weights",
                folder,
            )
        frequencies = file.read_bytes()
        _check(frequencies, file)
        return cls(frequencies)

    def __call__(self, caption: str) -> str:
        """The normalised caption: ASCII, with one space before its first word; any string is taken."""
        text = _without_markup(_to_ascii(caption))
        for _, name, place in _KEPT:
            text = place.sub(rf"\g<before>{name}\g<after>", text)
        text = _SIGN.sub(r" \g<0> ", _HYPHEN.sub(r"\1 \2", text))
        text = _HASHTAG.sub(lambda found: self._split(found[1]), text).translate(_SIMPLER)
        for mark, name, _ in _KEPT:
            text = text.replace(name, mark)
        return " " + _tidy(text)

    def _split(self, hashtag: str) -> str:
        """The words of a hashtag; at an underscore it is cut in any case."""
        return " ".join(word for part in hashtag.split("_") for word in split_run(part, self._ranks, self._lengths))

    @cached_property
    def _ranks(self) -> dict[bytes, int]:
        """Word to line number; a word's cost is the logarithm of it (Zipf's law)."""
        return dict(zip(_WORD.findall(self._frequencies), count(1), strict=False))

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({1} | set(map(len, self._ranks)))


def split_run(run: str, ranks: dict[bytes, int], lengths: list[int]) -> list[str]:
    """Cut letters and digits into words of least total cost, the logarithms of their ranks; digits stay together."""
    last = _last_words(run.encode(), ranks, lengths)
    words: list[str] = []
    end = len(run)
    while end:
        start = end - last[end]
        follows_digit = bool(words) and run[end - 1].isdigit() and words[-1][0].isdigit()
        words.append(run[start:end] + (words.pop() if follows_digit else ""))
        end = start
    return words[::-1]


def _last_words(text: bytes, ranks: dict[bytes, int], lengths: list[int]) -> list[int]:
    """For the first 0, 1, 2 … characters: how long the last word of their cheapest cut is (dynamic programming).

    A character of no word costs infinity, and so does every cut of what follows it: single characters, there.
    """

    def cost(end: int, length: int) -> float:
        rank = ranks.get(text[end - length : end])
        return math.inf if rank is None else costs[end - length] + math.log(rank)

    costs, last = [0.0], [0]
    for end in range(1, len(text) + 1):
        least, length = min((cost(end, length), length) for length in lengths if length <= end)
        costs.append(least)
        last.append(length)
    return last


def _check(frequencies: bytes, file: Path) -> None:
    if not frequencies:
        raise BadInput("is empty; fetch it again", file)
    if frequencies.startswith(b"version https://git-lfs"):
        raise BadInput("is a git-lfs pointer, not the list itself: run `git lfs pull` where it comes from", file, 1)
    found = _LISTED.match(frequencies)
    end = found.end() if found else 0
    if end < len(frequencies):
        raise BadInput(
            "must hold a word and its count; fetch the file again", file, 1 + frequencies.count(b"\n", 0, end)
        )


def _to_ascii(caption: str) -> str:
    """Mended encoding, HTML entities, emoji as names, accents and other alphabets in ASCII, lower case.

    ftfy joins surrogate pairs and replaces lone surrogates, on which later steps would fail.
    """
    text = html.unescape(html.unescape(ftfy.fix_text(caption)))
    return unidecode(emoji.demojize(text)).lower()


def _without_markup(text: str) -> str:
    """Without placeholders, references, tags and addresses, and with whole numbers in one piece."""
    text = _PEOPLE.sub(" people ", text).replace("<person>", " a person ")
    text = _LAST_REFERENCE.sub("", _FIRST_REFERENCE.sub("", text))
    text = _ADDRESS.sub("", _TAG.sub(" ", text))
    return _THOUSANDS.sub("", _THOUSANDS.sub("", text))


def _tidy(text: str) -> str:
    """Each run of one character, of quotes, of commas and of spaces as one, and no comma at either end."""
    text = " ".join(_REPEATED.sub(r"\1", text).split())
    text = _COMMAS.sub(", ", _QUOTES.sub(' " ', text))
    return text.strip(" ,")
