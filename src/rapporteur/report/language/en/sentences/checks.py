"""What the measures are worth on public pictures and ratings."""

from __future__ import annotations

from rapporteur.report.asked import realism_lags
from rapporteur.report.fact import fact, has_fact
from rapporteur.report.prose import counted, estimate, given, verdict


def colour_check() -> str:
    """How far the colour measure agrees with what was asked, and with another reading."""
    if not has_fact("check.shapes_subject"):
        return "The colour measure has not yet been held against public pictures."
    return (
        f"On {counted('check.shapes_pictures', 'picture')} attributed to DALL·E mini, drawn from prompts such as “black "
        "circle on blue background”, the program finds the colour asked for on the subject in "
        f"{estimate('check.shapes_subject')} of the cases, and that of the background in "
        f"{estimate('check.shapes_background')}. For {fact('check.eye_subject', field='n')} of them, a language model that "
        "did not see the prompt named the colours: the program gives the same name in "
        f"{estimate('check.eye_subject')} of the cases for the subject, {estimate('check.eye_background')} for the "
        "background."
    )


def clip_check() -> str:
    """How far CLIP agrees with people, and people with each other."""
    return given(
        "check.tifa_kendall",
        lambda: (
            f"On TIFA's {counted('check.tifa_pictures', 'picture')}, which two people rated, Kendall's tau between CLIPScore "
            f"and the ratings is {estimate('check.tifa_kendall', 2)}; between the two, Krippendorff's alpha is "
            f"{estimate('check.tifa_alpha', 2)}. CLIP sees a part of what people see, and a part only."
        ),
    )


def form_check() -> str:
    """How often DALL·E mini's pictures show the form asked for, and how often the measure errs on known ones."""
    return given(
        "check.form_drawn",
        lambda: (
            f"The form asked for is seen in {estimate('check.form_drawn')} of them. On forms that a program drew, and "
            f"which are known, the measure sees rightly in {estimate('check.form_gold')} of the cases: what is missing "
            "comes from the pictures more than from the measure."
        ),
    )


def rated_check() -> str:
    """What people say of pictures by DALL·E mini's successor, beside DALL·E 2's on the same prompts."""
    return given("check.rated_fit", _rated)


def _rated() -> str:
    return (
        f"There {counted('check.rated_raters', 'person', 'people')} rated {counted('check.rated_pictures', 'picture')} from "
        f"1 to 5: {counted('check.rated_prompts', 'prompt')}, each drawn by five models, and photographs. Craiyon, the name "
        f"that DALL·E mini took, gets {estimate('check.rated_fit', 2, unit=False)} for the fit with its prompt and "
        f"{estimate('check.rated_real', 2, unit=False)} for realism."
        + given("check.rated_dalle2_fit", _dalle2)
        + (
            " What Craiyon lacks is less the fit with the sentence than the making of the picture."
            if realism_lags()
            else ""
        )
    )


def _dalle2() -> str:
    answers = verdict(
        "check.rated_dalle2_fit",
        "fits the prompt better",
        "fits the prompt less well",
        "fits the prompt neither better nor less well",
    )
    looks = verdict("check.rated_dalle2_real", "looks more real", "looks less real", "looks neither more nor less real")
    return (
        f" On the same prompts DALL·E 2 {answers} (difference {estimate('check.rated_dalle2_fit', 2, unit=False)}) and {looks} "
        f"(difference {estimate('check.rated_dalle2_real', 2, unit=False)})."
        + given("check.rated_dalle2_strength_fit", _duels)
    )


def _duels() -> str:
    return (
        f" Where its pictures are set against Craiyon’s, rater by rater, it wins {estimate('check.rated_dalle2_wins_fit')} of "
        f"the duels on fit and {estimate('check.rated_dalle2_wins_real')} on realism; among all models, the difference in "
        f"strength is {estimate('check.rated_dalle2_strength_fit', 2)} and {estimate('check.rated_dalle2_strength_real', 2)}."
    )
