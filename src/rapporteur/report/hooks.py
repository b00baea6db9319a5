"""What `quarto render` and `quarto preview` run before and after they render (`_quarto.yml` names both).

    python -m rapporteur.report.hooks before     typed numbers and stale results stop the render
    python -m rapporteur.report.hooks after      what came out is made stable, checked, and put in place

Quarto says by its environment which documents it renders and where to. It keeps a document's folder within its output
folder (report/_out/report/en/note.pdf): the documents are brought up from there (report/_out/en/note.pdf), and what is
left is removed, unless `quarto preview` is serving it. Cost: 2 to 4 s, most of it DVC's import and the reading of PDFs.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import write_atomic
from rapporteur.report.artifacts import inside_project, project_root
from rapporteur.report.guard import check_document, check_fresh
from rapporteur.report.rendered import check_rendered, finished_html

# Set by the stage `render`, which does all of this itself, for the hooks of the Quarto that it calls.
GUARDED = "RAPPORTEUR_GUARDED"
ANCESTORS = 4  # processes above this one among which the `quarto preview` may be
SUFFIXES = ("html", "pdf")
SOURCES = Path("report")


def place_of(path: Path) -> Path:
    """Where a document stands in the output folder: report/en/note.html as en/note.html."""
    return path.relative_to(SOURCES) if path.is_relative_to(SOURCES) else path


def listed(name: str, root: Path) -> list[Path]:
    """The files that Quarto names in a variable of the environment, from the project's root."""
    files = [Path(line.strip()) for line in os.environ.get(name, "").splitlines() if line.strip()]
    return [inside_project(root / path, root) for path in files]


def before(root: Path) -> None:
    """Check the sources to be rendered.

    Raises BadInput for typed numbers, placeholders, stale results, and a profile that is not there.
    """
    check_profiles(root)
    sources = listed("QUARTO_PROJECT_INPUT_FILES", root)
    folder = Path(os.environ.get("QUARTO_PROJECT_OUTPUT_DIR", root))
    if not is_preview():
        remove_nested(folder, (folder / path for path in sources), root)  # what a render that failed left
    for path in sources:
        if path.suffix == ".qmd":
            check_document(path, root)
    check_fresh(root)


def check_profiles(root: Path) -> None:
    """Raises BadInput for `--profile NAME` without a _quarto-NAME.yml, which Quarto passes over in silence."""
    for name in filter(None, os.environ.get("QUARTO_PROFILE", "").replace(",", " ").split()):
        if not any((root / f"_quarto-{name}{ending}").is_file() for ending in (".yml", ".yaml")):
            known = sorted(path.stem.removeprefix("_quarto-") for path in root.glob("_quarto-*.y*ml"))
            raise BadInput(
                f"no profile of the documents is called {name} (known: {', '.join(known) or 'none'}); "
                f"another study is made by `uv run rapporteur new FOLDER --from {name}`",
                "_quarto.yml",
            )


def after(root: Path) -> None:
    """Check what was rendered and put it in place. Raises BadInput for what a reader should not see."""
    folder = Path(os.environ.get("QUARTO_PROJECT_OUTPUT_DIR", root))
    made = listed("QUARTO_PROJECT_OUTPUT_FILES", root)
    try:
        for path in made:
            finish(root / path, root)
        if folder.resolve() == root.resolve():
            return  # rendered beside its source, where Quarto was told to
        for path in made:
            target = folder / place_of((root / path).resolve().relative_to(folder.resolve()))
            if target.resolve() != (root / path).resolve():
                target.parent.mkdir(exist_ok=True)
                write_atomic(target, (root / path).read_bytes())
    finally:
        if not is_preview():
            remove_nested(folder, (root / path for path in made), root)


def finish(path: Path, root: Path) -> None:
    """Make one rendered file stable, and check it. Raises BadInput."""
    suffix = path.suffix.removeprefix(".")
    if suffix not in SUFFIXES or not path.is_file():
        return
    if suffix == "html":
        page = path.read_text(encoding="utf-8")
        if (finished := finished_html(page)) != page:
            write_atomic(path, finished.encode())
    source = source_of(path, root)
    if source is not None:
        check_rendered({suffix: path.read_bytes()}, source, root)


def source_of(path: Path, root: Path) -> Path | None:
    """The document that a file was rendered from, among those that Quarto was given; None for another file."""
    sources = listed("QUARTO_PROJECT_INPUT_FILES", root) or sorted(
        inside_project(each, root) for each in documents_in(root / SOURCES)
    )
    folder = Path(os.environ.get("QUARTO_PROJECT_OUTPUT_DIR", root)).resolve()
    inside = path.resolve().relative_to(folder) if path.resolve().is_relative_to(folder) else Path(path.name)
    named = {place_of(source.with_suffix("")): source for source in sources}
    return named.get(place_of(inside.with_suffix("")))


def documents_in(folder: Path) -> list[Path]:
    """The documents of a folder and of those in it: what others include, and what was made, is left out."""
    found = (path for path in folder.rglob("*.qmd") if not path.name.startswith("_"))
    return sorted(path for path in found if not any(part.startswith("_") for part in path.relative_to(folder).parts))


def remove_nested(folder: Path, made: Iterable[Path], root: Path) -> None:
    """Remove the folders that Quarto made within its output folder for what stands, or is to stand, at its top.

    Nothing is removed where Quarto writes beside the sources.
    """
    top = folder.resolve()
    if top == root.resolve():
        return
    for path in map(Path.resolve, made):
        inside = path.relative_to(top).parts if path.is_relative_to(top) else ()
        if len(inside) > 1:
            shutil.rmtree(top / inside[0], ignore_errors=True)
    remove_copies(top, root)


def remove_copies(folder: Path, root: Path) -> None:
    """Remove from the output folder the project's own files that Quarto copied there with their folders, such as
    artifacts/figures/…/sheet.jpg: the documents hold their pictures.
    """
    for copied in [path for path in folder.rglob("*") if path.is_file()]:
        original = root / copied.relative_to(folder)
        if original.is_file() and filecmp.cmp(copied, original, shallow=False):
            copied.unlink()
            for parent in copied.relative_to(folder).parents[:-1]:
                if not any((folder / parent).iterdir()):
                    (folder / parent).rmdir()


def is_preview() -> bool:
    """Whether this runs for `quarto preview`, which goes on reading what it made. Yes where that can't be told."""
    process = os.getppid()
    for _ in range(ANCESTORS):
        found = _command(process)
        if found is None:
            return True
        parent, words = found
        if any(Path(word).stem == "quarto" for word in words):
            return "preview" in words
        process = parent
    return False


def _command(process: int) -> tuple[int, list[str]] | None:
    """The parent and the command line of a process; None where the machine does not tell."""
    try:
        done = subprocess.run(
            ["ps", "-ww", "-o", "ppid=,args=", "-p", str(process)],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return _command_by_files(process)
    words = done.stdout.split()
    return (int(words[0]), words[1:]) if words and words[0].isdigit() else None


def _command_by_files(process: int) -> tuple[int, list[str]] | None:
    """The same from Linux's /proc, for a machine without `ps`."""
    place = Path(f"/proc/{process}")
    try:
        words = [word.decode(errors="replace") for word in (place / "cmdline").read_bytes().split(b"\0") if word]
        parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return None
    return parent, words


def main() -> None:
    if os.environ.get(GUARDED):
        return
    known = {"before": before, "after": after}
    if len(sys.argv) != 2 or sys.argv[1] not in known:
        raise BadInput(f"say which: {' or '.join(known)}")
    known[sys.argv[1]](project_root())


if __name__ == "__main__":
    run_stage(main)
