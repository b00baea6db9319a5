"""What all tests share: the repository, a folder to work in, and the real data where it is at hand."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

# One cache of compiled functions for the session and its subprocesses: set before JAX is imported.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", tempfile.mkdtemp(prefix="rapporteur-compiled-"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")

REPOSITORY = Path(__file__).resolve().parent.parent

LONGEST = ("test_study.py", "test_real_coco.py", "study/test_new.py")  # they rebuild studies: minutes each


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: where files are spread over workers, none is left alone with one of them at the end."""
    names = [(REPOSITORY / "tests" / name).resolve() for name in LONGEST]
    items.sort(key=lambda item: names.index(item.path) if item.path in names else len(names))


@pytest.fixture
def repository() -> Path:
    """The repository's root; read only."""
    return REPOSITORY


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """A real browser, closed at the end; the test skips where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on the PATH: install it to try pages as their readers see them")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser for the tests of a module."""
    with open_chromium() as browser:
        yield browser


def real_data() -> Path | None:
    """Real pictures and captions: $RAPPORTEUR_DATA, or `shared/data` beside the repository; None where absent."""
    folder = Path(os.environ.get("RAPPORTEUR_DATA", REPOSITORY.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


@pytest.fixture
def shared_data() -> Path:
    """The folder of the real data; the test skips where it is absent."""
    folder = real_data()
    if folder is None:
        pytest.skip("no real data here: set RAPPORTEUR_DATA to a folder with coco, flickr30k, … (see data/README.md)")
    return folder
