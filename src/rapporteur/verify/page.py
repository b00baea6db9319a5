"""The certificate as a page and as JSON: outputs, numbers, sentences and figures, before and after."""

from __future__ import annotations

import base64
import html
import json
from dataclasses import asdict
from pathlib import Path

from rapporteur.verify.certificate import Certificate, FigureChanged, Output, farthest

MOST_FIGURES = 24  # shown before and after; the others are named
JPEG = b"\xff\xd8"  # how one begins

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
figure{margin:.5rem 0}figure img{max-width:100%;background:#fff;border:1px solid #ddd}
.identical{color:#00684a}.different{color:#a5001f;font-weight:600}
"""


def write(certificate: Certificate, folder: Path, name: str = "certificate") -> Path:
    """Write <name>.json and <name>.html into a folder; returns the page."""
    folder.mkdir(parents=True, exist_ok=True)
    told = asdict(certificate) | {"verdict": certificate.worst, "figures": [one.name for one in certificate.figures]}
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = folder / f"{name}.html"
    page.write_text(_page(certificate), encoding="utf-8")
    return page


def _page(certificate: Certificate) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(output.stage)}</td><td>{html.escape(output.path)}</td>"
        f'<td class="{output.verdict.split()[0]}">{output.verdict}</td><td>{_parts(output)}</td></tr>'
        for output in certificate.outputs
    )
    moved = "".join(
        f"<tr><td>{html.escape(one.name)}</td><td class=n>{html.escape(str(one.was))}</td>"
        f"<td class=n>{html.escape(str(one.now))}</td>"
        f"<td class=n>{'–' if one.of_interval is None else f'{one.of_interval:.2g}'}</td></tr>"
        for one in certificate.moved
    )
    table = (
        "<table><tr><th>number</th><th>committed</th><th>here</th><th>of the interval's half-width</th></tr>"
        f"{moved}</table>"
        if moved
        else ""
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Certificate of a rebuild</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style>'
        f"<h1>Certificate of a rebuild</h1><p>Verdict: <strong>{certificate.worst}</strong>, against commit "
        f"<code>{html.escape(certificate.revision)}</code>.</p><h2>Outputs</h2>"
        f"<table><tr><th>stage</th><th>output</th><th>verdict</th><th>what moved</th></tr>{rows}</table>"
        f"<h2>Numbers</h2><p>{len(certificate.moved)} of {certificate.numbers} numbers of the findings moved.</p>"
        f"{table}{_changes(certificate)}{_figures(certificate)}</html>\n"
    )


def _changes(certificate: Certificate) -> str:
    """The sentences that change, before and after."""
    if certificate.sentences is None:
        return "<h2>Sentences</h2><p>Not compared: the committed findings are not at hand.</p>"
    rows = "".join(
        f"<tr><td>{html.escape(one.file)}:{one.line}</td><td>{html.escape(one.was)}</td>"
        f"<td>{html.escape(one.now)}</td></tr>"
        for one in certificate.sentences
    )
    said = f"<h2>Sentences</h2><p>{len(certificate.sentences)} places of the documents say something else.</p>"
    return f"{said}<table><tr><th>place</th><th>committed</th><th>here</th></tr>{rows}</table>" if rows else said


def _parts(output: Output) -> str:
    shown = [
        f"{html.escape(part.file or output.path)}: "
        + (html.escape(part.why) or f"{part.items} numbers or pixels{farthest(part.farthest)}")
        for part in output.parts[:6]
    ]
    more = [f"and {len(output.parts) - 6} more files"] if len(output.parts) > 6 else []
    return "<br>".join([*shown, *more])


def _figures(certificate: Certificate) -> str:
    """The figures that are drawn otherwise, before and after."""
    if not certificate.figures:
        return ""
    shown = "".join(map(_before_and_after, certificate.figures[:MOST_FIGURES]))
    others = ", ".join(html.escape(one.name) for one in certificate.figures[MOST_FIGURES:])
    more = f"<p>And: {others}.</p>" if others else ""
    return f"<h2>Figures</h2><p>{len(certificate.figures)} figures are drawn otherwise.</p>{shown}{more}"


def _before_and_after(one: FigureChanged) -> str:
    sides = (("committed", one.was), ("here", one.now))
    return f'<h3>{html.escape(one.name)}</h3><div class="pair">{"".join(_side(*side) for side in sides)}</div>'


def _side(when: str, file: Path | None) -> str:
    """A drawing held in the page; its kind is told by its first bytes, for DVC's cache has no names."""
    if file is None:
        return f"<figure><figcaption>{when}: none, or not at hand</figcaption></figure>"
    data = file.read_bytes()
    kind = "image/jpeg" if data.startswith(JPEG) else "image/svg+xml"
    source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return f'<figure><figcaption>{when}</figcaption><img alt="{when}" src="{source}"></figure>'
