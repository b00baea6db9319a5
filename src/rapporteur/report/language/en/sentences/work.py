"""What the tables of work say of each task: its result, or its state, by the study's own numbers."""

from __future__ import annotations

from rapporteur.report.asked import of_each, rated, share_of_each
from rapporteur.report.fact import fact, has_fact
from rapporteur.report.language.en.numbers import capitalised
from rapporteur.report.language.en.sentences.landscapes import loss_path
from rapporteur.report.prose import counted, drawn_world, estimate, given

NONE_YET = "Nothing to measure in this study"


def result_of_data() -> str:
    """How many captions were drawn."""
    return f"Captions drawn: {of_each('captions.drawn', fact)}"


def result_of_drawing() -> str:
    """How many pictures there are."""
    return f"{counted('images.pictures', 'picture drawn', 'pictures drawn')}, made again identically"


def result_of_clip() -> str:
    """How often the right caption comes first."""
    found = of_each("clip.first_of_20", fact)
    return f"Right caption first: {found}" if found else NONE_YET


def result_of_form_and_colour() -> str:
    """How often the named form and the named colour are there."""
    form, colour = (share_of_each(f"{what}.obeyed") for what in ("form", "colour"))
    told = [f"{what}: {found}" for what, found in (("Form named", form), ("colour", colour)) if found]
    return capitalised("; ".join(told)) if told else NONE_YET


def result_of_ratings() -> str:
    """How many ratings there are."""
    if not rated():
        return "Rating page ready, no rating yet"
    return f"{counted('ratings.rated', 'rating')} by {counted('ratings.raters', 'rater')}"


def result_of_filter() -> str:
    """How many landscapes were kept, and how right the filter is."""
    kept = f"{fact('landscapes.kept')} images kept of {fact('landscapes.examined')}"
    return f"{kept}, precision {fact('landscapes.precision')}" if has_fact("landscapes.precision") else kept


def result_of_landscapes() -> str:
    """What it gained on pictures held out."""
    return given(
        "model.gain",
        lambda: f"Gain on held-out images: {estimate('model.gain', 3)}",
        f"Held-out loss: {loss_path()}",
    )


def state_of_full_size() -> str:
    """Whether the study is still the one that the program draws itself."""
    return "to do" if drawn_world() else "under way"


def state_of_ratings() -> str:
    """Whether anyone has rated."""
    return "under way" if rated() else "to do"
