"""Slides: one section a slide in the page, one page a slide in the PDF, and the keys of the deck in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qmdpress import render_preview
from qmdpress.errors import BadInput
from rapporteur.report.figure import BUNDLE_MARK, CHART_CLASS
from rapporteur.report.rendered import check_rendered, page_count, pdf_words
from tests.conftest import open_chromium
from tests.report.project import make_project, write_document

FRONT = """subtitle: "Un sous-titre"
number-sections: false
format:
  revealjs:
    css: [_brand/common.css]
    slide-number: c/t
  typst:
    papersize: presentation-16-9
    fontsize: 13pt
"""
BODY = """
```{python}
#| include: false
from rapporteur.report.fact import fact
from rapporteur.report.figure import figure
```

## Première {#sec-first}

Le score est de `{python} fact("clip.gold")` ; suite à la @fig-bars.

::: {.notes}
À dire seulement.
:::

## Deuxième {#sec-second}

::: {layout="[[40,60]]"}
::: {}
- un point
:::
::: {#fig-bars}
```{python}
figure("bars")
```

Des barres
:::
:::
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("slides") / "project", Path(__file__).resolve().parents[2])


@pytest.fixture(scope="module")
def made(root: Path) -> dict[str, bytes]:
    return render_preview(write_document(root, BODY, FRONT), root)


def test_each_heading_is_a_slide_and_the_title_is_the_first(made: dict[str, bytes]) -> None:
    page = made["html"].decode()
    assert page.count('<section class="slide') == 3 == page_count(made["pdf"])
    assert '<section class="slide" id="sec-first">' in page and page.count("</section>") == 3
    assert "<h2" in page and "<h3" not in page
    assert page.count(f'class="{CHART_CLASS}"') == page.count(BUNDLE_MARK) == 1


def test_the_speaker_s_notes_are_in_the_page_alone(made: dict[str, bytes]) -> None:
    assert "À dire seulement" in made["html"].decode()
    assert "À dire" not in pdf_words(made["pdf"]) and "Première" in pdf_words(made["pdf"])


def test_a_slide_that_does_not_fit_its_page_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = BODY + "\n\n".join(["Une phrase de plus, puis une autre."] * 30)
    path = write_document(root, long, FRONT, name="longue")
    check_rendered(render_preview(path, root), path, root)
    assert "longue.qmd: 4 pages for 3 slides" in capsys.readouterr().err


def test_text_before_the_first_slide_is_refused(root: Path) -> None:
    with pytest.raises(BadInput, match="there is text before the first slide"):
        render_preview(write_document(root, "Un mot.\n\n## Une\n", FRONT, name="avant"), root)


@pytest.fixture
def shown(made: dict[str, bytes], tmp_path: Path) -> Iterator[Page]:
    (tmp_path / "slides.html").write_bytes(made["html"])
    with open_chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"file://{tmp_path}/slides.html")
        yield page


def test_keys_go_from_slide_to_slide_and_the_address_follows(shown: Page) -> None:
    count = shown.locator("footer output")
    expect(count).to_have_text("1 / 3")
    for key, place in (("ArrowRight", 2), ("Space", 3), ("ArrowRight", 3), ("Home", 1), ("End", 3), ("ArrowLeft", 2)):
        shown.keyboard.press(key)
        expect(count).to_have_text(f"{place} / 3")
    assert shown.url.endswith("#/1")
    expect(shown.get_by_text("Première")).to_be_visible()
    expect(shown.get_by_text("un point")).not_to_be_visible()
    expect(shown.get_by_text("À dire seulement")).not_to_be_visible()
    shown.keyboard.press("s")
    expect(shown.get_by_text("À dire seulement")).to_be_visible()
    shown.get_by_role("link", name="figure 1").click()  # a reference shows the slide of what it names
    expect(count).to_have_text("3 / 3")
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
