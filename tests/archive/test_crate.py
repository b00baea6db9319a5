"""The study as an RO-Crate: read back by the library, and by its own JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from rocrate.rocrate import ROCrate

from rapporteur.archive.crate import About, export
from rapporteur.cli import main
from rapporteur.core.errors import BadInput

LOCK = """
schema: '2.0'
stages:
  images@shapes:
    cmd: python -m images shapes
    deps: [{path: data/prompts/a b.csv, md5: aaaa}, {path: models/sample, md5: cccc.dir}]
    params: {params.yaml: {images: {seed: 3}}}
    outs: [{path: artifacts/images/shapes, md5: bbbb.dir}]
  render:
    cmd: python -m render
    deps: [{path: artifacts/images/shapes, md5: bbbb.dir}]
    outs: [{path: report/_out, md5: dddd.dir}]
"""
ABOUT = About(
    "Étude", "Ce que DALL·E dessine.", "CC-BY-4.0", ("Ada L <https://orcid.org/0000-0002-1825-0097>", "Équipe")
)
FILES = {
    "report/_out/rapport.html": "<p>é</p>", "report/_out/en/report.html": "<p>e</p>", "report/rapport.qmd": "# a",
    "report/_brand/page.css": "a", "artifacts/findings/findings.json": "{}", "artifacts/figures/index.json": "{}",
    "artifacts/images/shapes/shard-0000.zip": "zip", "artifacts/gallery/data.js": "x", "params.yaml": "images: {}",
    "data/prompts/a b.csv": "id,text", "data/coco/secret.jpg": "photograph", "dvc.lock": LOCK, "dvc.yaml": "stages: {}",
}  # fmt: skip


@pytest.fixture
def study(work: Path) -> Path:
    for name, text in FILES.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text, encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "params.yaml"], ["commit", "-qm", "a"]):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        subprocess.run(command, cwd=work, check=True)
    return work


def entities(folder: Path) -> dict[str, Any]:
    graph = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    assert len({entity["@id"] for entity in graph}) == len(graph)
    return {entity["@id"]: entity for entity in graph}


def test_the_crate_holds_results_and_what_people_wrote_and_no_photograph(study: Path) -> None:
    assert export(study, study / "crate", ABOUT) == 9
    held = {path.relative_to(study / "crate").as_posix() for path in (study / "crate").rglob("*") if path.is_file()}
    kept = {
        name
        for name in FILES
        if not name.startswith(("data/coco", "report/_brand", "artifacts/images", "artifacts/gallery"))
    }
    assert held == {*kept, "ro-crate-metadata.json"}
    assert export(study, study / "whole", ABOUT, pictures=True) == 11


def test_each_stage_is_an_action_with_what_it_read_wrote_and_was_told(study: Path) -> None:
    export(study, study / "crate", ABOUT)
    found = entities(study / "crate")
    action = found["#stage-images%40shapes"]
    assert action["@type"] == "CreateAction" and action["description"] == "python -m images shapes"
    read = [found[one["@id"]] for one in action["object"]]
    assert [(one["name"], one["identifier"]) for one in read[1:]] == [("models/sample", "md5:cccc.dir")]
    assert read[0]["@type"] == "File" and read[0]["identifier"] == "md5:aaaa"
    (made,) = action["result"] if isinstance(action["result"], list) else [action["result"]]
    assert found[made["@id"]]["identifier"] == "md5:bbbb.dir"
    told = action["additionalProperty"]
    (setting,) = told if isinstance(told, list) else [told]
    assert found[setting["@id"]]["value"] == "{'seed': 3}"
    program = found[action["instrument"]["@id"]]
    assert len(program["identifier"]) == 40, "the commit"


def test_the_library_reads_it_back_with_its_authors_and_licence(study: Path) -> None:
    export(study, study / "crate", ABOUT)
    crate = ROCrate(study / "crate")
    assert crate.name == "Étude" and crate.license["@id"] == "https://spdx.org/licenses/CC-BY-4.0"
    people = {person["name"]: person.id for person in crate.creator}
    assert people == {"Ada L": "https://orcid.org/0000-0002-1825-0097", "Équipe": "#%C3%89quipe"}
    assert crate.mainEntity.id == "report/_out/rapport.html"
    assert all((study / "crate" / unquote(entity.id)).is_file() for entity in crate.get_by_type("File"))


def test_the_same_study_is_the_same_crate(study: Path) -> None:
    for name in ("one", "two"):
        export(study, study / name, ABOUT)
    one, two = ((study / name / "ro-crate-metadata.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_what_can_t_be_exported_is_said_and_nothing_is_written(study: Path) -> None:
    (study / "full").mkdir()
    (study / "full/mine.txt").touch()
    with pytest.raises(BadInput, match="full: is there already, and not empty"):
        export(study, study / "full", ABOUT)
    (study / "artifacts/figures/index.json").unlink()
    (study / "artifacts/figures").rmdir()
    with pytest.raises(BadInput, match="artifacts/figures: missing; run `dvc repro` or `dvc pull`"):
        export(study, study / "crate", ABOUT)
    (study / "dvc.lock").unlink()
    with pytest.raises(BadInput, match="nothing was rebuilt here"):
        export(study, study / "crate", ABOUT)
    assert not (study / "crate").exists()


def test_the_verb_says_what_it_left_out(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["export", "--to", "crate", "--name", "a", "--description", "b", "--licence", "https://example.org/l"])
    assert capsys.readouterr().out == (
        "crate: 9 files and ro-crate-metadata.json; gold pictures left out, see attribution.json; drawn pictures left "
        "out (--pictures takes them)\n"
    )
