from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table
from rapporteur.stages import ratings
from rapporteur.vocabulary.captions import GOLD
from rapporteur.vocabulary.images import IMAGES
from rapporteur.vocabulary.ratings import COMPARISONS, RATINGS
from tests.studies import SmallStudy, square

HEADER = "rater,dataset,image_id,caption_id,seed,attribute,score"


def write(folder: Path, name: str, *lines: str, header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_no_file_gives_an_empty_table(work: Path) -> None:
    (work / "data/ratings").mkdir(parents=True)
    (work / "data/ratings/README.md").write_text("# Ratings")
    (work / "dvc.yaml").write_text("stages:\n  ratings:\n    cmd: x\n    params: [ratings]\n")
    (work / "params.yaml").write_text("ratings:\n  folder: data/ratings\n")
    ratings.main()
    table = read_table(Path("artifacts/ratings/ratings.parquet"), RATINGS)
    assert len(table) == 0
    assert list(table.columns) == list(RATINGS.columns)
    compared = read_table(Path("artifacts/ratings/comparisons.parquet"), COMPARISONS)
    assert len(compared) == 0 and list(compared.columns) == list(COMPARISONS.columns)


def test_the_repositorys_own_folder_is_valid(repository: Path) -> None:
    table = ratings.read_folder(repository / "data/ratings")
    assert not table["simulated"].any()


def test_ratings_of_several_raters_are_put_together(tmp_path: Path) -> None:
    write(tmp_path, "zoe.csv", "zoe,shapes,1,c1,0,shape,5", "zoe,shapes,1,c1,,shape,4")
    write(tmp_path, "amel.csv", "amel,shapes,1,c1,0,colour,", "", "amel,shapes,1,c1,1,overall,1")
    table = ratings.read_folder(tmp_path)
    assert table["rater"].tolist() == ["amel", "amel", "zoe", "zoe"]
    assert table["score"].tolist() == [pd.NA, 1, 5, 4]
    assert table["seed"].tolist() == [0, 1, 0, pd.NA]
    RATINGS.validate(table)


def test_of_equal_ratings_the_last_stands(tmp_path: Path) -> None:
    write(
        tmp_path, "zoe.csv", "zoe,shapes,1,c1,0,shape,5", "zoe,shapes,1,c1,0,colour,2", "zoe,shapes,1,c1,0,shape,3",
        "zoe,shapes,1,c1,,shape,1", "zoe,shapes,1,c1,,shape,2",
    )  # fmt: skip
    table = ratings.read_folder(tmp_path)
    assert table[["attribute", "score"]].values.tolist() == [["colour", 2], ["shape", 3], ["shape", 2]]


def test_simulated_ratings_and_times_are_optional_columns(tmp_path: Path) -> None:
    write(tmp_path, "robot.csv", "robot,s,1,c1,0,shape,5,true,2026-11-22T10:31:05", header=HEADER + ",simulated,time")
    assert ratings.read_folder(tmp_path)["simulated"].tolist() == [True]


def test_a_spreadsheets_byte_order_mark_and_line_ends_are_read(tmp_path: Path) -> None:
    (tmp_path / "zoe.csv").write_bytes(f"\ufeff{HEADER}\r\nzoe,s,1,c1,0,shape,5\r\n".encode())
    assert len(ratings.read_folder(tmp_path)) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("zoe,s,1,c1,0,shape,6", "the score is '6'; give 1 to 5"),
        ("zoe,s,1,c1,0,shape,0", "the score is '0'"),
        ("zoe,s,1,c1,0,shape,4.5", r"the score is '4\.5'"),
        ("zoe,s,1,c1,0,shape,cinq", "the score is 'cinq'"),
        ("zoe,s,1,c1,0,taste,5", "the attribute is 'taste'; known: shape, texture, colour, overall"),
        ("amel,s,1,c1,0,shape,5", "the rater is 'amel' in the file of 'zoe'"),
        ("zoe,,1,c1,0,shape,5", "`dataset` is empty"),
        ("zoe,s,,c1,0,shape,5", "`image_id` is empty"),
        ("zoe,s,1,,0,shape,5", "`caption_id` is empty"),
        ("zoe,s,1,c1,-1,shape,5", "the seed is '-1'"),
        ("zoe,s,1,c1,0,for", "6 values for 7 columns; complete the line"),
        ("zoe,s,1,c1,0,shape,5,more", "8 values for 7 columns"),
        ('zoe,s,"1,c1,0,shape,5', "not a CSV"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_its_mend(tmp_path: Path, line: str, said: str) -> None:
    path = write(tmp_path, "zoe.csv", "zoe,s,1,c1,0,texture,5", line)
    with pytest.raises(BadInput, match=rf"{path}:[34]: {said}"):
        ratings.read_folder(tmp_path)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("rater,dataset,image_id,caption_id,seed,attribute", "`score` is missing"),
        (HEADER + ",mood", "'mood' is unknown"),
        (HEADER + ",score", "`score` comes twice"),
        ("", "`rater` is missing"),
    ],
)
def test_a_bad_first_line_is_refused(tmp_path: Path, header: str, said: str) -> None:
    write(tmp_path, "zoe.csv", header=header)
    with pytest.raises(BadInput, match=rf"zoe\.csv:1: the column {said}"):
        ratings.read_folder(tmp_path)


@pytest.mark.parametrize("extra", ["yes", "2026-99-01"])
def test_bad_values_of_the_optional_columns_are_refused(tmp_path: Path, extra: str) -> None:
    column = "simulated" if extra == "yes" else "time"
    write(tmp_path, "zoe.csv", f"zoe,s,1,c1,0,shape,5,{extra}", header=f"{HEADER},{column}")
    with pytest.raises(BadInput, match=extra):
        ratings.read_folder(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zoe.csv").write_bytes(HEADER.encode() + "\nzoe,été,1,c1,0,shape,5\n".encode("latin-1"))
    with pytest.raises(BadInput, match=r"zoe\.csv:\d: not a text in UTF-8"):
        ratings.read_folder(tmp_path)


def test_a_file_name_that_is_no_rater_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "Copie de zoé.csv")
    with pytest.raises(BadInput, match="name the file after the rater"):
        ratings.read_folder(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"ratings\.folder"):
        ratings.read_folder(tmp_path / "absent")


PAIR = "rater,dataset,caption_id,image_id,left_source,left_seed,right_source,right_seed,choice,time"


def test_comparisons_are_read_with_the_rating_pages_own_columns(tmp_path: Path) -> None:
    write(tmp_path, "zoe.csv", "zoe,s,c1,1,gold,,generated,2,left,2026-11-22T10:31:05+00:00", header=PAIR)
    write(tmp_path, "amel.csv", "amel,s,c1,1,generated,2,gold,,right,", header=PAIR)
    table = ratings.read_comparisons(tmp_path)
    COMPARISONS.validate(table)
    assert table["rater"].tolist() == ["amel", "zoe"]
    assert table["left_seed"].tolist() == [2, pd.NA]
    assert not table["simulated"].any()


def test_the_same_two_pictures_count_once_a_rater_whatever_their_sides(tmp_path: Path) -> None:
    write(
        tmp_path, "zoe.csv", "zoe,s,c1,1,gold,,generated,2,left,", "zoe,s,c1,1,generated,2,gold,,equal,",
        "zoe,s,c1,1,generated,10,generated,2,left,", header=PAIR,
    )  # fmt: skip
    assert ratings.read_comparisons(tmp_path)["choice"].tolist() == ["equal", "left"]


def test_a_missing_folder_of_comparisons_is_an_empty_one(tmp_path: Path) -> None:
    assert len(ratings.read_comparisons(tmp_path / "absent")) == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("zoe,s,c1,1,gold,,generated,2,both,", "the choice is 'both'; known: left, right, equal"),
        ("zoe,s,c1,1,golden,,generated,2,left,", "`left_source` is 'golden'"),
        ("zoe,s,c1,1,gold,,drawn,2,left,", "`right_source` is 'drawn'"),
        ("zoe,s,c1,1,gold,3,generated,2,left,", "`left_seed` is '3'"),
        ("zoe,s,c1,1,gold,,generated,,left,", "`right_seed` is ''"),
        ("zoe,s,c1,1,gold,,generated,²,left,", "`right_seed` is '²'"),
        ("zoe,s,c1,1,generated,2,generated,2,left,", "both pictures are the same"),
        ("zoe,s,,1,gold,,generated,2,left,", "`caption_id` is empty"),
        ("amel,s,c1,1,gold,,generated,2,left,", "the rater is 'amel'"),
    ],
)
def test_a_bad_comparison_is_named_with_its_line_and_its_mend(tmp_path: Path, line: str, said: str) -> None:
    path = write(tmp_path, "zoe.csv", line, header=PAIR)
    with pytest.raises(BadInput, match=rf"{path}:2: {said}"):
        ratings.read_comparisons(tmp_path)


def test_a_seed_of_twenty_digits_is_named(tmp_path: Path) -> None:
    write(tmp_path, "zoe.csv", "zoe,s,1,c1,99999999999999999999,shape,4")
    with pytest.raises(BadInput, match=r"zoe\.csv:2: the seed is '9+'; give the number of the draw"):
        ratings.read_folder(tmp_path)


DIGEST = "a" * 64


def test_a_picture_s_digest_is_an_optional_column(tmp_path: Path) -> None:
    write(tmp_path, "zoe.csv", f"zoe,s,1,c1,0,shape,5,{DIGEST}", "zoe,s,1,c1,1,shape,5,", header=HEADER + ",digest")
    assert ratings.read_folder(tmp_path)["digest"].tolist() == [DIGEST, pd.NA]
    write(tmp_path, "zoe.csv", "zoe,s,1,c1,0,shape,5,xyz", header=HEADER + ",digest")
    with pytest.raises(BadInput, match=r"zoe\.csv:2: `digest` is 'xyz'; it is the picture's SHA-256"):
        ratings.read_folder(tmp_path)


def test_what_was_said_of_other_pictures_is_set_apart_and_counted(work: Path, capsys: pytest.CaptureFixture) -> None:
    """Of a study of two drawings and a gold picture: the very ones, one drawn again since, and some it never had."""
    study = SmallStudy(
        work, "shapes", params="captions: {shapes: {}}\nratings: {folder: said}\n",
        pipeline="stages:\n  ratings:\n    cmd: x\n    params: [ratings, captions]\n",
    )  # fmt: skip
    study.add("i", "a red square", square((200, 30, 30)), draws=2)
    study.write()
    drawn = read_table(work / "artifacts/images/shapes/index.parquet", IMAGES).set_index("seed")["digest"]
    gold = read_table(work / "artifacts/captions/shapes/gold.parquet", GOLD)["digest"][0]
    (work / "said").mkdir()
    said = {  # seed, digest and what becomes of it
        "shape": (0, drawn[0], "verified"), "texture": (1, DIGEST, "redrawn"), "colour": (1, "", "unverified"),
    }  # fmt: skip
    lines = [f"zoe,shapes,i,c0,{seed},{name},1,{digest}" for name, (seed, digest, _) in said.items()]
    lines += [
        f"zoe,shapes,i,c0,,shape,1,{gold}",
        "zoe,shapes,i,c0,7,shape,1,",
        "zoe,shapes,j,c0,0,shape,1,",
        "zoe,s,i,c0,0,shape,1,",
    ]
    write(work / "said", "zoe.csv", *lines, header=HEADER + ",digest")
    (work / "data/comparisons").mkdir(parents=True)
    sides = "left_source,left_seed,right_source,right_seed"
    write(
        work / "data/comparisons", "zoe.csv", f"zoe,shapes,i,c0,generated,0,generated,1,left,{drawn[0]},{DIGEST}",
        header=f"rater,dataset,image_id,caption_id,{sides},choice,left_digest,right_digest",
    )  # fmt: skip
    (work / "said/yves.xlsx").touch()
    ratings.main()
    table = read_table(Path("artifacts/ratings/ratings.parquet"), RATINGS)
    standings = ["verified", "redrawn", "unverified", "verified", "absent", "absent", "absent"]
    assert table["standing"].tolist() == standings
    assert read_table(Path("artifacts/ratings/comparisons.parquet"), COMPARISONS)["standing"].tolist() == ["redrawn"]
    out = capsys.readouterr().out
    assert "ratings: of 7, 3 set apart: the study has no such picture, 1 set apart: the picture was drawn again" in out
    assert "; left out: 1 files of other kinds in said (.xlsx)" in out
    assert "1 taken unverified" in out and "comparisons: of 1, 1 set apart: the picture was drawn again" in out


def test_the_names_that_attributes_had_are_read_as_their_codes(tmp_path: Path) -> None:
    lines = [f"zoe,s,1,c1,0,{name},{score}" for score, name in enumerate(("forme", "couleur", "ensemble", "shape"), 1)]
    write(tmp_path, "zoe.csv", *lines)
    table = ratings.read_folder(tmp_path)
    assert table[["attribute", "score"]].values.tolist() == [["colour", 2], ["overall", 3], ["shape", 4]]
