"""The notebooks, run from their first cell to their last as a reader runs them; about half a minute on 2 cores."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from qmdpress.cells import _OwnPython


def test_the_notebook_draws_and_ranks(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(repository / name, tmp_path)
    (tmp_path / "models").symlink_to(repository / "models")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(repository / "src"), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(repository / "notebooks/dessiner.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "kept without outputs: they follow from the cells"
    client = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(tmp_path / "notebooks")}}, kernel_name="python3",
    )  # fmt: skip
    client.create_kernel_manager()
    assert client.km is not None
    client.km.kernel_spec_manager = _OwnPython()
    client.execute()
    drawn = sorted(path.name for path in (tmp_path / "drawings").iterdir())
    assert len(drawn) == 9 and "sheet.png" in drawn and "a-lake-at-dusk-3.png" in drawn
    shown = [kind for cell in notebook.cells for output in cell.get("outputs", ()) for kind in output.get("data", ())]
    assert shown.count("image/png") == 2 and "text/html" in shown
