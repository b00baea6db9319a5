"""The official outputs in tests/fixtures/text were made by reference/make_text_fixtures.py."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import emoji
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rapporteur.core.errors import BadInput
from rapporteur.dalle.normaliser import FREQUENCIES, Normaliser, split_run

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "text"
OFFICIAL: dict[str, Any] = json.loads((FIXTURES / "official.json").read_text())
NORMALISER = Normaliser.load(FIXTURES)
ANY_TEXT = st.text(st.characters(), max_size=80)  # lone surrogates included
MARKS = st.sampled_from([*"#<>[]&;,.'\"-/_: \t\n1a", "http", "<person>", "&amp;", "😀", "xtokx", "1,000", "\ud83d"])


def short(normalised: str) -> str:
    """As the fixtures hold it: of a long text only its SHA-256."""
    return normalised if len(normalised) < 400 else "sha256:" + hashlib.sha256(normalised.encode()).hexdigest()


def different(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Caption, official and our text where they differ."""
    found = ((row["piece"], row["normalised"], NORMALISER(row["piece"] * row.get("times", 1))) for row in rows)
    return [(caption, official, ours) for caption, official, ours in found if official != short(ours)]


def test_hand_written_captions_come_out_as_the_official_ones() -> None:
    rows = [row for row in OFFICIAL["captions"] if row["times"] == 1]
    assert len(rows) > 250
    assert different(rows) == []


def test_captions_of_ten_thousand_characters_come_out_as_the_official_ones() -> None:
    rows = [row for row in OFFICIAL["captions"] if row["times"] > 1]
    assert len(rows) > 30
    assert different(rows) == []


def test_nonsense_comes_out_as_the_official_nonsense() -> None:
    assert len(OFFICIAL["drawn"]) == 400
    assert different(OFFICIAL["drawn"]) == []


def test_every_emoji_has_its_official_name() -> None:
    """Fails when `emoji` moves on: redo the fixtures (reference/make_text_fixtures.py), pictures of emoji change."""
    official = OFFICIAL["emoji"]
    assert (emoji.__version__, len(emoji.EMOJI_DATA)) == (official["version"], official["sequences"])
    normalised = "\n".join(NORMALISER(one) for one in sorted(emoji.EMOJI_DATA))
    assert hashlib.sha256(normalised.encode()).hexdigest() == official["sha256"]


def test_a_placeholder_is_always_the_likeliest_person() -> None:
    assert {NORMALISER("<person> on a horse") for _ in range(50)} == {" a person on a horse"}
    assert NORMALISER("<PERSON>, <person> and <person>") == " people"


@given(st.one_of(ANY_TEXT, st.lists(st.one_of(ANY_TEXT, MARKS), max_size=40).map("".join)))
@example("\ud83d")
@example("\x00\x1b[0m\u202e")
@settings(deadline=None, max_examples=300)
def test_any_text_becomes_ascii_behind_one_space(caption: str) -> None:
    found = NORMALISER(caption)
    assert found.isascii() and found.isprintable()
    assert found == " " + found.strip()
    assert found == found.lower()
    assert "  " not in found and "," not in (found[1:2], found[-1])


@given(st.lists(st.sampled_from(["a", "red", "star", ",", '"', "it's", "3.14", "1/2", "été", "😀", "#redcar"])))
@settings(deadline=None)
def test_a_normalised_caption_of_words_stays_as_it_is(words: list[str]) -> None:
    once = NORMALISER(" ".join(words))
    assert NORMALISER(once) == once


def test_a_tag_that_appears_when_another_goes_makes_the_rules_not_idempotent() -> None:
    assert NORMALISER("<<b>c>") == " < c>"
    assert NORMALISER(" < c>") == " "


def test_a_hashtag_is_cut_into_words_of_the_list() -> None:
    assert NORMALISER("#redcar on the #SunsetBeach_2021!") == " red car on the sunset beach 2021"


def test_the_commoner_words_win_and_digits_stay_together() -> None:
    ranks = {b"no": 1, b"where": 2, b"now": 3, b"here": 4, b"nowhere": 10}
    lengths = [1, 2, 3, 4, 5, 7]
    assert split_run("nowhere", ranks, lengths) == ["no", "where"]
    assert split_run("nowhere", ranks | {b"nowhere": 2}, lengths) == ["no", "where"]
    assert split_run("nowhere", ranks | {b"nowhere": 1}, lengths) == ["nowhere"]
    assert split_run("here2021", ranks, lengths) == ["here", "2021"]
    assert split_run("2021here", ranks, lengths) == ["2021", "h", "e", "r", "e"]
    assert split_run("", ranks, lengths) == []


def test_a_hashtag_of_ten_thousand_letters_takes_no_minutes() -> None:
    start = time.perf_counter()
    assert NORMALISER("#" + "redcarstar" * 1000) == " " + " ".join(["red car star"] * 1000)
    assert time.perf_counter() - start < 5


def test_a_missing_list_is_named_with_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=rf"{tmp_path}: no enwiki-words-frequency.txt here.*dalle-mini/dalle-mini"):
        Normaliser.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("the 9\nof\nand 7\n", 2),
        ("the 9\nof 8\n\nand 7\n", 3),
        ("the 9\nof many\n", 2),
        ("<html>", 1),
        ("a 1\nb 2 3\n", 2),
    ],
)
def test_a_bad_line_of_the_list_is_named(tmp_path: Path, content: str, line: int) -> None:
    (tmp_path / FREQUENCIES).write_text(content)
    with pytest.raises(BadInput, match=rf"{FREQUENCIES}:{line}: must hold a word and its count"):
        Normaliser.load(tmp_path)


def test_a_pointer_and_an_empty_file_in_its_place_are_named(tmp_path: Path) -> None:
    file = tmp_path / FREQUENCIES
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(BadInput, match="git-lfs pointer"):
        Normaliser.load(tmp_path)
    file.write_text("")
    with pytest.raises(BadInput, match="is empty"):
        Normaliser.load(tmp_path)


def test_a_list_may_lack_its_last_line_end_and_have_windows_ones(tmp_path: Path) -> None:
    (tmp_path / FREQUENCIES).write_bytes(b"red 3\r\ncar 2\r\n\xc3\xa9t\xc3\xa9 1")
    assert Normaliser.load(tmp_path)("#redcar") == " red car"
