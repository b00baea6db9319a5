"""Credits of the pictures shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from qmdpress import pandoc
from rapporteur.report import attribution as module
from rapporteur.report.attribution import attribution, credit_line
from tests.report.test_prose import record

BY = ("Attribution License", "http://creativecommons.org/licenses/by/2.0/")
ND = ("Attribution-NonCommercial-NoDerivs License", "http://creativecommons.org/licenses/by-nc-nd/2.0/")
NONE = ("", None)


def picture(image: str, licence: tuple[str, str | None], source: str | None, dataset: str = "coco") -> dict[str, Any]:
    return {
        "dataset": dataset, "image_id": image, "licence": licence[0], "licence_url": licence[1], "source_url": source,
    }  # fmt: skip


PICTURES = [
    picture("139", ND, "http://farm9.staticflickr.com/1_z.jpg"),
    picture("285", BY, "http://farm9.staticflickr.com/2_z.jpg"),
    picture("632", ND, None),
    picture("a]*(b", NONE, "javascript:alert(1)"),
    picture("s1", ("CC0", None), None, "shapes"),
]


@pytest.fixture
def study(work: Path) -> Path:
    (work / "dvc.yaml").touch()
    tables = work / "artifacts/findings/tables"
    tables.mkdir(parents=True)
    facts = {"study.dataset.coco": "photographies", "study.dataset.shapes": "formes", "study.drawn_world.shapes": 1,
             "study.drawn_world.coco": 0}  # fmt: skip
    records = {name: record(value, unit="name") for name, value in facts.items()}
    (tables.parent / "findings.json").write_text(json.dumps(records), encoding="utf-8")
    pd.DataFrame({"key": ["coco", "shapes"], "dataset": ["photographies", "formes"]}).to_parquet(
        tables / "corpus.parquet"
    )
    figures = work / "artifacts/figures"
    figures.mkdir()
    index = {"sheet_coco": {"pictures": [["coco", "139"], ["coco", "285"]]}, "sheet_shapes": {"pictures": []}}
    (figures / "index.json").write_text(json.dumps(index), encoding="utf-8")
    (figures / "attribution.json").write_text(json.dumps(PICTURES), encoding="utf-8")
    return work


def links(text: str) -> dict[str, str]:
    """The links that a document makes of the text: what is read, and where it leads."""
    found: dict[str, str] = {}

    def note(element: pandoc.Node) -> Any:
        if element["t"] == "Link":
            found[pandoc.plain_text(element["c"][1])] = element["c"][2][0]
        return element

    pandoc.rewrite(pandoc.parse_blocks(text), note)
    return found


def test_each_picture_is_under_its_licence_and_leads_to_its_source(study: Path) -> None:
    told = str(attribution())
    lines = [line.replace("\u00a0", " ") for line in told.splitlines() if line.startswith("- ")]
    assert [line.count("CC BY") for line in lines] == [1, 1, 0]
    assert "CC BY-NC-ND 2.0" in lines[1] and "139" in lines[1] and "632" in lines[1]
    leading = {text.replace("\u00a0", " "): address for text, address in links(told).items()}
    assert leading == {
        "CC BY 2.0": BY[1], "CC BY-NC-ND 2.0": ND[1], "139": "http://farm9.staticflickr.com/1_z.jpg",
        "285": "http://farm9.staticflickr.com/2_z.jpg",
    }  # fmt: skip


def test_what_a_dataset_states_is_text_and_never_a_script(study: Path) -> None:
    told = str(attribution())
    assert "javascript" not in told
    assert "a]*(b" in pandoc.plain_text(pandoc.parse_blocks(told))


def test_drawn_pictures_take_one_sentence(study: Path) -> None:
    assert "**Formes** : 1" in str(attribution()).replace("\u00a0", " ")
    assert str(attribution()).count("dessinées par le programme") == 1


def test_a_line_under_sheets_counts_the_licences_of_their_pictures(study: Path) -> None:
    said = str(credit_line("sheet_{}")).replace("\u00a0", " ")
    assert "CC BY 2.0 (1) et CC BY-NC-ND 2.0 (1)" in said
    assert str(credit_line("gold_{}")) == ""


def test_a_study_that_shows_no_gold_picture_says_so(study: Path) -> None:
    (study / "artifacts/figures/attribution.json").write_text("[]", encoding="utf-8")
    assert "Aucune image" in str(attribution())
    assert module.shown() == []
