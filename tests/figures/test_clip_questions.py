"""Charts of what CLIP is asked: drawn where the study has something to show, in the page's width, and described."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from rapporteur.figures import clip_questions as charts
from rapporteur.figures.figure import Chart, write
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import language
from rapporteur.statistics.planning import half_width
from rapporteur.study.tables import Study

STUDY = Study(["coco"], {"coco": "MS-COCO"})
FOILS = [("foil_colour", 0.9), ("alternative", 0.5)]


def numbers(folder: Path, records: dict[str, float] | None = None, **tables: list[dict[str, object]]) -> Numbers:
    """Findings with these values and tables with these rows."""
    (folder / "tables").mkdir(parents=True)
    for name, rows in tables.items():
        pd.DataFrame(rows).to_parquet(folder / "tables" / f"{name}.parquet")
    rest = {"quantity": "", "dataset": "coco", "n": 4, "unit": "CLIPScore", "method": {"code": "mean"}, "source": ""}
    told = {
        name: {"value": value, "low": value - 0.02, "high": value + 0.02, **rest}
        for name, value in (records or {}).items()
    }
    (folder / "findings.json").write_text(json.dumps(told), encoding="utf-8")
    return Numbers.read(folder)


def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four captions of three draws."""
    rows = pd.DataFrame(
        {"caption_id": [f"c{place}" for place in range(4) for _ in range(3)], "clipscore": 0.7}
    ).assign(text=lambda frame: "a red star" + frame["caption_id"].map({"c3": " here"}).fillna(""))  # fmt: skip
    monkeypatch.setattr(Study, "scores", lambda self, dataset, pair=None: rows)


def svg(chart: Chart | None, folder: Path) -> str:
    """The drawing, whose size and description are checked on the way."""
    assert chart is not None
    entry = write(chart, folder)
    assert entry["width_mm"] <= 171 and len(entry["alt"]) > 60 and "nan" not in entry["alt"]
    text = (folder / chart.name / "chart.svg").read_text(encoding="utf-8")
    assert not [label for label in re.findall(r"<text[^>]*>([^<]*)</text>", text) if re.fullmatch(r"\d+\.\d+", label)]
    return text


def height(text: str, label: str) -> float:
    """How far down the label of a category stands."""
    found = re.search(rf'translate\([^,]+,([\d.]+)\)"[^>]*>{re.escape(label)}</text>', text)
    assert found is not None, label
    return float(found[1])


def foil_rows() -> list[dict[str, object]]:
    return [
        {"key": "coco", "dataset": "MS-COCO", "variant": label, "pictures": seen, "n": 30, "preference": value,
         "low": value - 0.1, "high": value + 0.1}
        for label, value in FOILS
        for seen in charts.SEEN
    ]  # fmt: skip


def test_wordings_are_named_and_their_preference_is_said(tmp_path: Path) -> None:
    found = charts.foils(STUDY, numbers(tmp_path / "f", clip_foils=foil_rows()))
    text = svg(found, tmp_path)
    assert "– couleur fausse" in text and "autre légende juste" in text and "Référence" in text
    assert found is not None and "couleur : 90\u00a0%" in found.alt


def test_each_wording_of_the_findings_has_its_name_on_the_chart() -> None:
    from rapporteur.findings.foils import PICTURES, VARIANTS

    words = language().vocabularies
    assert set(VARIANTS) == set(words["wording"]) == set(words["variant"])
    assert set(PICTURES) == set(charts.SEEN)


def test_retrieval_has_a_panel_a_direction_and_says_the_chance(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"key": "coco", "dataset": "MS-COCO", "direction": way, "pictures": seen, "k": k, "n": 30, "recall": k / 20,
         "low": k / 25, "high": k / 15, "chance": k / 100}
        for way in ("image_to_text", "text_to_image")
        for seen in charts.SEEN
        for k in (1, 5, 10)
    ]  # fmt: skip
    found = charts.retrieval(STUDY, numbers(tmp_path / "f", clip_retrieval=rows))
    text = svg(found, tmp_path)
    assert text.count(">MS-COCO, image → légende<") == 1 and ">MS-COCO, légende → image<" in text and ">R@10<" in text
    assert found is not None and "hasard 1\u00a0%" in found.alt


def test_the_plan_s_curves_are_student_s_half_widths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(monkeypatch)
    told = numbers(tmp_path / "f", {"clip.sd_caption.coco": 0.08, "clip.sd_draw.coco": 0.05})
    curves, own = charts._plan(STUDY, told, "coco")
    assert own == {"captions": 4, "draws": 3, "width": pytest.approx(half_width(4, 0.08**2 + 0.05**2 / 3))}
    at = curves[curves["captions"] == 5].set_index("draws")["width"]
    assert at["1"] == pytest.approx(half_width(5, 0.08**2 + 0.05**2))
    assert at["sans fin"] == pytest.approx(half_width(5, 0.08**2))
    assert "4 légendes de 3 tirages" in charts.planning(STUDY, told).alt  # type: ignore[union-attr]
    svg(charts.planning(STUDY, told), tmp_path)


def test_effects_of_what_captions_name_end_with_the_length(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"key": "coco", "dataset": "MS-COCO", "feature": name, "with": 9, "without": 21, "effect": -0.2, "low": -0.5,
         "high": 0.1, "p_holm": 0.3}
        for name in ("length", "number", "person")
    ]  # fmt: skip
    text = svg(charts.failures(STUDY, numbers(tmp_path / "f", clip_failures=rows)), tmp_path)
    places = [height(text, name) for name in ("un nombre", "une personne", "longueur, en mots")]
    assert places == sorted(places)


def test_a_caption_s_text_is_shown_where_the_pointer_rests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(monkeypatch)
    found = charts.lengths(STUDY, numbers(tmp_path / "f", {"clip.score_by_length.coco": 0.2}))
    svg(found, tmp_path)
    spec = (tmp_path / "clip_lengths/chart.vl.json").read_text(encoding="utf-8")
    assert '"text:N"' in spec or '"field": "text"' in spec
    assert "a red star here" in spec


def test_the_ceiling_is_between_gold_and_generated(tmp_path: Path) -> None:
    told = {"clip.gold.coco": 0.8, "clip.reconstructed.coco": 0.75, "clip.generated.coco": 0.6}
    text = svg(charts.ceiling(STUDY, numbers(tmp_path / "f", told)), tmp_path)
    assert height(text, "Référence") < height(text, "Référence passée par le VQGAN") < height(text, "Générée")


EMPTY = {"clip_foils": charts.foils, "clip_retrieval": charts.retrieval, "clip_failures": charts.failures}


@pytest.mark.parametrize("name", EMPTY)
def test_without_rows_there_is_no_chart(name: str, tmp_path: Path) -> None:
    chart: Callable[[Study, Numbers], Chart | None] = EMPTY[name]
    empty = pd.DataFrame({"key": [], "effect": [], "feature": []})
    told = numbers(tmp_path / "f")
    empty.to_parquet(tmp_path / f"f/tables/{name}.parquet")
    assert chart(STUDY, told) is None


def test_without_estimates_there_is_no_plan_and_no_ceiling(tmp_path: Path) -> None:
    told = numbers(tmp_path / "f")
    assert charts.planning(STUDY, told) is None and charts.ceiling(STUDY, told) is None
