from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from rapporteur.cli import main
from rapporteur.clip import pairs
from tests.studies import tiny_clip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture
def folder(work: Path) -> Path:
    """Two pictures beside the CSV, one below it."""
    (work / "given/more").mkdir(parents=True)
    random = np.random.default_rng(0)
    for name in ("a.png", "b.jpg", "more/c d.png"):
        Image.fromarray(random.integers(0, 256, (20, 30, 3)).astype(np.uint8)).save(work / "given" / name)
    return work / "given"


ROWS = 'id,file,text\n7,a.png,a red star\n08,b.jpg,a dog\n9,a.png,a dog\n10,more/c d.png,"two words, a dog"\n'


def write(folder: Path, content: str) -> str:
    (folder / "pairs.csv").write_text(content, encoding="utf-8")
    return str(folder / "pairs.csv")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stop:
        main(["clip", *arguments])
    assert isinstance(stop.value.code, str)  # one line, no traceback
    return stop.value.code


def test_each_pair_has_its_row_with_the_columns_that_it_came_with(folder: Path, model: Path) -> None:
    main(["clip", write(folder, ROWS), "--out", "found.parquet", "--model", str(model)])
    table = pd.read_parquet("found.parquet")
    assert list(table) == ["id", "file", "text", "cosine", "clipscore", "tokens", "tokens_cut"]
    assert table["id"].tolist() == ["7", "08", "9", "10"]
    assert table["text"].tolist()[-1] == "two words, a dog"
    assert table["clipscore"].tolist() == pytest.approx([2.5 * max(value, 0) for value in table["cosine"]])
    assert table["tokens"].tolist() == [5, 4, 4, 7]
    assert not table["tokens_cut"].any()


def test_the_cosines_are_those_of_the_model(folder: Path, model: Path) -> None:
    import torch

    from rapporteur.clip.model import load_clip

    main(["clip", write(folder, ROWS), "--out", "found.parquet", "--model", str(model), "--batch", "3"])
    network, preprocess, tokenizer, _ = load_clip(str(model))
    for row in pd.read_parquet("found.parquet").itertuples():
        with torch.inference_mode():
            pixels = preprocess(Image.open(folder / str(row.file)).convert("RGB"))[None]
            image = network.encode_image(pixels, normalize=True)
            text = network.encode_text(tokenizer([str(row.text)]), normalize=True)
        assert row.cosine == pytest.approx((image @ text.T).item(), abs=1e-6)


def test_a_csv_has_the_same_rows_as_a_parquet(folder: Path, model: Path) -> None:
    rows = write(folder, ROWS)
    main(["clip", rows, "--out", "found.parquet", "--model", str(model)])
    main(["clip", rows, "--out", "found.csv", "--model", str(model)])
    table = pd.read_csv("found.csv", dtype={"id": str})
    pd.testing.assert_frame_equal(table, pd.read_parquet("found.parquet"), check_dtype=False)


def test_what_comes_twice_is_encoded_once(folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"image_features": 0, "text_features": 0}
    for name in counts:
        function = getattr(pairs, name)

        def spy(network, how, items, batch, name=name, function=function):  # type: ignore[no-untyped-def]
            counts[name] += len(items)
            return function(network, how, items, batch)

        monkeypatch.setattr(pairs, name, spy)
    main(["clip", write(folder, ROWS), "--out", "found.csv", "--model", str(model)])
    assert counts == {"image_features": 3, "text_features": 3}


def test_a_text_beyond_the_context_is_told(folder: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["clip", write(folder, f"file,text\na.png,{'star ' * 20}\na.png,star\n"), "--out", "f.csv", "--model",
          str(model)])  # fmt: skip
    assert pd.read_csv("f.csv")["tokens_cut"].tolist() == [True, False]
    assert "2 pairs scored" in (said := capsys.readouterr().out)
    assert "longer than the model's context, cut: 1" in said


def test_inside_a_study_the_model_is_the_studys(folder: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("params.yaml").write_text(f"clip:\n  model: {model}\n  pretrained: null\n  batch: 2\n")
    main(["clip", write(folder, ROWS), "--out", "found.csv"])
    assert f"scored by {model}" in capsys.readouterr().out
    Path("params.yaml").write_text(f"clip:\n  model: {model}\n  pretrained: null\n  precision: int8\n")
    assert "clip.precision" in refused(capsys, str(folder / "pairs.csv"), "--out", "found.csv")


def test_without_a_model_one_is_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--model" in refused(capsys, write(folder, ROWS), "--out", "found.csv")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,text\na.png,x\n", r"pairs.csv:1: the column `file` is missing"),
        ("file\na.png\n", r"pairs.csv:1: the column `text` is missing"),
        ("file,text,text\na.png,x,y\n", r"pairs.csv:1: the column `text` comes twice"),
        ("file,text,cosine\na.png,x,1\n", r"pairs.csv:1: the column 'cosine' is one that the scores"),
        ("", r"pairs.csv:1: the column `file` is missing"),
        ("file,text\n\n", r"pairs.csv: no pair"),
        ("file,text\na.png,x\na.png, \n", r"pairs.csv:3: the text is empty"),
        ("file,text\n,x\n", r"pairs.csv:2: the file is empty"),
        ('file,text\na.png,"two\nlines"\nb.jpg,one, two\n', r"pairs.csv:4: 3 values for 2 columns"),
        (
            "file,text\na.png,x\ngone.png,x\ngone too.png,x\n",
            r"pairs.csv:3: .*gone.png: the picture is missing.*2 pict",
        ),
        ("file,text\nbroken.png,x\n", r"pairs.csv:2: .*broken.png: not a picture"),
        ("file,text\nmore,x\n", r"pairs.csv:2: .*more: "),
        ('file,text\na.png,"x\n', r"pairs.csv:2: not a CSV"),
    ],
)
def test_a_bad_row_is_named_before_anything_is_computed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    (folder / "broken.png").write_bytes(b"no picture")
    monkeypatch.setattr(pairs, "load_clip", lambda *_: pytest.fail("loaded the model"))
    import re

    message = refused(capsys, write(folder, content), "--out", "found.csv", "--model", "unused")
    assert re.search(said, message), message
    assert not Path("found.csv").exists()


def test_another_encoding_and_a_missing_csv_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pairs.csv").write_bytes("file,text\na.png,café\n".encode("latin-1"))
    given = ("--out", "found.csv", "--model", "unused")
    assert "save the file as “CSV UTF-8”" in refused(capsys, str(folder / "pairs.csv"), *given)
    assert "not a file" in refused(capsys, "nowhere.csv", *given)


def test_a_target_that_would_be_lost_or_unreadable_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = write(folder, ROWS)
    for target, said in ((rows, "is the file of the pairs"), ("found.txt", ".parquet or .csv"), ("d.csv", ".parquet")):
        Path("d.csv").mkdir(exist_ok=True)
        assert said in refused(capsys, rows, "--out", target, "--model", "unused")
    assert Path(rows).read_text() == ROWS


def test_a_utf8_mark_and_windows_line_ends_are_read(folder: Path, model: Path) -> None:
    path = folder / "pairs.csv"
    path.write_bytes("\ufefffile,text\r\na.png,une étoile\r\n".encode())
    main(["clip", str(path), "--out", "found.csv", "--model", str(model)])
    assert pd.read_csv("found.csv")["text"].tolist() == ["une étoile"]
