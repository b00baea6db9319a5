"""Which pictures are asked about, and in which order."""

from __future__ import annotations

from pathlib import Path

from rapporteur.people.modes import RATINGS
from rapporteur.people.order import for_rater, mix, spread, take_turns
from rapporteur.people.task import Task
from tests.people.conftest import sample


def _ids(tasks: list[Task]) -> list[tuple[str, ...]]:
    return [task.identity(RATINGS.identity) for task in tasks]


def test_every_drawn_picture_is_asked_about_once_with_gold_pictures_among_them(study: Path) -> None:
    ids = _ids(sample(gold_share=0.25))
    drawn = [one for one in ids if one[3]]
    assert len(drawn) == len(set(drawn)) == 12
    assert len(ids) - len(drawn) == 4, "a quarter of what is shown"


def test_a_smaller_sample_is_the_beginning_of_a_larger_one(study: Path) -> None:
    assert _ids(sample(most=7)) == _ids(sample())[:7]


def test_a_small_sample_has_both_datasets_and_no_caption_twice(study: Path) -> None:
    ids = _ids(sample(most=4, gold_share=0.0))
    assert sorted(dataset for dataset, *_ in ids) == ["scenes", "scenes", "shapes", "shapes"]
    assert len({(dataset, caption) for dataset, _, caption, _ in ids}) == 4


def test_only_the_datasets_that_are_named_are_asked_about(study: Path) -> None:
    assert {dataset for dataset, *_ in _ids(sample(datasets=["scenes"]))} == {"scenes"}


def test_two_raters_meet_the_same_pictures_in_different_orders_and_each_always_in_their_own() -> None:
    items = list(range(40))
    amel, zoe = (for_rater(items, rater, str) for rater in ("amel", "zoe"))
    assert sorted(amel) == sorted(zoe) == items
    assert amel != zoe
    assert amel == for_rater(items, "amel", str)


def test_raters_who_stop_early_have_judged_the_same_pictures() -> None:
    items = list(range(100))
    amel, zoe = (for_rater(items, rater, str, block=20) for rater in ("amel", "zoe"))
    assert set(amel[:20]) == set(zoe[:20])


def test_gold_pictures_keep_their_share_in_every_beginning() -> None:
    order = mix(["drawn"] * 90, ["gold"] * 40, 0.25)
    for length in range(1, len(order) + 1):
        assert abs(order[:length].count("gold") - 0.25 * length) <= 1
    assert order.count("gold") == 30


def test_gold_pictures_alone_are_a_sample_where_nothing_is_drawn() -> None:
    assert mix([], ["gold"] * 3, 0.25) == ["gold"] * 3


def test_each_group_comes_once_before_any_comes_twice() -> None:
    items = [(group, number) for group in "abc" for number in range(3)]
    groups = [group for group, _ in spread(items, lambda item: item[0], str)]
    assert [sorted(groups[start : start + 3]) for start in (0, 3, 6)] == [["a", "b", "c"]] * 3


def test_pools_of_different_lengths_take_turns() -> None:
    assert take_turns({"x": [1, 2, 3], "y": [9]}) == [1, 9, 2, 3]


def test_a_gold_picture_is_shown_in_the_drawn_pictures_size(study: Path) -> None:
    """The gold files have 64 pixels a side, the drawn ones 32."""
    assert {task.pictures[0]().size for task in sample()} == {(32, 32)}


def test_the_picture_that_is_shown_is_the_one_that_the_line_names(study: Path) -> None:
    colours = {"shapes-0": (200, 30, 30), "shapes-1": (30, 160, 60)}
    for task in sample(datasets=["shapes"], gold_share=0.5):
        assert task.pictures[0]().getpixel((16, 16)) == colours[task.cells["image_id"]]


def test_pairs_are_two_pictures_of_one_caption_and_their_sides_are_thrown_anew_for_each_rater(study: Path) -> None:
    pairs = {rater: sample(mode="compare", rater=rater, gold_share=0.5) for rater in ("amel", "zoe", "ines")}
    sides = {rater: [_sides(task) for task in tasks] for rater, tasks in pairs.items()}
    for tasks in zip(*sides.values(), strict=True):
        assert len({frozenset(pair) for pair in tasks}) == 1, "every rater judges the same two pictures"
    assert all(left != right for pairs_of in sides.values() for left, right in pairs_of)
    assert len({tuple(pairs_of) for pairs_of in sides.values()}) == 3
    against_gold = [pair for pair in sides["amel"] if ("gold", "") in pair]
    assert (len(against_gold), len(sides["amel"])) == (5, 11)


def _sides(task: Task) -> tuple[tuple[str, str], tuple[str, str]]:
    left, right = ((task.cells[f"{side}_source"], task.cells[f"{side}_seed"]) for side in ("left", "right"))
    return left, right


def test_landscapes_are_drawn_half_from_each_side_of_the_filter(study: Path) -> None:
    tasks = sample(mode="landscapes")
    assert [task.cells["stratum"] for task in tasks] == ["kept", "refused", "kept", "kept"], "one image is refused"
    assert all(task.pictures for task in tasks)


def test_a_landscape_whose_picture_is_not_on_the_disk_is_judged_by_its_captions(study: Path) -> None:
    (study / "gold/scenes-3.png").unlink()
    (absent,) = [task for task in sample(mode="landscapes") if not task.pictures]
    assert (absent.cells["image_id"], absent.captions) == ("scenes-3", ("a hill", "another hill"))
