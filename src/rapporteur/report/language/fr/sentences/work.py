"""What the tables of work say of each task: its result, or its state, by the study's own numbers."""

from __future__ import annotations

from rapporteur.report.asked import of_each, rated, share_of_each
from rapporteur.report.fact import fact, has_fact
from rapporteur.report.language.fr.numbers import capitalised
from rapporteur.report.language.fr.sentences.landscapes import loss_path
from rapporteur.report.prose import counted, drawn_world, estimate, given

NONE_YET = "Rien à mesurer dans cette étude"


def result_of_data() -> str:
    """How many captions were drawn."""
    return f"Légendes illustrées : {of_each('captions.drawn', fact)}"


def result_of_drawing() -> str:
    """How many pictures there are."""
    return f"{counted('images.pictures', 'image tirée', 'images tirées')}, refaites à l’identique"


def result_of_clip() -> str:
    """How often the right caption comes first."""
    found = of_each("clip.first_of_20", fact)
    return f"Bonne légende en tête : {found}" if found else NONE_YET


def result_of_form_and_colour() -> str:
    """How often the named form and the named colour are there."""
    form, colour = (share_of_each(f"{what}.obeyed") for what in ("form", "colour"))
    told = [f"{what} : {found}" for what, found in (("Forme nommée", form), ("couleur", colour)) if found]
    return capitalised(" ; ".join(told)) if told else NONE_YET


def result_of_ratings() -> str:
    """How many ratings there are."""
    if not rated():
        return "Page de notation prête, aucune note encore"
    return f"{counted('ratings.rated', 'note')} de {counted('ratings.raters', 'juge')}"


def result_of_filter() -> str:
    """How many landscapes were kept, and how right the filter is."""
    kept = f"{fact('landscapes.kept')} images retenues sur {fact('landscapes.examined')}"
    return f"{kept}, précision {fact('landscapes.precision')}" if has_fact("landscapes.precision") else kept


def result_of_landscapes() -> str:
    """What it gained on pictures held out."""
    return given(
        "model.gain",
        lambda: f"Gain sur les images à l’écart : {estimate('model.gain', 3)}",
        f"Perte hors apprentissage : {loss_path()}",
    )


def state_of_full_size() -> str:
    """Whether the study is still the one that the program draws itself."""
    return "à faire" if drawn_world() else "en cours"


def state_of_ratings() -> str:
    """Whether anyone has rated."""
    return "en cours" if rated() else "à faire"
