"""Whether what people said is of the study's own pictures: joined by the picture's digest, not by a name alone.

A rater's file carries the SHA-256 of each picture that was judged. What was said of a picture that the study lacks, or
has drawn again since, is set apart and counted; a file from before digests is read, and said to be unverified.
"""

from __future__ import annotations

import pandas as pd

from rapporteur.study.tables import Study
from rapporteur.vocabulary.ratings import ABSENT, REDRAWN, STANDINGS, UNVERIFIED, VERIFIED

Place = tuple[str, str, str, int | None]  # dataset, image_id, caption_id and seed; None for a gold picture
Digests = dict[Place, str]


def study_digests(study: Study) -> Digests:
    """The digest of every picture that a rater may have been shown: drawn ones, and gold ones with each caption."""
    found: Digests = {}
    for dataset in study.datasets:
        captions, gold = study.captions(dataset), study.gold(dataset).set_index("image_id")["digest"]
        shown = captions[captions["image_id"].isin(gold.index)]
        for image, caption in zip(shown["image_id"], shown["caption_id"], strict=True):
            found[dataset, str(image), str(caption), None] = str(gold[image])
        drawn = study.images(dataset)
        rows = zip(drawn["image_id"], drawn["caption_id"], drawn["seed"], drawn["digest"], strict=True)
        found |= {(dataset, str(image), str(caption), int(seed)): str(digest) for image, caption, seed, digest in rows}
    return found


def standing(judged: str | None, now: str | None) -> str:
    """Of a picture, by its digest in the rater's file and by the study's own (None: the study has no such picture)."""
    if now is None:
        return ABSENT
    if not judged:
        return UNVERIFIED
    return VERIFIED if judged == now else REDRAWN


def of_ratings(table: pd.DataFrame, digests: Digests) -> pd.Series:
    """The standing of each rating."""
    return _each(table, [("seed", "digest")], digests)


def of_comparisons(table: pd.DataFrame, digests: Digests) -> pd.Series:
    """The standing of each comparison: that of its worse side."""
    return _each(table, [(f"{side}_seed", f"{side}_digest") for side in ("left", "right")], digests)


def _each(table: pd.DataFrame, sides: list[tuple[str, str]], digests: Digests) -> pd.Series:
    places = [_places(table, seed) for seed, _ in sides]
    judged = [table[digest].astype(object).where(table[digest].notna(), None) for _, digest in sides]
    each = [
        [standing(said, digests.get(place)) for place, said in zip(*side, strict=True)]
        for side in zip(places, judged, strict=True)
    ]
    worst = [max(of_sides, key=STANDINGS.index) for of_sides in zip(*each, strict=True)]
    return pd.Series(worst, index=table.index, dtype="string")


def _places(table: pd.DataFrame, seed: str) -> list[Place]:
    seeds = [None if pd.isna(value) else int(value) for value in table[seed]]
    rows = zip(table["dataset"], table["image_id"], table["caption_id"], seeds, strict=True)
    return [(str(dataset), str(image), str(caption), drawn) for dataset, image, caption, drawn in rows]
