"""CLIP's scores."""

from __future__ import annotations

from rapporteur.report.asked import score
from rapporteur.report.fact import fact, has_fact
from rapporteur.report.language.en.numbers import enumeration
from rapporteur.report.prose import datasets, estimate, label, verdict


def clip_result(dataset: str) -> str:
    """Gold against generated, and the right caption against another, by CLIP."""
    gap = f"clip.gold_minus_generated.{dataset}"
    drawn = fact(f"clip.generated.{dataset}", 3, unit=False)
    rank = (
        "The picture’s caption beats another with a probability of "
        f"{estimate(f'clip.superiority_over_mismatch.{dataset}')} and comes first in its list for "
        f"{fact(f'clip.first_of_20.{dataset}')} of the pictures drawn."
    )
    if not has_fact(gap):
        return f"mean score of {drawn} for the pictures drawn, without gold to compare it with. {rank}"
    judged = verdict(
        gap,
        "gold pictures are scored higher",
        "the pictures drawn are scored higher",
        "the two are not told apart",
    )
    return (
        f"mean score of {drawn} for the pictures drawn and of {fact(f'clip.gold.{dataset}', 3, unit=False)} for gold, "
        f"paired difference of {score(gap)} ({fact(f'clip.gold_minus_generated_p.{dataset}')}): {judged}. {rank}"
    )


def clip_spread(dataset: str) -> str | None:
    """How much of the score is the caption's, and what further draws bring."""
    if not has_fact(f"clip.variance_caption.{dataset}"):
        return None
    said = f"the caption carries {estimate(f'clip.variance_caption.{dataset}')} of the score’s variance"
    if has_fact(f"clip.best_of_k_gain.{dataset}"):
        said += (
            f"; keeping the best of {fact(f'clip.best_of_k_size.{dataset}')} draws gains "
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
    said = f"{enumeration(told)} of the pictures drawn"
    return f"Against a caption in which a single thing is wrong, CLIP prefers the true one for {said}."
