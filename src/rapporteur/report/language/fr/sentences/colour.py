"""Colours and forms: obedience, and how far drawn pictures lie from their gold pictures."""

from __future__ import annotations

from rapporteur.report.fact import Markdown, fact, has_fact
from rapporteur.report.prose import each, estimate, given, verdict


def obeyed(dataset: str) -> str | None:
    """Whether the named colour is there, against the same word elsewhere."""
    if not has_fact(f"colour.obeyed.{dataset}"):
        return None
    said = (
        f"la couleur nommée est sur le sujet dans {estimate(f'colour.obeyed.{dataset}')} des "
        f"{fact(f'colour.obeyed.{dataset}', field='n')} images tirées dont la légende en nomme une"
    )
    if has_fact(f"colour.obeyed_base.{dataset}"):
        said += f", contre {fact(f'colour.obeyed_base.{dataset}')} pour le même mot sur les images d’autres légendes"
    if has_fact(f"colour.background_obeyed.{dataset}"):
        said += f" ; celle du fond y est dans {estimate(f'colour.background_obeyed.{dataset}')}"
    return said + "."


def form_obeyed(dataset: str) -> str | None:
    """Whether the subject has the named form, told by area."""
    name = f"form.obeyed.{dataset}"
    if not has_fact(name):
        return None
    said = f"le sujet a la forme nommée dans {estimate(name)} des {fact(name, field='n')} images tirées"
    said += given(
        f"form.obeyed_gold.{dataset}", lambda: f" et {estimate(f'form.obeyed_gold.{dataset}')} des références"
    )
    return (
        said
        + given(
            f"form.obeyed_base.{dataset}",
            lambda: f", contre {fact(f'form.obeyed_base.{dataset}')} pour le même mot sur les images d’autres légendes",
        )
        + "."
    )


def forms() -> Markdown:
    """What the pictures show of the forms that captions name; nothing where they name none."""
    said = each(form_obeyed).text
    lead = "Une forme se juge aussi sans CLIP : le sujet, détaché de son fond, est posé sur chacune des formes connues, et la forme vue est celle dont il couvre le mieux l’aire."
    return Markdown(f"{lead}\n\n{said}" if said else "")


def colour_gap(dataset: str) -> str | None:
    """How far the mean colours of gold and generated lie, and which is the more vivid; None without gold pictures."""
    gap = f"colour.colourfulness_gold_minus_generated.{dataset}"
    if not has_fact(gap):
        return None
    judged = verdict(
        gap,
        "les images tirées sont moins vives que leurs références",
        "les images tirées sont plus vives que leurs références",
        "la vivacité ne distingue pas les images tirées de leurs références",
    )
    return (
        f"les couleurs moyennes sont à {estimate(f'colour.delta_e.{dataset}', unit=False)} unités ΔE de celles de la "
        f"référence, contre {fact(f'colour.delta_e_mismatched.{dataset}', unit=False)} pour les images d’autres légendes ; "
        f"{judged} (écart de {estimate(gap)}, {fact(f'colour.colourfulness_gold_minus_generated_p.{dataset}')})."
    )


def colour_distances(dataset: str) -> str | None:
    """The three distances to the own caption's pictures, against those of other captions."""
    parts = [
        ("delta_e", "ΔE des couleurs moyennes"),
        ("emd_lab", "transport entre histogrammes"),
        ("emd_palette", "transport entre palettes"),
    ]
    told = [
        f"{text}, {estimate(f'colour.{name}.{dataset}', 1, unit=False)} contre "
        f"{fact(f'colour.{name}_mismatched.{dataset}', 1, unit=False)} "
        f"({fact(f'colour.{name}_mismatched_minus_matched_p.{dataset}')})"
        for name, text in parts
        if has_fact(f"colour.{name}_mismatched_minus_matched_p.{dataset}")
    ]
    if not told:
        return None
    gap = f"colour.emd_lab_mismatched_minus_matched.{dataset}"
    judged = verdict(
        gap,
        "les images tirées ont les couleurs de leur légende plus que celles d’une autre",
        "les images tirées ont moins les couleurs de leur légende que celles d’une autre",
        "les images tirées ne sont pas plus près de leur légende que d’une autre",
    )
    return f"{' ; '.join(told)} : {judged}."


def detail_kept(dataset: str) -> str | None:
    """Whether drawn pictures are as sharp as their gold pictures, and as rich in lightness."""
    gap = f"colour.sharpness_gold_minus_generated.{dataset}"
    if not has_fact(f"colour.sharpness_gold_minus_generated_p.{dataset}"):
        return None
    judged = verdict(
        gap,
        "les images tirées sont moins nettes que leurs références",
        "les images tirées sont plus nettes que leurs références",
        "la netteté ne distingue pas les images tirées de leurs références",
    )
    return (
        f"netteté de {fact(f'colour.sharpness_generated.{dataset}', 1, unit=False)} pour les images tirées et de "
        f"{fact(f'colour.sharpness_gold.{dataset}', 1, unit=False)} pour les références, écart apparié de "
        f"{estimate(gap, 1)} ({fact(f'colour.sharpness_gold_minus_generated_p.{dataset}')}) : {judged}."
    )
