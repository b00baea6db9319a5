from __future__ import annotations

import pytest

from rapporteur.core.progress import progress


def test_a_log_gets_plain_lines_with_what_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 5.0, 20.0, 40.0, 40.0])
    monkeypatch.setattr("rapporteur.core.progress.time.monotonic", lambda: next(clock))
    with progress("images shapes", 8, "pictures") as advance:
        advance(2)
        advance(2)
        advance(4)
    assert capsys.readouterr().err.splitlines() == [
        "images shapes: 4/8 pictures, about 20 s left",
        "images shapes: 8/8 pictures in 40.0 s",
    ]


def test_nothing_to_do_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("images", 0) as advance:
        advance(0)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress("images", 3, "pictures") as advance:
        advance(3)
    assert "3/3" in capsys.readouterr().err
