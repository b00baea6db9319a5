"""What is asked in each mode, by which keys it is answered, and the columns of the rater's file.

A score of 0 on the keyboard is "not applicable", an empty cell in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapporteur.vocabulary.attributes import RATED
from rapporteur.vocabulary.phrase import Phrase
from rapporteur.vocabulary.ratings import HIGHEST, LOWEST


@dataclass(frozen=True)
class Answer:
    """A button: what the file holds, the keys that press it, and what is read on it."""

    value: str
    keys: tuple[str, ...]  # as KeyboardEvent.key names them
    label: Phrase
    name: Phrase  # for a screen reader, and the tooltip


@dataclass(frozen=True)
class Question:
    name: str
    label: Phrase
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Mode:
    """`identity` are the columns that say what was shown; two lines that agree in them and in `question` are a
    correction. `question` is None where each picture has one question alone.
    """

    name: str  # its title is the phrase page.<name>
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    question: str | None
    answer: str
    questions: tuple[Question, ...]
    digests: tuple[str, ...]  # columns with the SHA-256 of what was shown: an answer about another picture is no answer
    keys: tuple[str, ...]  # what the page says of the keyboard: phrases page.keys.<key> and page.keys.<key>.effect

    @property
    def known(self) -> dict[str, frozenset[str]]:
        """The answers that each question admits."""
        return {one.name: frozenset(answer.value for answer in one.answers) for one in self.questions}


def _scale(question: Phrase) -> tuple[Answer, ...]:
    names = {LOWEST: "page.score.lowest", HIGHEST: "page.score.highest"}
    scores = [
        Answer(
            str(score),
            (str(score),),
            Phrase("page.score", {"score": score}),
            Phrase(names.get(score, "page.score.name"), {"question": question, "score": score, "highest": HIGHEST}),
        )
        for score in range(LOWEST, HIGHEST + 1)
    ]
    none = Phrase("page.not_applicable"), Phrase("page.not_applicable.name", {"question": question})
    return (*scores, Answer("", ("0",), *none))


def _rated(attribute: str) -> Question:
    label = Phrase(f"criterion.{attribute}")
    return Question(attribute, label, _scale(label))


def _button(value: str, keys: tuple[str, ...], code: str) -> Answer:
    return Answer(value, keys, Phrase(code), Phrase(code))


RATINGS = Mode(
    "ratings",
    ("rater", "dataset", "image_id", "caption_id", "seed", "attribute", "score", "digest", "time"),
    ("dataset", "image_id", "caption_id", "seed"),
    "attribute",
    "score",
    tuple(_rated(attribute) for attribute in RATED),
    ("digest",),
    ("scores", "zero", "undo", "questions", "pictures"),
)
LANDSCAPES = Mode(
    "landscapes",
    ("rater", "dataset", "image_id", "label", "stratum", "digest", "time"),
    ("dataset", "image_id"),
    None,
    "label",
    (
        Question(
            "label",
            Phrase("page.question.label"),
            (
                _button("1", ("1",), "page.landscape"),
                _button("0", ("0",), "page.no_landscape"),
                _button("?", ("?", ",", "/"), "page.doubtful"),  # the same key without shift
            ),
        ),
    ),
    ("digest",),
    ("landscape", "no_landscape", "doubtful", "undo", "pictures"),
)
PAIR = ("dataset", "caption_id", "image_id", "left_source", "left_seed", "right_source", "right_seed")
PAIR_DIGESTS = ("left_digest", "right_digest")
COMPARE = Mode(
    "compare",
    ("rater", *PAIR, "choice", *PAIR_DIGESTS, "time"),
    PAIR,
    None,
    "choice",
    (
        Question(
            "choice",
            Phrase("page.question.choice"),
            (
                _button("left", ("ArrowLeft",), "page.left"),
                _button("equal", ("=", " "), "page.equal"),
                _button("right", ("ArrowRight",), "page.right"),
            ),
        ),
    ),
    PAIR_DIGESTS,
    ("left", "equal", "right", "undo"),
)
MODES = {mode.name: mode for mode in (RATINGS, LANDSCAPES, COMPARE)}
