"""What a rater's session shows, keeps and takes up again."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.landscapes.labels import read_truth
from rapporteur.people.answers import read_comparisons, read_folder
from rapporteur.people.modes import RATINGS
from rapporteur.people.session import BURST, Allowance, Refused, Session
from rapporteur.people.verb import rater_file
from rapporteur.vocabulary.attributes import RATED
from tests.people.conftest import BLUE, GREEN, HOSTILE, PARAMS, RED, sample
from tests.studies import SmallStudy, square

Open = Callable[..., Session]
RATINGS_FILE = Path("data/ratings/amel.csv")


def _rate(session: Session, place: int, score: str = "4") -> None:
    view = session.view(place)
    for question in RATED:
        session.answer(view["task"], question, score)


def test_the_page_asks_what_the_table_holds() -> None:
    assert tuple(question.name for question in RATINGS.questions) == RATED
    assert RATINGS.known["colour"] == {"1", "2", "3", "4", "5", ""}


def test_a_rated_picture_is_four_lines_that_the_stage_reads(open_session: Open) -> None:
    session = open_session()
    _rate(session, 0)
    table = read_folder(RATINGS_FILE.parent)
    assert table["attribute"].tolist() == list(RATED)
    assert table["score"].tolist() == [4] * 4
    assert not table["simulated"].any()
    assert session.progress() == {"done": 1, "total": 16, "next": 1}


def test_a_picture_that_was_replaced_since_is_asked_about_again(open_session: Open, study: Path) -> None:
    session = open_session(Allowance(clock=itertools.count(0, 10).__next__))
    for place in range(16):
        _rate(session, place)
    other = SmallStudy(study, "shapes", params=PARAMS)
    other.add("shapes-0", HOSTILE, square(RED, size=64), square(BLUE), draws=2)  # drawn another way than before
    other.add("shapes-1", "a green square", square(GREEN, size=64), square(GREEN), draws=2)
    other.write()
    assert open_session().progress()["done"] == 14


def test_answers_under_the_names_that_attributes_had_are_known(open_session: Open) -> None:
    session = open_session()
    _rate(session, 0)
    text = RATINGS_FILE.read_text()
    for code, name in {"shape": "forme", "colour": "couleur", "overall": "ensemble"}.items():
        text = text.replace(f",{code},4,", f",{name},4,")
    RATINGS_FILE.write_text(text)
    assert "forme" in text and open_session().progress() == {"done": 1, "total": 16, "next": 1}


def test_a_file_from_before_digests_is_gone_on_with_and_gets_their_column(open_session: Open) -> None:
    session = open_session()
    _rate(session, 0)
    header, *lines = RATINGS_FILE.read_text().splitlines()
    assert header == "rater,dataset,image_id,caption_id,seed,attribute,score,digest,time"
    old = [",".join(line.split(",")[:-2] + line.split(",")[-1:]) for line in lines]
    RATINGS_FILE.write_text("\n".join([header.replace(",digest", ""), *old]) + "\n")
    again = open_session()
    assert again.progress()["done"] == 1, "an answer without a digest stands"
    _rate(again, 1)
    rows = list(csv.DictReader(RATINGS_FILE.read_text().splitlines()))
    assert [len(row["digest"]) for row in rows] == [0] * 4 + [64] * 4 and RATINGS_FILE.read_text().startswith(header)
    assert all(row["time"].startswith("20") for row in rows)


def test_a_session_goes_on_where_the_last_one_stopped(open_session: Open) -> None:
    first = open_session()
    seen = [first.view(place)["captions"] for place in range(16)]
    for place in range(3):
        _rate(first, place)
    first.answer(first.view(3)["task"], "shape", "2")
    second = open_session()
    assert second.progress() == {"done": 3, "total": 16, "next": 3}
    assert second.view(3)["answers"] == {"shape": "2"}
    assert [second.view(place)["captions"] for place in range(16)] == seen


def test_a_correction_is_a_new_line_and_the_last_one_stands(open_session: Open) -> None:
    session = open_session()
    _rate(session, 0)
    session.answer(session.view(0)["task"], "colour", "1")
    assert len(RATINGS_FILE.read_text().splitlines()) == 6
    table = read_folder(RATINGS_FILE.parent).set_index("attribute")["score"]
    assert table["colour"] == 1
    assert open_session().view(0)["answers"]["colour"] == "1"


def test_the_same_answer_again_writes_nothing(open_session: Open) -> None:
    session = open_session()
    for _ in range(100):
        session.answer(session.view(0)["task"], "shape", "3")
    assert len(RATINGS_FILE.read_text().splitlines()) == 2


def test_a_picture_drawn_later_joins_those_that_are_left(open_session: Open, study: Path) -> None:
    session = open_session(datasets=["shapes"])
    for place in range(session.progress()["total"]):
        _rate(session, place)
    later = open_session()
    assert later.progress()["done"] == 5
    assert later.progress()["total"] == 16


def test_what_leaves_for_the_page_does_not_tell_where_a_picture_is_from(open_session: Open) -> None:
    session = open_session(gold_share=0.5)
    views = [session.view(place) for place in range(session.progress()["total"])]
    assert {frozenset(view) for view in views} == {frozenset({"place", "task", "captions", "pictures", "answers"})}
    told = json.dumps([session.start(), views]).lower()
    for word in ("gold", "generated", "seed", "model", "shapes-", "scenes-", '"c0', ".png", "kept", "refused", "clip"):
        assert word not in told, word


def test_pictures_are_served_alike_whatever_their_file(open_session: Open) -> None:
    session = open_session(gold_share=0.5)
    names = [session.view(place)["pictures"][0] for place in range(session.progress()["total"])]
    heads = {session.picture(name)[:33] for name in names}
    assert len(heads) == 1, "signature, size and colour type of every PNG"
    assert len({len(name) for name in names}) == 1
    assert len(set(names)) == len(names)


def test_names_of_pictures_are_of_one_session(open_session: Open) -> None:
    name = open_session().view(0)["pictures"][0]
    with pytest.raises(Refused, match="pas d’image de ce nom"):
        open_session().picture(name)


def test_choices_between_two_pictures_are_read_by_the_stage(open_session: Open) -> None:
    session = open_session(mode="compare", gold_share=0.5)
    for place, choice in enumerate(["left", "equal", "right"]):
        assert len(session.view(place)["pictures"]) == 2
        session.answer(session.view(place)["task"], "choice", choice)
    table = read_comparisons(Path("data/comparisons"))
    assert table["choice"].tolist() == ["left", "equal", "right"]
    assert open_session(mode="compare", gold_share=0.5).progress()["done"] == 3


def test_labels_of_landscapes_are_read_with_their_side_of_the_filter(open_session: Open) -> None:
    session = open_session(mode="landscapes")
    for place, label in enumerate(["1", "0", "?", "1"]):
        session.answer(session.view(place)["task"], "label", label)
    table = read_truth(Path("data/landscapes/labels"))
    assert sorted(next(iter(votes.values())) for votes in table["votes"]) == ["0", "1", "1", "?"]
    lines = Path("data/landscapes/labels/amel.csv").read_text().splitlines()
    assert lines[0] == "rater,dataset,image_id,label,stratum,digest,time"
    strata = {line.split(",")[2]: line.split(",")[4] for line in lines[1:]}
    assert strata == {"scenes-0": "kept", "scenes-1": "kept", "scenes-2": "kept", "scenes-3": "refused"}


@pytest.mark.parametrize(
    ("question", "value"), [("shape", "6"), ("shape", "-1"), ("shape", "4\n"), ("beauté", "4"), ("shape", "left")]
)
def test_an_answer_that_is_not_offered_is_refused(open_session: Open, question: str, value: str) -> None:
    session = open_session()
    with pytest.raises(Refused, match="pas prévue"):
        session.answer(session.view(0)["task"], question, value)
    assert not RATINGS_FILE.exists()


def test_no_program_writes_faster_than_people_do(open_session: Open) -> None:
    now = [0.0]
    session = open_session(Allowance(lambda: now[0]))
    task = session.view(0)["task"]

    def alternate(times: int) -> int:
        written = 0
        for turn in range(times):
            try:
                session.answer(task, "shape", "12"[turn % 2])
                written += 1
            except Refused as refusal:
                assert refusal.status == 429
        return written

    alternate(1000)
    assert len(RATINGS_FILE.read_text().splitlines()) == 1 + int(BURST)
    now[0] = 0.2
    session.answer(task, "shape", "5")
    session.answer(task, "shape", "4")
    with pytest.raises(Refused, match="Trop de réponses"):
        session.answer(task, "shape", "3")


@pytest.mark.parametrize("name", ["", "Amel", "../amel", "a/b", "amel.csv", "é", "a" * 65])
def test_a_rater_s_name_is_a_file_s_name_on_every_system(study: Path, name: str) -> None:
    with pytest.raises(BadInput, match="--rater is"):
        rater_file("ratings", name)


def test_a_dataset_that_is_not_there_is_named(study: Path) -> None:
    with pytest.raises(BadInput, match="no dataset 'coco'; known: shapes, scenes"):
        sample(datasets=["coco"])
