from __future__ import annotations

from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.landscapes.lexicon import COLUMNS, Entry, Lexicon, read_lexicon


def lexicon(*phrases: str) -> Lexicon:
    return Lexicon([Entry(phrase, "scenery", 0.5, frozenset()) for phrase in phrases])


def heard(words: Lexicon, caption: str) -> list[str]:
    return [entry.phrase for entry in words.heard(caption)]


def test_phrases_are_heard_in_order_whatever_the_capitals_and_stops() -> None:
    assert heard(lexicon("beach", "snow capped"), "A BEACH, below snow-capped... things.") == ["beach", "snow capped"]


def test_the_longest_phrase_is_heard_and_its_words_are_not_heard_again() -> None:
    assert heard(lexicon("field", "baseball field", "base"), "on a baseball field") == ["baseball field"]


def test_regular_plurals_are_heard() -> None:
    words = lexicon("beach", "valley", "prairie", "pine tree", "canopy")
    assert heard(words, "beaches valleys prairies pine trees canopies") == [
        "beach", "valley", "prairie", "pine tree", "canopy",
    ]  # fmt: skip


def test_a_part_of_a_word_is_not_heard() -> None:
    assert heard(lexicon("sea", "plain"), "a seat on an airplane, explained") == []


def test_a_modifier_counts_only_as_a_noun_of_its_own() -> None:
    words = Lexicon([Entry("plain", "scenery", 0.7, frozenset({"modifier"}))])
    assert heard(words, "a plain white shirt") == []
    assert heard(words, "a wide plain under the sky") == ["plain"]
    assert heard(words, "an empty plain") == ["plain"]


def write(folder: Path, *lines: str) -> Path:
    path = folder / "lexicon.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return path


def test_a_file_with_comments_is_read(tmp_path: Path) -> None:
    words = read_lexicon(write(tmp_path, "# settings", "beach,scenery,0.9,food indoor", ""))
    (entry,) = words.heard("a beach")
    assert entry == Entry("beach", "scenery", 0.9, frozenset({"food", "indoor"}))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lake,scenery,much,", "the weight of 'lake' is 'much'"),
        ("lake,scenery,1.5,", "the weight of 'lake' is '1.5'"),
        ("lake,scenery", "2 values for 4 columns"),
        ("Lake,scenery,1,", "small letters"),
        ("lake,,1,", "a class"),
        ("beach,scenery,1,", "stands on line 2 already"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(BadInput, match=rf"lexicon\.csv:3: .*{said}"):
        read_lexicon(write(tmp_path, "beach,scenery,0.9,", line))


def test_a_lexicon_without_scenery_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing is a landscape"):
        read_lexicon(write(tmp_path, "street,street,0.5,"))


def test_a_missing_lexicon_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"landscapes\.lexicon"):
        read_lexicon(tmp_path / "absent.csv")
