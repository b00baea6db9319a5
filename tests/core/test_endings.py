from __future__ import annotations

from pathlib import Path

from rapporteur.core.endings import mend


def test_crlf_becomes_lf_and_other_files_are_left(tmp_path: Path) -> None:
    windows, unix = tmp_path / "a.csv", tmp_path / "b.csv"
    windows.write_bytes(b"id,caption\r\n1,a star\r\n")
    unix.write_bytes(b"id,caption\n")
    assert mend([windows, unix]) == [windows]
    assert windows.read_bytes() == b"id,caption\n1,a star\n"
