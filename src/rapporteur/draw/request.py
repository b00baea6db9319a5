"""A picture that is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

CAPTIONS_FILE = "artifacts/captions/{dataset}/captions.parquet"  # those that a study draws


@dataclass(frozen=True)
class Request:
    """One picture to draw: which caption, and the number of the draw."""

    dataset: str
    image_id: str
    caption_id: str
    text: str
    seed: int


def requests(captions: pd.DataFrame) -> list[Request]:
    """`draws` requests for each caption, in the order of the captions."""
    return [
        Request(str(row.dataset), str(row.image_id), str(row.caption_id), str(row.text), seed)
        for row in captions.itertuples()
        for seed in range(int(str(row.draws)))
    ]
