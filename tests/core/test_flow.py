"""dvc.yaml from declarations: made-up stages, and what DVC itself makes of the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rapporteur.core import flow
from rapporteur.core.errors import BadInput
from rapporteur.core.stage import Stage, artifact

FIRST = Stage("first", reads=("data/*",), each=True)
SECOND = Stage("second", reads=("artifacts/first/{dataset}/table.csv", "${second.model}"), takes=("second", "a.b"))


def test_a_stage_writes_below_artifacts_and_takes_its_own_block() -> None:
    assert FIRST.outputs == ("artifacts/first/{dataset}",) and SECOND.outputs == ("artifacts/second",)
    assert FIRST.parameters == ("first",) and SECOND.parameters == ("second", "a.b")
    assert FIRST.out("coco") == artifact("first", "coco") == Path("artifacts/first/coco")


def test_a_stage_stands_after_those_that_it_reads_from() -> None:
    last = Stage("a_last", reads=("artifacts/second",))
    assert [one.name for one in flow._in_order([last, SECOND, FIRST])] == ["first", "second", "a_last"]


def test_stages_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="wait for each other: one, two"):
        flow._in_order([Stage("one", reads=("artifacts/two",)), Stage("two", reads=("artifacts/one/x",))])


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The text for both stages, read again by a YAML reader of its own."""
    (tmp_path / "data").mkdir()
    for name in ("b.csv", "a.csv", ".hidden"):
        (tmp_path / "data" / name).touch()
    code = ["src/rapporteur/core"]
    monkeypatch.setattr(flow, "stage_code", lambda *_: code)
    content = flow.pipeline({"first": FIRST, "second": SECOND}, tmp_path)
    text = flow.text(content)
    assert max(map(len, text.splitlines())) <= 120 and not [line for line in text.splitlines() if line != line.rstrip()]
    assert YAML(typ="safe").load(text) == content
    (tmp_path / "dvc.yaml").write_text(text, encoding="utf-8")
    return content["stages"]


def test_what_is_declared_is_written(written: dict[str, Any]) -> None:
    each = written["first"]
    assert each["foreach"] == "${captions}" and each["do"]["cmd"] == "python -m rapporteur.stages.first '${key}'"
    assert each["do"]["deps"] == ["src/rapporteur/core", "data/a.csv", "data/b.csv"]
    assert each["do"]["outs"] == ["artifacts/first/${key}"]
    assert written["second"]["deps"][1:] == ["artifacts/first/${key}/table.csv", "${second.model}"]
    assert written["second"]["params"] == ["second", "a.b"]


def test_many_files_wrap_and_are_read_back() -> None:
    many = Stage("many", reads=tuple(f"report/a-rather-long-name-{number}.qmd" for number in range(30)))
    text = flow.text({"stages": {"many": {"deps": list(many.reads), "outs": ["${x}/y"]}}})
    assert YAML(typ="safe").load(text)["stages"]["many"] == {"deps": list(many.reads), "outs": ["${x}/y"]}


def test_a_stage_of_each_dataset_wants_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["first", "coco"])
    assert FIRST.dataset() == "coco"
    monkeypatch.setattr(sys, "argv", ["first"])
    with pytest.raises(BadInput, match=r"say which dataset: python -m rapporteur\.stages\.first DATASET"):
        FIRST.dataset()


def test_dvc_reads_the_file_of_the_study(repository: Path) -> None:
    command = [sys.executable, "-m", "dvc", "stage", "list", "--name-only"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {name.split("@")[0] for name in done.stdout.split()} == set(flow.declared())
