"""What people said of the pictures, and how far they agree."""

from __future__ import annotations

from rapporteur.report.asked import counted_by_reason, rated, told
from rapporteur.report.fact import Markdown, fact, fact_value, has_fact, table
from rapporteur.report.figure import has_figure
from rapporteur.report.language.fr.codes import VOCABULARIES
from rapporteur.report.language.fr.numbers import enumeration
from rapporteur.report.prose import counted, datasets, estimate, given, label, verdict
from rapporteur.vocabulary.attributes import RATED

CRITERIA = VOCABULARIES["criterion"]
MEASURED = {
    "clip": "le score CLIP",
    "obeyed": "la couleur nommée présente",
    "subject_share": "la part du sujet dans sa couleur",
}


def set_aside(prefix: str, one: str, many: str) -> str:
    """What was said of pictures that the study does not have, or has no longer; nothing where there is none."""
    reasons = {"absent": "d’images que l’étude n’a pas", "redrawn": "d’images refaites depuis"}
    said = counted_by_reason(prefix, one, many, reasons)
    parts = [f" Mises de côté, sans effet sur les résultats : {enumeration(said)}."] if said else []
    if fact_value(f"{prefix}_unverified"):
        unverified = counted(f"{prefix}_unverified", f"{one} n’est pas vérifiée", f"{many} ne sont pas vérifiées")
        parts.append(f" {unverified}, faute d’une empreinte de l’image jugée.")
    return "".join(parts)


def rating_status() -> str:
    """Whether anyone has rated, and whether the ratings are real."""
    aside = set_aside("ratings.rated", "note", "notes")
    if not rated():
        return f"Personne n’a encore noté les images de cette étude ; aucune note n’est inventée.{aside} Voici le protocole."
    said = (
        f"{counted('ratings.raters', 'juge a', 'juges ont')} donné {counted('ratings.rated', 'note')} sur "
        f"{counted('ratings.pictures', 'image')}."
    )
    simulated = fact_value("ratings.simulated")
    marked = (
        f"{said} **{counted('ratings.simulated', 'note simulée', 'notes simulées')} parmi elles.**"
        if simulated
        else said
    )
    return marked + aside


def simulated_mark() -> str:
    """Said before every result that a program's ratings gave."""
    return "**Notes simulées.** " if fact_value("ratings.simulated") else ""


def gap(name: str, p: str, dataset: str) -> str:
    """Gold less generated, within captions; nothing where both were not rated."""
    if not has_fact(name):
        return ""
    judged = verdict(
        name, "les références sont mieux notées", "les images tirées sont mieux notées", "rien ne les sépare"
    )
    tested = given(p, lambda: f" ({fact(p)})")
    return f"sur {label(dataset)}, référence moins tirée {estimate(name, digits=2)}{tested}, {judged}"


def criterion(attribute: str) -> str | None:
    """One attribute: mean, agreement, and the measures that go with it; nothing where nobody rated it."""
    mean = told(f"ratings.mean.{attribute}", "note moyenne de {}")
    if not mean:
        return None
    agreement = told(f"ratings.alpha.{attribute}", "accord entre juges {}") or "accord non mesurable"
    links = [told(f"ratings.{short}_kendall.{attribute}", f"{text} {{}}") for short, text in MEASURED.items()]
    links = [text for text in links if text]
    linked = f"corrélation de rang avec {enumeration(links)}" if links else ""
    gaps = [
        gap(
            f"ratings.gold_minus_generated_{attribute}.{dataset}",
            f"ratings.gold_minus_generated_{attribute}_p.{dataset}",
            dataset,
        )
        for dataset in datasets()
    ]
    return " ; ".join(text for text in (mean, agreement, linked, *gaps) if text) + "."


def ratings_results() -> Markdown:
    """One bullet an attribute that was rated."""
    said = [(attribute, criterion(attribute)) for attribute in RATED]
    lines = [f"- **{CRITERIA[attribute]}** : {text}" for attribute, text in said if text]
    return Markdown("\n".join([simulated_mark(), "", *lines]).strip() if lines else "")


def ratings_pointers() -> Markdown:
    """Where the details are; nothing where there is none."""
    known = {
        "ratings_groups": "La @fig-ratings-groups donne les notes par jeu de données et par sorte de demande.",
        "ratings_correlations": "La @fig-ratings-correlations met les mesures automatiques en regard des notes : une "
        "mesure qui n’est pas corrélée aux notes ne les remplace pas.",
    }
    return Markdown(" ".join(text for name, text in known.items() if has_figure(name)))


def compared() -> Markdown:
    """Two pictures side by side: how often gold was preferred, whether the side or the rater decided."""
    if not has_fact("ratings.gold_preferred"):
        return Markdown("")
    simulated = fact_value("ratings.comparisons_simulated")
    said = (
        f"{'**Comparaisons simulées.** ' if simulated else ''}"
        f"{counted('ratings.comparison_raters', 'juge a', 'juges ont')} comparé deux images d’une même légende "
        f"{counted('ratings.comparisons', 'fois', 'fois')} ; la référence l’emporte dans {estimate('ratings.gold_preferred')} "
        "des cas, les égalités comptant pour moitié"
    ) + told("ratings.gold_strength", ", soit {} d’écart de force")
    said += given(
        "ratings.left_preferred",
        lambda: (
            f" ; l’image de gauche est choisie dans {estimate('ratings.left_preferred')} des autres cas, où le hasard "
            "en mettrait la moitié"
        ),
    )
    aside = set_aside("ratings.comparisons", "comparaison", "comparaisons")
    return Markdown(f"{said}{told('ratings.comparison_alpha', ' ; accord entre juges {}')}.{aside}")


def comparisons_table() -> Markdown | None:
    """The same by dataset, under a caption that says so where a program made the choices."""
    if not has_fact("ratings.gold_preferred"):
        return None
    caption = "Référence ou image tirée : laquelle répond mieux à la légende (égalités pour moitié)"
    mark = ", comparaisons simulées" if fact_value("ratings.comparisons_simulated") else ""
    return Markdown(f"{table('ratings_comparisons')}\n\n: {caption}{mark} {{#tbl-ratings-comparisons}}")


def ratings_caption() -> str:
    """What the table of ratings, or of the plan, shows."""
    if not rated():
        return "Ce qui attend les juges"
    return "Notes par critère et accord entre juges" + (", notes simulées" if fact_value("ratings.simulated") else "")
