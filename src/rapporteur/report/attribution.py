"""Credits of the gold pictures that the documents show, from artifacts/figures: who licenses them, and their source.

attribution()                   for an annex: by dataset and licence, each picture linked to its source
credits("sheet_{}_note")        for a line under sheets: the licences of their pictures, counted
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rapporteur.report.artifacts import figures_in, project_root, read_json
from rapporteur.report.fact import Markdown, fact_value, has_fact
from rapporteur.report.language import spoken
from rapporteur.report.markdown import literal
from rapporteur.report.prose import DRAWN, datasets, label

Picture = Mapping[str, Any]


def shown() -> list[Picture]:
    """Every gold picture that some figure shows: dataset, image_id, licence, licence_url, source_url."""
    pictures: list[Picture] = read_json(project_root() / figures_in(spoken().name) / "attribution.json", "figures")
    return pictures


def attribution() -> Markdown:
    """One paragraph a dataset and licence: its name with a link, then the pictures, each a link to its source."""
    told = shown()
    texts = [_dataset(key, [picture for picture in told if picture["dataset"] == key]) for key in datasets()]
    return Markdown("\n\n".join(text for text in texts if text) or spoken().say("no_gold_picture_shown"))


def credit_line(pattern: str) -> Markdown:
    """The licences of the gold pictures that the figures `pattern` show ("{}": a dataset); nothing of drawn ones."""
    index = read_json(project_root() / figures_in(spoken().name) / "index.json", "figures")
    names = {pattern.format(key) for key in datasets() if not _drawn(key)}
    wanted = {tuple(pair) for name in names & set(index) for pair in index[name].get("pictures", [])}
    counts = Counter(_name(picture) for picture in shown() if (picture["dataset"], picture["image_id"]) in wanted)
    if not counts:
        return Markdown("")
    listed = [f"{name} ({number})" for name, number in sorted(counts.items(), key=_alphabetic)]
    return Markdown(spoken().say("gold_licences", list=spoken().numerals.enumeration(listed)))


def _drawn(dataset: str) -> bool:
    return has_fact(DRAWN + dataset) and bool(fact_value(DRAWN + dataset))


def _dataset(dataset: str, pictures: list[Picture]) -> str:
    if not pictures:
        return ""
    language = spoken()
    words = (language.say(f"gold_pictures_shown_{number}") for number in ("one", "many"))
    counted = language.numerals.counted(len(pictures), *words)
    name = language.numerals.capitalised(label(dataset))
    if _drawn(dataset):
        names = language.numerals.enumeration(sorted({_name(picture) for picture in pictures}))
        return language.say("pictures_by_the_program", dataset=name, pictures=counted, licences=names)
    licences = [name for name, _ in sorted(Counter(map(_name, pictures)).items(), key=_alphabetic)]
    return (
        language.say("pictures_of_a_dataset", dataset=name, pictures=counted)
        + "\n\n"
        + "\n".join(_licence([picture for picture in pictures if _name(picture) == licence]) for licence in licences)
    )


def _licence(pictures: list[Picture]) -> str:
    """A bullet: the licence, then the identifiers of its pictures."""
    head = _linked(_name(pictures[0]), pictures[0]["licence_url"])
    names = ", ".join(_linked(picture["image_id"], picture["source_url"]) for picture in pictures)
    return spoken().say("pictures_of_a_licence", licence=head, pictures=names)


def _name(picture: Picture) -> str:
    """Creative Commons' own short name, by the licence's address: "CC BY-NC-ND 2.0"; else the name that is stated."""
    found = re.search(r"creativecommons\.org/licenses/([a-z-]+)/([\d.]+)", picture["licence_url"] or "")
    if found:
        return "\u00a0".join(("CC", found[1].upper(), found[2]))
    return str(picture["licence"]) or spoken().say("licence_not_stated")


def _alphabetic(counted: tuple[str, int]) -> str:
    return counted[0].replace("\u00a0", " ")


def _linked(text: str, address: str | None) -> str:
    """Literal text, as a link where there is a web address. What a dataset states is data: no other scheme."""
    words = literal(text)
    if address is None or not re.fullmatch(r"https?://[^\s<>]+", address):
        return words
    return f"[{words}](<{address}>)"
