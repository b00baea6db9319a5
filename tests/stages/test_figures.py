"""The stage: every figure that has something to show, described, in one size and one theme, same bytes each time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.figures import contact, ratings
from rapporteur.figures.figure import write
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import language
from rapporteur.stages import figures, findings
from rapporteur.study.album import Album
from rapporteur.study.tables import Study
from tests.builders import Builder, truncated, write_pipeline

OUT = Path("artifacts/figures")
CHARTS = {
    "clip_distributions", "clip_distributions_note", "clip_best_of_k", "clip_captions", "colour_ab", "colour_measures",
    "colour_obedience", "colour_hues", "colour_distances", "palettes", "landscape_scores", "loss", "ratings",
    "clip_planning", "clip_failures", "clip_lengths", "samples_clip", "colour_differences", "landscape_kinds",
}  # fmt: skip
SHEETS = {f"{kind}_{dataset}" for kind in ("sheet", "gold", "extremes") for dataset in ("shapes", "landscapes")} | {
    "sheet_shapes_note", "sheet_landscapes_note", "landscapes_filter", "samples", "samples_note", "samples_nearest",
}  # fmt: skip


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose figures are drawn: made once, for it costs fifteen seconds."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Builder(Path(), shapes=9).write()
        write_pipeline(folder)
        findings.main()
        figures.main()
    return folder


@pytest.fixture
def inside(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(drawn)
    return drawn


def index() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = json.loads((OUT / "index.json").read_text(encoding="utf-8"))
    return content


def contents() -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(OUT.rglob("*")) if path.is_file()}


def test_all_figures_are_there_described_and_the_same_twice(inside: Path) -> None:
    told = index()
    assert {name for name, entry in told.items() if entry["kind"] == "chart"} == CHARTS
    assert {name for name, entry in told.items() if entry["kind"] == "sheet"} == SHEETS
    for name, entry in told.items():
        assert (OUT / entry["file"]).is_file(), name
        assert len(entry["alt"]) > 40 and len(entry["caption"]) > 20 and entry["source"], name
        assert entry["width_mm"] <= 171, name  # the text of an A4 page
        assert "nan" not in entry["alt"].lower(), name
    first = contents()
    figures.main()
    assert contents() == first


def test_every_gold_picture_that_is_shown_is_credited_once(inside: Path) -> None:
    told = index()
    shown = {tuple(pair) for entry in told.values() for pair in entry.get("pictures", [])}
    assert all(told[name]["pictures"] for name in ("sheet_shapes", "gold_landscapes", "clip_captions"))
    credited = json.loads((OUT / "attribution.json").read_text(encoding="utf-8"))
    named = [(record["dataset"], record["image_id"]) for record in credited]
    assert len(named) == len(set(named)) and set(named) == shown
    assert {record["licence"] for record in credited} == {"CC0"}


def test_points_name_the_pictures_that_their_tooltips_show(inside: Path) -> None:
    for name in ("clip_captions", "colour_ab"):
        thumbnails = json.loads((OUT / index()[name]["thumbnails"]).read_text(encoding="utf-8"))
        spec = json.loads((OUT / name / "chart.vl.json").read_text(encoding="utf-8"))
        named = {row["picture"] for rows in spec["datasets"].values() for row in rows if "picture" in row}
        assert set(thumbnails) == named, name
        assert sum(map(len, thumbnails.values())) < 800_000, name


def test_charts_are_drawn_with_french_numbers_and_need_no_network(inside: Path) -> None:
    for name in CHARTS:
        spec = json.loads((OUT / name / "chart.vl.json").read_text(encoding="utf-8"))
        assert spec["config"]["locale"]["number"]["decimal"] == ",", name
        assert '"url"' not in json.dumps(spec), name
    svg = (OUT / "clip_distributions/chart.svg").read_text(encoding="utf-8")
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "0,8" in labels or "0,80" in labels
    assert not any(re.fullmatch(r"\d+\.\d+", label) for label in labels)


def test_a_page_s_sheet_is_the_same_picture_and_lighter(inside: Path) -> None:
    for name in ("sheet_shapes_note", "samples"):
        printed, page = (OUT / name / f"sheet.{suffix}" for suffix in ("jpg", "webp"))
        one, other = (np.asarray(Image.open(path).convert("RGB"), dtype=float) for path in (printed, page))
        assert one.shape == other.shape and abs(one - other).mean() < 3
        assert page.stat().st_size < printed.stat().st_size


def test_a_sheet_shows_the_gold_picture_beside_the_drawn_ones(inside: Path) -> None:
    """The first picture of the compact sheet is gold: the orange frame, then the ground that the caption names."""
    sheet = np.asarray(Image.open(OUT / "sheet_shapes_note/sheet.jpg"), dtype=int)
    orange = (abs(sheet - (230, 159, 0)) < 12).all(axis=2)  # JPEG keeps colours nearly
    assert orange.sum() > 1_000
    assert (sheet[orange.any(axis=1)] != 255).any()


def test_without_ratings_the_figure_is_the_plan_and_says_so(inside: Path) -> None:
    entry = index()["ratings"]
    assert "aucune note" in entry["alt"]
    assert "Aucune note saisie" in (OUT / "ratings/chart.svg").read_text(encoding="utf-8")


def test_simulated_ratings_are_marked_in_the_figure(work: Path) -> None:
    builder = Builder(Path(), shapes=6)
    builder.write()
    builder.ratings(builder.ratings_of(raters=2, simulated=True))
    write_pipeline(work)
    findings.main()
    chart = ratings.means(Study(["shapes"], {}), Numbers.read(Path("artifacts/findings")))
    assert "SIMULÉES" in chart.alt and "SIMULÉES" in chart.caption
    write(chart, work)
    assert "Notes simulées" in (work / "ratings/chart.svg").read_text(encoding="utf-8")


def test_a_truncated_gold_picture_is_named(work: Path) -> None:
    Builder(Path(), shapes=3, scenes=3).write()
    for path in Path("world/shapes").glob("*.jpg"):
        truncated(path)
    with pytest.raises(BadInput, match=r"world/shapes/s00\d\.jpg.*damaged"):
        contact.compact(Album(Study(["shapes"], {})), "shapes", language(), 2)


def test_findings_must_come_first(work: Path) -> None:
    write_pipeline(work)
    with pytest.raises(BadInput, match="dvc repro findings"):
        figures.main()
