"""What the measures are worth on public pictures and ratings."""

from __future__ import annotations

from rapporteur.report.asked import realism_lags
from rapporteur.report.fact import fact, has_fact
from rapporteur.report.prose import counted, estimate, given, verdict


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


def form_check() -> str:
    """How often DALL·E mini's pictures show the form asked for, and how often the measure errs on known ones."""
    return given(
        "check.form_drawn",
        lambda: (
            f"La forme demandée y est vue dans {estimate('check.form_drawn')} des cas. Sur des formes dessinées par "
            f"programme, donc connues, la mesure voit juste dans {estimate('check.form_gold')} des cas : ce qui manque "
            "vient surtout des images, non de la mesure."
        ),
    )


def rated_check() -> str:
    """What people say of pictures by DALL·E mini's successor, beside DALL·E 2's on the same prompts."""
    return given("check.rated_fit", _rated)


def _rated() -> str:
    return (
        f"{counted('check.rated_raters', 'personne')} y ont noté {counted('check.rated_pictures', 'image')} de 1 à 5 : "
        f"{counted('check.rated_prompts', 'demande')}, chacune tirée par cinq modèles, et des photographies. Craiyon, nom que "
        f"DALL·E mini a pris, obtient {estimate('check.rated_fit', 2, unit=False)} pour l’accord avec la demande et "
        f"{estimate('check.rated_real', 2, unit=False)} pour le réalisme."
        + given("check.rated_dalle2_fit", _dalle2)
        + (
            " Ce qui manque à Craiyon est moins l’accord avec la phrase que la facture de l’image."
            if realism_lags()
            else ""
        )
    )


def _dalle2() -> str:
    answers = verdict(
        "check.rated_dalle2_fit",
        "répond mieux à la demande",
        "répond moins bien à la demande",
        "ne répond ni mieux ni moins bien à la demande",
    )
    looks = verdict(
        "check.rated_dalle2_real", "paraît plus réel", "paraît moins réel", "ne paraît ni plus ni moins réel"
    )
    return (
        f" À demandes égales, DALL·E 2 {answers} (écart {estimate('check.rated_dalle2_fit', 2, unit=False)}) et {looks} "
        f"(écart {estimate('check.rated_dalle2_real', 2, unit=False)})."
        + given("check.rated_dalle2_strength_fit", _duels)
    )


def _duels() -> str:
    return (
        f" Images opposées deux à deux, juge par juge, il l’emporte dans {estimate('check.rated_dalle2_wins_fit')} des duels "
        f"pour l’accord et {estimate('check.rated_dalle2_wins_real')} pour le réalisme ; parmi tous les modèles, l’écart de "
        f"force est de {estimate('check.rated_dalle2_strength_fit', 2)} et de "
        f"{estimate('check.rated_dalle2_strength_real', 2)}."
    )
