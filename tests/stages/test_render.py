"""The stage `render`: which renderer, what stops it, and that nothing old is lost."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.report.figure import CHART_CLASS
from rapporteur.report.renderer import quarto_fault
from rapporteur.stages import render
from tests.report.project import make_project, write_document

PIPELINE = "stages:\n  render:\n    cmd: x\n    params: [render]\n"

# Does what `quarto render FILE --output-dir DIR` does: keeps the document's folder within DIR. The PDF is a real one.
QUARTO = """#!{python}
import os, sys, pathlib, typst
if sys.argv[1] == "--version":
    {version}
assert sys.argv[1] == "render" and sys.argv[3] == "--output-dir" and os.environ["RAPPORTEUR_GUARDED"] == "1"
if "{fails}":
    sys.exit("\\x1b[31mERROR: {fails}\\x1b[0m")
source = pathlib.Path(sys.argv[2])
out = pathlib.Path(sys.argv[4]) / source.parent
out.mkdir(parents=True)
for suffix in {suffixes!r}:
    target = out / source.with_suffix("." + suffix).name
    if suffix == "pdf":
        typ = out / "pages.typ"
        typ.write_text("#pagebreak()".join(["Page"] * {pages}))
        target.write_bytes(typst.compile(str(typ)))
    else:
        target.write_text({html!r})
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
    tmp_path: Path,
    *,
    pages: int = 1,
    html: str = "<html>",
    fails: str = "",
    suffixes: str = "html pdf",
    version: str = "print('1.10.18'); sys.exit()",
) -> None:
    script = tmp_path / "bin/quarto"
    script.parent.mkdir()
    text = QUARTO.format(
        python=sys.executable, pages=pages, html=html, fails=fails, suffixes=suffixes.split(), version=version
    )
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
    with pytest.raises(BadInput, match=r"note\.qmd: Quarto failed; the last .*in place:\nERROR: no such filter$"):
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


@pytest.mark.parametrize(
    ("html", "message"),
    [
        (f'<div class="{CHART_CLASS}"></div>', "1 charts and 0 copies of Vega"),
        ("<p>Voir @ramesh2021</p>", r"note\.qmd:6: @ramesh2021 was printed as it is typed"),
        ("<script src='https://cdn.example.org/a.js'></script>", "the page would fetch"),
    ],
)
def test_what_quarto_made_is_checked(project: Path, tmp_path: Path, html: str, message: str) -> None:
    install_quarto(tmp_path, html=html)
    write_document(project, "Voir @ramesh2021.", name="note")
    with pytest.raises(BadInput, match=message):
        render.main()
    assert not (project / "report/_out").exists()


def test_pages_of_quarto_s_pdf_are_counted(project: Path, tmp_path: Path) -> None:
    install_quarto(tmp_path, pages=3)
    write_document(project, "Texte.", "page-limit: 2\n", name="note")
    with pytest.raises(BadInput, match="3 pages, and `page-limit: 2`"):
        render.main()


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        ("print('1.7.34'); sys.exit()", r"is 1\.7\.34, older than 1\.8"),
        ("print('1.4'); sys.exit()", "is 1.4, older than 1.8"),
        ("sys.exit('no deno here')", r"--version` fails \(it says: no deno here\)"),
        ("print('hello'); sys.exit()", "it says: hello"),
    ],
)
def test_a_quarto_that_can_t_serve_is_said_and_the_other_serves(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, fault: str
) -> None:
    install_quarto(tmp_path, version=version)
    write_document(project, "Texte.", name="note")
    render.main()
    said = capsys.readouterr()
    assert re.search(fault, said.err) and len([line for line in said.err.splitlines() if "quarto" in line]) == 1
    assert "by preview" in said.out and outputs(project) == ["note.html", "note.pdf"]
    settings(project, ["note"], "quarto")
    with pytest.raises(BadInput, match=fault):
        render.main()


def test_a_quarto_that_does_not_run_is_said(project: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/quarto").write_text("#!/nowhere/python\n", encoding="utf-8")
    (tmp_path / "bin/quarto").chmod(0o755)
    assert "does not run" in quarto_fault()


def test_documents_that_dvc_removed_are_put_back_before_a_render(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DVC deletes report/_out, then runs the stage; where the render fails, the last documents are there."""
    kept = project / "cached"
    kept.write_bytes(b"the last good one")
    monkeypatch.setattr(render, "previous_output", lambda out, root: {"note.pdf": kept} if out == "report/_out" else {})
    write_document(project, "Nous avons 12 images.", name="note")
    with pytest.raises(BadInput, match="is a typed number"):
        render.main()
    assert (project / "report/_out/note.pdf").read_bytes() == b"the last good one"


def test_what_quarto_draws_at_random_is_made_the_same(project: Path, tmp_path: Path) -> None:
    install_quarto(tmp_path, html='<div id="7b3f01aa" class="cell" data-execution_count="3">a</div>')
    write_document(project, "Texte.", name="note")
    render.main()
    page = (project / "report/_out/note.html").read_text(encoding="utf-8")
    assert page == '<div class="cell" id="cell-1">a</div>'
