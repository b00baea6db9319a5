"""CLIP's scores."""

from __future__ import annotations

from rapporteur.report.asked import score
from rapporteur.report.fact import fact, has_fact
from rapporteur.report.language.fr.numbers import enumeration
from rapporteur.report.prose import datasets, estimate, label, verdict


def clip_result(dataset: str) -> str:
    """Gold against generated, and the right caption against another, by CLIP."""
    gap = f"clip.gold_minus_generated.{dataset}"
    rank = (
        f"La légende de l’image bat une autre légende avec une probabilité de "
        f"{estimate(f'clip.superiority_over_mismatch.{dataset}')} et arrive première de sa liste pour "
        f"{fact(f'clip.first_of_20.{dataset}')} des images tirées."
    )
    if not has_fact(gap):
        return (
            f"score moyen de {fact(f'clip.generated.{dataset}', 3, unit=False)} pour les images tirées, sans référence à "
            f"laquelle le comparer. {rank}"
        )
    judged = verdict(
        gap,
        "les références sont mieux notées",
        "les images tirées sont mieux notées",
        "les deux ne se distinguent pas",
    )
    return (
        f"score moyen de {fact(f'clip.generated.{dataset}', 3, unit=False)} pour les images tirées et de "
        f"{fact(f'clip.gold.{dataset}', 3, unit=False)} pour les références, écart apparié de {score(gap)} "
        f"({fact(f'clip.gold_minus_generated_p.{dataset}')}) : {judged}. {rank}"
    )


def clip_spread(dataset: str) -> str | None:
    """How much of the score is the caption's, and what further draws bring."""
    if not has_fact(f"clip.variance_caption.{dataset}"):
        return None
    said = f"la légende porte {estimate(f'clip.variance_caption.{dataset}')} de la variance du score"
    if has_fact(f"clip.best_of_k_gain.{dataset}"):
        said += (
            f" ; garder le meilleur de {fact(f'clip.best_of_k_size.{dataset}')} tirages fait gagner "
            f"{score(f'clip.best_of_k_gain.{dataset}')}"
        )
    return f"{said}."


def reads_captions() -> str:
    """Whether CLIP tells a caption from one with a single fault, for a note."""
    told = [
        f"{estimate(f'clip.generated_over_foil.{dataset}')} ({label(dataset)})"
        for dataset in datasets()
        if has_fact(f"clip.generated_over_foil.{dataset}")
    ]
    if not told:
        return ""
    return f"Face à une légende où une seule chose est fausse, CLIP préfère la vraie pour {enumeration(told)} des images tirées."
