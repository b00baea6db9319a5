"""Figures as cells show them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.report import figure as module
from rapporteur.report.figure import BUNDLE_MARK, figure, has_figure


@pytest.fixture(autouse=True)
def new_document(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kernel that has shown nothing yet, and bundles in no time."""
    monkeypatch.setattr(module, "_bundled", set())
    monkeypatch.setattr(module, "_shown", module.Counter())
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda snippet, vl_version: f"/* Vega-Lite {vl_version} */")


def test_a_chart_is_interactive_in_html_and_vector_in_pdf() -> None:
    data, details = figure("bars")._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg") and 'width="60.000mm" height="30.000mm"' in data["image/svg+xml"]
    assert "vegaEmbed(document.getElementById" in data["text/html"]
    assert details["image/svg+xml"]["alt"] == 'Une barre "haute"'


def test_a_chart_says_what_it_shows_without_its_script() -> None:
    html = figure("bars")._repr_mimebundle_()[0]["text/html"]
    assert 'alt="Une barre &quot;haute&quot;"' in html
    assert 'src="data:image/svg+xml;base64,' in html


def test_vega_goes_once_into_a_document_and_every_chart_has_its_own_place() -> None:
    pages = [figure("bars")._repr_mimebundle_()[0]["text/html"] for _ in range(3)]
    assert [page.count(BUNDLE_MARK) for page in pages] == [1, 0, 0]
    assert "/* Vega-Lite 6.1 */" in pages[0]
    assert len({re.findall(r'id="(chart-[^"]+)"', page)[0] for page in pages}) == 3


def test_text_of_the_data_can_t_close_the_script() -> None:
    html = figure("bars")._repr_mimebundle_()[0]["text/html"]
    assert html.count("</script>") == 2  # the bundle's and the chart's own
    assert r"<\/script>" in html


def test_numbers_of_an_interactive_chart_are_french() -> None:
    assert '"decimal": ","' in figure("bars")._repr_mimebundle_()[0]["text/html"]


@pytest.mark.parametrize(("width", "pixels"), [(None, 192), ("127mm", 480), ("12.7cm", 480), ("50%", 329)])
def test_a_sheet_is_as_wide_as_asked(width: str | None, pixels: int) -> None:
    data, details = figure("planche", width)._repr_mimebundle_()
    assert details["image/jpeg"] == {"alt": "Des images rouges", "width": pixels, "height": round(pixels / 2)}
    assert f'width="{pixels}"' in data["text/html"]


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
        figure("bars")._repr_mimebundle_()


def test_the_figures_that_exist_are_known() -> None:
    assert has_figure("bars") and not has_figure("bar")
