from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rapporteur.cli import main
from rapporteur.colour.statistics import colour_statistics
from rapporteur.colour.table import COLOURS
from rapporteur.core.tables import read_table
from tests.studies import square

RED, BLUE = square((210, 30, 30)), square((40, 80, 200), size=48)


@pytest.fixture
def folder(work: Path) -> Path:
    (work / "pictures/deep/er").mkdir(parents=True)
    Image.fromarray(RED).save(work / "pictures/red.png")
    Image.fromarray(BLUE).save(work / "pictures/deep/er/blue.WEBP", lossless=True)
    Image.fromarray(BLUE).convert("CMYK").save(work / "pictures/deep/print.jpg")
    (work / "pictures/notes.txt").write_text("no picture")
    return work / "pictures"


def test_every_picture_at_any_depth_has_a_row(folder: Path) -> None:
    main(["colours", str(folder), "--out", "colours.parquet"])
    table = read_table(Path("colours.parquet"), COLOURS)
    assert table["file"].tolist() == ["deep/er/blue.WEBP", "deep/print.jpg", "red.png"]
    assert table[["width", "height"]].iloc[0].tolist() == [48, 48]
    expected = colour_statistics(RED, 5)
    assert table["chroma"].iloc[2] == expected.chroma
    assert table["palette"].iloc[2].tolist() == list(expected.palette)


def test_a_csv_holds_lists_as_json(folder: Path) -> None:
    main(["colours", str(folder), "--out", "colours.csv", "--palette", "2"])
    with Path("colours.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert json.loads(rows[2]["palette"]) == list(colour_statistics(RED, 2).palette)
    assert float(rows[2]["lightness"]) == colour_statistics(RED, 2).lightness


def test_two_runs_write_the_same_bytes(folder: Path) -> None:
    for seed in range(40):
        pixels = np.random.default_rng(seed).integers(0, 256, (20, 20, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{seed}.png")
    for name in ("one", "two"):
        main(["colours", str(folder), "--out", f"{name}.parquet"])
    assert Path("one.parquet").read_bytes() == Path("two.parquet").read_bytes()


def test_a_damaged_picture_is_named_and_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.png").write_bytes((folder / "red.png").read_bytes()[:50])
    with pytest.raises(SystemExit, match=r"broken\.png.*--skip-damaged"):
        main(["colours", str(folder), "--out", "colours.parquet"])
    assert not Path("colours.parquet").exists()
    main(["colours", str(folder), "--out", "colours.parquet", "--skip-damaged"])
    assert len(read_table(Path("colours.parquet"), COLOURS)) == 3
    said = capsys.readouterr()
    assert "broken.png" in said.err
    assert "1 damaged" in said.out


def test_a_picture_too_large_to_open_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapporteur.core.pictures.MOST_PIXELS", 100)
    with pytest.raises(SystemExit, match=r"too large"):
        main(["colours", str(folder), "--out", "colours.parquet"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent", "--out", "c.csv"], "not a folder"),
        ([".", "--out", "c.csv"], "no picture"),
        (["pictures", "--out", "c.json"], r"\.parquet or \.csv"),
        (["pictures", "--out", "c.csv", "--palette", "0"], "1 to 16"),
    ],
)
def test_what_cannot_be_measured_is_said(work: Path, arguments: list[str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        main(["colours", *arguments])
