"""A rater's file, through crashes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.people.answers import read_folder
from rapporteur.people.journal import Journal
from rapporteur.people.modes import RATINGS

PATH = Path("data/ratings/amel.csv")
HEADER = "rater,dataset,image_id,caption_id,seed,attribute,score,time\n"
LINE = "amel,shapes,1,10,0,shape,4,2026-11-22T10:31:05+01:00\n"
CELLS = {"rater": "amel", "dataset": "shapes", "image_id": "2", "caption_id": "20", "seed": ""}
SECOND = CELLS | {"attribute": "texture", "score": "5", "time": "2026-11-22T10:32:00"}


@pytest.fixture
def path(work: Path) -> Path:
    PATH.parent.mkdir(parents=True)
    return PATH


def _journal() -> Journal:
    return Journal(PATH, RATINGS.columns)


def test_nothing_is_written_before_the_first_answer(path: Path) -> None:
    with _journal() as journal:
        assert journal.read() == []
    assert not path.exists()


def test_a_first_line_brings_its_header_and_the_stage_reads_both(path: Path) -> None:
    with _journal() as journal:
        journal.append(SECOND)
        journal.append(SECOND | {"attribute": "colour", "score": ""})
    assert path.read_text().splitlines()[0] == HEADER.strip().replace(",time", ",digest,time")
    table = read_folder(path.parent)
    assert table["score"].astype(object).where(table["score"].notna(), None).tolist() == [5, None]


def test_lines_are_added_behind_those_that_are_there(path: Path) -> None:
    path.write_text(HEADER + LINE)
    with _journal() as journal:
        assert [row["score"] for row in journal.read()] == ["4"]
        journal.append(SECOND)
    assert path.read_text().startswith(HEADER + LINE)
    assert len(path.read_text().splitlines()) == 3


@pytest.mark.parametrize("cut", range(1, len(LINE) - len("2026-11-22T10:31:05+01:00\n")))
def test_a_line_cut_anywhere_is_taken_out_and_named_and_the_others_stay(
    path: Path, cut: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text(HEADER + LINE + LINE[:cut])
    with _journal() as journal:
        assert len(journal.read()) == 1
    assert path.read_text() == HEADER + LINE
    assert f"amel.csv:3: the last line was cut short and is taken out: '{LINE[:cut]}'" in capsys.readouterr().err


def test_blocks_that_a_power_cut_left_empty_are_taken_out(path: Path) -> None:
    path.write_bytes((HEADER + LINE).encode() + bytes(40))
    with _journal() as journal:
        assert len(journal.read()) == 1
    assert path.read_text() == HEADER + LINE


def test_a_whole_last_line_without_its_end_is_kept(path: Path) -> None:
    path.write_text(HEADER + LINE.strip())
    with _journal() as journal:
        assert len(journal.read()) == 1
        journal.append(SECOND)
    assert path.read_text().startswith(HEADER + LINE)
    assert len(read_folder(path.parent)) == 2


def test_a_header_cut_short_is_written_anew(path: Path) -> None:
    path.write_text(HEADER[:20])
    with _journal() as journal:
        journal.append(SECOND)
    assert len(read_folder(path.parent)) == 1


def test_a_file_made_by_hand_keeps_its_own_columns(path: Path) -> None:
    path.write_text(
        "seed,rater,dataset,image_id,caption_id,attribute,simulated,score\r\n0,amel,shapes,1,10,shape,,4\r\n"
    )
    with _journal() as journal:
        journal.append(SECOND)
    assert path.read_text().splitlines()[-1] == ",amel,shapes,2,20,texture,,5"
    assert len(read_folder(path.parent)) == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rater,dataset,image_id\n", r"amel\.csv:1: the first line lacks 'caption_id'"),
        (HEADER + "amel,shapes,1\n" + LINE, r"amel\.csv:2: 3 values for 8 columns"),
        (HEADER + LINE + LINE.replace("amel", "zoe"), r"amel\.csv:3: the rater is 'zoe' in the file of 'amel'"),
        (HEADER + 'amel,"shapes"x,1,10,0,shape,4,\n', r"amel\.csv:2: not valid CSV"),
    ],
)
def test_a_line_that_is_not_what_it_should_be_is_named(path: Path, text: str, fault: str) -> None:
    path.write_text(text)
    with _journal() as journal, pytest.raises(BadInput, match=fault):
        journal.read()
    assert path.read_text() == text


def test_text_in_another_encoding_is_refused(path: Path) -> None:
    path.write_bytes(HEADER.encode() + "amel,forêt".encode("latin-1") + b"\n")
    with _journal() as journal, pytest.raises(BadInput, match="not UTF-8"):
        journal.read()


def test_an_identifier_that_would_break_the_line_is_refused(path: Path) -> None:
    with _journal() as journal, pytest.raises(BadInput, match="control character"):
        journal.append(SECOND | {"image_id": "1\namel,shapes"})


def test_what_comes_with_git_while_the_page_is_open_is_not_lost(path: Path) -> None:
    with _journal() as journal:
        journal.append(SECOND)
        path.write_text(HEADER + LINE + LINE.replace("shape", "colour").strip())
        journal.append(SECOND)
    assert len(read_folder(path.parent)) == 3


def test_a_file_that_was_removed_while_the_page_is_open_is_begun_anew(path: Path) -> None:
    with _journal() as journal:
        journal.append(SECOND)
        path.unlink()
        journal.append(SECOND)
    assert len(read_folder(path.parent)) == 1


def test_a_full_disk_leaves_no_part_of_a_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(HEADER + LINE)

    def fail(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with _journal() as journal:
        journal.read()
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", fail)
            with pytest.raises(OSError, match="No space"):
                journal.append(SECOND)
        assert path.read_text() == HEADER + LINE
        journal.append(SECOND)
    assert len(read_folder(path.parent)) == 2


def test_a_file_has_one_holder(path: Path) -> None:
    with _journal():
        program = (
            "from pathlib import Path\nfrom rapporteur.people.journal import Journal\n"
            f"Journal(Path('{PATH}'), ()).__enter__()"
        )
        other: Any = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert "this rater's page is already open" in other.stderr
    with _journal() as journal:
        assert journal.read() == []


def test_two_raters_write_at_once(path: Path) -> None:
    with _journal() as amel, Journal(path.with_name("zoe.csv"), RATINGS.columns) as zoe:
        amel.append(SECOND)
        zoe.append(SECOND | {"rater": "zoe"})
    assert sorted(read_folder(path.parent)["rater"]) == ["amel", "zoe"]
