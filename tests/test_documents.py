"""The documents, in both languages: sections, citations, what they read from the results, and diagrams."""

from __future__ import annotations

import ast
import fnmatch
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from qmdpress.qmd import Qmd, inline_code, read_qmd
from rapporteur.report import asked as asked_by_all
from rapporteur.report.guard import check_document, language_of
from rapporteur.report.language import languages, speaking
from rapporteur.verify.sentences import result

DOCUMENTS = ("note", "rapport", "slides")
IN_ENGLISH = {"note": "en/note", "rapport": "en/report", "slides": "en/slides"}
ALL = (*DOCUMENTS, *IN_ENGLISH.values())
FRENCH_NAME = {english: french for french, english in IN_ENGLISH.items()} | {name: name for name in DOCUMENTS}
NOTE_SECTIONS = {
    "summary",
    "done",
    "risks",
    "left",
    "model",
    "training",
    "papers",
    "data",
    "generation",
    "ratings",
    "clip",
    "landscapes",
    "difficulties",
    "next",
}
REPORT_SECTIONS = {
    "summary",
    "introduction",
    "model",
    "readings",
    "method",
    "inference",
    "data",
    "generation",
    "ratings",
    "clip",
    "colour",
    "landscapes",
    "discussion",
    "limits",
    "done",
    "risks",
    "left",
    "conclusion",
    "reproduce",
    "licences",
    "tests",
    "all",
}
SLIDES_SECTIONS = {
    "answers", "observed", "model", "mini", "clip", "variance", "extremes", "colour", "vividness", "ratings",
    "landscapes", "samples", "limits", "references",
}  # fmt: skip
TABLES = {
    "note": {"done", "risks", "left", "grid"},
    "rapport": {"done", "risks", "left", "grid", "papers", "tests"},
    "slides": {"grid"},
}
DIAGRAMS = {"dalle.svg", "dallemini-entrainement.svg", "dallemini-generation.svg"}
ENGLISH_DIAGRAMS = {"dalle.svg", "dallemini-training.svg", "dallemini-drawing.svg"}
DRAWINGS = sorted([*DIAGRAMS, *(f"../en/figures/{name}" for name in ENGLISH_DIAGRAMS)])
SVG = "{http://www.w3.org/2000/svg}"

# What the documents ask of a fact, a table or a figure: the function's name, and which family its argument names.
ASKS = {
    "fact": "fact",
    "fact_value": "fact",
    "has_fact": "fact",
    "given": "fact",
    "counted": "fact",
    "verdict": "fact",
    "estimate": "fact",
    "score": "fact",
    "setting": "fact",
    "table": "table",
    "if_filled": "table",
    "figure": "figure",
    "has_figure": "figure",
    "if_drawn": "figure",
    "sheets": "figure",
    "sheet_references": "figure",
}
DATASET = "<dataset>"
ONLY_RATED = {"ratings_groups", "ratings_correlations"}  # figures of a study that people have rated


def document(repository: Path, name: str) -> Qmd:
    return read_qmd(repository / "report" / f"{name}.qmd", repository)


def text_of(read: Qmd) -> str:
    return "\n".join(line.text for segment in read.segments for line in segment.lines)


def identifiers(text: str, kind: str) -> set[str]:
    return set(re.findall(rf"#{kind}-([\w-]+)", text)) | set(re.findall(rf"#\| label: {kind}-([\w-]+)", text))


def code_of(read: Qmd) -> Iterator[str]:
    """The code of the cells, then the inline expressions, in the order of the page within each."""
    yield from (cell.code for cell in read.cells)
    yield from (expression for expression, _ in inline_code(read))


def sentences_of(read: Qmd) -> list[Path]:
    """The modules whose sentences a document may say."""
    common = Path(asked_by_all.__file__)
    return [*sorted((common.parent / "language" / language_of(read) / "sentences").glob("*.py")), common]


def asked(read: Qmd) -> dict[str, set[str]]:
    """The names of the facts, tables and figures that a document and its sentences read, by family; a dataset's key
    reads <dataset>.
    """
    names: dict[str, set[str]] = {"fact": set(), "table": set(), "figure": set()}
    for code in (*code_of(read), *(path.read_text(encoding="utf-8") for path in sentences_of(read))):
        tree = ast.parse(code)
        texts = _assigned(tree)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ASKS:
                names[ASKS[call.func.id]].update(_possible(call.args[0], texts))
    return names


def _assigned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """What is assigned to each name, anywhere in the code."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _possible(argument: ast.expr, texts: dict[str, list[ast.expr]]) -> set[str]:
    """The texts that an argument may be."""
    if isinstance(argument, ast.Name):
        return set().union(
            *(_possible(value, texts) for value in texts.get(argument.id, []))
        )  # a parameter: its caller is read
    if isinstance(argument, ast.IfExp):
        return _possible(argument.body, texts) | _possible(argument.orelse, texts)
    if isinstance(argument, ast.JoinedStr):
        return {"".join(_part(part) for part in argument.values)}
    assert isinstance(argument, ast.Constant), f"this test can't read {ast.unparse(argument)}"
    return {str(argument.value).replace("{}", DATASET)}


def _part(part: ast.expr) -> str:
    """A text's own words; a dataset's key; for any other variable, whatever it may hold."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    return DATASET if isinstance(part.value, ast.Name) and part.value.id == "dataset" else "*"


def for_datasets(names: set[str], keys: list[str]) -> set[str]:
    return {name.replace(DATASET, key) for name in names for key in keys}


def unheard_of(names: set[str], known: set[str], keys: list[str]) -> set[str]:
    """The names, written out for each dataset, that nothing known answers to."""
    return {name for name in for_datasets(names, keys) if not fnmatch.filter(known, name)}


# --- what stands in the documents ---------------------------------------------------------------------


SECTIONS = {"note": NOTE_SECTIONS, "rapport": REPORT_SECTIONS, "slides": SLIDES_SECTIONS}


@pytest.mark.parametrize("name", ALL)
def test_every_section_asked_for_is_there(repository: Path, name: str) -> None:
    assert SECTIONS[FRENCH_NAME[name]] <= identifiers(text_of(document(repository, name)), "sec")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_built_alike_in_both_languages(repository: Path, name: str) -> None:
    """The same sections, figures, tables, equations and citations, and the same code but for what it says."""
    french, english = (text_of(document(repository, one)) for one in (name, IN_ENGLISH[name]))
    for kind in ("sec", "fig", "tbl", "eq"):
        assert identifiers(french, kind) == identifiers(english, kind), kind
    assert cited(repository, name) == cited(repository, IN_ENGLISH[name])
    codes = ("\n".join(code_of(document(repository, one))) for one in (name, IN_ENGLISH[name]))
    calls, english_calls = (sorted(re.findall(r"\b(\w+)\(", code)) for code in codes)
    assert calls == [call for call in english_calls if call != "speak"]


@pytest.mark.parametrize("name", ALL)
def test_the_tables_asked_for_are_there(repository: Path, name: str) -> None:
    assert TABLES[FRENCH_NAME[name]] <= identifiers(text_of(document(repository, name)), "tbl")


def test_the_note_is_held_to_four_pages(repository: Path) -> None:
    assert [document(repository, name).front["page-limit"] for name in ("note", "en/note")] == [4, 4]


def test_the_note_has_no_appendix_and_the_report_has(repository: Path) -> None:
    assert "annexe" not in re.sub(r"\|.*", "", text_of(document(repository, "note"))).lower()
    assert "# Annexe" in text_of(document(repository, "rapport"))


@pytest.mark.parametrize("name", ALL)
def test_no_number_is_typed_and_no_text_is_promised(repository: Path, name: str) -> None:
    check_document(repository / "report" / f"{name}.qmd", repository)


@pytest.mark.parametrize("name", ALL)
def test_a_document_does_not_change_with_the_day(repository: Path, name: str) -> None:
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(document(repository, name).front.get("date", "2026-01-01")))


@pytest.mark.parametrize("name", ALL)
def test_every_reference_has_its_target(repository: Path, name: str) -> None:
    text = text_of(document(repository, name))
    for kind in ("fig", "tbl", "sec", "eq"):
        used = set(re.findall(rf"(?<![\w.#])@{kind}-([\w-]+)", text))
        assert used <= identifiers(text, kind)


# --- citations ----------------------------------------------------------------------------------------


def bibliography(repository: Path) -> set[str]:
    keys = re.findall(
        r"^@\w+\{([^,]+),", (repository / "report/references.bib").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(keys) == len(set(keys)), "a key stands twice in references.bib"
    return set(keys)


def cited(repository: Path, name: str) -> set[str]:
    text = text_of(document(repository, name))
    return {key for key in re.findall(r"(?<![\w.])@([\w]+)", text) if not re.match(r"(fig|tbl|sec|eq)$", key)}


@pytest.mark.parametrize("name", ALL)
def test_every_citation_is_in_the_bibliography(repository: Path, name: str) -> None:
    assert cited(repository, name) <= bibliography(repository)


def test_every_entry_of_the_bibliography_is_cited(repository: Path) -> None:
    assert bibliography(repository) == set().union(*(cited(repository, name) for name in DOCUMENTS))


def test_every_entry_says_who_what_and_when(repository: Path) -> None:
    entries = (repository / "report/references.bib").read_text(encoding="utf-8").split("\n@")
    lacking = [
        entry.split(",")[0]
        for entry in entries
        if not all(f"  {field}" in entry for field in ("author", "title", "year"))
    ]
    assert lacking == []


# --- diagrams -----------------------------------------------------------------------------------------


def test_the_three_diagrams_stand_in_the_note_and_the_report(repository: Path) -> None:
    for name, diagrams in {"note": DIAGRAMS, "rapport": DIAGRAMS, "en/note": ENGLISH_DIAGRAMS,
                           "en/report": ENGLISH_DIAGRAMS}.items():  # fmt: skip
        assert set(re.findall(r"\(figures/([\w-]+\.svg)\)", text_of(document(repository, name)))) == diagrams


@pytest.mark.parametrize("file", DRAWINGS)
def test_a_diagram_is_accessible_and_its_text_is_text(repository: Path, file: str) -> None:
    root = ElementTree.parse(repository / "report/figures" / file).getroot()
    described = (root.get("aria-labelledby") or "").split()
    spoken = {element.get("id"): element.text or "" for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [bool(spoken[identifier].strip()) for identifier in described] == [True, True]
    assert len(list(root.iter(f"{SVG}text"))) >= 10
    assert not list(root.iter(f"{SVG}image")), "a diagram is drawn, not photographed"


@pytest.mark.parametrize("file", DRAWINGS)
def test_what_a_diagram_reuses_is_defined_in_it(repository: Path, file: str) -> None:
    root = ElementTree.parse(repository / "report/figures" / file).getroot()
    written = ElementTree.tostring(root, encoding="unicode")
    used = set(re.findall(r'href="#([\w-]+)"', written)) | set(re.findall(r"url\(#([\w-]+)\)", written))
    assert used <= {element.get("id") for element in root.iter()}


# --- what the documents read --------------------------------------------------------------------------


def test_what_the_documents_read_is_what_the_study_found(repository: Path) -> None:
    findings = repository / "artifacts/findings/findings.json"
    figures = repository / "artifacts/figures/index.json"
    if not (findings.is_file() and figures.is_file()):
        pytest.skip("no results here: run `dvc repro figures` (or `dvc pull`)")
    known = set(json.loads(findings.read_text(encoding="utf-8")))
    keys = [str(key) for key in pd.read_parquet(findings.parent / "tables/corpus.parquet")["key"]]
    tables = {path.stem for path in (findings.parent / "tables").glob("*.parquet")}
    drawn = set(json.loads(figures.read_text(encoding="utf-8")))
    for name in ALL:
        names = asked(document(repository, name))
        assert unheard_of(names["fact"], known, keys) == set()
        assert names["table"] <= tables
        assert unheard_of(names["figure"] - ONLY_RATED, drawn, keys) == set()


def record(value: Any, unit: str, bounds: tuple[float | None, float | None] = (None, None)) -> dict[str, Any]:
    return {
        "value": value,
        "low": bounds[0],
        "high": bounds[1],
        "n": 40,
        "unit": unit,
        "method": {"code": "reading"},
        "source": "",
        "quantity": "images.pictures",
        "dataset": "",
    }


class Study:
    """Invented results of every name that the documents ask for, in a folder of its own."""

    NAMES = ("images.engine", "images.model", "images.model_digest", "clip.model", "clip.model_digest")
    COUNTS = (
        "ratings.",
        "images.parameters",
        "landscapes.examined",
        "images.pictures",
        "tokens.images",
        "tokens.train",
        "study.drawn_world",
        "study.resamples",
    )

    def __init__(self, folder: Path, repository: Path, keys: dict[str, str]) -> None:
        self.folder, self.keys = folder, keys
        self.asked = [asked(document(repository, name)) for name in ALL]
        (folder / "dvc.yaml").touch()
        self.facts = {name: self._record(name) for name in for_datasets(self._names("fact"), list(keys))}
        aside = ("unverified", "redrawn", "absent")
        counted = ("ratings.rated", "ratings.comparisons", "landscapes.labels")
        self.facts |= {f"{what}_{why}": record(0, "count") for what in counted for why in aside}
        for key, label in keys.items():
            self.facts[f"study.dataset.{key}"] = record(label, "name")
            self.facts[f"study.drawn_world.{key}"] = record(1, "count")

    def _names(self, family: str) -> set[str]:
        return set().union(*(names[family] for names in self.asked))

    def _record(self, name: str) -> dict[str, Any]:
        if name in self.NAMES:
            return record("petit modèle", "name")
        if name.startswith(self.COUNTS):
            return record(0 if name.startswith("ratings.") else 12, "count")
        return record(0.25, "p" if "_p." in name else "1", (0.125, 0.5))

    def write(self) -> None:
        tables, figures = self.folder / "artifacts/findings/tables", self.folder / "artifacts/figures"
        tables.mkdir(parents=True)
        figures.mkdir()
        ends = {name: name.rpartition(".")[2] for name in self.facts}
        told = {
            name: fact | {"dataset": ends[name] if ends[name] in self.keys else ""} for name, fact in self.facts.items()
        }
        (tables.parent / "findings.json").write_text(json.dumps(told), encoding="utf-8")
        columns = ["key", "dataset", "label", "value", "text", "low", "high", "n", "unit"]
        columns += ["question", "estimate", "p", "p_holm", "quantity"]
        rows = [dict.fromkeys(columns, label) | {"key": key, "name": f"a.{key}"} for key, label in self.keys.items()]
        names = self._names("table")
        for name in names:
            pd.DataFrame(rows).to_parquet(tables / f"{name}.parquet")
        index = {name: {"columns": [{"name": "dataset", "unit": "", "digits": None}]} for name in names}
        (tables / "index.json").write_text(json.dumps(index), encoding="utf-8")
        drawn = {
            name: {"kind": "sheet", "alt": "Une planche", "width_mm": 170}
            for name in for_datasets(self._names("figure"), list(self.keys))
        }
        for folder in (figures, figures / "en"):
            folder.mkdir(exist_ok=True)
            (folder / "index.json").write_text(json.dumps(drawn), encoding="utf-8")
            (folder / "attribution.json").write_text("[]", encoding="utf-8")


def said(read: Qmd) -> str:
    """All that the code of a document says: its cells run in their order, then its inline expressions."""
    namespace: dict[str, Any] = {}
    with speaking(language_of(read)):
        spoken = [result(cell.code, namespace) for cell in read.cells]
        spoken += [result(expression, namespace) for expression, _ in inline_code(read)]
    return "\n".join(spoken)


@pytest.mark.parametrize("name", IN_ENGLISH.values())
def test_the_embedded_study_is_said_in_english(repository: Path, work: Path, name: str) -> None:
    study = Study(work, repository, {"shapes": "formes", "landscapes": "paysages"})
    study.write()
    names = {"en": {"formes": "shapes", "paysages": "landscapes", "petit modèle": "small model"}}
    (work / "artifacts/findings/names.json").write_text(json.dumps(names), encoding="utf-8")
    text = said(document(repository, name))
    assert "synthetic pictures (shapes and landscapes), no photograph" in text
    assert "they say nothing of DALL·E mini itself" in text
    assert "no rating is made up" in text
    assert text.count("**shapes**") == text.count("**landscapes**") > 0
    assert not re.search("[éèêàçœ«»]", text), re.findall(".{30}[éèêàçœ«»].{30}", text)


@pytest.mark.parametrize("name", IN_ENGLISH.values())
def test_another_study_is_said_in_english(repository: Path, work: Path, name: str) -> None:
    study = Study(work, repository, {"coco": "MS-COCO"})
    study.facts["study.drawn_world.coco"]["value"] = 0
    counts = {"rated": 640, "raters": 1, "pictures": 80, "simulated": 640, "rated_absent": 7, "rated_unverified": 1}
    study.facts |= {f"ratings.{what}": record(count, "count") for what, count in counts.items()}
    study.write()
    text = said(document(repository, name)).replace("\xa0", " ")
    assert "are about MS-COCO, with pictures drawn by the model petit modèle" in text and "synthetic" not in text
    assert "1 rater gave 640 ratings of 80 pictures. **640 simulated ratings among them.**" in text
    assert "7 ratings of pictures that the study does not have" in text
    assert "1 rating is not verified, for want of a digest" in text
    assert "0.250 [0.125, 0.500]" in text


def test_the_languages_of_the_documents_are_those_of_the_program() -> None:
    assert languages() == ("fr", "en")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_embedded_study_is_said_to_be_drawn_and_unrated(repository: Path, work: Path, name: str) -> None:
    study = Study(work, repository, {"shapes": "formes", "landscapes": "paysages"})
    study.write()
    text = said(document(repository, name))
    assert "des images de synthèse (formes et paysages), sans photographie" in text
    assert "ne disent rien de DALL·E mini lui-même" in text
    assert "aucune note n’est inventée" in text
    assert text.count("**formes**") == text.count("**paysages**") > 0


@pytest.mark.parametrize("name", DOCUMENTS)
def test_another_study_is_said_by_its_own_names(repository: Path, work: Path, name: str) -> None:
    study = Study(work, repository, {"coco": "MS-COCO"})
    study.facts["study.drawn_world.coco"]["value"] = 0
    study.facts |= {
        "ratings.rated": record(640, "count"),
        "ratings.raters": record(3, "count"),
        "ratings.pictures": record(80, "count"),
    }
    study.write()
    text = said(document(repository, name))
    assert "synthèse" not in text
    assert "portent sur MS-COCO, avec des images tirées par le modèle petit modèle" in text
    assert re.search(r"3\s+juges ont donné 640\s+notes sur 80\s+images", text)
    assert "simulée" not in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_simulated_ratings_are_marked(repository: Path, work: Path, name: str) -> None:
    study = Study(work, repository, {"coco": "MS-COCO"})
    study.facts |= {
        f"ratings.{what}": record(count, "count")
        for what, count in (("rated", 640), ("raters", 3), ("pictures", 80), ("simulated", 640))
    }
    study.write()
    assert re.search(r"\*\*640\s+notes simulées parmi elles", said(document(repository, name)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_ratings_that_are_set_aside_are_counted(repository: Path, work: Path, name: str) -> None:
    study = Study(work, repository, {"coco": "MS-COCO"})
    counts = {"rated": 640, "raters": 3, "pictures": 80, "rated_absent": 7, "rated_redrawn": 1, "rated_unverified": 12}
    study.facts |= {f"ratings.{what}": record(count, "count") for what, count in counts.items()}
    study.write()
    text = said(document(repository, name)).replace("\u202f", " ").replace("\xa0", " ")
    assert "7 notes d’images que l’étude n’a pas et 1 note d’images refaites depuis" in text
    assert "12 notes ne sont pas vérifiées, faute d’une empreinte" in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_study_lacks_is_left_out(repository: Path, work: Path, name: str) -> None:
    study = Study(work, repository, {"coco": "MS-COCO"})
    lacking = [
        fact
        for fact in study.facts
        if fact.startswith(("colour.obeyed", "colour.background", "landscapes.precision", "landscapes.recall"))
    ]
    lacking += [
        fact
        for fact in ("images.top_k", "images.parameters", "clip.model", "clip.model_digest", "model.loss_uniform")
        if fact in study.facts
    ]
    for fact in lacking:
        study.facts[fact] |= {"value": None, "low": None, "high": None}
    for fact in study.facts.values():
        fact |= {"low": None, "high": None}  # too few captions for any interval
    study.write()
    text = said(document(repository, name))
    assert "couleur nommée" not in text
    assert ("reste à mesurer sur un échantillon étiqueté" in text) == (name != "slides")
    assert not re.search(r"\[[^\]]*;", text), "an interval is written where none is known"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pictures_that_were_there_already_have_no_settings_and_no_random_key(
    repository: Path, work: Path, name: str
) -> None:
    study = Study(work, repository, {"coco": "MS-COCO"})
    for setting in ("condition_scale", "temperature", "top_k", "steps"):
        study.facts[f"images.{setting}"] = record(None, "1")
    study.write()
    text = said(document(repository, name))
    assert "échelle de guidage de" not in text and "température de" not in text
    if name == "note":
        assert "des réglages que l’étude ne connaît pas" in text and "clé aléatoire" not in text


@pytest.mark.parametrize(
    ("gain", "bounds", "sentence"),
    [
        (0.01, (0.005, 0.015), "Elle ne bouge guère"),
        (-0.5, (-0.7, -0.3), "retient ses images par cœur"),
        (0.5, (0.3, 0.7), ""),
    ],
)
def test_a_loss_that_does_not_fall_is_said(
    repository: Path, work: Path, gain: float, bounds: tuple[float, float], sentence: str
) -> None:
    study = Study(work, repository, {"coco": "MS-COCO"})
    study.facts |= {
        "model.held_out_first": record(2.0, "nats/token"),
        "model.held_out_last": record(2.0 - gain, "nats/token"),
        "model.nats_start_model": record(2.0, "nats/token"),
        "model.gain": record(gain, "nats/token") | {"low": bounds[0], "high": bounds[1]},
    }
    study.write()
    text = said(document(repository, "note"))
    assert [found in text for found in ("Elle ne bouge guère", "retient ses images par cœur")] == [
        bool(sentence) and sentence in found for found in ("Elle ne bouge guère", "retient ses images par cœur")
    ]
