"""Any folder of pictures with a CSV or Parquet of captions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as arrow
import pytest
from pyarrow import parquet

from rapporteur.core.errors import BadInput
from rapporteur.datasets import read_folder

PLAIN = "file,caption\n1.jpg,a dog\nsub/2.jpg,a cat\n1.jpg,another dog\n"


def _file(folder: Path, content: str | bytes, name: str = "captions.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_two_columns_are_enough(tmp_path: Path) -> None:
    dog, cat = read_folder(_file(tmp_path, PLAIN), "test")
    assert (dog.image_id, dog.file_name, dog.split, dog.kind) == ("1", "1.jpg", "test", "original")
    assert [(one.caption_id, one.text) for one in dog.captions] == [("1-0", "a dog"), ("1-1", "another dog")]
    assert (cat.image_id, cat.file_name) == ("2", "sub/2.jpg")


def test_what_else_is_known_is_kept(tmp_path: Path) -> None:
    text = (
        "Image_ID;caption_id;file;caption;split;licence;licence_url;source_url;mood\n"
        '7;c7;a.jpg;"a dog; asleep";val;CC BY 2.0;'
        "https://creativecommons.org/licenses/by/2.0/;https://example.org/a;calm\n"
    )
    (picture,) = read_folder(_file(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    assert (picture.image_id, picture.split, picture.captions[0].text) == ("7", "val", "a dog; asleep")
    assert (picture.licence, picture.source_url) == ("CC BY 2.0", "https://example.org/a")
    assert picture.licence_url.endswith("/by/2.0/")


def test_a_parquet_is_read_as_a_csv_is(tmp_path: Path) -> None:
    table = arrow.table({"file": ["1.jpg", "sub/2.jpg", "1.jpg"], "caption": ["a dog", "a cat", "another dog"]})
    parquet.write_table(table, tmp_path / "captions.parquet")
    assert read_folder(tmp_path / "captions.parquet", "test") == read_folder(_file(tmp_path, PLAIN), "test")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,caption\n1.jpg,a\n", r"captions.csv:1: the column `file` is missing; .* names image, caption"),
        ("", r"captions.csv:1: the column `file` is missing; the first line names nothing"),
        ("file,caption,file\n", r":1: the column `file` comes twice"),
        ("file,caption\n", r"there is no caption; write one a line under file,caption"),
        ("file,caption\n1.jpg,a\n2.jpg,\n", r"captions.csv:3: the caption of 2.jpg is empty"),
        ("file,caption\n,a\n", r":2: the column `file` is empty"),
        ("file,caption\n1.jpg,a dog, asleep\n", r":2: 3 values for 2 columns; complete the line, or quote a text"),
        ('file,caption\n1.jpg,"a dog\n', r"captions.csv:2: not a CSV .*close the quotes"),
        ("file,caption\n../1.jpg,a\n", r":2: the file '../1.jpg' is outside the folder of pictures"),
        ("file,caption\n/etc/1.jpg,a\n", r":2: the file '/etc/1.jpg' is outside"),
        ("file,caption\nC:\\pictures\\1.jpg,a\n", r":2: the file .* is outside"),
        ("file,caption,image_id\n1.jpg,a,1\n1.jpg,b,2\n", r":3: the picture 1.jpg has another `image_id` on line 2"),
        ("file,caption,image_id\n1.jpg,a,1\n2.jpg,b,1\n", r":3: the image 1 is the file 1.jpg on line 2 and 2.jpg"),
        ("file,caption\na/1.jpg,a\nb/1.jpg,b\n", r":3: the image 1 is the file a/1.jpg .* an `image_id` of its own"),
        ("file,caption,caption_id\n1.jpg,a,c\n2.jpg,b,c\n", r":3: the caption_id c stands on line 2 already"),
        ("file,caption,split\n1.jpg,a,validation\n", r":2: .*validation"),
        ("file,caption,kind\n1.jpg,a,foil\n", r":2: unknown kind 'foil'; known: original, prompt"),
        ("file,caption,licence\n1.jpg,a,CC0\n1.jpg,b,MIT\n", r":3: the `licence` of the picture 1.jpg is 'CC0' before"),
        (b"file,caption\n1.jpg,a\n2.jpg,caf\xe9\n", r"captions.csv:3: not a text in UTF-8; save the file as “CSV"),
        (b"PK\x03\x04\x00\x00", r"captions.csv: not a text: it has zero bytes"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_with_its_mend(tmp_path: Path, text: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_folder(_file(tmp_path, text), "test")


def test_a_split_is_needed_once_and_only_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r":2: no split is stated; add the column `split`"):
        read_folder(_file(tmp_path, PLAIN), None)
    with pytest.raises(BadInput, match=r":2: the column `split` says 'val' and params.yaml 'test'"):
        read_folder(_file(tmp_path, "file,caption,split\n1.jpg,a,val\n"), "test")
    with pytest.raises(BadInput, match=r":2: unknown split 'dev'; known: train, val, test"):
        read_folder(_file(tmp_path, "file,caption,split\n1.jpg,a,dev\n"), None)


def test_a_file_that_is_absent_a_folder_or_no_parquet_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"absent.csv: the caption file is missing"):
        read_folder(tmp_path / "absent.csv", "test")
    with pytest.raises(BadInput, match=r"absent.parquet: the caption file is missing"):
        read_folder(tmp_path / "absent.parquet", "test")
    with pytest.raises(BadInput, match=r"this is a folder; name the file in it"):
        read_folder(tmp_path, "test")
    with pytest.raises(BadInput, match=r"captions.parquet: not a readable parquet"):
        read_folder(_file(tmp_path, "file,caption", "captions.parquet"), "test")


def test_a_parquet_s_row_is_named(tmp_path: Path) -> None:
    parquet.write_table(arrow.table({"file": ["1.jpg", None], "caption": ["a", "b"]}), tmp_path / "c.parquet")
    with pytest.raises(BadInput, match=r"c.parquet:2: the column `file` is empty"):
        read_folder(tmp_path / "c.parquet", "test")


def test_a_dot_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "captions.csv").write_text("file,caption\n.,x\n")
    with pytest.raises(BadInput, match=r"captions\.csv:2: the file '\.' is outside the folder"):
        read_folder(tmp_path / "captions.csv", "test")
