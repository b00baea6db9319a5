from __future__ import annotations

import errno
import re
from collections.abc import Callable

import pytest

from rapporteur.core.errors import BadInput, run_stage
from tests.hostile import HOSTILE


def _raise(error: BaseException) -> Callable[[], None]:
    def main() -> None:
        raise error

    return main


def test_bad_input_names_file_and_line() -> None:
    assert str(BadInput("empty caption", "captions.csv", 12)) == "captions.csv:12: empty caption"


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_file_holds_moves_no_cursor(text: str) -> None:
    said = str(BadInput(f"the caption {text} is bad", f"{text}.csv"))
    assert not re.search(r"[^\n\t -~\xa0-\U0010ffff]|[\ud800-\udfff\u202a-\u202e\u2066-\u2069]", said)
    assert text in said or "\\" in said


def test_bad_input_becomes_one_line_and_status_1() -> None:
    with pytest.raises(SystemExit, match=r"^error: a.csv:3: empty caption$"):
        run_stage(_raise(BadInput("empty caption", "a.csv", 3)))


def test_a_full_disk_says_what_is_kept() -> None:
    with pytest.raises(SystemExit, match=r"the disk is full while writing out.zip.*what was made is kept"):
        run_stage(_raise(OSError(errno.ENOSPC, "No space left on device", "out.zip")))


def test_another_fault_of_the_system_keeps_its_traceback() -> None:
    with pytest.raises(PermissionError):
        run_stage(_raise(PermissionError(errno.EACCES, "denied")))


def test_an_interruption_has_the_shell_s_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run_stage(_raise(KeyboardInterrupt()))
    assert stop.value.code == 130
    assert "dvc repro" in capsys.readouterr().err
