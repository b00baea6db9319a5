"""The stage `render`: which renderer, what stops it, and that nothing old is lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.report.figure import BUNDLE_MARK, CHART_CLASS
from rapporteur.stages import render
from tests.report.project import make_project, write_document

PIPELINE = "stages:\n  render:\n    cmd: x\n    params: [render]\n"

# Does what `quarto render FILE --output-dir DIR` does: keeps the document's folder within DIR.
QUARTO = """#!{python}
import os, sys, pathlib
assert sys.argv[1] == "render" and sys.argv[3] == "--output-dir" and os.environ["RAPPORTEUR_GUARDED"] == "1"
if "{fails}":
    sys.exit("\\x1b[31mERROR: {fails}\\x1b[0m")
source = pathlib.Path(sys.argv[2])
out = pathlib.Path(sys.argv[4]) / source.parent
out.mkdir(parents=True)
for suffix in {suffixes!r}:
    made = "%PDF-1.7 << /Type /Pages /Count {pages} >>" if suffix == "pdf" else {html!r}
    (out / source.with_suffix("." + suffix).name).write_text(made)
"""


@pytest.fixture
def project(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_project(tmp_path / "project", repository)
    (root / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setattr(render, "check_fresh", lambda root: None)  # tests/report/test_guard.py has a real pipeline
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    settings(root, ["note"])
    return root


def settings(root: Path, documents: list[str], engine: str = "auto") -> None:
    (root / "params.yaml").write_text(f"render:\n  documents: {documents}\n  engine: {engine}\n", encoding="utf-8")


def install_quarto(
    tmp_path: Path, *, pages: int = 1, html: str = "<html>", fails: str = "", suffixes: str = "html pdf"
) -> None:
    script = tmp_path / "bin/quarto"
    script.parent.mkdir()
    text = QUARTO.format(python=sys.executable, pages=pages, html=html, fails=fails, suffixes=suffixes.split())
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)


def outputs(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root / "report/_out")) for path in (root / "report/_out").rglob("*"))


def test_the_preview_renders_where_there_is_no_quarto(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_document(project, "Texte.", name="note")
    write_document(project, "Texte.", name="rapport")
    settings(project, ["note", "rapport"])
    render.main()
    assert outputs(project) == ["note.html", "note.pdf", "rapport.html", "rapport.pdf"]
    assert "by preview" in capsys.readouterr().out


def test_quarto_renders_where_it_is_on_the_path(project: Path, tmp_path: Path) -> None:
    install_quarto(tmp_path)
    write_document(project, "Texte.", name="note")
    render.main()
    assert outputs(project) == ["note.html", "note.pdf"]
    assert (project / "report/_out/note.html").read_text(encoding="utf-8") == "<html>"


def test_the_preview_can_be_asked_for_beside_quarto(project: Path, tmp_path: Path) -> None:
    install_quarto(tmp_path)
    settings(project, ["note"], "preview")
    write_document(project, "Texte.", name="note")
    render.main()
    assert "Texte." in (project / "report/_out/note.html").read_text(encoding="utf-8")


def test_what_quarto_says_when_it_fails_is_passed_on(project: Path, tmp_path: Path) -> None:
    install_quarto(tmp_path, fails="no such filter")
    write_document(project, "Texte.", name="note")
    with pytest.raises(BadInput, match=r"note\.qmd: Quarto failed:\nERROR: no such filter$"):
        render.main()


def test_a_quarto_that_writes_one_format_is_refused(project: Path, tmp_path: Path) -> None:
    install_quarto(tmp_path, suffixes="html")
    write_document(project, "Texte.", name="note")
    with pytest.raises(BadInput, match="Quarto wrote no pdf"):
        render.main()


@pytest.mark.parametrize(
    ("documents", "engine", "message"),
    [
        (["note"], "word", r"`render.engine` is 'word'; known are auto, quarto, preview"),
        (["note"], "quarto", "no `quarto` is on the PATH"),
        (["notes"], "auto", r"`render.documents` names notes, but report/notes\.qmd is missing"),
        ([], "auto", "`render.documents` is empty"),
    ],
)
def test_a_wrong_parameter_is_refused(project: Path, documents: list[str], engine: str, message: str) -> None:
    write_document(project, "Texte.", name="note")
    settings(project, documents, engine)
    with pytest.raises(BadInput, match=message):
        render.main()


@pytest.mark.parametrize(
    ("body", "front", "message"),
    [
        ("Nous avons 12 images.", "", "is a typed number"),
        ("Texte.\n\n{{< pagebreak >}}\n\nSuite.", "page-limit: 1\n", "note.qmd: 2 pages, and `page-limit: 1`"),
        ("Voir @fig-absente.", "", "refers to nothing"),
    ],
)
def test_a_document_that_fails_leaves_every_old_one(project: Path, body: str, front: str, message: str) -> None:
    write_document(project, "Avant.", name="note")
    write_document(project, "Avant.", name="rapport")
    settings(project, ["note", "rapport"])
    render.main()
    before = {path: path.read_bytes() for path in (project / "report/_out").iterdir()}
    write_document(project, "Après.", name="rapport")
    write_document(project, body, front, name="note")
    with pytest.raises(BadInput, match=message):
        render.main()
    assert {path: path.read_bytes() for path in (project / "report/_out").iterdir()} == before
    assert list((project / "report").glob("*.part")) == []


def test_stale_results_stop_the_render(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(root: Path) -> None:
        raise BadInput("stale: clip@shapes")

    monkeypatch.setattr(render, "check_fresh", stale)
    write_document(project, "Texte.", name="note")
    with pytest.raises(BadInput, match="stale: clip@shapes"):
        render.main()
    assert not (project / "report/_out").exists()


@pytest.mark.parametrize(("charts", "bundles"), [(2, 0), (2, 2), (0, 1)])
def test_charts_without_their_script_are_refused(project: Path, tmp_path: Path, charts: int, bundles: int) -> None:
    install_quarto(tmp_path, html=f'<div class="{CHART_CLASS}">' * charts + f"<script {BUNDLE_MARK}>" * bundles)
    write_document(project, "Texte.", name="note")
    with pytest.raises(BadInput, match=f"{charts} charts and {bundles} copies of Vega"):
        render.main()
