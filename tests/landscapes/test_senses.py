"""Hand-written sets of captions (senses.csv) for words of two senses, each way, and for scenery without usual words."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from rapporteur.landscapes.lexicon import Lexicon, read_lexicon
from rapporteur.landscapes.score import judge_captions
from rapporteur.landscapes.verb import THRESHOLD

HERE = Path(__file__).parent
WORDS = ("field", "island", "desert", "plain", "sea", "bike", "river", "hill", "forest", "rock", "beach", "ocean")
WORDS += ("mountains", "bay", "peaks", "isle", "gorge", "pine", "stream", "wheat")


def sets(scenery: str) -> list[str]:
    """The captions of one picture each, with "|" between them."""
    with (HERE / "senses.csv").open(encoding="utf-8", newline="") as stream:
        return [row["captions"] for row in csv.DictReader(stream) if row["scenery"] == scenery]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return read_lexicon(HERE.parents[1] / "data/landscapes/lexicon.csv")


@pytest.mark.parametrize("captions", sets("0"))
def test_a_word_in_its_other_sense_makes_no_landscape(lexicon: Lexicon, captions: str) -> None:
    judged = judge_captions(captions.split("|"), lexicon)
    assert judged.score < THRESHOLD, judged.reasons


@pytest.mark.parametrize("captions", sets("1"))
def test_scenery_is_kept_whatever_its_words(lexicon: Lexicon, captions: str) -> None:
    judged = judge_captions(captions.split("|"), lexicon)
    assert judged.score >= THRESHOLD, judged.reasons


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_tried_both_ways(word: str) -> None:
    for scenery in ("0", "1"):
        assert any(re.search(rf"\b{word}s?\b", captions, re.IGNORECASE) for captions in sets(scenery))
