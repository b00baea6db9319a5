"""The sentences that depend on the results."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pypdfium2
import pytest
import typst

from rapporteur.core.errors import BadInput
from rapporteur.report.fact import attached_numbers, attached_table
from rapporteur.report.prose import (
    all_numbers,
    counted,
    datasets,
    drawn_world,
    each,
    estimate,
    given,
    label,
    labels,
    setting,
    sheet_references,
    sheets,
    verdict,
)


def record(value: Any, low: float | None = None, high: float | None = None, unit: str = "1") -> dict[str, Any]:
    method = {"code": "reading"}
    return {"quantity": "", "dataset": "", "value": value, "low": low, "high": high, "n": 40, "unit": unit,
            "method": method, "source": ""}  # fmt: skip


FINDINGS = {
    "study.dataset.coco": record("photographies", unit="name"),
    "study.dataset.flickr": record("scènes", unit="name"),
    "study.drawn_world.coco": record(0, unit="count"),
    "study.drawn_world.flickr": record(1, unit="count"),
    "study.confidence": record(0.95),
    "gap.above": record(0.2, 0.1, 0.3),
    "gap.below": record(-0.2, -0.3, -0.1),
    "gap.across": record(0.1, -0.1, 0.3),
    "gap.few": record(0.1),
    "gap.none": record(None),
    "gap.doubted": record(0.2, 0.1, 0.3) | {"p": "gap_p.doubted"},
    "gap_p.doubted": record(0.098),
    "gap.confirmed": record(0.2, 0.1, 0.3) | {"p": "gap_p.confirmed"},
    "gap_p.confirmed": record(0.05),
    "raters.one": record(1, unit="count"),
    "raters.many": record(1200, unit="count"),
}


@pytest.fixture
def study(work: Path) -> Path:
    """A project with two datasets, the second key first in the alphabet's order but last in the study's."""
    (work / "dvc.yaml").touch()
    tables = work / "artifacts/findings/tables"
    tables.mkdir(parents=True)
    (tables.parent / "findings.json").write_text(json.dumps(FINDINGS), encoding="utf-8")
    pd.DataFrame({"key": ["flickr", "coco"], "dataset": ["scènes", "photographies"]}).to_parquet(
        tables / "corpus.parquet"
    )
    (tables / "index.json").write_text("{}", encoding="utf-8")
    figures = work / "artifacts/figures"
    figures.mkdir()
    sheet = {"kind": "sheet", "alt": 'A sheet of "red" stars', "file": "sheet_coco/sheet.jpg", "width_mm": 170}
    (figures / "index.json").write_text(json.dumps({"sheet_coco": sheet}), encoding="utf-8")
    return work


def test_datasets_come_in_the_order_of_the_study(study: Path) -> None:
    assert datasets() == ["flickr", "coco"]
    assert label("coco") == "photographies"
    assert labels() == "scènes et photographies"
    assert labels(["coco"]) == "photographies"


def test_one_drawn_dataset_makes_the_study_a_drawn_world(study: Path) -> None:
    assert drawn_world()
    without = {name: {**kept, "value": 0} if "drawn" in name else kept for name, kept in FINDINGS.items()}
    (study / "artifacts/findings/findings.json").write_text(json.dumps(without), encoding="utf-8")
    assert not drawn_world()


def test_each_dataset_has_its_bullet_unless_there_is_nothing_to_say(study: Path) -> None:
    assert str(each(lambda key: f"{key}.")) == "- **scènes** : flickr.\n- **photographies** : coco."
    assert str(each(lambda key: "seen" if key == "coco" else None)) == "- **photographies** : seen"
    assert str(each(lambda key: None)) == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [("gap.above", "above"), ("gap.below", "below"), ("gap.across", "unclear"), ("gap.few", "unclear")],
)
def test_a_direction_is_said_only_when_the_interval_leaves_zero_out(study: Path, name: str, said: str) -> None:
    assert verdict(name, "above", "below", "unclear") == said


@pytest.mark.parametrize(("name", "said"), [("gap.doubted", "unclear"), ("gap.confirmed", "above")])
def test_a_difference_that_was_tested_needs_its_corrected_p_value_too(study: Path, name: str, said: str) -> None:
    assert verdict(name, "above", "below", "unclear") == said


def test_a_fact_without_a_value_has_no_verdict(study: Path) -> None:
    with pytest.raises(BadInput, match=r"gap\.none"):
        verdict("gap.none", "above", "below", "unclear")


def test_a_count_takes_the_plural_from_two_on(study: Path) -> None:
    assert counted("raters.one", "juge").split() == ["1", "juge"]
    assert counted("raters.many", "juge").endswith("juges")
    assert counted("raters.many", "image tirée", "images tirées").endswith("images tirées")


def test_text_is_given_only_for_a_fact_with_a_value(study: Path) -> None:
    assert given("gap.above", lambda: "text") == "text"
    assert given("gap.none", lambda: "text", "nothing") == "nothing"
    assert given("gap.unheard", lambda: "text") == ""


def test_sheets_are_numbered_figures_of_the_datasets_that_have_one(study: Path) -> None:
    made = str(sheets("sheet_{}", "sheet", lambda key: f"Planche {label(key)}."))
    assert made.startswith("![Planche photographies.](/artifacts/figures/sheet_coco/sheet.jpg){#fig-sheet-coco ")
    assert made.count('"') == 4, "the quotes of the alternative text would end the attribute"
    assert str(sheet_references("sheet_{}", "sheet")) == "@fig-sheet-coco"


def test_every_number_is_listed_once_under_its_dataset_and_what_is_unknown_is_not(study: Path) -> None:
    told = {
        "images.pictures": ("", 3.0), "images.pictures.coco": ("coco", 1.0), "images.captions.flickr": ("flickr", 2.0),
        "images.captions.coco": ("coco", None), "images.model": ("", "a name"),
    }  # fmt: skip
    known = {name: fact for name, fact in FINDINGS.items() if name.startswith("study.dataset.")}
    records = {
        name: record(value) | {"quantity": name.removesuffix(f".{dataset}"), "dataset": dataset}
        for name, (dataset, value) in told.items()
    }
    (study / "artifacts/findings/findings.json").write_text(json.dumps(known | records), encoding="utf-8")
    common, scenes, photographs = str(all_numbers(["label", "value"], 'tbl-colwidths="[60,40]"')).split("}\n\n")
    assert (
        "| images générées | 3 |" in " ".join(common.split())
        and ': Ensemble de l’étude {#tbl-all-study tbl-colwidths="[60,40]"' in common
    )
    assert "| légendes illustrées | 2 |" in scenes and ": Scènes {#tbl-all-flickr " in scenes
    assert "| images générées | 1 |" in photographs and ": Photographies {#tbl-all-coco " in photographs
    assert "légendes illustrées" not in photographs and "modèle" not in common


def test_an_estimate_has_its_interval_where_there_is_one(study: Path) -> None:
    assert estimate("gap.above", 1).split() == ["0,2", "[0,1", ";", "0,3]"]
    assert estimate("gap.few") == "0,100"


def test_a_setting_has_no_zeros_of_a_measurement(study: Path) -> None:
    assert setting("gap.above") == "0,2"
    assert setting("raters.one") == "1"


def test_the_pdf_carries_every_number_and_a_page_none(study: Path) -> None:
    file = study / "artifacts/findings/findings.json"
    known = {name: fact for name, fact in FINDINGS.items() if name.startswith("study.dataset.")}
    hostile = 'artifacts/`x`/"y"\\z ```\n```, #panic()'
    told = {"images.pictures": record(3.0), "images.captions.flickr": record(2.0), "images.model": record("a name")}
    records = {name: one | {"quantity": name.removesuffix(".flickr"), "source": hostile} for name, one in told.items()}
    file.write_text(json.dumps(known | records), encoding="utf-8")
    text = str(attached_numbers("nombres.csv"))
    fence, code, end = text.split("\n")
    assert (fence, end) == ("```{=typst}", "```")  # what a page leaves out
    document = pypdfium2.PdfDocument(typst.compile(f"{code}\nA page.".encode()))
    assert document.count_attachments() == 1
    attached = document.get_attachment(0)
    assert attached.get_name() == "nombres.csv"
    rows = pd.read_csv(io.BytesIO(bytes(attached.get_data())))
    assert rows["name"].tolist() == ["images.pictures", "images.captions.flickr"] and rows["value"].tolist() == [
        3.0,
        2.0,
    ]
    assert rows["label"].tolist() == ["images générées", "légendes illustrées"] and set(rows["source"]) == {hostile}


def test_the_pdf_carries_a_long_table_with_every_digit(study: Path) -> None:
    tables = study / "artifacts/findings/tables"
    written = pd.DataFrame({"assumption": ["exchangeable_pairs"] * 14, "p": [1 / n for n in range(1, 15)]})
    written.to_parquet(tables / "tests.parquet")
    columns = [{"name": "assumption", "words": "assumption"}, {"name": "p", "unit": "p", "digits": 3}]
    (tables / "index.json").write_text(json.dumps({"tests": {"columns": columns}}), encoding="utf-8")
    text = str(attached_table("tests", "tests.csv", "Les tests"))
    document = pypdfium2.PdfDocument(typst.compile(f"{text.split(chr(10))[1]}\nA page.".encode()))
    attached = document.get_attachment(0)
    rows = pd.read_csv(io.BytesIO(bytes(attached.get_data())))
    assert attached.get_name() == "tests.csv" and rows["p"].tolist() == pytest.approx(written["p"].tolist(), rel=1e-12)
    assert set(rows["assumption"]) != {"exchangeable_pairs"}, "a code is said in words"
    with pytest.raises(BadInput, match="no table is called"):
        attached_table("testes", "tests.csv", "Les tests")
