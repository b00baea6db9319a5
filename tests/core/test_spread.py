"""Work over several processes: order, one beginning a process, errors, and Ctrl-C."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.spread import processors, spread


def _squares(folder: Path) -> Callable[[int], tuple[int, int]]:
    (folder / f"{os.getpid()}").write_text("begun")

    def square(number: int) -> tuple[int, int]:
        if number < 0:
            raise BadInput(f"{number} has no place here", "numbers.csv", 3)
        return number * number, os.getpid()

    return square


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_come_in_order_from_processes_that_begin_once(tmp_path: Path, processes: int) -> None:
    found = list(spread(partial(_squares, tmp_path), range(20), processes))
    assert [square for square, _ in found] == [number * number for number in range(20)]
    by = {str(process) for _, process in found}
    begun = {path.name for path in tmp_path.iterdir()}
    assert by <= begun
    assert len(begun) <= processes
    assert (str(os.getpid()) in begun) == (processes == 1)


def test_one_item_begins_no_process(tmp_path: Path) -> None:
    assert list(spread(partial(_squares, tmp_path), [3], 8)) == [(9, os.getpid())]
    assert list(spread(partial(_squares, tmp_path), [], 8)) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_bad_input_is_the_same_message_wherever_it_was_met(tmp_path: Path, processes: int) -> None:
    with pytest.raises(BadInput, match=r"^numbers\.csv:3: -1 has no place here$"):
        list(spread(partial(_squares, tmp_path), [1, -1, 2], processes))


def test_a_process_counts_the_processors_that_it_may_use() -> None:
    assert 1 <= processors() <= (os.cpu_count() or 1)


def _ended(folder: Path) -> Callable[[int], None]:
    def end(number: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    return end


def test_a_process_that_the_system_ends_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="one of 2 processes was ended from outside"):
        list(spread(partial(_ended, tmp_path), [1, 2, 3], 2))


def test_without_semaphores_this_process_does_it_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(38, "Function not implemented")  # what a container without /dev/shm says

    monkeypatch.setattr("rapporteur.core.spread.ProcessPoolExecutor", refuse)
    assert list(spread(partial(_squares, tmp_path), [2, 3], 2)) == [(4, os.getpid()), (9, os.getpid())]
