"""Colours and forms: obedience, and how far drawn pictures lie from their gold pictures."""

from __future__ import annotations

from rapporteur.report.fact import Markdown, fact, has_fact
from rapporteur.report.prose import each, estimate, given, verdict


def obeyed(dataset: str) -> str | None:
    """Whether the named colour is there, against the same word elsewhere."""
    name = f"colour.obeyed.{dataset}"
    if not has_fact(name):
        return None
    said = (
        f"the colour named is on the subject in {estimate(name)} of the {fact(name, field='n')} pictures drawn whose "
        "caption names one"
    )
    if has_fact(f"colour.obeyed_base.{dataset}"):
        said += f", against {fact(f'colour.obeyed_base.{dataset}')} for the same word on the pictures of other captions"
    if has_fact(f"colour.background_obeyed.{dataset}"):
        said += f"; that of the background is there in {estimate(f'colour.background_obeyed.{dataset}')}"
    return said + "."


def form_obeyed(dataset: str) -> str | None:
    """Whether the subject has the named form, told by area."""
    name = f"form.obeyed.{dataset}"
    if not has_fact(name):
        return None
    gold, base = f"form.obeyed_gold.{dataset}", f"form.obeyed_base.{dataset}"
    return (
        f"the subject has the form named in {estimate(name)} of the {fact(name, field='n')} pictures drawn"
        + given(gold, lambda: f" and {estimate(gold)} of gold ones")
        + given(base, lambda: f", against {fact(base)} for the same word on the pictures of other captions")
        + "."
    )


def forms() -> Markdown:
    """What the pictures show of the forms that captions name; nothing where they name none."""
    said = each(form_obeyed).text
    lead = (
        "A form can be judged without CLIP too: the subject, cut out of its background, is laid on each of the known "
        "forms, and the form seen is the one whose area it covers best."
    )
    return Markdown(f"{lead}\n\n{said}" if said else "")


def colour_gap(dataset: str) -> str | None:
    """How far the mean colours of gold and generated lie, and which is the more vivid; None without gold pictures."""
    gap = f"colour.colourfulness_gold_minus_generated.{dataset}"
    if not has_fact(gap):
        return None
    judged = verdict(
        gap,
        "the pictures drawn are less colourful than gold",
        "the pictures drawn are more colourful than gold",
        "colourfulness does not tell the pictures drawn from gold",
    )
    return (
        f"mean colours lie {estimate(f'colour.delta_e.{dataset}', unit=False)} units of ΔE from those of the gold picture, "
        f"against {fact(f'colour.delta_e_mismatched.{dataset}', unit=False)} for the pictures of other captions; {judged} "
        f"(difference of {estimate(gap)}, {fact(f'colour.colourfulness_gold_minus_generated_p.{dataset}')})."
    )


def colour_distances(dataset: str) -> str | None:
    """The three distances to the own caption's pictures, against those of other captions."""
    parts = [
        ("delta_e", "ΔE of mean colours"),
        ("emd_lab", "transport between histograms"),
        ("emd_palette", "transport between palettes"),
    ]
    told = [
        f"{text}, {estimate(f'colour.{name}.{dataset}', 1, unit=False)} against "
        f"{fact(f'colour.{name}_mismatched.{dataset}', 1, unit=False)} "
        f"({fact(f'colour.{name}_mismatched_minus_matched_p.{dataset}')})"
        for name, text in parts
        if has_fact(f"colour.{name}_mismatched_minus_matched_p.{dataset}")
    ]
    if not told:
        return None
    judged = verdict(
        f"colour.emd_lab_mismatched_minus_matched.{dataset}",
        "the pictures drawn have the colours of their own caption more than those of another",
        "the pictures drawn have the colours of their own caption less than those of another",
        "the pictures drawn are no nearer to their own caption than to another",
    )
    return f"{'; '.join(told)}: {judged}."


def detail_kept(dataset: str) -> str | None:
    """Whether drawn pictures are as sharp as their gold pictures, and as rich in lightness."""
    gap = f"colour.sharpness_gold_minus_generated.{dataset}"
    if not has_fact(f"colour.sharpness_gold_minus_generated_p.{dataset}"):
        return None
    judged = verdict(
        gap,
        "the pictures drawn are less sharp than gold",
        "the pictures drawn are sharper than gold",
        "sharpness does not tell the pictures drawn from gold",
    )
    return (
        f"sharpness of {fact(f'colour.sharpness_generated.{dataset}', 1, unit=False)} for the pictures drawn and of "
        f"{fact(f'colour.sharpness_gold.{dataset}', 1, unit=False)} for gold, paired difference of {estimate(gap, 1)} "
        f"({fact(f'colour.sharpness_gold_minus_generated_p.{dataset}')}): {judged}."
    )
