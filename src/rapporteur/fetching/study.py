"""Which pictures of a dataset the study needs: the captions stage's own rule, read from its own parameters."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.params import PARAMS_FILE, read_yaml, stage_params
from rapporteur.core.text import read_text
from rapporteur.datasets import Picture
from rapporteur.study.choice import CaptionsParams, chosen


def dataset_params(dataset: str, layout: str) -> CaptionsParams:
    """The block `captions.<dataset>` of params.yaml. Raises BadInput where it is absent or of another layout."""
    blocks = read_yaml(Path(PARAMS_FILE)).get("captions") or {}
    if dataset not in blocks:
        raise BadInput(
            f"has no dataset `{dataset}` under `captions`, so nothing says what the study needs of it; "
            "`rapporteur new FOLDER --from paper` makes the whole study",
            PARAMS_FILE,
        )
    params = stage_params(CaptionsParams, "captions", dataset)
    if params.layout != layout:
        raise BadInput(f"`captions.{dataset}.layout` is {params.layout!r}; this fetches {layout!r}", PARAMS_FILE)
    return params


def needed(pictures: Sequence[Picture], params: CaptionsParams, ids: Path | None, everything: bool) -> list[Picture]:
    """The study's pictures; with `ids` those that the file lists, with `everything` all that have a caption."""
    if ids is not None:
        return _listed(pictures, ids)
    if everything:
        return [picture for picture in pictures if picture.captions]
    kept = {picture.image_id for picture, *_ in chosen(pictures, params.study)}
    return [picture for picture in pictures if picture.image_id in kept]


def landscapes(pictures: Sequence[Picture]) -> list[Picture]:
    """The pictures that the landscape filter keeps by their captions; about 15 microseconds a caption."""
    from rapporteur.landscapes.lexicon import read_lexicon
    from rapporteur.landscapes.params import LandscapesParams
    from rapporteur.landscapes.score import judge_captions

    params = stage_params(LandscapesParams, "landscapes")
    lexicon = read_lexicon(Path(params.lexicon))
    return [
        picture
        for picture in pictures
        if picture.captions
        and judge_captions([caption.text for caption in picture.captions], lexicon).score >= params.threshold
    ]


def _listed(pictures: Sequence[Picture], ids: Path) -> list[Picture]:
    wanted = _read_ids(ids)
    known = {picture.image_id for picture in pictures}
    for image_id, line in wanted.items():
        if image_id not in known:
            raise BadInput(f"the image {image_id} is not among the captions; take it out", ids, line)
    return [picture for picture in pictures if picture.image_id in wanted]


def _read_ids(ids: Path) -> dict[str, int]:
    """Image ids with their lines: one a line, or the column `image_id` of a CSV file."""
    try:
        rows = list(csv.reader(io.StringIO(read_text(ids, "the list of image ids is missing"), newline="")))
    except csv.Error as error:
        raise BadInput(f"the list of image ids can't be read ({error})", ids) from None
    header = rows[0] if rows else []
    place = header.index("image_id") if "image_id" in header else 0
    body = enumerate(rows[1:] if "image_id" in header else rows, start=2 if "image_id" in header else 1)
    found = {row[place].strip(): line for line, row in body if len(row) > place and row[place].strip()}
    if not found:
        raise BadInput("lists no image id; write one a line, or a CSV file with the column image_id", ids)
    return found
