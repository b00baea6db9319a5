from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.core.provenance import file_digest
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.dalle.coder import Coder
from rapporteur.dalle.views import View
from rapporteur.stages import tokens as stage
from rapporteur.study.pictures import StudyPicture
from rapporteur.vocabulary.captions import GOLD
from rapporteur.vocabulary.landscapes import LANDSCAPES
from rapporteur.vocabulary.tokens import TOKENS
from tests.stages.study import declare

OUT = Path("artifacts/tokens/tokens.parquet")
TAKEN = ["tokens", "landscapes.dataset"]


@pytest.fixture
def encoded(work: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were encoded; a picture's tokens are its mean colour."""
    files: list[str] = []

    def encode(_: Coder, batch: list[View]) -> list[bytes]:
        files.extend(f"pictures/{one.picture.image_id}.png" for one in batch if isinstance(one.picture, StudyPicture))
        return [json.dumps(list(one.load().getpixel((0, 0)))).encode() for one in batch]

    monkeypatch.setattr(Coder, "tokens", encode)
    (work / "vqgan").mkdir()
    (work / "vqgan/config.json").write_text("{}")
    params = {"tokens": {"vqgan": "vqgan", "batch": 2}, "landscapes": {"dataset": "d"}}
    declare("tokens", params, TAKEN)
    return files


def _dataset(kept: list[bool], absent: int | None = None) -> None:
    place = {"dataset": "d", "split": "train"}
    Path("pictures").mkdir(exist_ok=True)
    gold, judged = [], []
    for n, keep in enumerate(kept):
        Image.new("RGB", (20, 16), (n * 10, 0, 0)).save(file := Path(f"pictures/{n}.png"))
        size = {"file": file.as_posix(), "digest": file_digest(file), "width": 20, "height": 16, "licence": ""}
        judged.append(
            place | {"image_id": f"{n}", "score": float(keep), "kept": keep, "reasons": "", "captions": ["x"]}
        )
        if n != absent:
            gold.append(place | {"image_id": f"{n}"} | size)
    write_table(table_of(gold, GOLD), Path("artifacts/captions/d/gold.parquet"), GOLD)
    write_table(table_of(judged, LANDSCAPES), Path("artifacts/landscapes/landscapes.parquet"), LANDSCAPES)


def test_the_kept_pictures_are_encoded_in_order(encoded: list[str]) -> None:
    _dataset([True, False, True, True])
    stage.main()
    table = read_table(OUT, TOKENS)
    assert table["image_id"].tolist() == ["0", "2", "3"]
    assert [list(tokens) for tokens in table["tokens"]] == [[0, 0, 0], [20, 0, 0], [30, 0, 0]]


def test_a_picture_that_is_not_on_the_disk_is_left_out_and_counted(
    encoded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _dataset([True, True], absent=0)
    stage.main()
    assert read_table(OUT, TOKENS)["image_id"].tolist() == ["1"]
    assert "; left out: 1 landscapes whose picture is not on the disk" in capsys.readouterr().out


def test_landscapes_of_which_none_is_on_the_disk_are_not_blamed_on_the_filter(encoded: list[str]) -> None:
    _dataset([True, False], absent=0)
    with pytest.raises(BadInput, match=r"none of the 1 landscapes is on the disk; check `captions\.d\.images`"):
        stage.main()


def test_only_new_pictures_are_encoded(encoded: list[str]) -> None:
    _dataset([True, False])
    stage.main()
    encoded.clear()
    _dataset([True, True])
    stage.main()
    assert encoded == ["pictures/1.png"]


def test_an_empty_store_is_refilled_from_the_last_run(encoded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _dataset([True, True])
    stage.main()
    shutil.copy(OUT, "last.parquet")
    shutil.rmtree(".items")
    encoded.clear()
    monkeypatch.setattr(stage, "previous_output", lambda out: {"tokens.parquet": Path("last.parquet")})
    stage.main()
    assert encoded == []


def test_a_picture_that_its_table_does_not_tell_of_is_refused(encoded: list[str]) -> None:
    _dataset([True, True])
    Image.new("RGB", (20, 16), (1, 2, 3)).save("pictures/1.png")
    with pytest.raises(BadInput, match=r"pictures/1\.png: the picture is not the one that its table tells of"):
        stage.main()


def test_further_views_are_encoded_beside_the_first(encoded: list[str]) -> None:
    _dataset([True, True])
    stage.main()
    first = read_table(OUT, TOKENS)
    encoded.clear()
    declare("tokens", {"tokens": {"vqgan": "vqgan", "views": 3}, "landscapes": {"dataset": "d"}}, TAKEN)
    stage.main()
    table = read_table(OUT, TOKENS)
    assert encoded == ["pictures/0.png", "pictures/0.png", "pictures/1.png", "pictures/1.png"]  # not the first again
    assert list(zip(table["image_id"], table["view"], strict=True)) == [(one, n) for one in "01" for n in range(3)]
    assert table[table["view"] == 0]["key"].tolist() == first["key"].tolist()
    assert table["key"].is_unique


def test_no_view_at_all_is_refused(encoded: list[str]) -> None:
    declare("tokens", {"tokens": {"vqgan": "vqgan", "views": 0}, "landscapes": {"dataset": "d"}}, TAKEN)
    with pytest.raises(BadInput, match=r"`tokens\.views` starts at 1"):
        stage.main()


def test_another_vqgan_encodes_again(encoded: list[str]) -> None:
    _dataset([True, True])
    stage.main()
    encoded.clear()
    Path("vqgan/config.json").write_text("{ }")
    stage.main()
    assert len(encoded) == 2


def test_a_filter_that_keeps_nothing_is_refused_with_the_mend(encoded: list[str]) -> None:
    _dataset([False, False])
    with pytest.raises(BadInput, match=r"kept no picture; lower `landscapes.threshold`"):
        stage.main()
