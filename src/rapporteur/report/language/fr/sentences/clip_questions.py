"""What CLIP is asked beyond means: wordings, retrieval, sources of variance, failing captions, the ceiling."""

from __future__ import annotations

from rapporteur.report.asked import ENOUGH, listed, score, test_level
from rapporteur.report.fact import fact, fact_value, has_fact
from rapporteur.report.language.fr.codes import FEATURE
from rapporteur.report.prose import counted, drawn_world, estimate, given, verdict


def effect_sizes(dataset: str) -> str | None:
    """The gaps in units of their own spread."""
    told = listed(
        [
            (f"clip.gold_minus_generated_d.{dataset}", "{} entre référence et image tirée"),
            (f"clip.generated_minus_mismatch_d.{dataset}", "{} entre bonne et mauvaise légende d’une image tirée"),
        ],
        digits=2,
    )
    return f"{told}." if told else None


def against_foils(dataset: str) -> str | None:
    """How often CLIP prefers the right caption to a wrong one, and by what is wrong."""
    told = listed(
        [
            (f"clip.gold_over_foil.{dataset}", "{} des images de référence"),
            (f"clip.generated_over_foil.{dataset}", "{} des images tirées"),
        ]
    )
    if not told:
        return None
    kinds = [
        (f"clip.gold_over_foil_colour.{dataset}", "{} pour une couleur"),
        (f"clip.gold_over_foil_object.{dataset}", "{} pour un objet"),
        (f"clip.gold_over_foil_number.{dataset}", "{} pour un nombre"),
        (f"clip.gold_over_foil_place.{dataset}", "{} pour un lieu"),
    ]
    known = listed([(name, text) for name, text in kinds if has_fact(name) and fact_value(name, "n") >= ENOUGH])
    said = f"CLIP préfère la légende d’origine à une légende fausse devant {told}"
    return said + (f" ; pour les références, selon ce qui est faux : {known}." if known else ".")


def against_alternatives(dataset: str) -> str:
    """The same against another caption that is right: no preference is expected."""
    return given(
        f"clip.gold_over_alternative.{dataset}",
        lambda: (
            "face à une autre légende juste, la préférence pour celle d’origine est de "
            f"{estimate(f'clip.gold_over_alternative.{dataset}')} devant les images de référence"
            + given(
                f"clip.generated_over_alternative.{dataset}",
                lambda: f" et de {estimate(f'clip.generated_over_alternative.{dataset}')} devant les images tirées",
            )
            + "."
        ),
    )


def wordings(dataset: str) -> str | None:
    """Both of the above."""
    said = [part.removesuffix(".") for part in (against_foils(dataset), against_alternatives(dataset)) if part]
    return " ; ".join(said) + "." if said else None


def found_first(dataset: str) -> str | None:
    """R@1 in both directions."""
    told = listed(
        [
            (f"clip.gold_image_to_text_r1.{dataset}", "{} des références trouvent leur légende"),
            (f"clip.generated_image_to_text_r1.{dataset}", "{} des images tirées"),
            (f"clip.gold_text_to_image_r1.{dataset}", "{} des légendes leur référence"),
            (f"clip.generated_text_to_image_r1.{dataset}", "{} des légendes leur image tirée"),
        ]
    )
    if not told:
        return None
    chance = f"clip.generated_image_to_text_chance1.{dataset}"
    luck = given(chance, lambda: f" ; au hasard, {fact(chance)} des images tirées trouveraient la leur")
    return f"au premier rang, {told}{luck}."


def variance_shares() -> str:
    """Where the variance of the score comes from, over all datasets."""
    if not has_fact("clip.share_of_caption"):
        return "Il y a trop peu d’images pour partager la variance du score."
    said = f"La légende porte {estimate('clip.share_of_caption')} de la variance du score des images tirées, le tirage {estimate('clip.share_of_draw')}"
    said += given("clip.share_of_dataset", lambda: f", le jeu de données {estimate('clip.share_of_dataset')}")
    return (
        said
        + given(
            "clip.share_of_caption_reml",
            lambda: (
                f". Un modèle mixte ajusté par vraisemblance restreinte donne à la légende {fact('clip.share_of_caption_reml')}"
            ),
        )
        + "."
    )


def plan(dataset: str) -> str | None:
    """How many captions and draws the target half-width takes."""
    if not has_fact(f"clip.captions_needed.{dataset}"):
        return None
    said = (
        f"{estimate(f'clip.captions_needed.{dataset}')} légendes avec autant de tirages que dans l’étude, "
        f"{estimate(f'clip.captions_needed_one_draw.{dataset}')} avec un seul"
    )
    return (
        said
        + given(
            f"clip.draws_enough.{dataset}",
            lambda: (
                f" ; il suffit de {counted(f'clip.draws_enough.{dataset}', 'tirage')} par légende, au sens dit plus haut"
            ),
        )
        + "."
    )


def plan_scope() -> str:
    """Of what pictures the variances are from which a study is planned."""
    if not drawn_world():
        return ""
    return (
        "Ces effectifs viennent des variances d’images de synthèse : une étude de photographies les calcule sur les siennes, "
        "par exemple sur un premier essai."
    )


FEATURES = {code: words for code, words in FEATURE.items() if code != "length"}


def feature_effect(name: str, p_name: str, captions: str) -> str | None:
    """One feature that tells captions apart, once corrected; nothing for another."""
    if not (has_fact(name) and has_fact(p_name) and fact_value(p_name) <= test_level()):
        return None
    better = "mieux" if fact_value(name) > 0 else "moins bien"
    return f"les légendes qui nomment {captions} sont {better} notées ({score(name)}, {fact(p_name)})"


def length_effect(name: str, p_name: str) -> str | None:
    """What the length does, where it was measured."""
    if not (has_fact(name) and has_fact(p_name)):
        return None
    if fact_value(p_name) > test_level():
        return f"la longueur ne change rien de visible (corrélation de Spearman {estimate(name, 2)}, {fact(p_name)})"
    better = "mieux" if fact_value(name) > 0 else "moins bien"
    return f"les légendes longues sont {better} notées (corrélation de Spearman {estimate(name, 2)}, {fact(p_name)})"


def failing(dataset: str) -> str | None:
    """Which features go with a better or worse score."""
    compared = [words for key, words in FEATURES.items() if has_fact(f"clip.score_by_{key}.{dataset}")]
    told = [
        feature_effect(f"clip.score_by_{key}.{dataset}", f"clip.score_by_{key}_p.{dataset}", words)
        for key, words in FEATURES.items()
    ]
    parts: list[str | None] = [part for part in told if part]
    if compared and not parts:
        either = " ou ".join([", ".join(compared[:-1]), compared[-1]] if len(compared) > 1 else compared)
        parts = [f"nommer {either} ne va pas avec une note visiblement autre"]
    parts.append(length_effect(f"clip.score_by_length.{dataset}", f"clip.score_by_length_p.{dataset}"))
    return " ; ".join(part for part in parts if part) + "." if any(parts) else None


def ceiling(dataset: str) -> str | None:
    """What the VQGAN alone costs, and what is left."""
    lost = f"clip.gold_minus_reconstructed.{dataset}"
    if not (has_fact(lost) and has_fact(f"clip.reconstructed_minus_generated.{dataset}")):
        return None
    judged = verdict(
        lost,
        "le VQGAN fait perdre du score à lui seul",
        "le VQGAN fait gagner du score",
        "le passage par le VQGAN ne change pas visiblement le score",
    )
    left = f"clip.reconstructed_minus_generated.{dataset}"
    remaining = verdict(
        left,
        "le reste de l’écart vient du modèle qui tire les codes",
        "les images tirées dépassent même ce plafond",
        "les images tirées ne se distinguent pas de ce plafond",
    )
    return (
        f"une référence passée par le VQGAN est notée {fact(f'clip.reconstructed.{dataset}', 3, unit=False)} ; elle perd "
        f"{score(lost)} ({fact(f'clip.gold_minus_reconstructed_p.{dataset}')}) : {judged}. Il reste {score(left)} jusqu’aux "
        f"images tirées ({fact(f'clip.reconstructed_minus_generated_p.{dataset}')}) : {remaining}."
    )
