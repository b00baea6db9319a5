"""The one thing that an abstract or a note says of each dataset."""

from __future__ import annotations

from rapporteur.report.fact import fact
from rapporteur.report.language.fr.numbers import enumeration
from rapporteur.report.language.fr.sentences.clip import clip_spread
from rapporteur.report.language.fr.sentences.colour import colour_gap, form_obeyed, obeyed
from rapporteur.report.prose import datasets, estimate, given, label


def in_short() -> str:
    """The one result that an abstract can hold."""
    shares = [f"{fact(f'clip.first_of_20.{dataset}')} ({label(dataset)})" for dataset in datasets()]
    return (
        f"Parmi des légendes candidates, celle de l’image arrive en tête pour {enumeration(shares)} des images tirées."
    )


def headline(dataset: str) -> str:
    """The one result of a dataset that a summary can hold."""
    said = (
        f"la légende de l’image arrive première de sa liste pour {estimate(f'clip.first_of_20.{dataset}')} des "
        f"images tirées"
    ) + given(
        f"clip.gold_first_of_20.{dataset}",
        lambda: f", contre {fact(f'clip.gold_first_of_20.{dataset}')} pour les références",
    )
    colour, form = f"colour.obeyed.{dataset}", f"form.obeyed.{dataset}"
    said += given(form, lambda: f" ; le sujet a la forme nommée dans {estimate(form)} des cas")
    return said + given(colour, lambda: f" ; la couleur nommée est sur le sujet dans {estimate(colour)} des cas") + "."


def form_and_colour(dataset: str) -> str | None:
    """Both of the above, for a note."""
    form, colour = form_obeyed(dataset), obeyed(dataset)
    return f"{form.removesuffix('.')} ; {colour}" if form and colour else form or colour


def score_and_colour(dataset: str) -> str | None:
    """Both of the above, for a note."""
    spread, gap = clip_spread(dataset), colour_gap(dataset)
    return f"{spread.removesuffix('.')} ; {gap}" if spread and gap else spread or gap
