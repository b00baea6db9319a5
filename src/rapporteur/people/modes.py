"""What is asked in each mode, by which keys it is answered, and the columns of the rater's file.

A score of 0 on the keyboard is "not applicable", an empty cell in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapporteur.vocabulary.ratings import HIGHEST, LOWEST


@dataclass(frozen=True)
class Answer:
    """A button: what the file holds, the keys that press it, and what is read on it."""

    value: str
    keys: tuple[str, ...]  # as KeyboardEvent.key names them
    label: str
    name: str  # for a screen reader, and the tooltip


@dataclass(frozen=True)
class Question:
    name: str
    label: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Mode:
    """`identity` are the columns that say what was shown; two lines that agree in them and in `question` are a
    correction. `question` is None where each picture has one question alone.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    question: str | None
    answer: str
    questions: tuple[Question, ...]
    digests: tuple[str, ...]  # columns with the SHA-256 of what was shown: an answer about another picture is no answer
    keys: tuple[tuple[str, str], ...]  # what the page says of the keyboard: keys with blanks between, and their effect

    @property
    def known(self) -> dict[str, frozenset[str]]:
        """The answers that each question admits."""
        return {one.name: frozenset(answer.value for answer in one.answers) for one in self.questions}


MEANINGS = {"forme": "Forme", "texture": "Texture", "couleur": "Couleur", "ensemble": "Ensemble"}
EXTREMES = {LOWEST: " (pas du tout)", HIGHEST: " (tout à fait)"}


def _scale(label: str) -> tuple[Answer, ...]:
    scores = [
        Answer(str(score), (str(score),), str(score), f"{label} : {score} sur {HIGHEST}{EXTREMES.get(score, '')}")
        for score in range(LOWEST, HIGHEST + 1)
    ]
    return (*scores, Answer("", ("0",), "sans objet", f"{label} : sans objet"))


UNDO = ("Retour U", "revenir à la réponse précédente")
RATINGS = Mode(
    "ratings",
    "L’image montre-t-elle ce que dit la légende ?",
    ("rater", "dataset", "image_id", "caption_id", "seed", "attribute", "score", "digest", "time"),
    ("dataset", "image_id", "caption_id", "seed"),
    "attribute",
    "score",
    tuple(Question(name, label, _scale(label)) for name, label in MEANINGS.items()),
    ("digest",),
    (
        ("1 2 3 4 5", "noter, de « pas du tout » à « tout à fait »"),
        ("0", "sans objet"),
        UNDO,
        ("↑ ↓", "autre question"),
        ("← →", "autre image"),
    ),
)
LANDSCAPES = Mode(
    "landscapes",
    "Le décor de cette image est-il un paysage naturel ?",
    ("rater", "dataset", "image_id", "label", "stratum", "digest", "time"),
    ("dataset", "image_id"),
    None,
    "label",
    (
        Question(
            "label",
            "Paysage",
            (
                Answer("1", ("1",), "1 · paysage", "1 · paysage"),
                Answer("0", ("0",), "0 · autre chose", "0 · autre chose"),
                Answer("?", ("?", ",", "/"), "? · on hésite", "? · on hésite"),  # the same key without shift
            ),
        ),
    ),
    ("digest",),
    (("1", "paysage"), ("0", "autre chose"), ("?", "on hésite"), UNDO, ("← →", "autre image")),
)
PAIR = ("dataset", "caption_id", "image_id", "left_source", "left_seed", "right_source", "right_seed")
PAIR_DIGESTS = ("left_digest", "right_digest")
COMPARE = Mode(
    "compare",
    "Laquelle des deux images correspond le mieux à la légende ?",
    ("rater", *PAIR, "choice", *PAIR_DIGESTS, "time"),
    PAIR,
    None,
    "choice",
    (
        Question(
            "choice",
            "Meilleure image",
            (
                Answer("left", ("ArrowLeft",), "← gauche", "← gauche"),
                Answer("equal", ("=", " "), "= égalité", "= égalité"),
                Answer("right", ("ArrowRight",), "droite →", "droite →"),
            ),
        ),
    ),
    PAIR_DIGESTS,
    (("←", "celle de gauche"), ("= Espace", "égalité"), ("→", "celle de droite"), UNDO),
)
MODES = {mode.name: mode for mode in (RATINGS, LANDSCAPES, COMPARE)}
