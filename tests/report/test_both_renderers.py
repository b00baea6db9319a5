"""The two renderers make the same document: by Quarto's rules everywhere, by Quarto itself where it is on the PATH.

Quarto's own part was last run whole on 28 November 2026 with Quarto 1.10.18, from its sources (Deno 2.9, pandoc 3.9,
Typst 0.15.2). That day the study's six documents, too, were rendered by it, by 1.8.27 (pandoc 3.6.1) and by qmdpress:
pages and words were compared with `words` and `counts` below.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from qmdpress import errors, render_preview
from rapporteur.core.errors import BadInput
from rapporteur.report.figure import BUNDLE_MARK, CHART_CLASS
from rapporteur.report.rendered import check_page, check_words, html_words, page_count, pdf_words, stable_html
from rapporteur.report.renderer import quarto_fault, render_quarto
from tests.report import stand_in
from tests.report.project import make_project, write_document

ROWS = 220
SETUP = """
```{python}
#| include: false
from rapporteur.report.fact import Markdown, fact, table
from rapporteur.report.figure import figure
```
"""
LONG = (
    SETUP
    + """
Avant @tbl-long.

::: {#tbl-long tbl-colwidths="[60,40]"}
```{python}
table("long")
```

Une longue table
:::

Après.
"""
)
WHOLE = LONG.replace("Avant", """
# Résultats {#sec-results}

Le score est de `{python} fact("clip.gold", interval=True)` : voir @fig-bars, @eq-loss et @sec-more, `{python} ""` rien
ni `{python} Markdown("")` là [@ramesh2021]. Avant""") + """
$$
\\mathcal{L} = \\frac{1}{n} \\sum_i \\left(x_i\\right)
$$ {#eq-loss}

## Plus {#sec-more}

```{python}
#| label: fig-bars
#| fig-cap: "Des barres"
figure("bars")
```

::: {#fig-drawing}
![](drawing.svg){fig-alt="un dessin"}

Un dessin
:::

```{python}
figure("bars")
```

| A | B |
| :-- | --: |
| c | d |

: Petite {#tbl-small}

# Références {.unnumbered}

::: {#refs}
:::
"""  # fmt: skip


@pytest.fixture
def study(project: Path) -> Path:
    """A project with a table that takes several pages."""
    return with_long_table(project)


def with_long_table(root: Path) -> Path:
    tables = root / "artifacts/findings/tables"
    pd.DataFrame({"name": [f"ligne{n:03d}" for n in range(ROWS)], "value": range(ROWS)}).to_parquet(
        tables / "long.parquet"
    )
    columns = [
        {"name": "name", "unit": "1", "digits": None},
        {"name": "value", "unit": "count", "digits": 0},
    ]
    index = json.loads((tables / "index.json").read_text(encoding="utf-8"))
    index["long"] = {"caption": "L", "source": "x", "columns": columns}
    (tables / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return root


def rows_of(pdf: bytes) -> list[str]:
    """The rows of the long table that can be read: of those that run off a page, Typst heaps the rest on its foot."""
    return sorted(set(re.findall(r"ligne\d{3}", pdf_words(pdf))))


def every_row_is_there(pdf: bytes) -> None:
    assert rows_of(pdf) == [f"ligne{n:03d}" for n in range(ROWS)], "a row is lost"
    pages = page_count(pdf)
    assert pages >= 4 and pdf_words(pdf).count("name value") >= pages - 1, "the heading is not repeated"


def test_a_long_table_loses_no_row_in_this_renderer(study: Path) -> None:
    every_row_is_there(render_preview(write_document(study, LONG), study)["pdf"])


def test_a_long_table_loses_no_row_by_quarto_s_rules(study: Path) -> None:
    every_row_is_there(stand_in.render(write_document(study, LONG), study)["pdf"])


def test_without_its_rule_a_long_table_would_lose_rows(study: Path) -> None:
    """Or the two tests above could not fail."""
    template = study / "report/_brand/typst-template.typ"
    text = template.read_text(encoding="utf-8")
    rule = "set block(breakable: table-rows(it.body) > whole-table)"
    rule = f'show figure.where(kind: "quarto-float-tbl"): it => {{ {rule}; it }}'
    assert rule in text
    template.write_text(text.replace(rule, ""), encoding="utf-8")
    with pytest.raises(AssertionError):
        every_row_is_there(stand_in.render(write_document(study, LONG), study)["pdf"])


def test_a_value_that_says_nothing_prints_nothing_by_quarto_s_rules(study: Path) -> None:
    path = write_document(study, SETUP + 'Un `{python} Markdown("")` deux `{python} ""` trois.')
    check_words(stand_in.render(path, study), path, study)


def test_an_empty_string_that_quarto_would_print_as_code_is_caught_with_its_line(study: Path) -> None:
    path = write_document(study, "```{python}\n#| include: false\nnothing = ''\n```\n\nUn `{python} nothing` deux.")
    with pytest.raises(BadInput, match=r"essai\.qmd:11: \{python\} nothing was printed as it is typed"):
        check_words(stand_in.render(path, study), path, study)


def test_figures_bring_no_script_of_quarto_s(study: Path) -> None:
    path = write_document(study, SETUP + "```{python}\nfigure('bars')\n```\n\n```{python}\nfigure('planche')\n```\n")
    check_page(stand_in.render(path, study)["html"].decode(), path)


def test_an_html_output_would_and_is_refused(study: Path) -> None:
    body = "```{python}\nfrom IPython.display import HTML\nHTML('<b>gras</b>')\n```\n"
    path = write_document(study, body)
    with pytest.raises(BadInput, match="the page would fetch .*require.js"):
        check_page(stand_in.render(path, study)["html"].decode(), path)


def test_identifiers_that_quarto_draws_are_made_the_same(study: Path) -> None:
    path = write_document(study, "Texte.")
    pages = [stand_in.render(path, study)["html"].decode() for _ in range(2)]
    assert pages[0] != pages[1] and stable_html(pages[0]) == stable_html(pages[1])


# --- Quarto itself -------------------------------------------------------------------------------------

fault = quarto_fault()
real = pytest.mark.skipif(bool(fault), reason=f"Quarto's own comparison: {fault}")


def counts(page: str) -> Counter[str]:
    """What a page numbers, by kind."""
    identifiers = {one for one in re.findall(r'id="((?:fig|tbl|eq|sec)-[\w-]+)"', page) if "-caption-" not in one}
    found = Counter(one.partition("-")[0] for one in identifiers)
    return found + Counter(charts=page.count(f'class="{CHART_CLASS}"'), bundles=page.count(BUNDLE_MARK))


def words(text: str) -> Counter[str]:
    """The words, but those of each renderer's own furniture: Quarto's label of the author, the other's link past the
    top, and the sign that MathML puts between a function and what it is of.
    """
    bare = text.replace("\u2061", "").replace("Aller au contenu", "")
    return Counter(word for word in re.findall(r"[^\W_]+", bare) if word != "Auteur")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """One document by both renderers."""
    if fault:
        pytest.skip(fault)
    root = with_long_table(make_project(tmp_path_factory.mktemp("both") / "project", Path(__file__).parents[2]))
    shutil.copy(Path(__file__).parents[2] / "report/author-date.csl", root / "report")
    path = write_document(root, WHOLE, "bibliography: references.bib\ncsl: author-date.csl\n")
    with by_quarto(root) as render:
        return {"quarto": render(path), "again": render(path), "preview": render_preview(path, root)}


@contextmanager
def by_quarto(root: Path) -> Iterator[Callable[[Path], dict[str, bytes]]]:
    """Renders a document of a project by Quarto, without the project's hooks."""
    settings = (root / "_quarto.yml").read_text(encoding="utf-8")
    (root / "_quarto.yml").write_text(
        re.sub(r"  (pre|post)-render: .*\n|  render:\n(    - .*\n)*", "", settings), "utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        yield lambda path: render_quarto(path, root, root / "scratch")


@real
def test_both_number_the_same_things(both: dict[str, dict[str, bytes]]) -> None:
    assert counts(both["quarto"]["html"].decode()) == counts(both["preview"]["html"].decode())
    assert page_count(both["quarto"]["pdf"]) == page_count(both["preview"]["pdf"])


@real
@pytest.mark.parametrize(("suffix", "read"), [("html", lambda data: html_words(data.decode())), ("pdf", pdf_words)])
def test_both_say_the_same_words(both: dict[str, dict[str, bytes]], suffix: str, read: Any) -> None:
    ours, theirs = words(read(both["preview"][suffix])), words(read(both["quarto"][suffix]))
    assert (ours - theirs, theirs - ours) == (Counter(), Counter())


@real
def test_quarto_loses_no_row_and_says_nothing_raw(both: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    every_row_is_there(both["quarto"]["pdf"])
    for raw in ("{python}", "$$", "?@", "@tbl-long"):
        assert raw not in html_words(both["quarto"]["html"].decode()) and raw not in pdf_words(both["quarto"]["pdf"])
    check_page(both["quarto"]["html"].decode(), tmp_path)


@real
def test_quarto_makes_the_same_page_twice(both: dict[str, dict[str, bytes]]) -> None:
    assert both["quarto"]["html"] == both["again"]["html"]
    said = subprocess.run([str(shutil.which("quarto")), "--version"], capture_output=True, text=True, check=True).stdout
    if tuple(map(int, said.split(".")[:2])) < (1, 9):
        pytest.skip("Typst 0.13, of Quarto 1.8, writes the fonts of a drawing in an order drawn at random")
    assert both["quarto"]["pdf"] == both["again"]["pdf"]


@real
def test_quarto_s_page_is_the_other_s(both: dict[str, dict[str, bytes]]) -> None:
    """One template, style and script: the title is the one first heading, and a table scrolls within itself."""
    pages = [both[name]["html"].decode() for name in ("quarto", "preview")]
    for page in pages:
        assert page.count("<h1") == 1 and 'class="table-scroll"' in page and "::highlight(sought)" in page
    assert abs(len(pages[0]) - len(pages[1])) < 0.05 * len(pages[1])


SLIDES = (
    SETUP
    + """
## Un {#sec-one}

```{python}
#| label: fig-bars
#| fig-cap: "Des barres"
figure("bars")
```

## Deux {#sec-two}

Un mot.

::: {.notes}
Rien.
:::
"""
)


@real
def test_both_give_a_slide_its_own_page(project: Path) -> None:
    front = "number-sections: false\nformat:\n  revealjs: default\n  typst:\n    papersize: presentation-16-9\n"
    path = write_document(project, SLIDES, front)
    with by_quarto(project) as render:
        theirs, ours = render(path), render_preview(path, project)
    assert page_count(theirs["pdf"]) == page_count(ours["pdf"]) == 3
    assert words(pdf_words(theirs["pdf"])) == words(pdf_words(ours["pdf"]))


COUNTED = """
```{python}
#| include: false
from itertools import count
rows = count(1)
```

De `{python} next(rows)` à `{python} next(rows)`.
"""


def test_an_expression_with_two_values_is_refused_with_its_line(project: Path) -> None:
    """Quarto prints the last one in both places (seen with 1.10: test below)."""
    path = write_document(project, COUNTED)
    with pytest.raises(errors.BadInput, match=r"essai\.qmd:\d+: `\{python\} next\(rows\)` has another value"):
        render_preview(path, project)


@real
def test_quarto_gives_an_expression_one_value(project: Path) -> None:
    with by_quarto(project) as render:
        assert "De 2 à 2." in html_words(render(write_document(project, COUNTED))["html"].decode())
