"""Files whole or absent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rapporteur.core import files
from rapporteur.core.files import write_atomic


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/t.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real/t.csv")
    write_atomic(tmp_path / "link.csv", b"new")
    assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "real/t.csv").read_text() == "new"


def test_a_pipe_is_written_through_and_stays_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    got: list[bytes] = []
    reader.start()
    write_atomic(pipe, b"rows" * 50_000)
    reader.join(10)
    assert got == [b"rows" * 50_000] and pipe.is_fifo()


def test_a_pipe_that_no_one_reads_is_an_error_and_no_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    monkeypatch.setattr(files.time, "monotonic", iter(range(0, 1000, 2)).__next__)
    with pytest.raises(OSError, match="No such device"):
        write_atomic(pipe, b"rows")
    assert pipe.is_fifo()


def test_a_device_is_written_through() -> None:
    write_atomic(Path("/dev/null"), b"rows")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(("umask", "mode"), [("022", "644"), ("077", "600"), ("002", "664")])
def test_the_umask_decides_who_may_read(tmp_path: Path, umask: str, mode: str) -> None:
    program = (
        f"import os; os.umask(0o{umask}); from pathlib import Path; from rapporteur.core.files import write_atomic; "
        "write_atomic(Path('a'), b'x'); print(oct(Path('a').stat().st_mode)[-3:])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == mode


@pytest.mark.parametrize("name", ["._a.jpg", ".DS_Store", "Thumbs.db", "x/thumbs.db", "__pycache__/a.py", "a.pyc"])
def test_what_systems_leave_beside_files_is_junk(name: str) -> None:
    assert files.is_junk(Path(name))


@pytest.mark.parametrize("name", ["a.jpg", ".hidden.jpg", "a._b.jpg", "Thumbs.db.jpg", "pycache/a.py", "x.DS_Store"])
def test_what_people_leave_there_is_not(name: str) -> None:
    assert not files.is_junk(Path(name))
