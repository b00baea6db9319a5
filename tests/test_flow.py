"""dvc.yaml held against the code: one name in four places, every import and every parameter declared."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core import flow
from rapporteur.core.closure import import_closure, stage_code
from rapporteur.core.params import declared_params, read_yaml

ROOT = Path(__file__).resolve().parent.parent
PIPELINE: dict[str, Any] = dict(read_yaml(ROOT / "dvc.yaml")["stages"])
STAGES = sorted(PIPELINE)
DESIGNED = """captions images clip colour ratings landscapes tokens model samples findings figures render""".split()  # noqa: SIM905


def _body(stage: str) -> dict[str, Any]:
    entry = PIPELINE[stage]
    return dict(entry.get("do", entry))


def _module(stage: str) -> Path:
    return ROOT / "src/rapporteur/stages" / f"{stage}.py"


def test_dvc_yaml_is_what_the_stages_declare() -> None:
    written = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    assert written == flow.text(flow.pipeline(flow.declared(), ROOT)), "run `just flow`"


def test_the_pipeline_has_the_designed_stages_and_those_that_came_later() -> None:
    assert set(STAGES) == {*DESIGNED, "world", "reconstructions", "gallery", "judgement"}


def test_every_stage_module_is_a_stage() -> None:
    modules = {path.stem for path in (ROOT / "src/rapporteur/stages").glob("*.py")} - {"__init__"}
    assert modules == set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_its_name_in_four_places(stage: str) -> None:
    assert f"python -m rapporteur.stages.{stage}" in _body(stage)["cmd"]
    assert stage in read_yaml(ROOT / "params.yaml")
    assert (ROOT / f"tests/stages/test_{stage}.py").exists()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_every_module_that_it_imports(stage: str) -> None:
    deps = _body(stage)["deps"]
    declared = {dep for dep in deps if dep.startswith("src/")}
    assert declared == set(stage_code(stage, deps, ROOT)), "run `just flow`"


def test_rendering_depends_on_all_that_documents_are_made_of() -> None:
    deps = set(_body("render")["deps"])
    names = {path.name for path in (ROOT / "report").iterdir() if not path.name.startswith(".")} - {"_out"}
    parts = {f"report/{name}" for name in names}
    assert parts - deps == set()
    assert "src/rapporteur/report" in deps, "what the documents' cells import"


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_imports_another_stage(stage: str) -> None:
    others = {
        path.stem for path in import_closure(f"rapporteur.stages.{stage}", root=ROOT) if path.parent.name == "stages"
    }
    assert others <= {stage, "__init__"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_module_says_what_it_reads_writes_and_costs(stage: str) -> None:
    text = ast.get_docstring(ast.parse(_module(stage).read_text(encoding="utf-8"))) or ""
    assert all(word in text for word in ("Reads", "Writes", "Costs")), text


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_its_own_block_of_parameters(stage: str) -> None:
    assert stage in declared_params(stage, ROOT)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_keeps_dvc_s_guarantees(stage: str) -> None:
    body = _body(stage)
    assert not {"frozen", "always_changed"} & set(body)
    assert all(isinstance(out, str) for out in body["outs"]), "an output with options such as persist or cache"


def test_documents_depend_on_findings_and_figures_alone() -> None:
    artifacts = [dep for dep in _body("render")["deps"] if dep.startswith("artifacts/")]
    assert artifacts == ["artifacts/findings", "artifacts/figures"]


@pytest.mark.parametrize("stage", ["findings", "figures"])
def test_numbers_and_figures_load_no_model(stage: str) -> None:
    files = {path.as_posix() for path in import_closure(f"rapporteur.stages.{stage}", root=ROOT)}
    assert not [file for file in files if "/models/" in file]


def test_the_closure_follows_imports_inside_functions_and_packages(tmp_path: Path) -> None:
    source = tmp_path / "src/rapporteur"
    for name, text in {
        "__init__": "",
        "a": "def f():\n    from rapporteur.pack import b\n",
        "pack/__init__": "import rapporteur.c\n",
        "pack/b": "",
        "c": "import numpy\n",
        "unused": "",
    }.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / f"{name}.py").write_text(text)
    found = {path.relative_to("src/rapporteur").as_posix() for path in import_closure("rapporteur.a", root=tmp_path)}
    assert found == {"__init__.py", "a.py", "pack/__init__.py", "pack/b.py", "c.py"}
    (source / "pack/__init__.py").write_text("from pkgutil import iter_modules\n")
    (source / "pack/late.py").write_text("import rapporteur.unused\n")
    assert source / "unused.py" in [tmp_path / path for path in import_closure("rapporteur.a", root=tmp_path)]
