"""What captions ask: the colours that each names."""

from __future__ import annotations

import pandas as pd

from rapporteur.colour.grammar import NamedColours, named_colours


def asked_colours(captions: pd.DataFrame) -> dict[str, NamedColours]:
    """What each caption asks, by caption id; and, by image id after "gold:", what a picture's captions ask.

    A gold picture answers to the first of its captions that names a colour, those that are drawn before others.
    """
    asked: dict[str, NamedColours] = {}
    for row in captions.sort_values("draws", ascending=False, kind="stable").itertuples():
        colours = named_colours(str(row.text))
        asked[str(row.caption_id)] = colours
        first = asked.setdefault(f"gold:{row.image_id}", colours)
        if first == NamedColours(None, None):
            asked[f"gold:{row.image_id}"] = colours
    return asked
