"""Figures for the documents, from `artifacts/figures` alone: one object, interactive in HTML, vector in PDF.

    figure("clip_distributions")                 a chart, as wide as it was drawn
    figure("samples_landscapes", width="100%")   a contact sheet, as wide as the text

Cost: the JavaScript of Vega (0.9 MB, 2 s to bundle) goes once into each HTML document that shows a chart; so do the
thumbnails that its tooltips show, at most 0.8 MB a chart (figures/hover.py). The PDF carries neither.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from rapporteur.core.errors import BadInput
from rapporteur.report.artifacts import FIGURES, nearest, project_root, read_json

# A4 less the margins of report/_brand/typst-template.typ: what "100%" of a width means.
TEXT_WIDTH_MM = 174.0
BUNDLE_MARK = "data-vega-bundle"
CHART_CLASS = "rapporteur-chart"
KINDS = ("chart", "sheet")
FRENCH_LOCALE = {
    "decimal": ",",
    "thousands": "\u202f",
    "grouping": [3],
    "currency": ["", "\u00a0€"],
    "percent": "\u00a0%",
    "minus": "\u2212",
}

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(mm|cm|%)")
# One kernel runs one document, so that these count within the document.
_bundled: set[str] = set()
_shown: Counter[str] = Counter()


@dataclass(frozen=True)
class Figure:
    """A drawn figure: `folder` holds chart.svg and chart.vl.json (kind "chart") or sheet.jpg (kind "sheet")."""

    name: str
    kind: str
    alt: str
    folder: Path
    width_mm: float | None = None
    thumbnails: bool = False  # whether tooltips show the pictures of thumbnails.json

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
        """HTML for the page, SVG or JPEG for the PDF, both from one execution; the text is the alternative text."""
        if self.kind == "chart":
            svg = resized_svg(self._read("chart.svg").decode(), self.width_mm)
            data = {"text/html": self._chart_html(svg), "image/svg+xml": svg, "text/plain": self.alt}
            return data, {"image/svg+xml": {"alt": self.alt}}
        jpeg = self._read("sheet.jpg")
        size = sheet_size(jpeg, self.width_mm)
        encoded = base64.b64encode(jpeg).decode()
        data = {"text/html": self._sheet_html(encoded, size), "image/jpeg": encoded, "text/plain": self.alt}
        return data, {"image/jpeg": {"alt": self.alt, **size}}

    def _read(self, file: str) -> bytes:
        path = self.folder / file
        if not path.is_file():
            raise BadInput(f'the figure "{self.name}" lacks its {file}; run `dvc repro figures`', path)
        return path.read_bytes()

    def _chart_html(self, svg: str) -> str:
        """The drawing itself, which a script replaces by the interactive one where scripts run."""
        spec = json.loads(self._read("chart.vl.json"))
        if self.thumbnails:
            show_thumbnails(spec, json.loads(self._read("thumbnails.json")))
        version = vega_lite_version(spec)
        options = {"actions": False, "renderer": "svg", "formatLocale": FRENCH_LOCALE}
        _shown[self.name] += 1
        identifier = f"chart-{self.name}-{_shown[self.name]}"
        picture = base64.b64encode(svg.encode()).decode()
        width = f' style="width:{self.width_mm:g}mm"' if self.width_mm else ""
        return (
            f'{_bundle_once(version)}<div class="{CHART_CLASS}" id="{identifier}" role="img" '
            f'aria-label="{html.escape(self.alt)}">'
            f'<img alt="{html.escape(self.alt)}" src="data:image/svg+xml;base64,{picture}"{width}></div>'
            f"<script>vegaEmbed(document.getElementById({json.dumps(identifier)}),{_script_json(spec)},"
            f"{_script_json(options)});</script>"
        )

    def _sheet_html(self, encoded: str, size: Mapping[str, int]) -> str:
        return (
            f'<img class="rapporteur-sheet" alt="{html.escape(self.alt)}" width="{size["width"]}" '
            f'src="data:image/jpeg;base64,{encoded}">'
        )


def figure(name: str, width: str | None = None) -> Figure:
    """The figure `name` of artifacts/figures.

    width: "120mm", "12cm" or a share of the text's width such as "80%"; by default the width it was drawn for.
    Raises BadInput for an unknown name, one without an alternative text, or a width of another form.
    """
    path = project_root() / FIGURES / "index.json"
    index = read_json(path, "figures")
    if name not in index:
        raise BadInput(f'no figure is called "{name}"; {nearest(name, index)}', FIGURES / "index.json")
    entry = index[name]
    if entry.get("kind") not in KINDS:
        raise BadInput(
            f'"{name}" is of the kind {entry.get("kind")!r}, not {" or ".join(KINDS)}', FIGURES / "index.json"
        )
    if not str(entry.get("alt", "")).strip():
        raise BadInput(f'the figure "{name}" has no alternative text ("alt")', FIGURES / "index.json")
    drawn = entry.get("width_mm") if width is None else millimetres(width)
    return Figure(name, entry["kind"], entry["alt"], path.parent / name, drawn, "thumbnails" in entry)


def has_figure(name: str) -> bool:
    """Whether the figure `name` was drawn."""
    return name in read_json(project_root() / FIGURES / "index.json", "figures")


def millimetres(width: str) -> float:
    """A width in mm; a percentage is taken of the text's width. Raises BadInput for another form."""
    found = _LENGTH.fullmatch(width)
    if not found:
        raise BadInput(f'the width "{width}" is not of the form "120mm", "12cm" or "80%"')
    scale = {"mm": 1.0, "cm": 10.0, "%": TEXT_WIDTH_MM / 100}[found[2]]
    return float(found[1]) * scale


def resized_svg(svg: str, width_mm: float | None) -> str:
    """The same drawing with another outer size; the viewBox stays, so text scales with it."""
    if width_mm is None:
        return svg
    head = re.search(r"<svg\b[^>]*>", svg)
    if head is None:
        raise BadInput("the drawing has no <svg> element; run `dvc repro -f figures`")
    size = {side: float(re.search(rf'\b{side}="([\d.]+)', head[0])[1]) for side in ("width", "height")}  # type: ignore[index]
    resized = head[0]
    for side, length in size.items():
        new = f'{side}="{width_mm * length / size["width"]:.3f}mm"'
        resized = re.sub(rf'\b{side}="[^"]*"', new, resized, count=1)
    return svg.replace(head[0], resized, 1)


def sheet_size(jpeg: bytes, width_mm: float | None) -> dict[str, int]:
    """Width and height in CSS pixels (96 to the inch) of a JPEG shown `width_mm` wide."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as sheet:
            width, height = sheet.size
    except UnidentifiedImageError:
        raise BadInput("the contact sheet is not a JPEG; run `dvc repro -f figures`") from None
    shown = width if width_mm is None else round(width_mm * 96 / 25.4)
    return {"width": shown, "height": round(height * shown / width)}


def show_thumbnails(spec: dict[str, Any], thumbnails: Mapping[str, str]) -> None:
    """Give each row of the chart's data the picture that its `picture` names, where its tooltip finds it."""
    for rows in spec.get("datasets", {}).values():
        for row in rows:
            if row.get("picture") in thumbnails:
                row["image"] = thumbnails[row["picture"]]


def vega_lite_version(spec: Mapping[str, Any]) -> str:
    """ "6.4" of ".../schema/vega-lite/v6.4.1.json"."""
    found = re.search(r"vega-lite/v(\d+)(?:\.(\d+))?", str(spec.get("$schema", "")))
    if not found:
        raise BadInput("chart.vl.json does not name its Vega-Lite version in $schema; run `dvc repro -f figures`")
    return f"{found[1]}.{found[2]}" if found[2] else found[1]


def _bundle_once(version: str) -> str:
    """The Vega scripts the first time that this kernel, hence this document, shows a chart."""
    if _bundled:
        return ""
    import vl_convert  # 0.4 s and 40 MB: only for a document that shows a chart

    known = vl_convert.get_vegalite_versions()
    chosen = version if version in known else known[-1]
    _bundled.add(chosen)
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=chosen)
    return f"<script {BUNDLE_MARK}>{bundle}</script>"


def _script_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")
