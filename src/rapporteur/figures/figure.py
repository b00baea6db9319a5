"""A figure and how it is written: a chart as Vega-Lite and SVG, a contact sheet as JPEG and WebP at 300 dots per inch.

JPEG, for photographs: the sheets of the drawn world took 8.7 MB as PNG and take 2.6 MB so. The quality leaves no
trace that a print shows, and colours keep every pixel (4:4:4), for a caption's thin letters stand beside them. WebP
for pages, which carry their sheets: a third of the bytes (1.0 MB for 2.8).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import altair
import vl_convert
from PIL import Image

from rapporteur.figures import fonts
from rapporteur.figures.theme import config
from rapporteur.report.language import Language, language

DPI = 300
QUALITY = 85
OF_PAGES = 80  # WebP's

Shown = Sequence[tuple[str, str]]  # dataset and image_id of the gold pictures that a figure shows: they are credited


@dataclass(frozen=True)
class Chart:
    """An Altair chart. `alt` says what a reader who can't see it would miss.

    `thumbnails` are data URIs that tooltips of the HTML show (figures/hover.py), by the field `picture` of the data.
    """

    name: str
    chart: Any
    alt: str
    caption: str
    source: str
    thumbnails: Mapping[str, str] = field(default_factory=dict)
    pictures: Shown = ()


@dataclass(frozen=True)
class Sheet:
    """A contact sheet, drawn at DPI."""

    name: str
    picture: Image.Image
    alt: str
    caption: str
    source: str
    pictures: Shown = ()


Figure = Chart | Sheet


def write(figure: Figure, folder: Path, words: Language | None = None) -> dict[str, Any]:
    """Write the figure's files to `folder / figure.name`; returns its entry of index.json. `words`: whose numbers."""
    out = folder / figure.name
    out.mkdir(parents=True)
    locale = (words or language()).numerals.LOCALE
    entry = _write_chart(figure, out, locale) if isinstance(figure, Chart) else _write_sheet(figure, out)
    shown = {"pictures": [list(picture) for picture in figure.pictures]} if figure.pictures else {}
    return entry | shown | {"alt": figure.alt, "caption": figure.caption, "source": figure.source}


def _write_chart(figure: Chart, out: Path, locale: Mapping[str, Any]) -> dict[str, Any]:
    with altair.data_transformers.enable("default", max_rows=None):  # else 5,000: a study's captions are more
        spec = figure.chart.to_dict(validate=True) | {"config": config(locale)}
    version = re.search(r"/v(\d+\.\d+)", spec["$schema"])
    assert version is not None  # altair writes it
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True, allow_nan=False, indent=1)
    fonts.register()
    svg = vl_convert.vegalite_to_svg(json.loads(text), vl_version=version[1], allowed_base_urls=[])
    (out / "chart.vl.json").write_text(text + "\n", encoding="utf-8")
    (out / "chart.svg").write_text(svg, encoding="utf-8")
    width, height = (float(side) * 25.4 / 96 for side in _size(svg))
    files = {"file": f"{figure.name}/chart.svg", "spec": f"{figure.name}/chart.vl.json"}
    if figure.thumbnails:
        files["thumbnails"] = f"{figure.name}/thumbnails.json"
        thumbnails = json.dumps(figure.thumbnails, sort_keys=True, indent=0)
        (out / "thumbnails.json").write_text(thumbnails + "\n", encoding="utf-8")
    return {"kind": "chart", "width_mm": round(width, 1), "height_mm": round(height, 1)} | files


def _size(svg: str) -> tuple[str, str]:
    found = re.search(r'<svg[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"', svg)
    assert found is not None  # vl-convert writes it
    return found[1], found[2]


def _write_sheet(figure: Sheet, out: Path) -> dict[str, Any]:
    (out / "sheet.jpg").write_bytes(jpeg_bytes(figure.picture, QUALITY))
    (out / "sheet.webp").write_bytes(webp_bytes(figure.picture, OF_PAGES))
    width, height = (round(side * 25.4 / DPI, 1) for side in figure.picture.size)
    return {"kind": "sheet", "width_mm": width, "height_mm": height, "file": f"{figure.name}/sheet.jpg"}


def jpeg_bytes(picture: Image.Image, quality: int) -> bytes:
    """The picture as JPEG without metadata; the same bytes for the same picture."""
    out = io.BytesIO()
    picture.save(out, format="JPEG", quality=quality, subsampling=0, optimize=True, progressive=True)
    return out.getvalue()


def webp_bytes(picture: Image.Image, quality: int) -> bytes:
    """The picture as lossy WebP without metadata; the same bytes for the same picture."""
    out = io.BytesIO()
    picture.save(out, format="WEBP", quality=quality)
    return out.getvalue()
