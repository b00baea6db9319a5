"""What the measures are worth on public pictures and ratings."""

from __future__ import annotations

from rapporteur.report.fact import fact, has_fact
from rapporteur.report.prose import counted, estimate, given


def colour_check() -> str:
    """How far the colour measure agrees with what was asked, and with the eye."""
    if not has_fact("check.shapes_subject"):
        return "La mesure de couleur n’a pas encore été confrontée à des images publiques."
    return (
        f"Sur {counted('check.shapes_pictures', 'image', 'images')} attribuées à DALL·E mini, tirées de demandes comme "
        "« black circle on blue background », le programme trouve la couleur demandée sur le sujet dans "
        f"{estimate('check.shapes_subject')} des cas, et celle du fond dans {estimate('check.shapes_background')}. "
        f"Pour {fact('check.eye_subject', field='n')} d’entre elles, un modèle de langue qui ne voyait pas la demande a "
        f"nommé les couleurs : le programme donne le même nom dans {estimate('check.eye_subject')} des cas pour le sujet, "
        f"{estimate('check.eye_background')} pour le fond."
    )


def clip_check() -> str:
    """How far CLIP agrees with people, and people with each other."""
    return given(
        "check.tifa_kendall",
        lambda: (
            f"Sur les {counted('check.tifa_pictures', 'image', 'images')} de TIFA, que deux personnes ont "
            f"notées, le tau de Kendall entre CLIPScore et les notes est de {estimate('check.tifa_kendall', 2)} ; entre elles, "
            f"l’alpha de Krippendorff est de {estimate('check.tifa_alpha', 2)}. CLIP voit donc une part de ce que voient les "
            "personnes, et une part seulement."
        ),
    )
