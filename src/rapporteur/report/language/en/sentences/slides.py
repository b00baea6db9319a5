"""What slides say of the results: a line a dataset, with its number and its interval, and what chance would give."""

from __future__ import annotations

from rapporteur.report.asked import is_firm, score
from rapporteur.report.fact import fact, fact_value, has_fact
from rapporteur.report.language.en.numbers import percent
from rapporteur.report.prose import estimate, given, verdict


def shown_of_clip(dataset: str) -> str | None:
    """How often the right caption comes first, and how far gold pictures are ahead."""
    first = f"clip.first_of_20.{dataset}"
    if not has_fact(first):
        return None
    chance = percent(1 / fact_value(f"clip.candidates.{dataset}"), 0)
    said = f"the right caption comes first for {estimate(first)} of the pictures drawn (chance: {chance})"
    gap = f"clip.gold_minus_generated.{dataset}"
    if not has_fact(gap):
        return f"{said}."
    judged = verdict(gap, "gold stays ahead", "the pictures drawn lead", "no difference is established")
    return f"{said}; gold less drawn: {score(gap)}, {judged}."


def shown_of_form(dataset: str) -> str | None:
    """How often the subject has the named form, on drawn and on gold pictures, and by chance."""
    name = f"form.obeyed.{dataset}"
    if not has_fact(name):
        return None
    gold = given(f"form.obeyed_gold.{dataset}", lambda: f", {fact(f'form.obeyed_gold.{dataset}')} of gold ones")
    base = given(f"form.obeyed_base.{dataset}", lambda: f" (chance: {fact(f'form.obeyed_base.{dataset}')})")
    return f"the form named is there for {estimate(name)} of the pictures drawn{base}{gold}."


def shown_of_colour(dataset: str) -> str | None:
    """How often the named colour is on the subject, and by chance; whether drawn pictures are more vivid."""
    name, gap = f"colour.obeyed.{dataset}", f"colour.colourfulness_gold_minus_generated.{dataset}"
    parts = []
    if is_firm(name):
        base = given(f"colour.obeyed_base.{dataset}", lambda: f" (chance: {fact(f'colour.obeyed_base.{dataset}')})")
        parts.append(f"the colour named is there for {estimate(name)} of the pictures drawn{base}")
    if has_fact(gap):
        judged = verdict(
            gap,
            "pictures drawn less colourful than gold",
            "pictures drawn more colourful than gold",
            "colourfulness like that of gold",
        )
        parts.append(f"{judged} (gold less drawn: {estimate(gap)})")
    return f"{'; '.join(parts)}." if parts else None
