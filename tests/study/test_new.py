"""A study as a folder: inside this repository, elsewhere, and rebuilt."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from rapporteur.core.params import read_yaml
from tests.rebuild import ALL_DOCUMENTS, copy_repository, environment, made_documents, must, ran, repro, write_params


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_repository(tmp_path_factory.mktemp("checkout"))


def rapporteur(checkout: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verb as typed in a folder, run by the checkout's code."""
    command = [sys.executable, "-c", "from rapporteur.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(checkout), capture_output=True, text=True, check=False, timeout=120
    )


def stages(folder: Path, checkout: Path) -> set[str]:
    """What DVC itself reads in a study's dvc.yaml."""
    command = [sys.executable, "-m", "dvc", "stage", "list", "--name-only"]
    done = subprocess.run(command, cwd=folder, env=environment(checkout), capture_output=True, text=True, check=False)
    return {name.split("@")[0] for name in must(done).split()}


CHAIN = {"captions", "images", "clip", "colour", "ratings", "findings", "figures", "gallery", "render"}
LANDSCAPES = {"landscapes", "tokens", "model", "samples", "judgement"}


@pytest.mark.parametrize(
    ("source", "has"),
    [
        ("default", CHAIN | LANDSCAPES | {"world", "reconstructions"}),
        ("coco", CHAIN | LANDSCAPES | {"reconstructions"}),
        ("paper", CHAIN | LANDSCAPES | {"reconstructions"}),
        ("prompts", CHAIN),
    ],
)
def test_a_study_in_the_repository_has_the_stages_that_it_needs(checkout: Path, source: str, has: set[str]) -> None:
    folder = checkout / "studies" / source
    assert must(rapporteur(checkout, checkout, "new", f"studies/{source}", "--from", source)).startswith("studies/")
    assert stages(folder, checkout) == has
    deps = read_yaml(folder / "dvc.yaml")["stages"]["clip"]["do"]["deps"]
    assert "../../src/rapporteur/clip" in deps and not (folder / ".dvc").exists()
    assert read_yaml(folder / "params.yaml")["clip"]["model"].startswith("../../models/" if source != "paper" else "")
    assert not [path for path in (folder / "report").glob("*.qmd") if "<!--" in path.read_text(encoding="utf-8")]
    for name in (".gitignore", "README.md", "_quarto.yml", "data/README.md", "report/note.qmd"):
        assert (folder / name).is_file()
    said = (folder / "report/_metadata.yml").read_text(encoding="utf-8")
    days = [date.fromisoformat(line.removeprefix("date: ")) for line in said.splitlines() if line.startswith("date: ")]
    assert len(days) == 1 and abs(date.today() - days[0]).days <= 1, "its documents bear the day that it was made"


def test_the_default_study_in_a_folder_has_the_parameters_of_the_root(checkout: Path) -> None:
    must(rapporteur(checkout, checkout, "new", "same"))
    there = (checkout / "same/params.yaml").read_text(encoding="utf-8").replace("../models/", "models/")
    here = (checkout / "params.yaml").read_text(encoding="utf-8")
    assert there[there.index("\nworld:") :] == here[here.index("\nworld:") :]


def test_a_stage_whose_block_went_is_no_longer_in_the_flow(checkout: Path) -> None:
    must(rapporteur(checkout, checkout, "new", "fewer", "--from", "prompts"))
    path = checkout / "fewer/params.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("ratings:")] + text[text.index("findings:") :], encoding="utf-8")
    must(rapporteur(checkout, checkout / "fewer", "flow"))
    assert stages(checkout / "fewer", checkout) == CHAIN - {"ratings"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new", "report"), "error: report: is there already, and not empty; name another folder"),
        (("new", "README.md"), "error: README.md: is there already, and not empty; name another folder"),
        (("new", "x", "--from", "big"), "error: no study is called 'big'; known: default, coco, paper, prompts"),
    ],
)
def test_what_can_t_be_made_is_said_and_nothing_is_touched(
    checkout: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = rapporteur(checkout, checkout, *arguments)
    assert done.returncode == 1 and done.stderr.strip() == said
    assert (checkout / "report/note.qmd").is_file() and not (checkout / "x").exists()


def test_a_study_elsewhere_is_rebuilt_and_then_nothing_runs(checkout: Path, tmp_path: Path) -> None:
    study = tmp_path / "demandes"
    must(rapporteur(checkout, tmp_path, "new", study.as_posix(), "--from", "prompts"))
    assert (study / ".dvc").is_dir() and (study / "models/sample/clip").is_dir()
    assert read_yaml(study / "dvc.yaml")["stages"]["ratings"]["deps"][0] == "rapporteur.txt"
    write_params(study, {"captions": {"prompts": {"study": {"pictures": 5, "draws": 1}}}})
    must(repro(study, code=checkout))
    assert made_documents(study / "report/_out") == ALL_DOCUMENTS
    page = (study / "report/_out/rapport.html").read_text(encoding="utf-8")
    assert "demandes de l’équipe" in page and "modèle de paysages" not in page
    assert ran(must(repro(study, code=checkout))) == set()
