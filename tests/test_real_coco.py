"""Real input: the sample of MS-COCO in a study of its own, from its published files to the documents.

Costs about two minutes on 2 cores. Skips where the pictures are absent.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rapporteur.core.tables import read_table
from rapporteur.vocabulary.captions import CAPTIONS, GOLD
from rapporteur.vocabulary.landscapes import LANDSCAPES
from tests.rebuild import (
    FRENCH_DOCUMENTS,
    IN_FRENCH,
    copy_repository,
    environment,
    made_documents,
    must,
    repro,
    write_params,
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    data = _real_data()
    checkout = copy_repository(tmp_path_factory.mktemp("coco"))
    shutil.copytree(data / "coco", checkout / "data/coco")
    command = [sys.executable, "-c", "from rapporteur.cli import main; main()", "new", "essai", "--from", "coco"]
    must(subprocess.run(command, cwd=checkout, env=environment(checkout), capture_output=True, text=True, check=False))
    study = checkout / "essai"
    write_params(study, {"captions": {"coco": {"study": {"pictures": 8}}}, **IN_FRENCH})
    must(repro(study, code=checkout))
    return study


def _real_data() -> Path:
    from tests.conftest import real_data

    folder = real_data()
    if folder is None:
        pytest.skip("no real MS-COCO pictures here (see data/README.md, “Real data for tests”)")
    return folder


def test_the_published_file_and_the_pictures_on_the_disk_are_read(study: Path) -> None:
    folder = study / "artifacts/captions/coco"
    captions = read_table(folder / "captions.parquet", CAPTIONS)
    assert captions["kind"].value_counts()[["original", "alternative", "foil"]].tolist() == [25014, 8, 8]
    gold = read_table(folder / "gold.parquet", GOLD)
    assert len(gold) == 100
    assert gold["licence"].ne("").all()
    assert gold[["licence_url", "source_url"]].notna().all(axis=None)


def test_every_captioned_image_is_judged_by_the_landscape_filter(study: Path) -> None:
    judged = read_table(study / "artifacts/landscapes/landscapes.parquet", LANDSCAPES)
    assert len(judged) == 5000
    assert 100 < judged["kept"].sum() < 1000


def test_the_documents_speak_of_this_dataset(study: Path) -> None:
    out = study / "report/_out"
    assert made_documents(out) == FRENCH_DOCUMENTS
    text = (out / "rapport.html").read_text(encoding="utf-8")
    assert "photographies MS-COCO" in text
    assert "formes dessinées" not in text


def test_every_number_comes_from_an_artifact_that_is_there(study: Path) -> None:
    findings = json.loads((study / "artifacts/findings/findings.json").read_text(encoding="utf-8"))
    sources = {str(record["source"]) for record in findings.get("findings", findings).values()}
    assert sources
    assert [source for source in sources if source.startswith("artifacts/") and not (study / source).exists()] == []
