"""What people said of the pictures, and how far they agree."""

from __future__ import annotations

from rapporteur.report.asked import counted_by_reason, rated, told
from rapporteur.report.fact import Markdown, fact, fact_value, has_fact, table
from rapporteur.report.figure import has_figure
from rapporteur.report.language.en.codes import VOCABULARIES
from rapporteur.report.language.en.numbers import enumeration
from rapporteur.report.prose import counted, datasets, estimate, given, label, verdict
from rapporteur.vocabulary.attributes import RATED

CRITERIA = VOCABULARIES["criterion"]
MEASURED = {
    "clip": "the CLIP score",
    "obeyed": "the named colour being there",
    "subject_share": "the share of the subject in its colour",
}


def set_aside(prefix: str, one: str, many: str) -> str:
    """What was said of pictures that the study does not have, or has no longer; nothing where there is none."""
    reasons = {"absent": "of pictures that the study does not have", "redrawn": "of pictures redrawn since"}
    said = counted_by_reason(prefix, one, many, reasons)
    parts = [f" Set aside, without effect on the results: {enumeration(said)}."] if said else []
    if fact_value(f"{prefix}_unverified"):
        unverified = counted(f"{prefix}_unverified", f"{one} is not verified", f"{many} are not verified")
        parts.append(f" {unverified}, for want of a digest of the picture that was judged.")
    return "".join(parts)


def rating_status() -> str:
    """Whether anyone has rated, and whether the ratings are real."""
    aside = set_aside("ratings.rated", "rating", "ratings")
    if not rated():
        return f"Nobody has rated this study’s pictures yet; no rating is made up.{aside} Here is the protocol."
    said = (
        f"{counted('ratings.raters', 'rater')} gave {counted('ratings.rated', 'rating')} of "
        f"{counted('ratings.pictures', 'picture')}."
    )
    simulated = counted("ratings.simulated", "simulated rating", "simulated ratings")
    return (f"{said} **{simulated} among them.**" if fact_value("ratings.simulated") else said) + aside


def simulated_mark() -> str:
    """Said before every result that a program's ratings gave."""
    return "**Simulated ratings.** " if fact_value("ratings.simulated") else ""


def gap(name: str, p: str, dataset: str) -> str:
    """Gold less generated, within captions; nothing where both were not rated."""
    if not has_fact(name):
        return ""
    judged = verdict(
        name, "gold pictures are rated higher", "the pictures drawn are rated higher", "nothing separates them"
    )
    tested = given(p, lambda: f" ({fact(p)})")
    return f"on {label(dataset)}, gold less drawn {estimate(name, digits=2)}{tested}, {judged}"


def criterion(attribute: str) -> str | None:
    """One attribute: mean, agreement, and the measures that go with it; nothing where nobody rated it."""
    mean = told(f"ratings.mean.{attribute}", "mean rating of {}")
    if not mean:
        return None
    agreement = told(f"ratings.alpha.{attribute}", "agreement of raters {}") or "agreement not measurable"
    links = [told(f"ratings.{short}_kendall.{attribute}", f"{text} {{}}") for short, text in MEASURED.items()]
    links = [text for text in links if text]
    linked = f"rank correlation with {enumeration(links)}" if links else ""
    gaps = [
        gap(
            f"ratings.gold_minus_generated_{attribute}.{dataset}",
            f"ratings.gold_minus_generated_{attribute}_p.{dataset}",
            dataset,
        )
        for dataset in datasets()
    ]
    return "; ".join(text for text in (mean, agreement, linked, *gaps) if text) + "."


def ratings_results() -> Markdown:
    """One bullet an attribute that was rated."""
    said = [(attribute, criterion(attribute)) for attribute in RATED]
    lines = [f"- **{CRITERIA[attribute]}**: {text}" for attribute, text in said if text]
    return Markdown("\n".join([simulated_mark(), "", *lines]).strip() if lines else "")


def ratings_pointers() -> Markdown:
    """Where the details are; nothing where there is none."""
    known = {
        "ratings_groups": "@fig-ratings-groups gives ratings by dataset and by kind of prompt.",
        "ratings_correlations": "@fig-ratings-correlations sets automatic measures beside ratings: a measure that does "
        "not go with ratings does not replace them.",
    }
    return Markdown(" ".join(text for name, text in known.items() if has_figure(name)))


def compared() -> Markdown:
    """Two pictures side by side: how often gold was preferred, whether the side or the rater decided."""
    if not has_fact("ratings.gold_preferred"):
        return Markdown("")
    simulated = fact_value("ratings.comparisons_simulated")
    said = (
        f"{'**Simulated comparisons.** ' if simulated else ''}"
        f"{counted('ratings.comparison_raters', 'rater')} compared two pictures of one caption "
        f"{counted('ratings.comparisons', 'time')}; gold wins in {estimate('ratings.gold_preferred')} of the cases, ties "
        "counted as half"
    ) + told("ratings.gold_strength", ", a difference in strength of {}")
    said += given(
        "ratings.left_preferred",
        lambda: (
            f"; the left picture is chosen in {estimate('ratings.left_preferred')} of the other cases, where chance "
            "would choose half"
        ),
    )
    aside = set_aside("ratings.comparisons", "comparison", "comparisons")
    return Markdown(f"{said}{told('ratings.comparison_alpha', '; agreement of raters {}')}.{aside}")


def comparisons_table() -> Markdown | None:
    """The same by dataset, under a caption that says so where a program made the choices."""
    if not has_fact("ratings.gold_preferred"):
        return None
    caption = "Gold or drawn: which answers the caption better (ties as half)"
    mark = ", simulated comparisons" if fact_value("ratings.comparisons_simulated") else ""
    return Markdown(f"{table('ratings_comparisons')}\n\n: {caption}{mark} {{#tbl-ratings-comparisons}}")


def ratings_caption() -> str:
    """What the table of ratings, or of the plan, shows."""
    if not rated():
        return "What awaits the raters"
    return "Ratings by criterion, and agreement" + (", simulated" if fact_value("ratings.simulated") else "")
