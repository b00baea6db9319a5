from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pandas as pd
import pytest
from pyarrow.parquet import ParquetFile

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table
from rapporteur.stages import captions as stage
from rapporteur.study import captions as study_captions
from rapporteur.vocabulary.captions import CAPTIONS, GOLD, forbids_derivatives
from tests.stages.study import captions_params, declare, write_dataset

OUT = Path("artifacts/captions/shapes")
ROOT = Path(__file__).resolve().parents[2]


def _run(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    declare("captions", captions_params(**changes), ["captions"])
    monkeypatch.setattr("sys.argv", ["captions", "shapes"])
    stage.main()


def test_captions_and_gold_pictures_are_tabled(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    _run(monkeypatch)
    table = read_table(OUT / "captions.parquet", CAPTIONS)
    assert table["text"].tolist() == ["a red star", "a green circle", "a blue square"]
    assert table["draws"].tolist() == [2, 2, 2]
    gold = read_table(OUT / "gold.parquet", GOLD)
    assert gold[["file", "width", "height"]].iloc[0].tolist() == ["data/images/1.jpg", 32, 24]


def test_the_study_takes_the_pictures_and_captions_that_it_asks_for(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write_dataset()
    content["annotations"] += [
        {"id": 10 + image["id"], "image_id": image["id"], "caption": "another"} for image in content["images"]
    ]
    Path("data/captions.json").write_text(json.dumps(content))
    _run(monkeypatch, study={"pictures": 2})
    table = read_table(OUT / "captions.parquet", CAPTIONS)
    assert len(table) == 6
    drawn = table[table["draws"] > 0]
    assert (len(drawn), drawn["image_id"].nunique(), "another" in set(drawn["text"])) == (2, 2, False)


def test_a_new_picture_moves_no_other_out_of_the_study(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"caption {number}" for number in range(30)]
    write_dataset(texts)
    _run(monkeypatch, study={"pictures": 10})
    before = read_table(OUT / "captions.parquet", CAPTIONS).query("draws > 0")["text"].tolist()
    write_dataset([*texts, "one more"])
    _run(monkeypatch, study={"pictures": 10})
    after = read_table(OUT / "captions.parquet", CAPTIONS).query("draws > 0")["text"].tolist()
    assert len(after) == 10
    assert len(set(before) - set(after)) <= 1


def test_an_absent_picture_is_named(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    Path("data/images/2.jpg").unlink()
    with pytest.raises(BadInput, match=r"captions.json: the captions name 2.jpg \(image 2\).*1 of 3 pictures"):
        _run(monkeypatch)


def test_absent_pictures_may_be_left_out_of_the_study_but_keep_their_captions(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset()
    Path("data/images/2.jpg").unlink()
    _run(monkeypatch, absent="leave_out")
    assert read_table(OUT / "captions.parquet", CAPTIONS)["draws"].tolist() == [2, 0, 2]
    assert read_table(OUT / "gold.parquet", GOLD)["image_id"].tolist() == ["1", "3"]


def test_a_truncated_picture_is_named_and_the_last_tables_stay(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    _run(monkeypatch)
    before = (OUT / "gold.parquet").read_bytes()
    picture = Path("data/images/2.jpg")
    picture.write_bytes(picture.read_bytes()[:-40])
    with pytest.raises(BadInput, match=r"data/images/2.jpg: the picture is damaged"):
        _run(monkeypatch)
    assert (OUT / "gold.parquet").read_bytes() == before


def test_a_file_name_that_leaves_the_folder_is_refused(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_dataset()
    content["images"][1]["file_name"] = "../../etc/passwd"
    Path("data/captions.json").write_text(json.dumps(content))
    with pytest.raises(BadInput, match=r"'../../etc/passwd' leaves the folder data/images"):
        _run(monkeypatch)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layout": "voc"}, "unknown layout 'voc'; known: coco, karpathy, folder, prompts"),
        ({"absent": "ignore"}, "`absent` is 'ignore'"),
        ({"study": {"draws": 0}}, "start at 1"),
        ({"study": {"list": "elsewhere/list.csv"}}, "put it in data/studies"),
        ({"study": {"draw_alternatives": True}}, "`draw_alternatives` needs `variants: true`"),
        ({"study": {"split": "val"}}, "no picture of the split 'val' has a caption"),
        ({"layout": "karpathy"}, "states each picture's split"),
    ],
)
def test_a_value_that_the_stage_does_not_know_is_refused(
    work: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], message: str
) -> None:
    write_dataset()
    with pytest.raises(BadInput, match=message):
        _run(monkeypatch, **changes)


def _captions() -> pd.DataFrame:
    return read_table(OUT / "captions.parquet", CAPTIONS)


def _two_annotators() -> None:
    """Three pictures with two captions each, and the words of foils."""
    content = write_dataset()
    for number, text in enumerate(["A crimson star.", "A RED STAR.", "A square."], 1):
        content["annotations"].append({"id": 10 + number, "image_id": min(number, 2), "caption": text})
    Path("data/captions.json").write_text(json.dumps(content))
    shutil.copytree(ROOT / "data/foils", "data/foils")


def _list(text: str) -> dict[str, Any]:
    path = Path("data/studies/mine.csv")
    path.parent.mkdir(exist_ok=True)
    path.write_text("image_id,caption_id,alternative,foil,foil_kind\n" + text, encoding="utf-8")
    return {"list": path.as_posix(), "variants": True}


def test_each_picture_of_the_study_has_an_alternative_and_a_foil_that_are_not_drawn(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _two_annotators()
    _run(monkeypatch, study={"variants": True})
    table = _captions()
    made = table[table["original_id"].notna()].set_index("caption_id")
    assert made.loc["1-alternative", ["kind", "text", "original_id", "draws"]].tolist() == [
        "alternative", "A crimson star.", "1", 0,
    ]  # fmt: skip
    assert made.loc["2-alternative", "text"] == "A RED STAR."
    assert "3-alternative" not in made.index, "the third picture has one caption"
    foils = made[made["kind"] == "foil"]
    assert foils["original_id"].tolist() == ["1", "2", "3"] and foils["draws"].eq(0).all()
    said = table.set_index("caption_id")["text"]
    for row in foils.itertuples():
        assert said[str(row.original_id)].replace(str(row.changed_from), str(row.changed_to)) == row.text
    originals = table[table["original_id"].isna()]
    assert originals["kind"].eq("original").all() and len(originals) == 6


def test_alternatives_may_be_drawn_too(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_annotators()
    _run(monkeypatch, study={"variants": True, "draw_alternatives": True})
    table = _captions().set_index("caption_id")["draws"]
    assert table[["1", "1-alternative", "1-foil", "11"]].tolist() == [2, 2, 0, 0]


def test_the_list_says_which_captions_are_drawn_and_what_was_written_by_hand(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _two_annotators()
    study = _list("2,12,a round green shape,A RED CIRCLE.,object\n1,,,,colour\n")
    _run(monkeypatch, study=study | {"pictures": 1})
    table = _captions().set_index("caption_id")
    assert table.index[table["draws"] > 0].tolist() == ["1", "12"]
    assert table.loc["12-alternative", "text"] == "a round green shape"
    assert table.loc["12-foil", ["foil_kind", "changed_from", "changed_to"]].tolist() == ["object", "STAR", "CIRCLE"]
    assert table.loc["1-foil", "foil_kind"] == "colour"


def test_a_listed_picture_that_is_absent_is_left_out_and_its_line_told(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _two_annotators()
    Path("data/images/2.jpg").unlink()
    study = _list("1,,,,\n2,12,,,\n")
    _run(monkeypatch, study=study, absent="leave_out")
    said = "captions: data/studies/mine.csv: 1 of 2 lines left out, their pictures are absent: line 3 (image 2)\n"
    assert said in capsys.readouterr().out
    assert set(_captions().query("draws > 0")["image_id"]) == {"1"}
    with pytest.raises(BadInput, match=r"the captions name 2.jpg \(image 2\)"):
        _run(monkeypatch, study=study, absent="refuse")


def test_a_list_of_absent_pictures_alone_is_refused(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_annotators()
    Path("data/images/2.jpg").unlink()
    with pytest.raises(BadInput, match=r"no picture that data/studies/mine.csv names is in data/images"):
        _run(monkeypatch, study=_list("2,,,,\n"), absent="leave_out")


def test_a_dataset_of_several_frames_is_tabled_as_one(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_annotators()
    _run(monkeypatch, study={"variants": True})
    whole = _captions()
    monkeypatch.setattr(study_captions, "PICTURES", 2)
    _run(monkeypatch, study={"variants": True})
    assert ParquetFile(OUT / "captions.parquet").num_row_groups == 2
    pd.testing.assert_frame_equal(_captions(), whole)


def test_a_picture_in_a_folder_of_its_own_is_found(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_dataset()
    Path("data/images/part/deep").mkdir(parents=True)
    for number, place in enumerate(["part/1 of 3.jpg", "part/deep/2.jpg", "absent/3.jpg"]):
        if number < 2:
            Path(f"data/images/{number + 1}.jpg").rename(Path("data/images") / place)
        content["images"][number]["file_name"] = place
    Path("data/captions.json").write_text(json.dumps(content))
    _run(monkeypatch, absent="leave_out")
    assert read_table(OUT / "gold.parquet", GOLD)["image_id"].tolist() == ["1", "2"]


def test_what_is_left_out_is_counted(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = write_dataset(["a red star", "a lake", "a sea", "a field"])
    content["annotations"].pop()
    Path("data/captions.json").write_text(json.dumps(content))
    Path("data/images/1.jpg").rename("data/images/of no caption.jpg")
    _run(monkeypatch, absent="leave_out")
    assert (
        "; left out: 1 pictures that are not in data/images, 1 pictures without a caption, "
        "1 pictures in data/images that no caption is about" in capsys.readouterr().out
    )


def test_a_name_in_another_normal_form_is_the_same_picture(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    there = normalize("NFD", "Été à la mer.jpg")
    Path("data/images/1.jpg").rename(Path("data/images") / there)
    Path("data/mine.csv").write_text(f"file,caption\n{normalize('NFC', there)},a lake\n", encoding="utf-8")
    _run(monkeypatch, layout="folder", annotations="data/mine.csv")
    assert read_table(OUT / "gold.parquet", GOLD)["file"].tolist() == [f"data/images/{there}"]


def test_an_absent_picture_that_differs_by_its_case_is_told(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    Path("data/images/2.jpg").rename("data/images/2.JPG")
    with pytest.raises(BadInput, match=r"2\.jpg \(image 2\), which is not in data/images, where 2\.JPG is; 1 of 3"):
        _run(monkeypatch)


def test_a_line_of_the_list_that_cannot_be_followed_is_named(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_annotators()
    for text, message in {
        "9,,,,\n": r"mine.csv:2: the picture 9 is not in the dataset",
        "1,99,,,\n": r"mine.csv:2: the picture 1 has no caption 99; it has 1, 11",
        "1,,,,\n1,,,,\n": r"mine.csv:3: the same picture and caption stand on line 2",
        "1,,,a blue star,\n": r"mine.csv:2: a foil written by hand needs its foil_kind",
        "1,,,,size\n": r"mine.csv:2: unknown foil_kind 'size'; known: colour, object, number, place",
        "2,,,,\n1,,,a red star,colour\n": r"mine.csv:3: the foil 'a red star' says the same",
        ",1,,,\n": r"mine.csv:2: the column `image_id` is empty",
        "": r"mine.csv: there is no picture",
    }.items():
        with pytest.raises(BadInput, match=message):
            _run(monkeypatch, study=_list(text))


def test_prompts_are_captions_without_gold_pictures(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("data").mkdir()
    Path("data/prompts.csv").write_text(
        "id,text,gloss,attribute,expected_colour,expected_shape\n"
        "p1,a red cube,un cube rouge,couleur,red,square\np2,two cats,deux chats,composition,,\n"
    )
    _run(monkeypatch, layout="prompts", annotations="data/prompts.csv")
    table = _captions()
    assert table[["caption_id", "kind", "draws"]].to_numpy().tolist() == [["p1", "prompt", 2], ["p2", "prompt", 2]]
    assert table["expected_colour"].fillna("-").tolist() == ["red", "-"]
    assert table["attribute"].tolist() == ["colour", "composition"]
    assert read_table(OUT / "gold.parquet", GOLD).empty


def test_a_folder_with_a_csv_is_a_dataset(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset()
    Path("data/mine.csv").write_text(
        "file,caption,licence,licence_url,source_url\n1.jpg,a red star,CC BY 2.0,https://example.org/by,https://example.org/1\n"
    )
    _run(monkeypatch, layout="folder", annotations="data/mine.csv")
    assert _captions()["caption_id"].tolist() == ["1-0"]
    gold = read_table(OUT / "gold.parquet", GOLD)
    assert gold[["licence", "licence_url", "source_url"]].iloc[0].tolist() == [
        "CC BY 2.0", "https://example.org/by", "https://example.org/1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("licence", "forbidden"),
    [
        ("Attribution-NonCommercial-NoDerivs License", True),
        ("Attribution-NoDerivs License", True),
        ("CC BY-ND 2.0", True),
        ("Attribution-ShareAlike License", False),
        ("No known copyright restrictions", False),
        ("", False),
    ],
)
def test_no_derivatives_licences_are_known_by_their_name(licence: str, forbidden: bool) -> None:
    assert forbids_derivatives(licence) is forbidden
