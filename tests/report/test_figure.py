"""Figures as cells show them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from qmdpress import pandoc
from rapporteur.core.errors import BadInput
from rapporteur.report import figure as module
from rapporteur.report.figure import BUNDLE_MARK, figure, has_figure, inline_svg, raw_html
from tests.hostile import HOSTILE


@pytest.fixture(autouse=True)
def new_document(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kernel that has shown nothing yet, and bundles in no time."""
    monkeypatch.setattr(module, "_bundled", set())
    monkeypatch.setattr(module, "_shown", module.Counter())
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda snippet, vl_version: f"/* Vega-Lite {vl_version} */")


def shown(name: str, width: str | None = None) -> str:
    """What a cell that ends with the figure gives to a renderer."""
    made = figure(name, width)._repr_mimebundle_()
    assert set(made) == {"text/markdown", "text/plain"}, "a text/html output makes Quarto fetch jQuery and RequireJS"
    return made["text/markdown"]


def parts(markdown: str) -> list[tuple[str, str]]:
    """The raw blocks and pictures that pandoc reads in it: (format or "picture", text)."""
    found = []
    for element in pandoc.elements(pandoc.parse_document(markdown)):
        if element["t"] == "RawBlock":
            found.append((element["c"][0], element["c"][1]))
        if element["t"] == "Image":
            found.append(("picture", element["c"][2][0]))
    return found


def test_a_chart_is_interactive_in_html_and_vector_in_pdf() -> None:
    (form, page), (kind, target) = parts(shown("bars"))
    assert form == "html" and "vegaEmbed(document.getElementById" in page
    assert (kind, target) == ("picture", "/artifacts/figures/bars/chart.svg")
    assert 'width="60mm"' in shown("bars")


def test_a_chart_says_what_it_shows_without_its_script() -> None:
    (_, page), _ = parts(shown("bars"))
    assert 'aria-label="Une barre &quot;haute&quot;"' in page
    assert re.search(r'<svg style="width:60mm[^>]*viewBox="0 0 200 100"', page)


def test_the_text_of_a_picture_is_its_alternative_text() -> None:
    images = [e for e in pandoc.elements(pandoc.parse_document(shown("bars"))) if e["t"] == "Image"]
    assert dict(images[0]["c"][0][2])["fig-alt"] == 'Une barre "haute"'


def test_vega_goes_once_into_a_document_and_every_chart_has_its_own_place() -> None:
    pages = [shown("bars") for _ in range(3)]
    assert [page.count(BUNDLE_MARK) for page in pages] == [1, 0, 0]
    assert "/* Vega-Lite 6.1 */" in pages[0]
    assert len({re.findall(r'id="(chart-[^"]+)"', page)[0] for page in pages}) == 3


def test_a_still_chart_is_its_drawing_without_any_script(project: Path) -> None:
    page = dict(parts(figure("bars", still=True)._repr_mimebundle_()["text/markdown"]))["html"]
    assert "<svg" in page and 'role="img"' in page and "<script" not in page


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_of_the_data_can_t_leave_its_script(project: Path, hostile: str) -> None:
    spec = project / "artifacts/figures/bars/chart.vl.json"
    text = json.dumps(hostile, ensure_ascii=False)[1:-1]
    spec.write_text(spec.read_text(encoding="utf-8").replace("</script>", text), encoding="utf-8")
    page = shown("bars")
    assert page.count("</script>") == 2  # the bundle's and the chart's own
    script = page.split("vegaEmbed(")[1].removesuffix("\n").split(");</script>")[0]
    assert not set(script) & set("<>\u2028")


@pytest.mark.parametrize("ticks", ["```", "`````\n````"])
def test_a_raw_block_holds_any_text(ticks: str) -> None:
    assert parts(raw_html(f"<p>{ticks}</p>\n{ticks}\n")) == [("html", f"<p>{ticks}</p>\n{ticks}\n")]


def test_a_layer_without_a_row_is_not_heard_as_a_drawing_without_a_name() -> None:
    layers = '<g class="m" role="graphics-symbol" x="1"></g><g role="graphics-symbol" aria-label="A bar"></g>'
    drawn = inline_svg(f'<svg width="2" height="1">{layers}</svg>', None, "x")
    assert (
        '<g class="m" aria-hidden="true" x="1">' in drawn and '<g role="graphics-symbol" aria-label="A bar">' in drawn
    )


def test_identifiers_of_a_drawing_are_its_own() -> None:
    drawn = '<svg width="2" height="1"><clipPath id="a"/><g clip-path="url(#a)"/><use href="#a"/><b id="ab"/></svg>'
    own = '<clipPath id="x-a"/><g clip-path="url(#x-a)"/><use href="#x-a"/><b id="x-ab"/>'
    assert inline_svg(drawn, None, "x") == f'<svg width="2" height="1">{own}</svg>'


def test_numbers_of_an_interactive_chart_are_french() -> None:
    assert '"decimal": ","' in shown("bars")


@pytest.mark.parametrize(
    ("width", "said"), [(None, "50.8mm"), ("127mm", "127mm"), ("12.7cm", "127mm"), ("50%", "87mm")]
)
def test_a_sheet_is_as_wide_as_asked(width: str | None, said: str) -> None:
    page = shown("planche", width)
    assert page == f'![](/artifacts/figures/planche/sheet.jpg){{fig-alt="Des images rouges" width="{said}"}}'


@pytest.mark.parametrize(
    ("name", "width", "message"),
    [
        ("bar", None, 'no figure is called "bar"; did you mean "bars"'),
        ("muet", None, "no alternative text"),
        ("bars", "large", 'the width "large" is not of the form'),
    ],
)
def test_a_wrong_figure_is_refused(name: str, width: str | None, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        figure(name, width)


def test_a_missing_file_names_the_stage_to_run(project: Path) -> None:
    (project / "artifacts/figures/bars/chart.svg").unlink()
    with pytest.raises(BadInput, match="run `dvc repro figures`"):
        shown("bars")


def test_the_figures_that_exist_are_known() -> None:
    assert has_figure("bars") and not has_figure("bar")
