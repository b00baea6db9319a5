"""What the measures are worth on public pictures and ratings."""

from __future__ import annotations

from rapporteur.report.fact import fact, has_fact
from rapporteur.report.prose import counted, estimate, given


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
