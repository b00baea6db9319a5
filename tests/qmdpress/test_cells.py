"""Cells and inline code: what they show, in which order, and how they fail."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from qmdpress import cells
from qmdpress.document import Prepared, prepare, render_preview, shaped
from qmdpress.errors import BadInput
from qmdpress.pandoc import elements, plain_text
from tests.report.project import make_project, write_document

BODY = """
```{python}
#| include: false
from IPython.display import HTML, Markdown, display
import sys
seen = []
```

Un `{python} len(seen)`, `{python} "mot *nu*"`, `{python} Markdown("mot *gras*")`.

```{python}
#| echo: true
seen.append(1)
print("dit")
print("tu", file=sys.stderr)
```

Puis `{python} len(seen)`, dans [un `{python} len(seen) + 1` lien](https://example.org)
et une note[^n].

[^n]: Note `{python} len(seen) + 2`.

```{python}
#| output: asis
print("::: {.callout-note}\\nEncadré\\n:::")
```

```{python}
#| eval: false
#| echo: true
raise SystemExit
```

```{python}
#| output: false
print("invisible")
```

```{python}
#| label: tbl-html
#| tbl-cap: "Un cadre"
HTML("<table><tr><th>a</th></tr><tr><td>cellule</td></tr></table>")
```

```{python}
#| label: fig-two
#| fig-cap: "Deux *dessins*"
#| fig-subcap: ["Un", "Autre"]
#| layout-ncol: 2
from rapporteur.report.figure import figure
display(figure("planche"))
display(figure("planche"))
```

```{python}
#| fig-cap: "Sans numéro"
figure("planche")
```
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """BODY run once, in one kernel."""
    repository = Path(__file__).resolve().parents[2]
    root = make_project(tmp_path_factory.mktemp("cells") / "project", repository)
    return prepare(write_document(root, BODY), root)


def shape(ran: Prepared, form: str) -> list[dict[str, Any]]:
    return shaped(ran, form, Path.cwd()).blocks


def of(blocks: list[dict[str, Any]], kind: str) -> list[Any]:
    return [element["c"] for element in elements(blocks) if element["t"] == kind]


def test_code_runs_in_the_order_of_the_page(ran: Prepared) -> None:
    text = plain_text(shape(ran, "html"))
    assert "Un 0, mot *nu*, mot gras." in text
    assert "Puis 1, dans un 2 lien et une noteNote 3.." in text


def test_a_string_is_literal_and_markdown_is_not(ran: Prepared) -> None:
    assert [plain_text(inlines) for inlines in of(shape(ran, "html"), "Emph")] == ["gras", "dessins"]


def test_what_is_shown_follows_the_options(ran: Prepared) -> None:
    code = [text for _, text in of(shape(ran, "typst"), "CodeBlock")]
    assert code == ['seen.append(1)\nprint("dit")\nprint("tu", file=sys.stderr)', "dit", "raise SystemExit"]


def test_printed_markdown_is_a_part_of_the_page(ran: Prepared) -> None:
    (callout,) = of(shape(ran, "typst"), "Callout")
    assert plain_text(callout["content"]) == "Encadré"


def test_a_table_in_html_is_a_table_in_the_pdf_too(ran: Prepared) -> None:
    assert "cellule" in plain_text(of(shape(ran, "typst"), "Table"))
    assert any("cellule" in text for form, text in of(shape(ran, "html"), "RawBlock") if form == "html")


def test_a_labelled_cell_is_a_float_like_one_written_by_hand(ran: Prepared) -> None:
    floats = of(shape(ran, "typst"), "Float")
    assert [(f["id"], f["number"], plain_text(f["caption"])) for f in floats] == [
        ("tbl-html", "1", "Un cadre"),
        ("fig-two", "1", "Deux dessins"),
        ("fig-two-1", "(a)", "Un"),
        ("fig-two-2", "(b)", "Autre"),
        ("", "", "Sans numéro"),
    ]


def test_a_picture_of_a_cell_keeps_its_size_and_its_text(ran: Prepared) -> None:
    image = of(shape(ran, "typst"), "Image")[0]
    assert dict(image[0][2]) == {"width": "50.8mm", "fig-alt": "Des images rouges"}


def test_a_document_without_code_starts_no_kernel(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_run", lambda steps, root: pytest.fail("a kernel was started"))
    prepare(write_document(project, "Texte."), project)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('a\n\n`{python} fact("clip.golden")`', r'qmd:11: `fact\("clip.golden"\)` failed: .*did you mean "clip.gold"'),
        ("```{python}\n1 / 0\n```\n", r"qmd:9: `1 / 0` failed: ZeroDivisionError"),
        ("`{python} x = 1`", r"qmd:9: .* must be one expression"),
        ('`{python} print("a")`', "must be one expression that has a value and prints nothing"),
        ("`{python} None`", "must be one expression that has a value"),
        ("`{python} 'a\\xa0b'`", r"is a string that Quarto would print as 'a\\xa0b'; wrap it in Markdown"),
    ],
)
def test_a_failure_names_the_line_and_what_was_said(project: Path, body: str, message: str) -> None:
    imported = "from rapporteur.report.fact import fact" if "fact" in body else "x = 1"
    setup = f"```{{python}}\n{imported}\n```\n"
    with pytest.raises(BadInput, match=message):
        prepare(write_document(project, setup + body), project)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("code-summary: Voir", "the cell option `code-summary` changes what is read"),
        ("fig-capp: A", 'the cell option `fig-capp` means nothing, here or to Quarto; did you mean "fig-cap"'),
        ("echo: fenced", "the cell option `echo` is true or false"),
        ("output: hidden", "the cell option `output` is true, false or asis"),
        ("fig-cap: '`{python} n` images'", r"`fig-cap` can't hold \{python\}"),
    ],
)
def test_an_option_that_nothing_obeys_is_refused_before_anything_runs(
    project: Path, options: str, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        prepare(write_document(project, f"```{{python}}\n#| {options}\n1 / 0\n```\n"), project)


def test_a_label_used_twice_is_refused(project: Path) -> None:
    cell = "```{python}\n#| label: fig-a\n#| fig-cap: A\n1\n```\n"
    with pytest.raises(BadInput, match=r'qmd:12: the label "fig-a" is used twice .first in line 6.'):
        prepare(write_document(project, f"{cell}\n{cell}"), project)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("#| label: fig-a\nx = figure('planche')\nx", '"fig-a" needs a caption'),
        ("#| label: fig-a\n#| fig-cap: A\n#| fig-subcap: [b, c]\nfigure('planche')", "one caption for each of the 1"),
        ("#| fig-cap: A\n#| fig-alt: B\nfrom IPython.display import HTML\nHTML('<b>')", "`fig-alt` does not reach"),
        ("get_ipython().display_pub.publish({'application/x-odd': 'a'})", "of the kind application/x-odd can't"),
    ],
)  # fmt: skip
def test_an_output_that_can_t_be_placed_is_refused(project: Path, cell: str, message: str) -> None:
    setup = "```{python}\n#| include: false\nfrom rapporteur.report.figure import figure\n```\n"
    body = f"{setup}\n```{{python}}\n{cell}\n```\n"
    prepared = prepare(write_document(project, body), project)
    with pytest.raises(BadInput, match=message):
        shaped(prepared, "html", project)


def test_a_labelled_cell_that_shows_nothing_leaves_no_figure(project: Path) -> None:
    body = "Avant.\n\n```{python}\n#| label: fig-a\n#| fig-cap: A\nNone\n```\n\nAprès.\n"
    blocks = shaped(prepare(write_document(project, body), project), "html", project).blocks
    assert not of(blocks, "Figure")
    assert "Avant." in plain_text(blocks)


@pytest.mark.parametrize("said", ['""', 'Markdown("")'])
def test_a_value_that_says_nothing_prints_nothing(project: Path, said: str) -> None:
    setup = "```{python}\n#| include: false\nfrom rapporteur.report.fact import Markdown\n```\n\n"
    prepared = prepare(write_document(project, f"{setup}Avant `{{python}} {said}` après.\n"), project)
    for form in ("html", "typst"):
        assert plain_text(shaped(prepared, form, project).blocks).split() == ["Avant", "après."]


def test_what_has_no_effect_here_is_noted_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = "```{python}\n#| html-table-processing: none\n#| fig-dpi: 300\n1\n```\n"
    made = render_preview(write_document(project, cell * 2, "html-table-processing: none\nlightbox: true\n"), project)
    said = capsys.readouterr().err.splitlines()
    assert set(made) == {"html", "pdf"} and len(said) == 1
    assert re.findall(r"([a-z-]+) \(report/essai\.qmd:\d+\)", said[0]) == [
        "fig-dpi",
        "html-table-processing",
        "lightbox",
    ]
