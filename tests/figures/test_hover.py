"""What a chart shows under the pointer: the picture and its caption, in a real browser."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from rapporteur.figures import hover as module
from rapporteur.figures.clip import captions
from rapporteur.figures.figure import write
from rapporteur.figures.hover import GAP, SIDE, Point, data_uri, hover
from rapporteur.figures.numbers import Numbers
from rapporteur.report import figure as report
from rapporteur.report.figure import figure
from rapporteur.study.album import Album
from rapporteur.study.tables import Study
from tests.builders import Builder
from tests.conftest import open_chromium

HOSTILE = "a <img src=x onerror=\"document.title='struck'\"> <b>bold</b> star"


@pytest.fixture
def study(work: Path) -> Study:
    Builder(Path(), shapes=6, scenes=3).write()
    return Study(["shapes"], {"shapes": "formes"})


def points(study: Study) -> dict[str, Point]:
    return {row.caption_id: Point("shapes", row.image_id) for row in study.captions("shapes").itertuples()}


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_pictures_stand_side_by_side_and_whole() -> None:
    strip = decoded(data_uri([Image.new("RGB", (200, 100), "red"), Image.new("RGB", (64, 64), "blue")]))
    assert strip.size == (2 * SIDE + GAP, SIDE)
    pixels = np.asarray(strip, dtype=int)
    assert (pixels[SIDE // 2, 10] - (255, 0, 0)).max() < 12 and pixels[4, 10].min() > 240


def test_a_chart_has_no_more_pictures_than_its_budget(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = hover(Album(study), points(study))
    assert len(everything.thumbnails) == len(everything.pictures) == 6
    size = sum(map(len, everything.thumbnails.values()))
    monkeypatch.setattr(module, "BUDGET", size // 2)
    some = hover(Album(study), points(study))
    assert 0 < len(some.thumbnails) < 6 and sum(map(len, some.thumbnails.values())) <= size // 2
    assert some.thumbnails.items() <= everything.thumbnails.items()


def test_a_point_without_its_gold_picture_shows_the_drawn_one_and_credits_nobody(study: Study) -> None:
    key = str(study.images("shapes")["key"].iloc[0])
    made = hover(Album(study), {"one": Point("shapes", "nowhere", [key]), "none": Point("shapes", None)})
    assert set(made.thumbnails) == {"one"} and made.pictures == []


@pytest.fixture
def page(study: Study, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page that shows one chart whose captions hold HTML."""
    chart = captions(study, Numbers({}, Path()))
    assert chart is not None
    Path("dvc.yaml").touch()
    entry = write(chart, Path("artifacts/figures"))
    Path("artifacts/figures/index.json").write_text(json.dumps({chart.name: entry}), encoding="utf-8")
    spec = Path("artifacts/figures/clip_captions/chart.vl.json")
    told = json.loads(spec.read_text(encoding="utf-8"))
    for rows in told["datasets"].values():
        for row in rows:
            if "text" in row:
                row["text"] = HOSTILE
    spec.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(report, "_bundled", set())
    html = figure(chart.name)._chart_html()
    made = Path("page.html").resolve()
    made.write_text(f"<!doctype html><meta charset=utf-8><title>calm</title>{html}", encoding="utf-8")
    return made


def test_the_drawing_of_the_pdf_carries_no_picture_and_the_page_carries_them(page: Path) -> None:
    folder = Path("artifacts/figures/clip_captions")
    assert "data:image" not in (folder / "chart.svg").read_text(encoding="utf-8")
    assert "data:image" not in (folder / "chart.vl.json").read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8").count("data:image/webp;base64,") == 6


@pytest.fixture
def browser() -> Iterator[Browser]:
    with open_chromium() as opened:
        yield opened


def test_under_the_pointer_are_the_picture_and_the_caption_and_html_in_it_stays_text(
    page: Path, browser: Browser
) -> None:
    tab = browser.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    point = tab.locator(".mark-symbol path[aria-label]").first
    assert point.get_attribute("aria-label") == HOSTILE, "a point is read as its caption, not as its data"
    point.hover()
    shown = tab.locator("#vg-tooltip-element")
    shown.wait_for(state="visible")
    assert "<b>bold</b> star" in shown.inner_text()
    assert shown.locator("b").count() == 0 and shown.locator("img").count() == 1
    assert shown.locator("img").evaluate("image => image.naturalWidth") == 2 * SIDE + GAP
    assert tab.title() == "calm"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
