"""A project to render, and being inside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.project import make_project


@pytest.fixture
def project(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project of project.py, as the current folder."""
    root = make_project(tmp_path / "project", repository)
    monkeypatch.chdir(root)
    return root
