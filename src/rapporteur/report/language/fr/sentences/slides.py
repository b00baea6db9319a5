"""What slides say of the results: a line a dataset, with its number and its interval, and what chance would give."""

from __future__ import annotations

from rapporteur.report.asked import is_firm, score
from rapporteur.report.fact import fact, fact_value, has_fact
from rapporteur.report.language.fr.numbers import percent
from rapporteur.report.prose import estimate, given, verdict


def shown_of_clip(dataset: str) -> str | None:
    """How often the right caption comes first, and how far gold pictures are ahead."""
    first = f"clip.first_of_20.{dataset}"
    if not has_fact(first):
        return None
    chance = percent(1 / fact_value(f"clip.candidates.{dataset}"), 0)
    said = f"la bonne légende arrive première pour {estimate(first)} des images tirées (hasard : {chance})"
    gap = f"clip.gold_minus_generated.{dataset}"
    if not has_fact(gap):
        return f"{said}."
    judged = verdict(gap, "les références restent devant", "les images tirées passent devant", "pas d’écart établi")
    return f"{said} ; référence moins image tirée : {score(gap)}, {judged}."


def shown_of_form(dataset: str) -> str | None:
    """How often the subject has the named form, on drawn and on gold pictures, and by chance."""
    name = f"form.obeyed.{dataset}"
    if not has_fact(name):
        return None
    gold = given(f"form.obeyed_gold.{dataset}", lambda: f", {fact(f'form.obeyed_gold.{dataset}')} des références")
    base = given(f"form.obeyed_base.{dataset}", lambda: f" (hasard : {fact(f'form.obeyed_base.{dataset}')})")
    return f"forme nommée obtenue pour {estimate(name)} des images tirées{base}{gold}."


def shown_of_colour(dataset: str) -> str | None:
    """How often the named colour is on the subject, and by chance; whether drawn pictures are more vivid."""
    name, gap = f"colour.obeyed.{dataset}", f"colour.colourfulness_gold_minus_generated.{dataset}"
    parts = []
    if is_firm(name):
        base = given(f"colour.obeyed_base.{dataset}", lambda: f" (hasard : {fact(f'colour.obeyed_base.{dataset}')})")
        parts.append(f"couleur nommée obtenue pour {estimate(name)} des images tirées{base}")
    if has_fact(gap):
        judged = verdict(
            gap,
            "images tirées moins vives que leurs références",
            "images tirées plus vives que leurs références",
            "vivacité semblable à celle des références",
        )
        parts.append(f"{judged} (référence moins tirée : {estimate(gap)})")
    return f"{' ; '.join(parts)}." if parts else None
