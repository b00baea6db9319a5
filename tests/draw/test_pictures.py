from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.draw.engines.pictures import Pictures, Wanted, read_rows
from tests.draw.given import settings

SIZES = {"a.png": (8, 6), "sub/b.jpg": (16, 16), "c.webp": (5, 9)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place, (name, size) in enumerate(SIZES.items()):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", size, (60 * place, 120, 200)).save(tmp_path / name)
    _table(
        tmp_path,
        "dataset,caption_id,text,seed,file",
        "coco,1,a lake,0,a.png",
        "coco,1,,1,sub/b.jpg",
        ",,a red  star,0,c.webp",
    )
    return tmp_path


def _table(folder: Path, *lines: str) -> Path:
    (folder / "pictures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "pictures.csv"


def _pictures(folder: Path) -> Pictures:
    return Pictures(settings(folder))


def test_a_picture_is_found_by_its_caption_s_id_or_its_text_and_keeps_its_size(folder: Path) -> None:
    pictures = _pictures(folder)
    wanted = [Wanted("coco", "7", "a red star", 0), Wanted("coco", "1", "a lake", 1), Wanted("coco", "1", "a lake", 0)]
    drawn = [pictures.read(row) for row in pictures.find(wanted)]
    assert [picture.shape for picture in drawn] == [(9, 5, 3), (16, 16, 3), (6, 8, 3)]
    assert (drawn[2] == np.array([0, 120, 200])).all()


def test_captions_alone_are_found_by_their_text(folder: Path) -> None:
    assert [picture.shape for picture in _pictures(folder).draw(["a red star"], [0])] == [(9, 5, 3)]
    with pytest.raises(BadInput, match="'a blue star' seed 0"):
        _pictures(folder).draw(["a blue star"], [0])


def test_grey_and_transparent_pictures_become_rgb(folder: Path) -> None:
    Image.new("L", (4, 4), 77).save(folder / "a.png")
    Image.new("RGBA", (4, 4), (1, 2, 3, 255)).save(folder / "c.webp", lossless=True)
    pictures = _pictures(folder)
    rows = pictures.find([Wanted("coco", "1", "a lake", 0), Wanted("", "", "a red star", 0)])
    assert [tuple(pictures.read(row)[0, 0]) for row in rows] == [(77, 77, 77), (1, 2, 3)]


def test_a_picture_s_digest_is_its_file_s_and_the_whole_s_changes_with_each(folder: Path) -> None:
    before = _pictures(folder)
    first, second = before.find([Wanted("coco", "1", "a lake", 0), Wanted("coco", "1", "a lake", 1)])
    digests = before.digest_of(first), before.digest_of(second)
    whole = before.digest
    Image.new("RGB", (8, 6), (9, 9, 9)).save(folder / "a.png")
    after = _pictures(folder)
    assert after.digest_of(first) != digests[0] and after.digest_of(second) == digests[1]
    assert after.digest != whole


def test_missing_pictures_are_counted_and_the_first_are_named(folder: Path) -> None:
    wanted = [Wanted("coco", "1", "a lake", seed) for seed in range(6)]
    with pytest.raises(BadInput) as error:
        _pictures(folder).find(wanted)
    assert str(error.value).startswith(
        f"{folder / 'pictures.csv'}: 4 of 6 pictures are not in the table: coco caption 1 ('a lake') seed 2; "
        "coco caption 1 ('a lake') seed 3; coco caption 1 ('a lake') seed 4 and 1 more; add a line for each"
    )


def test_a_caption_never_takes_the_picture_of_another_with_the_same_words(folder: Path) -> None:
    with pytest.raises(BadInput, match="caption 2 .* seed 0"):
        _pictures(folder).find([Wanted("coco", "2", "a lake", 0)])


def test_two_datasets_may_share_a_caption_s_id(folder: Path) -> None:
    _table(folder, "dataset,caption_id,seed,file", "coco,1,0,a.png", "flickr30k,1,0,c.webp")
    rows = _pictures(folder).find([Wanted("flickr30k", "1", "a dune", 0), Wanted("coco", "1", "a lake", 0)])
    assert [row.path.name for row in rows] == ["c.webp", "a.png"]


def test_a_line_paired_with_the_wrong_caption_is_refused(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"pictures.csv:2: caption 1 is 'a dune', not 'a lake'"):
        _pictures(folder).find([Wanted("coco", "1", "a dune", 0)])


def test_a_file_that_is_not_there_is_named_with_its_line(folder: Path) -> None:
    (folder / "sub/b.jpg").unlink()
    (folder / "a.png").unlink()
    with pytest.raises(BadInput, match=r"pictures.csv:2: the picture .*a.png is missing; .*1 more files are missing"):
        _pictures(folder).find([Wanted("coco", "1", "a lake", 0), Wanted("coco", "1", "a lake", 1)])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_text("no picture"), "not a picture that can be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:45]), "the picture is damaged"),
    ],
)
def test_an_unreadable_picture_is_named_with_its_line(folder: Path, spoil: object, message: str) -> None:
    assert callable(spoil)
    spoil(folder / "a.png")
    pictures = _pictures(folder)
    row = pictures.find([Wanted("coco", "1", "a lake", 0)])[0]
    with pytest.raises(BadInput, match=rf"pictures.csv:2: .*a.png: {message}"):
        pictures.read(row)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["seed,file", "0,a.png"], r"csv:1: the column caption_id, with its dataset, or text is missing"),
        (["caption_id,seed,file", "1,0,a.png"], "csv:1: the column caption_id, with its dataset"),
        (["dataset,caption_id,seed,file", ",1,0,a.png"], "csv:2: the line names no `dataset`"),
        (["text,file", "x,a.png"], "csv:1: the column `seed` is missing"),
        ([], "csv:1: the column `seed` is missing"),
        (["text,seed,file"], "csv: there is no picture"),
        (["text,seed,file", " ,0,a.png"], "csv:2: the line names no caption"),
        (["text,seed,file", "x,0,a.png", "x,first,a.png"], "csv:3: `seed` must be .*, not 'first'"),
        (["text,seed,file", "x,-1,a.png"], "csv:2: `seed` must be"),
        (["text,seed,file", "x,0,"], "csv:2: the line names no `file`"),
        (["text,seed,file", "x"], "csv:2: 1 values for 3 columns"),
        (["text,seed,file", "x,0,../a.png"], "csv:2: .*leaves the folder"),
        (["text,seed,file", "x,0,/etc/a.png"], "csv:2: .*leaves the folder"),
        (
            ["text,seed,file", "x,0,a.png", "y,0,a.png", "x,0,b.png"],
            "csv:4: the picture of 'x' seed 0 is already on line 2",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_rows(_table(tmp_path, *lines))


def test_a_table_in_another_encoding_says_so(tmp_path: Path) -> None:
    (tmp_path / "pictures.csv").write_bytes("text,seed,file\nun été,0,a.png\n".encode("latin-1"))
    with pytest.raises(BadInput, match="not a text in UTF-8"):
        read_rows(tmp_path / "pictures.csv")


def test_a_spreadsheet_s_byte_order_mark_and_quotes_are_read(tmp_path: Path) -> None:
    (tmp_path / "pictures.csv").write_text('\ufefftext,seed,file\n"a lake, calm",2,a.png\n', encoding="utf-8")
    rows = read_rows(tmp_path / "pictures.csv")
    assert [(row.text, row.seed, row.line) for row in rows] == [("a lake, calm", 2, 2)]
