from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rapporteur.cli import main
from rapporteur.fetching import coco, flickr30k, verb
from rapporteur.fetching.coco import COUNTS
from tests.fetching import given, server
from tests.fetching.server import Site
from tests.fetching.test_flickr30k import PICTURES, zip_of


@pytest.fixture(autouse=True)
def small(site: Site, work: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given.study(work, repository)
    given.coco_server(site)
    monkeypatch.setitem(COUNTS, "val2014", (given.COUNT, 2 * given.COUNT))
    monkeypatch.setattr(coco, "ARCHIVES", {})


def test_coco_is_fetched_and_its_tracking_is_one_command_away(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fetch", "coco", "--mirror", f"{site.address}/"])
    said = capsys.readouterr().out
    assert "3 pictures of val2014 in data/coco/val2014, each with its licence in data/coco.lock.json" in said
    assert "next: uv run dvc add data/coco\nthen: git add data/coco.dvc data/coco.lock.json\n" in said


def test_that_one_command_tracks_what_was_fetched(site: Site, work: Path) -> None:
    main(["fetch", "coco", "--mirror", site.address])
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"], ["dvc", "add", "-q", "data/coco"]):
        program = [sys.executable, "-m", *command] if command[0] == "dvc" else command
        subprocess.run(program, check=True, capture_output=True)
    taken = subprocess.run(["git", "add", "data/coco.dvc", "data/coco.lock.json"], capture_output=True, check=False)
    assert taken.returncode == 0
    assert "nfiles: 4" in Path("data/coco.dvc").read_text()


def test_what_is_missing_ends_with_status_one_and_its_list(site: Site) -> None:
    site.faults["val2014/COCO_val2014_000000000103.jpg"] = [server.status(404)]
    with pytest.raises(SystemExit) as stop:
        main(["fetch", "coco", "--all", "--mirror", site.address])
    assert str(stop.value).startswith("error: 1 of 8 files are missing:\n")  # a text: status 1
    assert "103.jpg: the server answers 404 Not Found\nThe others are in their places" in str(stop.value)
    assert len(list(Path("data/coco/val2014").glob("*.jpg"))) == 7


def test_an_interruption_is_no_traceback(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verb, "_run", interrupted)
    with pytest.raises(SystemExit) as stop:
        main(["fetch", "clip"])
    assert stop.value.code == 130
    assert "interrupted: what came is kept; the same command again goes on" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_named(site: Site) -> None:
    Path("data").write_text("a file")
    with pytest.raises(SystemExit, match=r"error: data.*: can't be written"):
        main(["fetch", "coco", "--mirror", site.address])


def test_flickr30k_comes_from_what_was_obtained(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    captions = json.dumps(given.karpathy_captions()).encode()
    site.files["caption_datasets.zip"] = given.zipped({"dataset_flickr30k.json": captions})
    monkeypatch.setattr(flickr30k, "COUNTS", {"train": 4, "test": 4})
    arguments = ["fetch", "flickr30k", "--mirror", site.url("caption_datasets.zip")]
    with pytest.raises(SystemExit, match="may not be passed"):
        main(arguments)
    main([*arguments, "--from", str(zip_of(PICTURES))])
    said = capsys.readouterr().out
    assert "3 pictures in data/flickr30k/images: for research and education, not to be passed on" in said
    assert "uv run dvc add data/flickr30k" in said


@pytest.mark.parametrize("arguments", [["fetch"], ["fetch", "imagenet"], ["fetch", "clip", "--workers", "0"]])
def test_unknown_wishes_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: rapporteur fetch" in capsys.readouterr().err


def test_the_command_line_starts_without_the_libraries_of_the_network() -> None:
    program = "import sys, rapporteur.cli as c; c.parser(); print({'requests', 'huggingface_hub'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
