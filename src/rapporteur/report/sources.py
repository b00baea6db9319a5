"""Where the numbers, figures and tables of a page come from: a panel that opens at each of them.

    sources()      in the last cell of a document; nothing in its PDF, where `attached_numbers` stands for it

A number leads to what it is, its interval, how many observations, its method and test, the artifact that it was read
from with the digest that DVC keeps it under, the stage that made that, and the commands that make it again and print
the whole chain (`rapporteur why`). Cost: about 0.4 kB a number cited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from rapporteur.core.params import PARAMS_FILE
from rapporteur.report.artifacts import FIGURES, FINDINGS, project_root, read_json
from rapporteur.report.cited import CITED
from rapporteur.report.fact import Markdown, fact, has_fact
from rapporteur.report.figure import raw_html, script_json
from rapporteur.report.language import spoken
from rapporteur.report.prose import estimate
from rapporteur.vocabulary.findings import SOURCES_FILE, read_records

WORDS = ("value", "n", "method", "test", "source", "stage", "settings", "again", "chain", "file", "title", "figure",
         "table", "close")  # fmt: skip


def sources() -> Markdown:
    """The panel of what the document has shown so far, in the language spoken; nothing where it has shown nothing."""
    told = _told()
    if not (told["facts"] or told["figures"] or told["tables"]):
        return Markdown("")
    folder = files("rapporteur.report")
    style, script = (folder.joinpath(f"cited.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    words = told["words"]
    page = (
        f"<style>\n{style}</style>\n"
        f'<dialog id="cited" aria-labelledby="cited-title"><h2 id="cited-title">{words["title"]}</h2><div></div>'
        f'<button type="button" aria-label="{words["close"]}">✕</button></dialog>\n'
        f'<script type="application/json" id="cited-told">{script_json(told)}</script>\n<script>\n{script}</script>'
    )
    return Markdown(f'::: {{.content-visible when-format="html"}}\n{raw_html(page)}\n:::')


def _told() -> dict[str, Any]:
    records = read_records(project_root() / FINDINGS / "findings.json")
    facts = {name: records[name] for name in CITED.shown}
    figures, tables = [*CITED.figures.values()], [*CITED.tables.values()]
    origins = [*(record["source"] for record in facts.values()), *(each.source for each in (*figures, *tables))]
    return {
        "words": {word: spoken().say(f"cited.{word}", params=PARAMS_FILE) for word in WORDS},
        "facts": {name: _fact(name, record) for name, record in facts.items()},
        "figures": [asdict(each) for each in figures],
        "tables": [asdict(each) for each in tables],
        "sources": _origins(origins),
    }


def _fact(name: str, record: Mapping[str, Any]) -> dict[str, Any]:
    p = record.get("p")
    language = spoken()
    return {
        "label": language.numerals.capitalised(language.label(record)),
        "value": estimate(name),
        "n": language.numerals.number(record["n"], 0) if record["n"] else "",
        "method": language.say(record["method"]),
        "p": fact(p) if p and has_fact(p) else "",
        "source": record["source"],
    }


def _origins(paths: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Of each: its path, the digest that findings read, where it is a file, and the stage that made it, if one did."""
    file = project_root() / FINDINGS / SOURCES_FILE
    digests: Mapping[str, str] = read_json(file, "findings") if file.is_file() else {}
    return {path: (path, digests.get(path, ""), _stage(PurePosixPath(path))) for path in sorted(set(paths))}


def _stage(path: PurePosixPath) -> str:
    """A stage writes the folder of its name."""
    made = len(path.parts) > 1 and path.parts[0] == FIGURES.parts[0]
    return path.parts[1] if made else ""
