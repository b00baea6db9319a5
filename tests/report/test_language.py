"""Each language has words for all that the program may say; nothing else in the program has a language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest

from rapporteur.colour.measures import COMPARED
from rapporteur.core.errors import BadInput
from rapporteur.findings import checks, topics
from rapporteur.findings.caption_features import WORDS
from rapporteur.findings.colour_distances import DISTANCES
from rapporteur.findings.finding import Finding, Table, record
from rapporteur.findings.topic import Given
from rapporteur.landscapes.labels import read_truth
from rapporteur.report.language import Language, decimals_set, language, speak, spoken
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.attributes import RATED, TRIED
from rapporteur.vocabulary.colour_terms import BASIC_TERMS
from rapporteur.vocabulary.engines import OBEYS
from rapporteur.vocabulary.findings import UNITS
from rapporteur.vocabulary.phrase import Phrase
from rapporteur.vocabulary.published import INSTRUMENTS
from tests import house
from tests.builders import Builder
from tests.findings.test_topics import DATASETS, SETTINGS

LANGUAGES = sorted(path.parent.name for path in (house.PACKAGE / "report/language").glob("*/__init__.py"))
ACCENTED = re.compile("[À-ÖØ-öø-ÿœŒ]")
# Where an accent is no word of a report: a proper name, and the letters of captions.
FREE = {"colour/measures.py", "study/foils/rules.py"}
CODES = {
    "Undefined": 0,
    "Phrase": 0,
    "absent": 3,
    "Refused": 1,
    "_button": 2,
}  # functions whose argument at that place is a code


def literals(path: Path) -> Iterator[ast.Constant]:
    """The texts of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def test_no_word_of_a_language_stands_outside_it() -> None:
    found = [
        f"{path.relative_to(house.PACKAGE)}:{node.lineno} {node.value!r}"
        for path in house.modules(house.PACKAGE)
        if "report/language" not in path.as_posix() and path.relative_to(house.PACKAGE).as_posix() not in FREE
        for node in literals(path)
        if ACCENTED.search(str(node.value))
    ]
    assert found == []


def said_codes() -> set[str]:
    """Codes of phrases that the sources name, as far as they are plain texts."""
    found = set()
    for path in house.modules(house.PACKAGE):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            places = {"say": 0, **CODES}
            texts = [node.args[places[called]]] if called in places and len(node.args) > places[called] else []
            texts += [keyword.value for keyword in node.keywords if keyword.arg in ("what", "method", "how")]
            for text in texts:
                choices = [text.body, text.orelse] if isinstance(text, ast.IfExp) else [text]
                found |= {str(one.value) for one in choices if isinstance(one, ast.Constant) and one.value}
    return found


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_code_that_the_sources_name_has_words(name: str) -> None:
    codes = said_codes() - {"holm", "inner", "outer", "cross"}  # of the libraries' own functions
    assert len(codes) > 100 and {"no_data", "clip_foils.alt", "bootstrap_bca"} <= codes, "the test looks in vain"
    assert {code for code in codes if not can_say(language(name), code)} == set()


def can_say(words: Language, code: str) -> bool:
    vocabulary, _, word = code.partition(".")
    return code in words.phrases or word in words.vocabularies.get(vocabulary, {})


def everything(folder: Path) -> tuple[list[Finding], list[Table]]:
    """All findings and tables of a study whose stages all ran, with ratings."""
    builder = Builder(folder)
    builder.write()
    builder.ratings(builder.ratings_of(raters=2, simulated=True))
    study = Study(DATASETS, {}, folder / "artifacts")
    given = Given(study, Resampling(1, 50), read_truth(folder / "truth.csv"), SETTINGS, None)
    every = topics()
    tests = [test for topic in every for test in topic.tests(given)]
    found = [finding for topic in every for finding in topic.findings(given)]
    found += [finding for test in tests for finding in test.findings()]
    known = {finding.name: finding for finding in found}
    return found, [table for topic in every for table in topic.tables(given, known, tests)]


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_finding_and_every_heading_of_a_study_is_said(name: str, tmp_path: Path) -> None:
    words = language(name)
    found, tables = everything(tmp_path)
    assert len(found) > 400
    for finding in [*found, *checks.findings(tmp_path)]:
        told = record(finding)
        assert words.label(told) and words.say(told["method"]), finding.name
        assert finding.unit != "codes" or all(words.say(code) for code in str(finding.value).split())
    for table in tables:
        for column in table.columns:
            heading = words.heading(table.name, column.name, column.about)
            assert heading != column.name or column.name in ("k", "p"), f"{table.name}.{column.name}"
            if column.words not in ("", "finding", "value"):
                assert codes_of(table.frame[column.name]) <= set(words.vocabularies[column.words]) | OPEN, column


OPEN = {"CC BY 4.0", "CC0"}  # what people write: licences


def codes_of(values: pd.Series) -> set[str]:
    return {code for value in values for code in (value if isinstance(value, list) else [value])}


@pytest.mark.parametrize("name", LANGUAGES)
def test_each_vocabulary_has_its_codes(name: str) -> None:
    words = language(name).vocabularies
    compared = {one.name for one in COMPARED}
    assert set(words["measure"]) == compared
    assert set(words["axis"]) == compared | {one.name for one in DISTANCES}
    assert set(words["distance"]) == {one.name for one in DISTANCES}
    assert set(words["colour_term"]) == set(BASIC_TERMS)
    assert set(words["feature"]) == {*WORDS, "length"}
    assert set(words["engine"]) == set(OBEYS)
    assert set(words["instrument"]) == set(INSTRUMENTS)
    assert set(words["attribute"]) == set(words["criterion"]) == set(RATED)
    assert set(words["prompt"]) == {"", *TRIED}
    assert {"count", "share", "p", "codes"} <= set(words["unit"]) and set(words["unit"]) <= {*UNITS}


@pytest.mark.parametrize("name", LANGUAGES)
def test_each_language_has_the_same_words_with_the_same_places(name: str) -> None:
    first, other = language("fr"), language(name)
    assert set(first.phrases) == set(other.phrases) and set(first.headings) == set(other.headings)
    assert {key: set(words) for key, words in first.vocabularies.items()} == {
        key: set(words) for key, words in other.vocabularies.items()
    }
    assert set(first.screen) == set(other.screen) and set(first.gallery) == set(other.gallery)
    texts = {**first.phrases, **first.screen, **{f"gallery.{code}": text for code, text in first.gallery.items()}}
    others = {**other.phrases, **other.screen, **{f"gallery.{code}": text for code, text in other.gallery.items()}}
    for code, text in texts.items():
        assert places(text) == places(others[code]), code


def places(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_a_phrase_says_its_arguments() -> None:
    words = language("fr")
    method = Phrase("bootstrap", {"what": Phrase("best_of", {"k": 4}), "clusters": 12, "resamples": 10_000})
    said = "meilleur de 4 ; bootstrap de 12 grappes, 10\u202f000 tirages, percentile élargi"
    assert words.say(method) == words.say(method.record()) == said
    assert words.heading("clip_planning", "planned", {"width": 0.05}) == "Légendes pour ± 0,05"
    assert words.word("licence", "CC0") == "CC0" and words.word("licence", "") == "non précisée"


@pytest.mark.parametrize(("value", "decimals"), [(3_470_400, 0), (3_470_400.0, 0), (0.05, 2), (2.0, 0), (1e-05, 5)])
def test_a_number_that_was_set_has_its_own_decimals(value: float, decimals: int) -> None:
    assert decimals_set(value) == decimals


def test_a_code_without_words_is_refused_with_the_place_to_add_them() -> None:
    with pytest.raises(BadInput, match='no words for "moonshine"; add them to report/language/fr'):
        language("fr").say("moonshine")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(BadInput, match='no language "tlh"'):
        speak("tlh")
    assert spoken().name == "fr"
