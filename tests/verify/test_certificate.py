"""`rapporteur verify` in a repository with a commit and a rebuild, by DVC itself."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rapporteur.cli import main
from rapporteur.core.errors import BadInput
from rapporteur.verify.certificate import certify, summary
from rapporteur.verify.page import write
from tests import rebuild

FLOW = """
stages:
  findings:
    cmd: {python} make.py
    deps: [make.py, moved.txt]
    outs: [artifacts/findings, artifacts/figures, artifacts/other.txt]
"""
MAKE = """
import json
from pathlib import Path

moved = float(Path("moved.txt").read_text())
Path("artifacts/findings").mkdir(parents=True)
rest = {"unit": "1", "quantity": "", "dataset": "", "n": 1, "method": {"code": "reading"}, "source": ""}
facts = {
    "clip.gold": {"value": 0.5 + moved, "low": 0.4, "high": 0.6, **rest},
    "clip.generated": {"value": 0.25, "low": None, "high": None, **rest},
}
Path("artifacts/findings/findings.json").write_text(json.dumps(facts))
Path("artifacts/figures/en/loss").mkdir(parents=True)
Path("artifacts/figures/en/loss/chart.svg").write_text(f"<svg>{moved:.2f}</svg>")
Path("artifacts/other.txt").write_text("the same")
"""


NOTE = """---
title: Note
---

```{python}
from rapporteur.report.fact import fact
```

Un score de `{python} fact("clip.gold", 2, unit=False)` contre `{python} fact("clip.generated", 2, unit=False)`.
"""


def run(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit whose lock is of a rebuild with `moved` 0."""
    (tmp_path / "dvc.yaml").write_text(FLOW.format(python=sys.executable), encoding="utf-8")
    (tmp_path / "make.py").write_text(MAKE, encoding="utf-8")
    (tmp_path / "moved.txt").write_text("0", encoding="utf-8")
    (tmp_path / "report").mkdir()
    (tmp_path / "report/note.qmd").write_text(NOTE, encoding="utf-8")
    run("git", "init", "-q", folder=tmp_path)
    run(sys.executable, "-m", "dvc", "init", "-q", folder=tmp_path)
    rebuild.must(rebuild.repro(tmp_path))
    run("git", "add", "-A", folder=tmp_path)
    run("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one", folder=tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def moved(study: Path, by: str) -> None:
    (study / "moved.txt").write_text(by, encoding="utf-8")
    rebuild.must(rebuild.repro(study))


def test_a_rebuild_that_gave_the_same_is_identical(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["verify", "--to", "certificate"])
    assert stop.value.code == 0
    assert "3 outputs identical" in (said := capsys.readouterr().out) and "0 of 2 numbers moved" in said
    told = json.loads(Path("certificate/certificate.json").read_text(encoding="utf-8"))
    assert told["verdict"] == "identical" and len(told["revision"]) == 40


@pytest.mark.parametrize(
    ("by", "verdict", "code", "said"),
    [("1e-9", "equal within rounding", 1, []), ("0.05", "different", 3, [("report/note.qmd", 9, "0,50", "0,55")])],
)
def test_what_moved_is_named_with_its_share_of_the_interval(
    study: Path, by: str, verdict: str, code: int, said: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    moved(study, by)
    certificate = certify(study)
    assert certificate.worst == verdict
    assert {output.path: output.verdict for output in certificate.outputs} == {
        "artifacts/findings": verdict, "artifacts/other.txt": "identical",
        "artifacts/figures": "identical" if by == "1e-9" else "different",
    }  # fmt: skip
    (number,) = certificate.moved
    assert number.name == "clip.gold" and number.of_interval == pytest.approx(float(by) / 0.1, rel=1e-3)
    assert [(one.file, one.line, one.was, one.now) for one in certificate.sentences or []] == said
    assert "1 of 2 numbers moved" in summary(certificate)
    assert f"{len(said)} sentences" in summary(certificate)
    page = write(certificate, study / "out").read_text(encoding="utf-8")
    assert "clip.gold" in page and verdict in page
    with pytest.raises(SystemExit) as stop:
        main(["verify", "--to", "out"])
    assert stop.value.code == code


def test_contents_that_are_not_at_hand_are_unknown(study: Path) -> None:
    (kept,) = [
        path
        for path in (study / ".dvc/cache/files/md5").rglob("*")
        if path.is_file() and b"clip.gold" in path.read_bytes()
    ]
    moved(study, "0.05")
    kept.chmod(0o644)
    kept.unlink()
    certificate = certify(study)
    (findings,) = [output for output in certificate.outputs if output.path == "artifacts/findings"]
    assert findings.verdict == "unknown" and "dvc fetch" in findings.parts[0].why
    assert (certificate.numbers, list(certificate.moved)) == (0, [])


def test_an_unknown_commit_and_a_missing_lock_are_one_line(study: Path) -> None:
    with pytest.raises(BadInput, match="git says: .*nonesuch"):
        certify(study, "nonesuch")
    (study / "dvc.lock").unlink()
    with pytest.raises(BadInput, match="run `dvc repro`"):
        certify(study)


def test_a_number_that_is_gone_has_no_distance(study: Path) -> None:
    moved(study, "inf")  # Infinity, as JSON of Python has it
    certificate = certify(study)
    assert certificate.worst == "different"
    assert "1 of 1 files" in summary(certificate) and "different" in write(certificate, study / "out").read_text()


def test_a_reviewer_sees_numbers_sentences_and_figures_before_and_after(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved(study, "0.05")
    main(["diff", "HEAD", "--to", "out"])
    said = capsys.readouterr().out
    assert "1 of 2 numbers moved" in said and "1 figures are drawn otherwise" in said
    page = (study / "out/diff.html").read_text(encoding="utf-8")
    drawings = [base64.b64decode(data).decode() for data in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)]
    assert drawings == ["<svg>0.00</svg>", "<svg>0.05</svg>"] and "<h3>en/loss</h3>" in page
    assert "0,50" in page and "0,55" in page
    assert json.loads((study / "out/diff.json").read_text(encoding="utf-8"))["figures"] == ["en/loss"]


def test_a_figure_that_came_has_no_before(study: Path) -> None:
    source = (study / "make.py").read_text(encoding="utf-8").replace("figures/en/loss", "figures/new")
    (study / "make.py").write_text(source, encoding="utf-8")
    rebuild.must(rebuild.repro(study))
    page = write(certify(study), study / "out").read_text(encoding="utf-8")
    assert page.count("none, or not at hand") == 2 and page.count("<img") == 2
