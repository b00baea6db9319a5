from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from drawn_world.shapes import SHAPES
from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import load_picture
from rapporteur.datasets import read_coco, read_karpathy, world
from rapporteur.stages import world as stage
from tests.stages.study import declare

LANDSCAPES = {"train": 3, "val": 1, "test": 2, "decoys": 0.3, "misled": 0.2}
LINES = ["1,a red star on a blue background", "2,a striped green circle", "30,a grey cross"]


def _write(*lines: str, header: str = "id,caption") -> None:
    stage.CAPTIONS.parent.mkdir(parents=True, exist_ok=True)
    stage.CAPTIONS.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def _run(**changes: Any) -> None:
    world = {"seed": 1, "size": 32, "landscapes": LANDSCAPES} | changes
    declare("world", {"world": world}, ["world"])
    stage.main()


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_both_layouts_are_read_by_the_readers_of_the_real_sets(work: Path) -> None:
    _write(*LINES)
    _run()
    shapes = read_coco(stage.SHAPES / "annotations/captions_shapes.json", "test")
    assert [(picture.image_id, picture.captions[0].text) for picture in shapes] == [
        ("1", "a red star on a blue background"),
        ("2", "a striped green circle"),
        ("30", "a grey cross"),
    ]
    landscapes = read_karpathy(stage.LANDSCAPES / "dataset_flickr30k.json")
    assert sorted(picture.split for picture in landscapes) == ["test"] * 2 + ["train"] * 3 + ["val"]
    for folder, pictures in ((stage.SHAPES, shapes), (stage.LANDSCAPES, landscapes)):
        for picture in pictures:
            assert load_picture(folder / "images" / picture.file_name).size == (32, 32)


def test_one_more_caption_draws_one_picture_and_leaves_the_others_byte_for_byte(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(*LINES)
    _run()
    before = _files(stage.SHAPES / "images")
    _write("8,a yellow heart", *LINES)
    capsys.readouterr()
    _run()
    after = _files(stage.SHAPES / "images")
    assert "1 drawn now" in capsys.readouterr().out
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"000000000008.jpg"}


def test_a_picture_follows_its_caption_not_its_line_or_id(work: Path) -> None:
    _write(*LINES)
    _run()
    star = (stage.SHAPES / "images/000000000001.jpg").read_bytes()
    _write("2,a striped green circle", "77,a red star on a blue background")
    _run()
    assert (stage.SHAPES / "images/000000000077.jpg").read_bytes() == star


def test_two_runs_from_nothing_give_the_same_bytes(work: Path) -> None:
    _write(*LINES)
    _run()
    first = _files(Path("artifacts"))
    shutil.rmtree("artifacts")
    shutil.rmtree(".items")
    _run()
    assert _files(Path("artifacts")) == first


def test_what_the_last_run_drew_is_taken_from_its_output(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(*LINES)
    _run()
    shutil.move("artifacts", "cache")
    shutil.rmtree(".items")
    cached = {
        out.as_posix(): {name: Path("cache") / out.relative_to("artifacts") / name for name in names}
        for out in (stage.SHAPES, stage.LANDSCAPES)
        for names in [_files(Path("cache") / out.relative_to("artifacts"))]
    }
    monkeypatch.setattr(world, "previous_output", cached.__getitem__)
    _write(*LINES, "31,a pink oval")
    capsys.readouterr()
    _run()
    assert "1 drawn now, 9 taken from the last run" in capsys.readouterr().out


def test_the_truth_about_decoys_is_apart_from_what_the_filter_reads(work: Path) -> None:
    _write(*LINES)
    _run(landscapes=LANDSCAPES | {"train": 24})
    with (stage.LANDSCAPES / "truth.csv").open() as stream:
        truth = {row["image_id"]: row["is_landscape"] for row in csv.DictReader(stream)}
    pictures = read_karpathy(stage.LANDSCAPES / "dataset_flickr30k.json")
    assert set(truth) == {picture.image_id for picture in pictures}
    assert set(truth.values()) == {"true", "false"}
    assert "is_landscape" not in (stage.LANDSCAPES / "dataset_flickr30k.json").read_text()


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (["1,a red star", "1,a blue star"], 3, "the id 1 is on line 2 too"),
        (["1,a red star", "2,a red star"], 3, "is on line 2 too"),
        (["1,a red star", "2,"], 3, "empty caption"),
        (["1,a red elephant"], 2, "no known shape"),
        (["x,a red star"], 2, "no whole number"),
        (["1,a red star, of course"], 2, "quote a text"),
        (["1"], 2, "complete the line"),
    ],
)
def test_a_bad_line_is_named_with_its_mend(work: Path, lines: list[str], line: int, message: str) -> None:
    _write(*lines)
    with pytest.raises(BadInput, match=rf"captions\.csv:{line}: .*{message}"):
        _run()
    assert not Path("artifacts").exists()


def test_a_list_with_another_header_or_none_at_all_is_refused(work: Path) -> None:
    _write("1,a red star", header="number,caption")
    with pytest.raises(BadInput, match=r"captions\.csv:1: the column `id` is missing"):
        _run()
    stage.CAPTIONS.unlink()
    with pytest.raises(BadInput, match="missing"):
        _run()
    stage.CAPTIONS.write_bytes(b"id,caption\n1,\xff\xfe\n")
    with pytest.raises(BadInput, match="UTF-8"):
        _run()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 8}, "32 pixels"),
        ({"landscapes": LANDSCAPES | {"train": -1}}, "start at 0"),
        ({"landscapes": LANDSCAPES | {"decoys": 1.5}}, "between 0 and 1"),
        ({"landscapes": {"train": 1}}, "val"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_parameter_is_named(work: Path, changes: dict[str, Any], message: str) -> None:
    _write(*LINES)
    with pytest.raises(BadInput, match=message):
        _run(**changes)


def test_the_list_in_the_repository_is_whole_and_varied(repository: Path) -> None:
    captions = stage.read_shape_captions(repository / stage.CAPTIONS)
    assert len(captions) >= 60
    assert {shape.shape for _, _, shape in captions} == set(SHAPES)
