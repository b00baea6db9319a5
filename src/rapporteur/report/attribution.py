"""Credits of the gold pictures that the documents show, from artifacts/figures: who licenses them, and their source.

attribution()                   for an annex: by dataset and licence, each picture linked to its source
credits("sheet_{}_note")        for a line under sheets: the licences of their pictures, counted
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rapporteur.report import french
from rapporteur.report.artifacts import FIGURES, project_root, read_json
from rapporteur.report.fact import Markdown, fact_value, has_fact
from rapporteur.report.prose import DRAWN, datasets, label

Picture = Mapping[str, Any]


def shown() -> list[Picture]:
    """Every gold picture that some figure shows: dataset, image_id, licence, licence_url, source_url."""
    pictures: list[Picture] = read_json(project_root() / FIGURES / "attribution.json", "figures")
    return pictures


def attribution() -> Markdown:
    """One paragraph a dataset and licence: its name with a link, then the pictures, each a link to its source."""
    told = shown()
    texts = [_dataset(key, [picture for picture in told if picture["dataset"] == key]) for key in datasets()]
    return Markdown("\n\n".join(text for text in texts if text) or "Aucune image de référence n’est montrée.")


def credit_line(pattern: str) -> Markdown:
    """The licences of the gold pictures that the figures `pattern` show ("{}": a dataset); nothing of drawn ones."""
    index = read_json(project_root() / FIGURES / "index.json", "figures")
    names = {pattern.format(key) for key in datasets() if not _drawn(key)}
    wanted = {tuple(pair) for name in names & set(index) for pair in index[name].get("pictures", [])}
    counts = Counter(_name(picture) for picture in shown() if (picture["dataset"], picture["image_id"]) in wanted)
    if not counts:
        return Markdown("")
    listed = french.enumeration([f"{name} ({number})" for name, number in sorted(counts.items(), key=_alphabetic)])
    return Markdown(f"Licences des images de référence : {listed} ; leurs sources sont en annexe du rapport.")


def _drawn(dataset: str) -> bool:
    return has_fact(DRAWN + dataset) and bool(fact_value(DRAWN + dataset))


def _dataset(dataset: str, pictures: list[Picture]) -> str:
    if not pictures:
        return ""
    counted = french.counted(len(pictures), "image de référence montrée", "images de référence montrées")
    name = french.capitalised(label(dataset))
    if _drawn(dataset):
        names = french.enumeration(sorted({_name(picture) for picture in pictures}))
        return f"**{name}** : {counted}, dessinées par le programme ({names})."
    licences = [name for name, _ in sorted(Counter(map(_name, pictures)).items(), key=_alphabetic)]
    return f"**{name}** : {counted}.\n\n" + "\n".join(
        _licence([picture for picture in pictures if _name(picture) == licence]) for licence in licences
    )


def _licence(pictures: list[Picture]) -> str:
    """A bullet: the licence, then the identifiers of its pictures."""
    head = _linked(_name(pictures[0]), pictures[0]["licence_url"])
    return f"- {head} : {', '.join(_linked(picture['image_id'], picture['source_url']) for picture in pictures)}."


def _name(picture: Picture) -> str:
    """Creative Commons' own short name, by the licence's address: "CC BY-NC-ND 2.0"; else the name that is stated."""
    found = re.search(r"creativecommons\.org/licenses/([a-z-]+)/([\d.]+)", picture["licence_url"] or "")
    if found:
        return f"CC{french.NBSP}{found[1].upper()}{french.NBSP}{found[2]}"
    return str(picture["licence"]) or "licence non précisée"


def _alphabetic(counted: tuple[str, int]) -> str:
    return counted[0].replace(french.NBSP, " ")


def _linked(text: str, address: str | None) -> str:
    """Literal text, as a link where there is a web address. What a dataset states is data: no other scheme."""
    literal = french.escaped(text)
    if address is None or not re.fullmatch(r"https?://[^\s<>]+", address):
        return literal
    return f"[{literal}](<{address}>)"
