"""Figures for the documents, from `artifacts/figures` alone: one object, interactive in HTML, vector in PDF.

    figure("clip_distributions")                 a chart, as wide as it was drawn
    figure("samples_landscapes", width="100%")   a contact sheet, as wide as the text
    figure("loss", still=True)                   the chart's drawing alone, in the page too

A figure is Markdown: a picture for the PDF, a raw block for the page. Were it a `text/html` output, Quarto would add
jQuery and RequireJS from a network to the page.

Cost: the JavaScript of Vega (0.9 MB, 2 s to bundle) goes once into each HTML document that shows a chart; so do the
thumbnails that its tooltips show, at most 0.8 MB a chart (figures/hover.py). The PDF carries neither.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.core.params import PARAMS_FILE
from rapporteur.report.artifacts import FIGURES, figures_in, nearest, project_root, read_json
from rapporteur.report.cited import CITED, Shown
from rapporteur.report.language import spoken
from rapporteur.report.markdown import attribute

# A4 less the margins of report/_brand/typst-template.typ: what "100%" of a width means.
TEXT_WIDTH_MM = 174.0
BUNDLE_MARK = "data-vega-bundle"
CHART_CLASS = "rapporteur-chart"
STILL_CLASS = f"{CHART_CLASS} still"
KINDS = ("chart", "sheet")
UNREAD = 'html-table-processing="none"'  # else Quarto looks for tables in the scripts
# What Vega draws for a layer without a row: a symbol that has no name for who hears the page.
_NAMELESS = re.compile(r'<g\b(?![^>]*\baria-label=)[^>]*\brole="graphics-symbol"[^>]*>')
EMBED = """
window.vegaEmbed = async (box, ...rest) => {
  const made = await vegaEmbed(box, ...rest);
  for (const layer of box.querySelectorAll('g[role="graphics-symbol"]:not([aria-label])')) {
    layer.removeAttribute("role");
    layer.setAttribute("aria-hidden", "true");
  }
  return made;
};
"""
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(mm|cm|%)")
# One kernel runs one document, so that these count within the document.
_bundled: set[str] = set()
_shown: Counter[str] = Counter()


@dataclass(frozen=True)
class Figure:
    """A drawn figure; `folder` holds a chart's chart.svg and chart.vl.json, or a sheet's sheet.jpg and sheet.webp."""

    name: str
    kind: str
    alt: str
    folder: Path
    width_mm: float | None = None
    source: str = ""  # the artifact that it was drawn from
    thumbnails: bool = False  # whether tooltips show the pictures of thumbnails.json
    still: bool = False  # whether the page shows the drawing alone

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Markdown that both formats are made from; the text is the alternative text."""
        self.cite()
        made = self._chart_markdown() if self.kind == "chart" else self._picture("sheet.jpg")
        return {"text/markdown": made, "text/plain": self.alt}

    def cite(self) -> None:
        """Note that the document shows it: its page says where it comes from (report/sources.py)."""
        file = self.folder / ("chart.vl.json" if self.kind == "chart" else "sheet.jpg")
        place = file.relative_to(project_root()).as_posix()
        CITED.figures[self.name] = Shown(place, self.source, "figures", alt=self.alt)

    def _chart_markdown(self) -> str:
        page, print_ = raw_html(self._chart_html()), self._picture("chart.svg")
        return (
            f'::::: {{.content-visible when-format="html" {UNREAD}}}\n{page}\n:::::\n\n'
            f'::::: {{.content-visible unless-format="html"}}\n{print_}\n:::::\n'
        )

    def _picture(self, file: str) -> str:
        """The file as a picture without a caption, which a cell or a div gives."""
        self._read(file)
        width = f' width="{self.width_mm:g}mm"' if self.width_mm else ""
        place = self.folder.relative_to(project_root()).as_posix()
        return f'![](/{place}/{file}){{fig-alt="{attribute(self.alt)}"{width}}}'

    def _read(self, file: str) -> bytes:
        path = self.folder / file
        if not path.is_file():
            raise BadInput(f'the figure "{self.name}" lacks its {file}; run `dvc repro figures`', path)
        return path.read_bytes()

    def _chart_html(self) -> str:
        """The drawing itself, which a script replaces by the interactive one where scripts run."""
        _shown[self.name] += 1
        identifier = f"chart-{self.name}-{_shown[self.name]}"
        drawing = inline_svg(self._read("chart.svg").decode(), self.width_mm, identifier)
        shown = (
            f'<div class="{STILL_CLASS if self.still else CHART_CLASS}" id="{identifier}" role="img" '
            f'aria-label="{html.escape(self.alt)}">{drawing}</div>'
        )
        return shown if self.still else self._interactive(shown, identifier)

    def _interactive(self, shown: str, identifier: str) -> str:
        spec = json.loads(self._read("chart.vl.json"))
        if self.thumbnails:
            show_thumbnails(spec, json.loads(self._read("thumbnails.json")))
        spec["description"] = self.alt  # else Vega names the chart "Vega visualization"
        version = vega_lite_version(spec)
        options = {"actions": False, "renderer": "svg", "formatLocale": spoken().numerals.LOCALE}
        return (
            f"{_bundle_once(version)}{shown}\n"
            f"<script>vegaEmbed(document.getElementById({script_json(identifier)}),{script_json(spec)},"
            f"{script_json(options)});</script>"
        )


def figure(name: str, width: str | None = None, *, still: bool = False) -> Figure:
    """The figure `name` of artifacts/figures, in the language spoken.

    width: "120mm", "12cm" or a share of the text's width such as "80%"; by default the width it was drawn for.
    still: a page shows a chart's drawing alone, without the scripts that a document with an interactive one carries.
    Raises BadInput for an unknown name, one without an alternative text, or a width of another form.
    """
    path, index = _index()
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
    source, hovered = entry.get("source", ""), "thumbnails" in entry
    return Figure(name, entry["kind"], entry["alt"], path.parent / name, drawn, source, hovered, still)


def has_figure(name: str) -> bool:
    """Whether the figure `name` was drawn."""
    return name in _index()[1]


def _index() -> tuple[Path, Mapping[str, Any]]:
    """Where the figures in the language spoken are listed, and the list."""
    folder = figures_in(spoken().name)
    path = project_root() / folder / "index.json"
    if folder != FIGURES and not path.is_file() and path.parent.parent.is_dir():
        raise BadInput(f"no figure has words in `{spoken().name}`; add it to `figures.languages`", PARAMS_FILE)
    return path, read_json(path, "figures")


def millimetres(width: str) -> float:
    """A width in mm; a percentage is taken of the text's width. Raises BadInput for another form."""
    found = _LENGTH.fullmatch(width)
    if not found:
        raise BadInput(f'the width "{width}" is not of the form "120mm", "12cm" or "80%"')
    scale = {"mm": 1.0, "cm": 10.0, "%": TEXT_WIDTH_MM / 100}[found[2]]
    return float(found[1]) * scale


def raw_html(text: str) -> str:
    """HTML as a raw block of Markdown, within a fence longer than any that it holds."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{{=html}}\n{text}\n{fence}"


def inline_svg(svg: str, width_mm: float | None, prefix: str) -> str:
    """The drawing for a page, as wide as asked: its viewBox stays, so that its text scales with it, and its identifiers
    begin with `prefix`, for those of another drawing may be the same.
    """
    head = re.search(r"<svg\b[^>]*>", svg)
    if head is None:
        raise BadInput("the drawing has no <svg> element; run `dvc repro -f figures`")
    resized = head[0]
    if width_mm is not None:
        resized = re.sub(r'\s(?:width|height)="[^"]*"', "", resized)
        resized = resized.replace("<svg", f'<svg style="width:{width_mm:g}mm;max-width:100%;height:auto"', 1)
    known = re.findall(r'\bid="([^"]+)"', svg)
    body = svg[head.start() :].replace(head[0], resized, 1)
    for identifier in known:
        body = re.sub(rf'(\bid="|url\(#|href="#){re.escape(identifier)}(?=["\)])', rf"\g<1>{prefix}-{identifier}", body)
    body = _NAMELESS.sub(lambda layer: layer[0].replace('role="graphics-symbol"', 'aria-hidden="true"'), body)
    return "".join(line.strip() + "\n" for line in body.splitlines() if line.strip()).rstrip()


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
    bundle = vl_convert.javascript_bundle(EMBED, vl_version=chosen)
    return f"<script {BUNDLE_MARK}>{bundle}</script>"


def script_json(value: Any) -> str:
    """JSON for a script block: no text of the data can end the block, open a comment in it, or be a shortcode."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return written.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})
