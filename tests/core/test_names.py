from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.names import Names, csv_files, left_out

COMPOSED, DECOMPOSED = (normalize(form, "été/mer bleue à Sète.jpg") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("asked", "there"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_name_is_found_in_whichever_normal_form_the_disk_has_it(tmp_path: Path, asked: str, there: str) -> None:
    path = tmp_path / there
    path.parent.mkdir()
    path.touch()
    assert Names(tmp_path).find(asked) == path
    assert Names(tmp_path).find(asked.replace("/", "\\")) == path


def test_the_very_name_goes_before_its_other_form(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        (tmp_path / normalize(form, "é.jpg")).touch()
    names = Names(tmp_path)
    for form in ("NFC", "NFD"):
        assert names.find(normalize(form, "é.jpg")) == tmp_path / normalize(form, "é.jpg")


def test_what_differs_by_its_case_is_another_name_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "val").mkdir()
    (tmp_path / "val/IMG_1.JPG").touch()
    names = Names(tmp_path)
    assert names.find("val/img_1.jpg") is None
    assert (names.near("val/img_1.jpg"), names.near("val/img_2.jpg"), names.near("train/1.jpg")) == (
        "IMG_1.JPG", None, None,
    )  # fmt: skip


def test_pictures_that_no_name_asked_for_are_counted(tmp_path: Path) -> None:
    for name in ("1.jpg", "2.JPG", "3.png", "._1.jpg", "notes.txt"):
        (tmp_path / name).touch()
    names = Names(tmp_path)
    assert names.unasked() == 0  # nothing was looked into
    names.find("1.jpg")
    assert names.unasked() == 2


def test_a_link_to_nothing_is_no_file_and_no_name_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").symlink_to("nowhere.jpg")
    assert Names(tmp_path).find("1.jpg") is None
    assert Names(tmp_path / "absent").find("1.jpg") is None
    with pytest.raises(BadInput, match="leaves the folder"):
        Names(tmp_path).find("../1.jpg")


def test_tables_are_those_that_end_so_in_any_case_and_others_are_counted(tmp_path: Path) -> None:
    for name in ("amel.csv", "BEA.CSV", "chloe.xlsx", "dora.csv.txt", "README.md", "._amel.csv", ".gitkeep"):
        (tmp_path / name).touch()
    (tmp_path / "groupe2").mkdir()
    files, others = csv_files(tmp_path)
    assert [file.name for file in files] == ["BEA.CSV", "amel.csv"]
    assert others == {".xlsx": 1, ".txt": 1, "folders": 1}
    assert csv_files(tmp_path / "absent") == ([], {})


def test_only_what_was_left_out_is_said() -> None:
    assert left_out({"absent": 2, "blank": 0, "foreign": 1}) == "; left out: 2 absent, 1 foreign"
    assert left_out({"absent": 0}) == ""
