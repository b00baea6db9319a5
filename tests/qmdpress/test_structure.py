"""Quarto's constructs, in documents without code: what they become, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qmdpress.document import prepare, shaped
from qmdpress.errors import BadInput
from qmdpress.pandoc import elements, plain_text
from tests.report.project import write_document


def shape(project: Path, body: str, form: str = "html", front: str = "") -> list[dict[str, Any]]:
    return shaped(prepare(write_document(project, body, front), project), form, project).blocks


def kinds(blocks: list[dict[str, Any]], kind: str) -> list[Any]:
    return [element.get("c") for element in elements(blocks) if element["t"] == kind]


# --- numbers and references ----------------------------------------------------------------------------

REFERENCES = """
Voir @fig-b, @fig-a, @tbl-t, @eq-e, @sec-s, [-@fig-b], [planche @fig-a], [@fig-a; @fig-b] et @fig-c-y.

# Un {#sec-u}

![A](drawing.svg){#fig-a}

![B](drawing.svg){#fig-b}

## Deux {#sec-s}

| a |
|---|
| b |

: Une table {#tbl-t}

$$ x $$ {#eq-e}

::: {#fig-c layout-ncol=2}
![X](drawing.svg){#fig-c-x}

![Y](drawing.svg){#fig-c-y}

Ensemble
:::
"""


def test_references_are_numbered_in_the_order_of_the_page_and_linked(project: Path) -> None:
    links = [(plain_text(c[1]), c[2][0]) for c in kinds(shape(project, REFERENCES), "Link")]
    assert [(text.replace("\u00a0", " "), target) for text, target in links] == [
        ("Figure 2", "#fig-b"),
        ("Figure 1", "#fig-a"),
        ("Tableau 1", "#tbl-t"),
        ("Équation 1", "#eq-e"),
        ("Section 1.1", "#sec-s"),
        ("2", "#fig-b"),
        ("planche 1", "#fig-a"),
        ("Figure 1", "#fig-a"),
        ("Figure 2", "#fig-b"),
        ("Figure 3 (b)", "#fig-c-y"),
    ]


def test_both_formats_have_the_same_numbers(project: Path) -> None:
    html, typst = (kinds(shape(project, REFERENCES, form), "Float") for form in ("html", "typst"))
    assert [(f["id"], f["number"]) for f in html] == [(f["id"], f["number"]) for f in typst]
    assert [f["number"] for f in html] == ["1", "2", "1", "3", "(a)", "(b)"]


def test_a_part_hidden_from_a_format_takes_no_number_in_it(project: Path) -> None:
    body = '::: {.content-visible when-format="html"}\n![A](drawing.svg){#fig-a}\n:::\n\n![B](drawing.svg){#fig-b}\n'
    assert [f["number"] for f in kinds(shape(project, body, "html"), "Float")] == ["1", "2"]
    assert [f["number"] for f in kinds(shape(project, body, "typst"), "Float")] == ["1"]


def test_a_citation_is_left_to_the_bibliography(project: Path) -> None:
    blocks = shape(project, "Comme [@ramesh2021, p. 3].", front="bibliography: references.bib\n")
    assert [c[0][0]["citationId"] for c in kinds(blocks, "Cite")] == ["ramesh2021"]


def test_unnumbered_headings_take_no_number(project: Path) -> None:
    headers = kinds(shape(project, "# A\n\n# B {.unnumbered}\n\n## C\n\n# D\n"), "Header")
    assert [dict(attr[2]).get("number", "") for _, attr, _ in headers] == ["1", "", "1.1", "2"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Voir @fig-abc.\n\n![A](drawing.svg){#fig-abd}", r'qmd:6: @fig-abc refers to nothing; did you mean "fig-abd"'),
        ("Voir @thm-a.", "blocks of the kind thm- are not numbered here"),
        ("# T {#sec-t .unnumbered}\n\n@sec-t", r"qmd:8: @sec-t refers to nothing; its section has no number"),
        ("![A](drawing.svg){#fig-a}\n\n![B](drawing.svg){#fig-a}", "the identifier fig-a is used twice"),
        ("Voir [@fig-a; @ramesh2021].\n\n![A](drawing.svg){#fig-a}", "can't share brackets"),
    ],
)
def test_a_reference_to_nothing_is_refused(project: Path, body: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        shape(project, body)


# --- blocks --------------------------------------------------------------------------------------------


def test_a_float_div_takes_its_last_paragraph_as_caption(project: Path) -> None:
    (found,) = kinds(shape(project, "::: {#fig-a}\nUn dessin en mots.\n\nLa *légende*\n:::\n"), "Float")
    assert plain_text(found["caption"]) == "La légende" and plain_text(found["content"]) == "Un dessin en mots."


def test_a_table_div_may_take_the_caption_of_its_table(project: Path) -> None:
    (found,) = kinds(shape(project, "::: {#tbl-a}\n| a |\n|---|\n| b |\n\n: Légende\n:::\n"), "Float")
    assert found["kind"] == "tbl" and plain_text(found["caption"]) == "Légende"


def test_column_widths_are_those_asked(project: Path) -> None:
    (table,) = kinds(
        shape(project, '| a | b |\n|---|---|\n| c | d |\n\n: L {#tbl-a tbl-colwidths="[20,80]"}\n'), "Table"
    )
    assert [width["c"] for _, width in table[2]] == [0.2, 0.8]


def test_a_callout_has_a_french_title_unless_it_has_its_own(project: Path) -> None:
    body = '::: {.callout-tip}\nA\n:::\n\n::: {.callout-note title="Un *mot*" collapse="true"}\nB\n:::\n\n'
    body += "::: {.callout-warning}\n## Titre\nC\n:::\n"
    found = kinds(shape(project, body), "Callout")
    assert [(c["kind"], plain_text(c["title"]), c["collapse"]) for c in found] == [
        ("tip", "", ""),
        ("note", "Un mot", "true"),
        ("warning", "Titre", ""),
    ]


def test_a_layout_gives_each_part_its_cell(project: Path) -> None:
    (grid,) = kinds(shape(project, '::: {layout="[[60,40],[1]]"}\nA\n\nB\n\nC\n:::\n'), "Layout")
    assert [[weight for weight, _ in row] for row in grid["rows"]] == [[60, 40], [1]]
    assert [plain_text(cell) for row in grid["rows"] for _, cell in row] == ["A", "B", "C"]


def test_pictures_of_one_paragraph_take_a_cell_each(project: Path) -> None:
    (grid,) = kinds(shape(project, "::: {layout-ncol=2}\n![A](drawing.svg) ![B](drawing.svg)\n:::\n"), "Layout")
    assert [len(row) for row in grid["rows"]] == [2]


def test_rows_are_as_many_as_asked(project: Path) -> None:
    (grid,) = kinds(shape(project, "::: {layout-nrow=2}\nA\n\nB\n\nC\n:::\n"), "Layout")
    assert [len(row) for row in grid["rows"]] == [2, 2]


def test_columns_keep_their_widths(project: Path) -> None:
    body = '::: {.columns}\n::: {.column width="30%"}\nA\n:::\n::: {.column width="70%"}\nB\n:::\n:::\n'
    (grid,) = kinds(shape(project, body), "Layout")
    assert [weight for weight, _ in grid["rows"][0]] == [30, 70]


@pytest.mark.parametrize(
    ("attributes", "html", "typst"),
    [
        ('.content-visible when-format="html"', True, False),
        ('.content-visible when-format="typst"', False, True),
        ('.content-visible unless-format="html"', False, True),
        ('.content-hidden when-format="html"', False, True),
        ('.content-visible when-format="docx"', False, False),
    ],
)
def test_content_is_shown_where_it_is_meant(project: Path, attributes: str, html: bool, typst: bool) -> None:
    body = f"::: {{{attributes}}}\nPlus\n:::\n\nMoins [ici]{{{attributes}}}\n"
    assert plain_text(shape(project, body, "html")).count("ici") == html
    assert ("Plus" in plain_text(shape(project, body, "typst"))) == typst


def test_raw_blocks_reach_their_own_format_alone(project: Path) -> None:
    body = "```{=html}\n<b>\n```\n\n```{=typst}\n#v(1em)\n```\n\n`#h(1em)`{=typst}\n"
    assert [c[0] for c in kinds(shape(project, body, "html"), "RawBlock")] == ["html"]
    assert [c[0] for c in kinds(shape(project, body, "typst"), "RawBlock")] == ["typst"]
    assert kinds(shape(project, body, "html"), "RawInline") == []


def test_an_include_and_a_page_break_are_done(project: Path) -> None:
    (project / "report/_part.qmd").write_text("Dedans\n", encoding="utf-8")
    blocks = shape(project, "{{< include _part.qmd >}}\n\n{{< pagebreak >}}\n")
    assert plain_text(blocks) == "Dedans" and kinds(blocks, "PageBreak") == [None]


# --- refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{< video a.mp4 >}}", r"qmd:6: the shortcode \{\{< video >\}\} is not known here"),
        ("Texte {{< pagebreak >}}", "each alone on its line"),
        ("a\n\n::: {.panel-tabset}\n## A\n:::\n", r"qmd:8: the div class \.panel-tabset means nothing here"),
        ("::: {.column-margin}\nA\n:::\n", "column-margin"),
        ("::: {.callout-danger}\nA\n:::\n", "the callout .callout-danger is not known here"),
        ('::: {.callout-note collapsed="true"}\nA\n:::\n', "the callout attribute collapsed=true means nothing here"),
        ("::: {#thm-a}\nA\n:::\n", "numbered blocks of the kind thm- are not made here"),
        ("::: {#fig-a}\n![](drawing.svg)\n:::\n", "#fig-a has no caption"),
        ("![](drawing.svg){#fig-a}\n", "#fig-a has no caption"),
        ("![A](drawing.svg){#pic-a}\n", "begins with fig-"),
        ("[note]{.aside}", r"the span class \.aside means nothing here"),
        ("# Titre {.unumbered}\n", 'the heading class .unumbered means nothing here; did you mean "unnumbered"'),
        ("Un <br> saut", "the HTML <br> would vanish from the PDF"),
        ("a\n\nb <span class='x'>c</span>", r"qmd:8: the HTML <span class='x'> would vanish"),
        ("::: {.callout-note}\nA\n", "pandoc says: .*Div .*unclosed"),
        ('::: {layout="[[1,-1,1]]"}\nA\n\nB\n:::\n', "blank cells"),
        ('::: {layout="a"}\nA\n:::\n', "is not a list of rows"),
        ('::: {layout="[[1]]"}\nA\n\nB\n:::\n', "the layout has room for 1 of 2 parts"),
        ("::: {.content-visible when-profile=a}\nA\n:::\n", "when-profile=a means nothing here"),
        (
            '::: {.content-visible when-format="pfd"}\nA\n:::\n',
            'the format "pfd" is not known here; did you mean "pdf"',
        ),
        ("```{=tikz}\nx\n```\n", "raw {=tikz} is not known here"),
        ('``` {.python filename="a.py"}\nx\n```\n', "the code block attribute filename=a.py means nothing here"),
        ('| a | b |\n|---|---|\n| c | d |\n\n: L {#tbl-a tbl-colwidths="[20]"}\n', "must list 2 widths"),
        ("Du texte {#eq-a}\n", "must follow the [$][$] of its equation"),
        ("- a\n\n  ::: {.panel-tabset}\n  b\n  :::\n", "panel-tabset"),
        ("a\n::: {.callout-note}\nb\n:::\n", "':::' is left over"),
        ("> ::: {.panel-tabset}\n> b\n> :::\n", "panel-tabset"),
    ],
)
def test_what_is_not_known_is_an_error_never_dropped(project: Path, body: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        shape(project, body)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("![A](drawing.svg){.lightbox}\n", "picture class .lightbox"),
        ("![A](drawing.svg){link=x}\n", "picture attribute link"),
        ("[texte]{.rouge}", "span class .rouge"),
        ("# Titre {.smaller}\n", "heading class .smaller"),
        ('::: {.callout-note colour="red"}\nA\n:::\n', "callout attribute colour"),
        ("::: {.mine}\nA\n:::\n", "div class .mine"),
    ],
)
def test_a_class_of_ones_own_is_noted_and_its_text_kept(project: Path, body: str, name: str) -> None:
    prepared = prepare(write_document(project, body), project)
    kept = plain_text(shaped(prepared, "typst", project).blocks)
    assert list(prepared.notes.said) == [name]
    assert set(kept.split()) <= {"A", "AA", "texte", "Titre"}
