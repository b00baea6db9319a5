"""What people say of images: landscape or not. Read from a CSV, or from a folder with a CSV for each rater.

Columns: `image_id`, and `label` (or `is_landscape`): 1, 0, or ? for a borderline image. A rater's file also has
`rater`, `dataset` and `stratum` (kept or refused: the side of the filter from which the image was drawn at random);
lines are only ever added to it, and of two about the same image the last stands. `digest`, where it is there, is the
SHA-256 of the picture that was judged. Other columns are passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rapporteur.core.errors import BadInput
from rapporteur.core.names import csv_files
from rapporteur.core.text import csv_rows

LABELS = {"1": "1", "0": "0", "true": "1", "false": "0", "?": "?"}
DOUBTFUL = "?"
STRATA = ("kept", "refused")
DIGEST = re.compile(r"(?:[0-9a-f]{64})?")

Image = tuple[str, str]  # dataset ("" where the file names none) and image_id


@dataclass(frozen=True)
class Label:
    """One rater's last word on an image."""

    rater: str
    label: str  # 1 | 0 | ?
    stratum: str  # kept | refused, or "" where the file does not say
    digest: str  # SHA-256 of the picture that was judged, or "" where the file does not say


def read_truth(path: Path) -> pd.DataFrame:
    """One row an image, by the majority of its raters: image_id and is_landscape; borderline images are left out.

    Of raters' files the borderline ones stay, for they count in the weights of the sample; further columns are dataset,
    doubtful, votes (label by rater) and digests (of the picture judged, by rater; "": none). Raises BadInput naming the
    file, the line and the mend.
    """
    images: dict[Image, list[Label]] = {}
    for file in _files(path):
        for image, label in _read(file).items():
            images.setdefault(image, []).append(label)
    sampled = path.is_dir() or any(label.stratum for labels in images.values() for label in labels)
    frame = pd.DataFrame(
        {
            "image_id": [image_id for _, image_id in images],
            "is_landscape": [majority(label.label for label in labels) == "1" for labels in images.values()],
            "dataset": [dataset for dataset, _ in images],
            "doubtful": [majority(label.label for label in labels) == DOUBTFUL for labels in images.values()],
            "votes": [{label.rater: label.label for label in labels} for labels in images.values()],
            "digests": [{label.rater: label.digest for label in labels} for labels in images.values()],
        }
    ).astype({"image_id": str, "is_landscape": bool, "dataset": str, "doubtful": bool})
    if sampled:
        return frame
    return frame.loc[~frame["doubtful"], ["image_id", "is_landscape"]].reset_index(drop=True)


def majority(labels: Iterable[str]) -> str:
    """1 or 0 where more raters say so than say anything else; borderline where none does."""
    (first, most), *rest = Counter(labels).most_common()
    return DOUBTFUL if rest and rest[0][1] == most else first


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return csv_files(path)[0]
    if not path.exists():
        raise BadInput(
            "the labels are missing; give `findings.truth` a folder, as data/landscapes/labels, if there are none yet",
            path,
        )
    return [path]


def _read(path: Path) -> dict[Image, Label]:
    """A file's labels by image. Two lines about one image are a correction where raters are named, else an error."""
    found, column = dict[Image, Label](), ""
    for line, cells in csv_rows(path, ("image_id",)):
        row = dict(cells)
        column = column or ("label" if "label" in row and "is_landscape" not in row else "is_landscape")
        if column not in row:
            raise BadInput(f"the column {column!r} is missing; its columns are {', '.join(row)}", path, 1)
        image, label = (row.get("dataset", ""), row["image_id"]), _label(row, column, path, line)
        if image in found and "rater" not in row:
            raise BadInput(f"the image {row['image_id']} is labelled twice; keep one line", path, line)
        found[image] = label
    return found


def _label(row: Mapping[str, str], column: str, path: Path, line: int) -> Label:
    value, stratum, rater = row[column], row.get("stratum", ""), row.get("rater", path.stem)
    digest = row.get("digest", "").lower()
    if value.lower() not in LABELS:
        raise BadInput(f"{column} is {value!r}; write 1 or 0, or ? for a borderline image", path, line)
    if stratum not in ("", *STRATA):
        raise BadInput(f"unknown stratum {stratum!r}; known: {', '.join(STRATA)}, or nothing", path, line)
    if "rater" in row and rater != path.stem:
        raise BadInput(f"the rater is {rater!r} in the file of {path.stem!r}; give each rater a file", path, line)
    if not DIGEST.fullmatch(digest):
        raise BadInput(
            f"digest is {digest[:80]!r}; it is the picture's SHA-256, 64 digits from 0 to f, or nothing", path, line
        )
    return Label(rater, LABELS[value.lower()], stratum, digest)
