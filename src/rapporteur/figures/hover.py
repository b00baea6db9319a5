"""Pictures for the tooltips of charts: small WebPs as data URIs, which the HTML alone carries.

A row of the chart's data names its pictures in the field `picture` and leaves `image` empty; `tooltip()` shows
`image` above the other fields, and report/figure.py fills it when it makes the page, so that the SVG and the
specification stay light. Pictures are whole, as on the sheets. Cost: about 5 ms a point, 1 to 4 kB each.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import altair as alt
from PIL import Image

from rapporteur.figures.choice import at_random
from rapporteur.figures.figure import webp_bytes
from rapporteur.figures.sheets import whole
from rapporteur.study.album import Album

SIDE = 96  # pixels of a picture's longer edge; vega-tooltip shows 200 at most, so two side by side
GAP = 6
QUALITY = 70
MOST = 400  # points of a chart that have pictures
BUDGET = 600_000  # bytes of a chart's pictures in the page: two such charts leave a document under 5 MB in all

Gold = tuple[str, str]  # dataset and image_id


@dataclass(frozen=True)
class Point:
    """What a point shows: its gold picture, and keys of drawn ones in the dataset's index."""

    dataset: str
    image_id: str | None
    drawn: Sequence[str] = ()


@dataclass
class Hover:
    """Thumbnails by the name that the chart's data give them, and the gold pictures that they show."""

    thumbnails: dict[str, str] = field(default_factory=dict)
    pictures: list[Gold] = field(default_factory=list)


def tooltip(*fields: alt.Tooltip) -> list[alt.Tooltip]:
    """The fields, under the pictures of the row: vega-tooltip shows a field called "image" as one."""
    return [alt.Tooltip("image:N", title="image"), *fields]


def hover(album: Album, points: Mapping[str, Point]) -> Hover:
    """The pictures of points chosen at random, as many as MOST and BUDGET allow; other points keep their words."""
    made, spent = Hover(), 0
    for name in at_random(points, MOST):
        pictures = list(_pictures(album, points[name]))
        if not pictures:
            continue
        uri = data_uri(pictures)
        spent += len(uri)
        if spent > BUDGET:
            break
        made.thumbnails[name] = uri
        if _has_gold(album, points[name]):
            made.pictures.append((points[name].dataset, str(points[name].image_id)))
    made.pictures = sorted(set(made.pictures))
    return made


def _has_gold(album: Album, point: Point) -> bool:
    return point.image_id is not None and album.has_gold(point.dataset, point.image_id)


def _pictures(album: Album, point: Point) -> Iterator[Image.Image]:
    if point.image_id is not None and _has_gold(album, point):
        yield album.gold(point.dataset, point.image_id)
    for key in point.drawn:
        yield album.by_key(point.dataset, key)


def data_uri(pictures: Sequence[Image.Image]) -> str:
    """The pictures side by side, each whole, as a WebP in a data URI."""
    small = [whole(picture, SIDE) for picture in pictures]
    strip = Image.new(
        "RGB", (sum(each.width + GAP for each in small) - GAP, max(each.height for each in small)), "white"
    )
    left = 0
    for each in small:
        strip.paste(each, (left, (strip.height - each.height) // 2))
        left += each.width + GAP
    return "data:image/webp;base64," + base64.b64encode(webp_bytes(strip, QUALITY)).decode()
