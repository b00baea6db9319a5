"""What a rendered document must be."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from qmdpress import render_preview
from qmdpress.qmd import read_qmd
from rapporteur.core.errors import BadInput
from rapporteur.report.figure import BUNDLE_MARK, CHART_CLASS
from rapporteur.report.rendered import (
    check_page,
    check_pages,
    check_words,
    finished_html,
    html_words,
    leftovers,
    page_count,
    pdf_words,
    stable_html,
)  # fmt: skip
from tests.report.project import write_document

BODY = """
# Titre {#sec-a}

Voir @sec-a, @ramesh2021, `{python} fact("clip.gold")` et

$$
\\frac{a}{b}
$$ {#eq-a}

{{< include _part.qmd >}}
"""


def pdf_of(*pages: str, folder: Path) -> bytes:
    source = folder / "pages.typ"
    source.write_text("#pagebreak()".join(pages), encoding="utf-8")
    return bytes(typst.compile(str(source)))


@pytest.fixture
def document(project: Path) -> Path:
    (project / "report/_part.qmd").write_text("Une partie qui cite @dayma2021.\n", encoding="utf-8")
    return write_document(project, BODY, "bibliography: references.bib\n")


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ('{python} fact("clip.gold")', "essai.qmd:10"),
        ("$$ \\frac{a}{b} $$", "essai.qmd:12"),
        ("@sec-a", "essai.qmd:10"),
        ("@ramesh2021", "essai.qmd:10"),
        ("@dayma2021", "_part.qmd:1"),
        ("?@fig-absente", "essai.qmd:1"),
    ],
)
def test_what_stayed_as_it_was_typed_is_told_with_its_line(project: Path, document: Path, raw: str, line: str) -> None:
    made = {"html": f"<p>Avant {raw} après</p>".encode()}
    with pytest.raises(BadInput, match=rf"report/{line.replace('.', '[.]')}: "):
        check_words(made, document, project)


def test_a_construct_that_lines_of_the_pdf_break_is_found(project: Path, document: Path) -> None:
    pdf = pdf_of('#box(width: 2cm, raw("{python} fact(\\"clip.gold\\")"))', folder=project)
    with pytest.raises(BadInput, match=r"fact\(\"clip.gold\"\) was printed as it is typed"):
        check_words({"pdf": pdf}, document, project)


def test_a_sentence_that_prints_a_reference_is_told(project: Path, document: Path) -> None:
    document.write_text(document.read_text(encoding="utf-8") + "\n![A](a.svg){#fig-kinds}\n", encoding="utf-8")
    line = document.read_text(encoding="utf-8").splitlines().index("![A](a.svg){#fig-kinds}") + 1
    with pytest.raises(BadInput, match=rf"essai\.qmd:{line}: a sentence printed `@fig-kinds`"):
        check_words({"html": b"<p>Genre par genre (@fig-kinds), rien.</p>"}, document, project)
    check_words({"html": b"<p>me@fig-kinds.org, @fig-kinds-of, @fig-other</p>"}, document, project)


def test_captions_may_hold_marks(project: Path, document: Path) -> None:
    words = "a dog @ the beach, $$ cheap $$ what?? {python} snake ?? @someone"
    assert list(leftovers(read_qmd(document, project), words)) == []


def test_what_this_renderer_makes_holds_nothing_raw(project: Path) -> None:
    setup = "```{python}\n#| include: false\nfrom rapporteur.report.fact import fact\n```\n"
    body = BODY.replace("{{< include _part.qmd >}}", "")
    path = write_document(project, setup + body, "bibliography: references.bib\nnumber-sections: true\n")
    check_words(render_preview(path, project), path, project)


def test_the_words_of_a_page_are_those_a_reader_sees() -> None:
    page = (
        "<title>x</title><style>y</style><p>Un <b>deux</b></p><script>z</script><math><mi>a</mi>"
        '<annotation encoding="application/x-tex">$$q$$</annotation></math>'
    )
    assert html_words(page) == "Un deuxa"


@pytest.mark.parametrize("pages", [1, 4, 37])
def test_pages_and_words_of_a_pdf_are_read(tmp_path: Path, pages: int) -> None:
    pdf = pdf_of(*[f"Page n{number}" for number in range(pages)], folder=tmp_path)
    assert page_count(pdf) == pages
    assert pdf_words(pdf).split()[-1] == f"n{pages - 1}"


def test_a_page_too_many_is_refused_with_both_numbers(tmp_path: Path) -> None:
    pdf = pdf_of(*["Page"] * 5, folder=tmp_path)
    check_pages(pdf, 5, Path("note.qmd"))
    check_pages(pdf, None, Path("note.qmd"))
    with pytest.raises(BadInput, match=r"note\.qmd: 5 pages, and `page-limit: 4` allows 4; shorten it by 1"):
        check_pages(pdf, 4, Path("note.qmd"))


@pytest.mark.parametrize("data", [b"<html>", b"%PDF-1.7 nothing"])
def test_what_is_no_pdf_has_no_pages(data: bytes) -> None:
    with pytest.raises(BadInput):
        page_count(data)


@pytest.mark.parametrize(("charts", "bundles"), [(2, 0), (2, 2), (0, 1)])
def test_charts_without_their_script_are_refused(charts: int, bundles: int) -> None:
    page = f'<div class="{CHART_CLASS}">' * charts + f"<script {BUNDLE_MARK}></script>" * bundles
    with pytest.raises(BadInput, match=f"{charts} charts and {bundles} copies of Vega"):
        check_page(page, Path("note.qmd"))


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://cdnjs.cloudflare.com/ajax/libs/require.js/2.3.6/require.min.js"></script>',
        "<link rel='stylesheet' href='//example.org/a.css'>",
        '<img alt="a" src="http://example.org/a.png">',
    ],
)
def test_a_page_that_would_fetch_is_refused(tag: str) -> None:
    with pytest.raises(BadInput, match="the page would fetch"):
        check_page(f"<p>{tag}</p>", Path("note.qmd"))


def test_addresses_that_nothing_fetches_pass() -> None:
    check_page('<a href="https://example.org">a</a><script>x = "<img src=\\"https://b\\">"</script>', Path("note.qmd"))


def test_what_quarto_draws_anew_is_made_the_same() -> None:
    """Two renderings of one cell by Quarto 1.10, as they were seen to differ."""
    one = (
        '<div id="cell-fig-a" class="cell">'
        '<div id="7b3f01aa" class="cell" data-execution_count="33" data-tbl-colwidths="[1]">'
        '<a href="#7b3f01aa">x</a></div></div>'
    )
    other = (
        '<div class="cell" id="cell-fig-a">'
        '<div data-tbl-colwidths="[1]" data-execution_count="34" id="91c0ff3e" class="cell">'
        '<a href="#91c0ff3e">x</a></div></div>'
    )
    assert stable_html(one) == stable_html(other)
    assert 'href="#cell-1"' in stable_html(one) and "cell-fig-a" in stable_html(one)


def test_a_page_without_cells_is_left_as_it_is() -> None:
    page = '<div id="content" class="page"><p id="a1b2c3">Texte</p></div>'
    assert stable_html(page) == page


def test_slides_are_the_page_s_main_part_and_may_be_enlarged() -> None:
    page = (
        '<meta name="viewport" content="width=device-width, initial-scale=1.0, maximum-scale=1.0, user-scalable=no">'
        '<style>.reveal{}</style><div class="reveal"><div class="slides"></div></div>'
    )
    made = finished_html(page)
    assert '<div class="reveal" role="main">' in made and "user-scalable" not in made and "maximum-scale" not in made
    assert finished_html("<main>Texte</main>") == "<main>Texte</main>"


@pytest.mark.parametrize(
    "beside",
    [
        '<script src="essai_files/libs/reveal.js"></script>',
        '<link rel="stylesheet" href="_brand/slides.css">',
        '<img alt="x" src=figures/a.png>',
    ],
)
def test_a_page_that_takes_from_a_file_beside_it_is_refused(beside: str) -> None:
    with pytest.raises(BadInput, match="does not hold .*embed-resources"):
        check_page(f"<p>Texte</p>{beside}", Path("report/essai.qmd"))


def test_what_a_page_holds_and_leads_to_is_not_beside_it() -> None:
    check_page(
        '<link href="data:text/css,p{}" rel="stylesheet"><img src="data:image/png;base64,AA"><a href="en/a.html">a</a>'
        '<script>const page = "<script src=a.js>";</script>',
        Path("report/essai.qmd"),
    )
