"""The gallery's page in a language, and the data that its script reads; nothing is fetched but its own files."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from rapporteur.gallery.cards import SAMPLES, Card, Shown
from rapporteur.gallery.sprites import COLUMNS, ROWS, Thumbnail
from rapporteur.report.language import Language
from rapporteur.vocabulary.losses import LEARNT

DIGITS = 4  # of the numbers shown
SHORT = 12  # signs of a digest
SAFE = re.compile(r"https?://", re.IGNORECASE)


def data_script(cards: Sequence[Card], places: Mapping[str, Thumbnail], side: int) -> str:
    """`data.js`: the cards for the page's script, the same for every language.

    A picture is [sheet, cell, width, height, seed or null, model, CLIPScore, colourfulness, rating, digest, credit],
    its model and its credit as places in a list.
    """
    models: dict[str, int] = {}
    credits: dict[tuple[str, str, str], int] = {}

    def picture(one: Shown) -> list[Any]:
        place = places[one.digest]
        licence_url, source_url = (url if SAFE.match(url) else "" for url in (one.licence_url, one.source_url))
        credit = (one.licence, licence_url, source_url)
        known = credits.setdefault(credit, len(credits)) if one.seed is None else None
        numbers = [_rounded(value) for value in (one.clip, one.colourfulness, one.rating)]
        model = models.setdefault(one.model, len(models)) if one.seed is not None else None
        return [place.sheet, place.cell, place.width, place.height, one.seed, model, *numbers,
                one.digest[:SHORT], known]  # fmt: skip

    told = {
        "side": side,
        "columns": COLUMNS,
        "rows": ROWS,
        "cards": [[card.dataset, card.caption_id, card.text, list(map(picture, card.pictures))] for card in cards],
        "models": list(models),
        "credits": [list(credit) for credit in credits],
    }
    return f"window.GALLERY = {_json(told)};\n"


def page(words: Language, labels: Mapping[str, str], title: str) -> str:
    """The page in a language; `labels` are the datasets' names."""
    own = words.gallery
    template = resources.files("rapporteur.gallery")
    parts = {name: template.joinpath(f"gallery.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    called = {**labels, SAMPLES: own["samples"]}
    models = {name: words.word("model", name) for name in LEARNT}
    script = (
        f"const WORDS = {_json(own)}, LABELS = {_json(called)}, MODELS = {_json(models)}, LOCALE = {_json(words.name)};"
    )
    told = {name: html.escape(text) for name, text in own.items()} | {
        "lang": words.name, "study": html.escape(title), "style": parts["css"], "script": f"{script}\n{parts['js']}",
    }  # fmt: skip
    return re.sub(r"\{\{(\w+)\}\}", lambda found: told[found[1]], parts["html"])


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def _json(value: Any) -> str:
    """JSON for a script: no text of it ends a script block, opens a comment, or is a line's end to a browser."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return written.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})
