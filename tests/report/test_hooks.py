"""What Quarto runs before and after: told by its environment, as Quarto 1.8 and 1.10 were seen to set it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qmdpress import render_preview
from rapporteur.core.errors import BadInput
from rapporteur.report import hooks
from tests.report.project import write_document


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "check_fresh", lambda root: None)  # tests/report/test_guard.py has a real pipeline
    monkeypatch.setattr(hooks, "is_preview", lambda: False)


def rendered(project: Path, monkeypatch: pytest.MonkeyPatch, body: str = "Texte.", front: str = "") -> Path:
    """As after `quarto render report/essai.qmd`: the files, and the environment of the hook."""
    path = write_document(project, body, front)
    folder = project / "report/_out"
    (folder / "report/figures").mkdir(parents=True)
    made = render_preview(path, project)
    for suffix, data in made.items():
        (folder / f"report/essai.{suffix}").write_bytes(data)
    outputs = "\n".join(f"report/_out/report/essai.{suffix}" for suffix in made)
    monkeypatch.setenv("QUARTO_PROJECT_OUTPUT_FILES", outputs)
    monkeypatch.setenv("QUARTO_PROJECT_OUTPUT_DIR", str(folder))
    monkeypatch.setenv("QUARTO_PROJECT_INPUT_FILES", str(path))
    return folder


def test_documents_are_brought_up_and_nothing_else_is_left(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Quarto copied of the project is removed; a file that is nobody's copy stays."""
    folder = rendered(project, monkeypatch)
    sheet = project / "artifacts/figures/planche/sheet.jpg"
    copied, other = (folder / name / sheet.name for name in ("artifacts/figures/planche", "artifacts/mine"))
    for path, data in ((copied, sheet.read_bytes()), (other, b"a reader's own")):
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    hooks.after(project)
    assert sheet.is_file() and other.is_file() and not copied.parent.parent.exists()
    assert sorted(path.name for path in folder.iterdir()) == ["artifacts", "essai.html", "essai.pdf"]


def test_documents_in_a_folder_keep_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """report/en/essai.qmd and report/essai.qmd have one name: each is checked as itself and stands in its own place."""
    english = project / "report/en/essai.qmd"
    english.parent.mkdir()
    folder = rendered(project, monkeypatch)
    text = (project / "report/essai.qmd").read_text(encoding="utf-8")
    english.write_text(
        text.replace("author: Ada", "author: Ada\nlang: en").replace("Texte.", "Text."), encoding="utf-8"
    )
    (folder / "report/en").mkdir()
    (folder / "report/en/essai.html").write_bytes(render_preview(Path("report/en/essai.qmd"), project)["html"])
    monkeypatch.setenv("QUARTO_PROJECT_INPUT_FILES", "report/essai.qmd\nreport/en/essai.qmd")
    monkeypatch.setenv("QUARTO_PROJECT_OUTPUT_FILES", "report/_out/report/essai.html\nreport/_out/report/en/essai.html")
    assert hooks.source_of(folder / "report/en/essai.html", project) == Path("report/en/essai.qmd")
    assert hooks.source_of(folder / "report/essai.html", project) == Path("report/essai.qmd")
    hooks.after(project)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html")) == [
        "en/essai.html",
        "essai.html",
    ]
    assert "Text." in (folder / "en/essai.html").read_text(encoding="utf-8")


def test_a_preview_keeps_what_it_serves(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = rendered(project, monkeypatch)
    monkeypatch.setattr(hooks, "is_preview", lambda: True)
    hooks.after(project)
    assert (folder / "report/essai.html").read_bytes() == (folder / "essai.html").read_bytes()


def test_a_page_is_made_the_same_each_time(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = rendered(project, monkeypatch)
    page = folder / "report/essai.html"
    page.write_text(page.read_text().replace("<main", '<div id="7b3f01aa" class="cell"></div><main'), encoding="utf-8")
    hooks.after(project)
    assert '<div class="cell" id="cell-1">' in (folder / "essai.html").read_text(encoding="utf-8")


def test_what_came_out_raw_stops_with_its_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = rendered(project, monkeypatch, "Avant `{python} len('a')`.")
    page = folder / "report/essai.html"
    page.write_text(page.read_text().replace("Avant 1", "Avant <code>{python} len('a')</code>"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"essai\.qmd:6: \{python\} len\('a'\) was printed"):
        hooks.after(project)
    assert not (folder / "essai.html").exists() and not (folder / "report").exists()


def test_sources_are_never_removed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Quarto writes beside the sources (no output folder), and where a render that failed left its tree."""
    path = write_document(project, "Texte.")
    monkeypatch.setenv("QUARTO_PROJECT_INPUT_FILES", str(path))
    monkeypatch.setenv("QUARTO_PROJECT_OUTPUT_DIR", str(project))
    hooks.before(project)
    assert (project / path).is_file()
    (project / "report/_out/report/figures").mkdir(parents=True)
    monkeypatch.setenv("QUARTO_PROJECT_OUTPUT_DIR", str(project / "report/_out"))
    hooks.before(project)
    assert (project / path).is_file() and not (project / "report/_out/report").exists()


def test_a_page_too_many_stops(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered(project, monkeypatch, "A\n\n{{< pagebreak >}}\n\nB", "page-limit: 1\n")
    with pytest.raises(BadInput, match="2 pages, and `page-limit: 1`"):
        hooks.after(project)


def test_only_what_is_rendered_is_checked_before(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_document(project, "Nous avons 12 images.", name="autre")
    monkeypatch.setenv("QUARTO_PROJECT_INPUT_FILES", str(write_document(project, "Texte.")))
    hooks.before(project)
    monkeypatch.setenv("QUARTO_PROJECT_INPUT_FILES", "report/essai.qmd\nreport/autre.qmd")
    with pytest.raises(BadInput, match=r"autre\.qmd:6: `12` is a typed number"):
        hooks.before(project)


def test_a_profile_that_is_not_there_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "_quarto-code.yml").write_text("execute: {echo: true}\n", encoding="utf-8")
    monkeypatch.setenv("QUARTO_PROFILE", "code")
    hooks.before(project)
    monkeypatch.setenv("QUARTO_PROFILE", "code,coco")
    with pytest.raises(
        BadInput, match=r"called coco \(known: code\); another study is made by `uv run rapporteur new FO"
    ):
        hooks.before(project)


@pytest.mark.parametrize(("words", "preview"), [(["preview", "a.qmd"], True), (["render"], False)])
def test_a_preview_is_known_by_the_command_that_began_it(tmp_path: Path, words: list[str], preview: bool) -> None:
    """A program called quarto that runs a hook, two processes down, as Quarto's own does."""
    program = tmp_path / "quarto.py"
    asked = "from rapporteur.report.hooks import is_preview; print(is_preview())"
    program.write_text(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {asked!r}])\n", encoding="utf-8")
    done = subprocess.run([sys.executable, str(program), *words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(preview)
