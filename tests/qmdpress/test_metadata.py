"""Settings: where they come from, and which are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from qmdpress.errors import BadInput
from qmdpress.metadata import Metadata, forms, read_metadata
from qmdpress.options import Notes
from qmdpress.qmd import read_qmd
from tests.report.project import write_document


def settings(project: Path, front: str, form: str = "typst") -> Metadata:
    return read_metadata(read_qmd(write_document(project, "Texte.", front), project), form, project)


def test_the_document_overrules_the_project_and_its_format_overrules_both(project: Path) -> None:
    front = "papersize: a5\nformat:\n  html: default\n  typst:\n    papersize: a6\n"
    assert settings(project, "").get("papersize") == "a4"
    assert settings(project, front).get("papersize") == "a6"
    assert settings(project, front, "html").get("papersize") == "a5"


def test_the_project_says_tableau_and_hides_code(project: Path) -> None:
    made = settings(project, "")
    assert made.crossref["tbl-title"] == "Tableau" and made.crossref["tbl-prefix"] == "Tableau"
    assert made.execute == {"echo": False, "warning": False}
    assert made.get("lang") == "fr" and made.flag("number-sections")


def test_a_document_may_change_one_setting_of_a_group(project: Path) -> None:
    assert settings(project, "execute:\n  echo: true\n").execute == {"echo": True, "warning": False}


@pytest.mark.parametrize(
    ("day", "text"), [("2026-11-01", "1er novembre 2026"), ("'2026-02-22'", "22 février 2026"), ("hiver", "hiver")]
)
def test_a_date_is_written_out_in_french(project: Path, day: str, text: str) -> None:
    assert settings(project, f"date: {day}\n").get("date") == text


def test_authors_take_quarto_s_form(project: Path) -> None:
    path = project / "report/b.qmd"
    path.write_text("---\nauthor:\n  - Ada\n  - {name: Eva, affiliation: Paris}\n---\n", encoding="utf-8")
    authors = read_metadata(read_qmd(Path("report/b.qmd"), project), "html", project).authors()
    assert [author["name"]["literal"] for author in authors] == ["Ada", "Eva"]
    assert authors[1]["affiliations"] == [{"name": "Paris"}]


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("titel: x\n", r'essai\.qmd:4: `titel` means nothing, here or to Quarto; did you mean "title"'),
        ("format:\n  typst:\n    papersise: a4\n", "`papersise` means nothing, here or to Quarto"),
        ("crossref:\n  chapters: true\n", "`chapters` changes what is read, and this renderer does not obey it"),
        ("include-before-body: a.md\n", r"essai\.qmd:4: `include-before-body` changes what is read"),
        ("filters: [a.lua]\n", "`filters` changes what is read"),
        ("citeproc: false\n", "it is always `True`"),
        ("font-paths: absent\n", r"essai\.qmd:4: the folder of fonts .*absent is missing"),
        ("date: today\n", r"essai\.qmd:4: `date: today` would change the document from day to day"),
        ("bibliography: absent.bib\n", r"essai\.qmd:4: the file .*absent\.bib is missing"),
    ],
)
def test_a_setting_that_nothing_obeys_is_refused_with_its_line(project: Path, front: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        settings(project, front)


@pytest.mark.parametrize(
    ("front", "name"),
    [
        ("html-table-processing: none\n", "html-table-processing"),
        ("theme: cosmo\n", "theme"),
        ("execute:\n  freeze: auto\n", "execute: freeze"),
        ("format:\n  docx: default\n  html: default\n", "format docx"),
        ("format:\n  html:\n    lightbox: true\n", "lightbox"),
        ("mine-own-key: 1\n", "mine-own-key"),
    ],
)
def test_a_valid_option_without_effect_is_noted_with_its_line(project: Path, front: str, name: str) -> None:
    notes = Notes()
    document = read_qmd(write_document(project, "Texte.", front), project)
    assert read_metadata(document, "html", project, notes).get("title") == "Essai"
    assert notes.said == {name: "report/essai.qmd:4"}


def test_fonts_are_found_as_typst_parts_them(project: Path) -> None:
    made = settings(project, "")
    assert made.font_paths == (project / "report/_brand/fonts",)


def test_the_repository_s_own_settings_are_all_known(repository: Path) -> None:
    for name in ("note", "rapport", "slides", "en/note", "en/report", "en/slides"):
        read, notes = read_qmd(Path(f"report/{name}.qmd"), repository), Notes()
        for form in forms(read):
            assert read_metadata(read, form, repository, notes).get("lang") == (
                "en" if name.startswith("en/") else "fr"
            )
        assert not notes.said


@pytest.mark.parametrize(
    ("front", "form"),
    [
        ("", "html"), ("format: revealjs\n", "revealjs"),
        ("format:\n  revealjs: default\n  typst: default\n", "revealjs"),
        ("format:\n  html: default\n  revealjs: default\n", "html"),
    ],
)  # fmt: skip
def test_a_document_is_slides_where_it_asks_for_revealjs_and_for_no_page(project: Path, front: str, form: str) -> None:
    assert forms(read_qmd(write_document(project, "Texte.", front), project)) == (form, "typst")


def test_the_settings_of_a_folder_stand_between_the_project_s_and_the_document_s(project: Path) -> None:
    """As Quarto reads _metadata.yml: the outer folder's first, paths from the file that names them."""
    (project / "report/_metadata.yml").write_text(
        "author: Ada\ndate: 2026-11-28\nsupervisor: [Charles, Mary]\nbibliography: refs.bib\n", encoding="utf-8"
    )
    (project / "report/refs.bib").write_text("", encoding="utf-8")
    (project / "report/en").mkdir()
    (project / "report/en/_metadata.yml").write_text("author: Eva\n", encoding="utf-8")
    paths = [Path("report/a.qmd"), Path("report/en/a.qmd"), Path("report/b.qmd")]
    for path, front in zip(paths, ("title: A", "title: A", "author: Bob\ndate: 2026-11-22"), strict=True):
        (project / path).write_text(f"---\n{front}\n---\n", encoding="utf-8")
    read = [read_metadata(read_qmd(path, project), "html", project) for path in paths]
    assert [one.authors()[0]["name"]["literal"] for one in read] == ["Ada", "Eva", "Bob"]
    assert [one.get("date") for one in read] == ["28 novembre 2026", "28 novembre 2026", "22 novembre 2026"]
    assert all(one.get("supervisor") == ["Charles", "Mary"] for one in read)
    assert all(one.get("bibliography") == [project / "report/refs.bib"] for one in read)


def test_a_wrong_setting_of_a_folder_is_refused_with_its_file_and_line(project: Path) -> None:
    (project / "report/_metadata.yml").write_text("author: Ada\nlot: true\n", encoding="utf-8")
    (project / "report/a.qmd").write_text("---\ntitle: A\n---\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"report/_metadata\.yml:2: `lot` changes what is read"):
        read_metadata(read_qmd(Path("report/a.qmd"), project), "html", project)
