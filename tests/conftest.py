"""What all tests share: the repository, a folder to work in, and the real data where it is at hand."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

# One cache of compiled functions for the session and its subprocesses: set before JAX is imported.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", tempfile.mkdtemp(prefix="rapporteur-compiled-"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def repository() -> Path:
    """The repository's root; read only."""
    return REPOSITORY


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
