"""The study's questions, each with the answer that its numbers give: for an abstract, and at the end of each part."""

from __future__ import annotations

from collections.abc import Callable

from rapporteur.report.asked import ALWAYS, MOSTLY, is_firm, score, what_training_did, with_model
from rapporteur.report.fact import Markdown, fact, fact_value, has_fact
from rapporteur.report.language.fr.numbers import enumeration
from rapporteur.report.language.fr.sentences.landscapes import loss_path, samples_by_clip, samples_by_kid
from rapporteur.report.prose import counted, datasets, estimate, given, label, verdict


def how_it_draws() -> str:
    """What the model does with a sentence, and what its visual vocabulary costs."""
    said = given(
        "images.tokens_per_image",
        lambda: (
            f"Le modèle écrit {fact('images.tokens_per_image')} jetons d’image l’un après l’autre, que le VQGAN repeint"
        ),
        "Le modèle écrit les jetons de l’image l’un après l’autre, que le VQGAN repeint",
    )
    costs = [cost for cost in map(_cost_of_the_vocabulary, datasets()) if cost]
    return f"{said} ; {' ; '.join(costs)}." if costs else f"{said}."


def _cost_of_the_vocabulary(dataset: str) -> str | None:
    """What gold pictures lose of their score by going through the VQGAN and back."""
    lost = f"clip.gold_minus_reconstructed.{dataset}"
    if not has_fact(lost):
        return None
    judged = verdict(
        lost,
        "fait perdre du score aux références",
        "fait gagner du score aux références",
        "ne change rien de visible aux références",
    )
    return f"pour *{label(dataset)}*, ce passage {judged} ({score(lost)} de CLIPScore perdus)"


def does_it_answer(dataset: str) -> str | None:
    """Whether drawn pictures answer their captions: by CLIP's ranking, by form and colour, and against gold pictures."""
    first = f"clip.first_of_20.{dataset}"
    if not has_fact(first):
        return None
    chance = 1 / fact_value(f"clip.candidates.{dataset}")
    among = f"parmi {counted(f'clip.candidates.{dataset}', 'légende')}, celle de l’image arrive première pour {estimate(first)} des images tirées"
    parts = [
        f"*{label(dataset)}* : {_how_often(first, chance)} ; {among}",
        _obeyed(f"form.obeyed.{dataset}", f"form.obeyed_minus_base.{dataset}", "la forme nommée"),
        _obeyed(f"colour.obeyed.{dataset}", f"colour.obeyed_minus_base.{dataset}", "la couleur nommée"),
        _against_gold(dataset),
    ]
    return " ; ".join(part for part in parts if part) + "."


def _how_often(share: str, chance: float) -> str:
    """The answer that a share and its interval give."""
    low, high = (fact_value(share, bound) for bound in ("low", "high"))
    if low is None:
        return "trop peu de légendes pour le dire"
    if low >= ALWAYS:
        return "oui, presque toujours"
    if low >= MOSTLY:
        return "oui, le plus souvent"
    if low > chance:
        return "en partie, plus souvent qu’au hasard"
    return "non, pas plus qu’au hasard" if high >= chance else "non, moins qu’au hasard"


def _obeyed(share: str, excess: str, what: str) -> str | None:
    """A form or a colour that is obeyed, or not, against the same word on other captions' pictures; with an interval."""
    if not is_firm(share):
        return None
    if not is_firm(excess):
        return f"{what} y est dans {estimate(share)} des cas où une légende la demande"
    judged = verdict(excess, "y est", "y est moins qu’ailleurs,", "n’y est pas plus qu’ailleurs,")
    return f"{what} {judged} dans {estimate(share)} des cas où une légende la demande"


def _against_gold(dataset: str) -> str | None:
    gap = f"clip.gold_minus_generated.{dataset}"
    if not has_fact(gap):
        return None
    return verdict(
        gap,
        f"CLIP note encore mieux les références, de {score(gap)}",
        f"CLIP note mieux les images tirées que les références, de {score(gap)}",
        f"CLIP ne les distingue pas des références (écart {score(gap)})",
    )


def what_landscapes_gave() -> str:
    """Whether training on landscapes helped: by the loss on pictures that no step saw, and by what it draws."""
    done = what_training_did()
    if done == "unknown":
        loss = f"Trop peu d’images à l’écart pour dire s’il aide : la perte y va de {loss_path()}"
    else:
        held, gain = counted("model.judged", "image"), f"{estimate('model.gain', 3, unit=False)} nat"
        on = f"sur {held} à l’écart de l’entraînement, un jeton coûte"
        loss = {
            "helps": f"Il aide : {on} {gain} de moins",
            "helps_little": f"Il aide, mais à peine : {on} {gain} de moins",
            "unclear": f"On ne peut pas dire s’il aide : {on} {gain} de moins",
            "harms": f"Il nuit : {on} davantage (gain de {gain})",
        }[done]
    judged = has_fact("judgement.clip_gain") and has_fact("judgement.kid_gain")
    drawn = f" {samples_by_clip()} ; {samples_by_kid()}." if judged else ""
    return f"{loss}.{drawn}"


def answers() -> Markdown:
    """The questions, each with its answer, one a line."""
    told = [
        ("Comment passe-t-on d’une phrase à une image ?", how_it_draws()),
        ("L’image répond-elle à la phrase ?", _sentences(does_it_answer)),
        ("Que donne l’entraînement sur des paysages ?", what_landscapes_gave() if with_model() else ""),
    ]
    return Markdown("\n".join(f"- **{question}** {answer}" for question, answer in told if answer))


def _sentences(line: Callable[[str], str | None]) -> str:
    return " ".join(said for said in map(line, datasets()) if said)


def answer_on_pertinence() -> Markdown:
    """The end of the parts that judge pictures."""
    return Markdown(f"**Réponse à la deuxième question.** {_sentences(does_it_answer)}")


def answer_on_landscapes() -> Markdown:
    """The end of the part on the landscape model."""
    once = "C’est un seul entraînement : un autre germe en donnerait un autre."
    return Markdown(f"**Réponse à la troisième question.** {what_landscapes_gave()} {once}")


def measures_weighed() -> str:
    """Whether CLIP, form and colour agree on what was drawn, with their numbers."""
    return " ".join(part for part in map(_measures_of, datasets()) if part)


def _measures_of(dataset: str) -> str | None:
    """What each measure says of a dataset's drawn pictures, side by side."""
    told = [
        f"{text} {estimate(f'{name}.{dataset}')}"
        for name, text in (
            ("clip.first_of_20", "la légende reconnue par CLIP"),
            ("form.obeyed", "la forme juste"),
            ("colour.obeyed", "la couleur juste"),
        )
        if is_firm(f"{name}.{dataset}")
    ]
    if not told:
        return None
    seen = given(
        f"clip.generated_over_foil.{dataset}",
        lambda: (
            f" Devant une légende où une chose est fausse, CLIP préfère encore la vraie pour {estimate(f'clip.generated_over_foil.{dataset}')} des images tirées."
        ),
    )
    return f"Pour *{label(dataset)}*, part des images tirées : {enumeration(told)}.{seen}"
