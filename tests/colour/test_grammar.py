from __future__ import annotations

import pytest

from rapporteur.colour.grammar import NamedColours, named_colours


@pytest.mark.parametrize(
    ("caption", "subject", "background"),
    [
        ("a red star on a blue background", "red", "blue"),
        ("black circle on blue background", "black", "blue"),
        ("A striped green circle.", "green", None),
        ("a large, shiny gray square against a yellow wall", "grey", "yellow"),
        ("A large purple diamond on orange", "purple", "orange"),
        ("the red, double decker bus is driving past a blue sign", "red", None),
        ("a photo of a yellow bus in front of a white wall", "yellow", "white"),
        ("A navy-blue square in front of a light grey backdrop", "blue", "grey"),
        ("two green apples", "green", None),
        ("A white plate topped with red food on a blue table", "white", "blue"),
        ("the background is blue", None, "blue"),
    ],
)
def test_the_colour_of_the_subject_and_of_the_background_are_told_apart(
    caption: str, subject: str | None, background: str | None
) -> None:
    assert named_colours(caption) == NamedColours(subject, background)


@pytest.mark.parametrize(
    "caption",
    [
        "a man in a red shirt on a skateboard",  # the shirt's colour is not the man's
        "a little girl holds up a big blue umbrella",
        "a black and white photo of a cat",
        "a black and white cat",  # two colours for one thing
        "an orange on a table",  # a fruit
        "a dog",
        "",
        "a star on a red and white background",
    ],
)
def test_captions_that_give_no_single_colour_name_none(caption: str) -> None:
    assert named_colours(caption) == NamedColours(None, None)
