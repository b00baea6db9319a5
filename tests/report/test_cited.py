"""Numbers of a document are marked with what they are, and its page leads from them to where they come from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from qmdpress import pandoc
from qmdpress.document import render_preview
from rapporteur.report import cited, fact, figure, prose, sources
from rapporteur.report.cited import Citations, Shown
from rapporteur.report.markdown import literal
from tests.conftest import open_chromium
from tests.hostile import HOSTILE
from tests.report.project import write_document

pytestmark = pytest.mark.usefixtures("project")

NBSP = "\u00a0"


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Citations:
    """As in a kernel that has shown nothing yet."""
    fresh = Citations(noting=True)
    for module in (fact, figure, prose, sources, cited):
        monkeypatch.setattr(module, "CITED", fresh)
    return fresh


def marked(told: Citations, markdown: str, *said: tuple[str, str]) -> str:
    for name, text in said:
        assert told.note(name, text) == text
    return told.marked(markdown, literal)


def spans(markdown: str) -> list[tuple[str, str]]:
    """The names and the words of each marked number, as pandoc reads them."""
    found = [each for each in pandoc.elements(pandoc.parse_document(markdown)) if each["t"] == "Span"]
    return [(dict(each["c"][0][2])["data-fact"], pandoc.plain_text(each["c"][1])) for each in found]


def test_a_number_is_marked_where_it_ended_up(kernel: Citations) -> None:
    interval = f"0,235{NBSP}[0,211 ; 0,251]"
    made = marked(kernel, f"Le score vaut **{interval}**, l’écart 0,2.", ("clip.gold", interval), ("clip.gap", "0,2"))
    assert spans(made) == [("clip.gold", interval), ("clip.gap", "0,2")]
    assert list(kernel.shown) == ["clip.gold", "clip.gap"] and kernel.said == []


def test_a_number_within_another_is_no_number_of_its_own(kernel: Citations) -> None:
    made = marked(kernel, "12,5 et 1\u202f200 et v12 et −12 et 12.", ("a.b", "12"))
    assert spans(made) == [("a.b", "12")] and made.startswith("12,5 et 1\u202f200 et v12 et −12 et [12]")
    assert spans(marked(kernel, "12 et 12", ("a.b", "12"))) == [], "which of the two it is, is not known"
    assert spans(marked(kernel, "12,5 et 1\u202f234, soit 234 %", ("a.b", "234"))) == [("a.b", "234")]


def test_a_text_that_two_findings_share_leads_to_both(kernel: Citations) -> None:
    made = marked(kernel, "20 légendes, puis 20 légendes", ("a.x", "20 légendes"), ("a.y", "20 légendes"))
    assert spans(made) == [("a.x a.y", "20 légendes")] * 2


@pytest.mark.parametrize(
    "kept",
    ["| 123 | b |\n|---|---|\n| 1 | 123 |", "```\n123\n```", '![Une 123](a.png){fig-alt="123"}',
     ": Légende 123 {#tbl-a}", "::: {.a b=123}\n:::"],
)  # fmt: skip
def test_what_is_no_prose_stays_as_it_is(kernel: Citations, kept: str) -> None:
    assert marked(kernel, kept, ("a.b", "123")) == kept


@pytest.mark.parametrize("hostile", HOSTILE)
def test_words_beside_a_number_stay_the_same_words(kernel: Citations, hostile: str) -> None:
    text = f"{literal(' '.join(hostile.split()))} 12,34 %"
    made = marked(kernel, text, ("a.b", "12,34 %"))
    words = [pandoc.plain_text(pandoc.parse_document(each)) for each in (text, made)]
    assert words[0] == words[1]


def test_outside_of_a_kernel_nothing_is_marked() -> None:
    fact.fact("clip.gold")
    assert fact.Markdown("0,235")._repr_mimebundle_()["text/markdown"] == "0,235"


def test_what_is_shown_is_marked_whatever_said_it(kernel: Citations) -> None:
    text = f"{prose.counted('images.pictures', 'image')} ; {prose.estimate('colour.obeyed')} ; {fact.fact('test.p')}"
    made = fact.Markdown(text)._repr_mimebundle_()["text/markdown"]
    assert [name for name, _ in spans(made)] == ["images.pictures", "colour.obeyed", "test.p"]
    assert spans(fact._as_it_reads(prose.estimate("clip.gold")))[0][0] == "clip.gold"


def told(markdown: fact.Markdown) -> dict[str, Any]:
    found = re.search(r'id="cited-told">(.*?)</script>', str(markdown))
    assert found is not None
    content: dict[str, Any] = json.loads(found[1])
    return content


def test_the_panel_tells_what_was_shown_and_where_it_comes_from(kernel: Citations, project: Path) -> None:
    records = json.loads((project / "artifacts/findings/findings.json").read_text(encoding="utf-8"))
    records["colour.obeyed"]["source"] = "artifacts/colour/coco/colour.parquet"
    (project / "artifacts/findings/findings.json").write_text(json.dumps(records), encoding="utf-8")
    digests = {"artifacts/colour/coco/colour.parquet": "0123456789abcdef0123456789abcdef"}
    (project / "artifacts/findings/sources.json").write_text(json.dumps(digests), encoding="utf-8")
    fact.Markdown(prose.estimate("colour.obeyed"))._repr_mimebundle_()
    fact.table("scores")
    figure.figure("planche")._repr_mimebundle_()
    content = told(sources.sources())
    assert list(content["facts"]) == ["colour.obeyed"]
    shown = content["facts"]["colour.obeyed"]
    assert shown["value"].startswith(f"12,3{NBSP}%") and shown["n"] == "1\u202f200"
    assert content["sources"][shown["source"]] == [*next(iter(digests.items())), "colour"]
    assert content["figures"] == [
        {"file": "artifacts/figures/planche/sheet.jpg", "source": "", "made": "figures", "alt": "Des images rouges",
         "heads": []}
    ]  # fmt: skip
    assert content["tables"][0]["file"] == "artifacts/findings/tables/scores.parquet"


def test_the_panel_s_words_end_no_script(kernel: Citations) -> None:
    kernel.figures["x"] = Shown("a", "b", "figures", alt="</script><!--<script>")
    page = str(sources.sources())
    assert page.count("</script>") == 2 and told(sources.sources())["figures"][0]["alt"] == "</script><!--<script>"


def test_a_document_that_shows_nothing_has_no_panel(kernel: Citations) -> None:
    assert str(sources.sources()) == ""


BODY = """
```{python}
#| include: false
from rapporteur.report.fact import fact, table
from rapporteur.report.figure import figure
from rapporteur.report.prose import estimate
from rapporteur.report.sources import sources
```

Le score vaut `{python} estimate("clip.gold")`.

::: {#fig-bars}
```{python}
figure("bars")
```

Des barres.
:::

::: {#tbl-scores}
```{python}
table("scores")
```

Des scores.
:::

```{python}
sources()
```
"""


def test_a_reader_comes_from_a_number_a_figure_and_a_table_to_their_sources(project: Path, tmp_path: Path) -> None:
    made = render_preview(write_document(project, BODY), project)
    (tmp_path / "page.html").write_bytes(made["html"])
    assert b"cited-told" not in made["pdf"]
    with open_chromium() as browser:
        page = browser.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        panel, number = page.locator("#cited"), page.locator("[data-fact='clip.gold']")
        number.focus()
        page.keyboard.press("Enter")
        assert panel.is_visible()
        assert "rapporteur why clip.gold" in panel.inner_text() and "0,235" in panel.inner_text()
        page.keyboard.press("Escape")
        assert not panel.is_visible() and number.evaluate("one => one === document.activeElement")
        buttons, files = (
            page.locator(".source-button"),
            ("figures/bars/chart.vl.json", "findings/tables/scores.parquet"),
        )
        assert buttons.count() == len(files)
        for place, file in enumerate(files):
            buttons.nth(place).click()
            assert f"artifacts/{file}" in panel.inner_text()
            panel.get_by_role("button").click()
