"""What CLIP is asked beyond means: wordings, retrieval, sources of variance, failing captions, the ceiling."""

from __future__ import annotations

from rapporteur.report.asked import ENOUGH, listed, score, test_level
from rapporteur.report.fact import fact, fact_value, has_fact
from rapporteur.report.language.en.codes import FEATURE
from rapporteur.report.prose import counted, drawn_world, estimate, given, verdict


def effect_sizes(dataset: str) -> str | None:
    """The gaps in units of their own spread."""
    told = listed(
        [
            (f"clip.gold_minus_generated_d.{dataset}", "{} between gold and a picture drawn"),
            (
                f"clip.generated_minus_mismatch_d.{dataset}",
                "{} between the right and a wrong caption of a picture drawn",
            ),
        ],
        digits=2,
    )
    return f"{told}." if told else None


def against_foils(dataset: str) -> str | None:
    """How often CLIP prefers the right caption to a wrong one, and by what is wrong."""
    told = listed(
        [
            (f"clip.gold_over_foil.{dataset}", "{} of the gold pictures"),
            (f"clip.generated_over_foil.{dataset}", "{} of the pictures drawn"),
        ]
    )
    if not told:
        return None
    kinds = [
        (f"clip.gold_over_foil_colour.{dataset}", "{} for a colour"),
        (f"clip.gold_over_foil_object.{dataset}", "{} for an object"),
        (f"clip.gold_over_foil_number.{dataset}", "{} for a number"),
        (f"clip.gold_over_foil_place.{dataset}", "{} for a place"),
    ]
    known = listed([(name, text) for name, text in kinds if has_fact(name) and fact_value(name, "n") >= ENOUGH])
    said = f"CLIP prefers the original caption to a wrong one for {told}"
    return said + (f"; for gold pictures, by what is wrong: {known}." if known else ".")


def against_alternatives(dataset: str) -> str:
    """The same against another caption that is right: no preference is expected."""
    gold, drawn = f"clip.gold_over_alternative.{dataset}", f"clip.generated_over_alternative.{dataset}"
    return given(
        gold,
        lambda: (
            f"against another right caption, the original is preferred for {estimate(gold)} of the gold pictures"
            + given(drawn, lambda: f" and {estimate(drawn)} of the pictures drawn")
            + "."
        ),
    )


def wordings(dataset: str) -> str | None:
    """Both of the above."""
    said = [part.removesuffix(".") for part in (against_foils(dataset), against_alternatives(dataset)) if part]
    return "; ".join(said) + "." if said else None


def found_first(dataset: str) -> str | None:
    """R@1 in both directions."""
    told = listed(
        [
            (f"clip.gold_image_to_text_r1.{dataset}", "{} of gold pictures find their caption"),
            (f"clip.generated_image_to_text_r1.{dataset}", "{} of the pictures drawn find theirs"),
            (f"clip.gold_text_to_image_r1.{dataset}", "{} of captions find their gold picture"),
            (f"clip.generated_text_to_image_r1.{dataset}", "{} of captions find their picture drawn"),
        ]
    )
    if not told:
        return None
    chance = f"clip.generated_image_to_text_chance1.{dataset}"
    luck = given(chance, lambda: f"; by chance, {fact(chance)} of the pictures drawn would find theirs")
    return f"in first place, {told}{luck}."


def variance_shares() -> str:
    """Where the variance of the score comes from, over all datasets."""
    if not has_fact("clip.share_of_caption"):
        return "There are too few pictures to share out the score’s variance."
    said = (
        f"The caption carries {estimate('clip.share_of_caption')} of the variance of the score of the pictures drawn, the "
        f"draw {estimate('clip.share_of_draw')}"
    )
    said += given("clip.share_of_dataset", lambda: f", the dataset {estimate('clip.share_of_dataset')}")
    mixed = given(
        "clip.share_of_caption_reml",
        lambda: (
            f". A mixed model fitted by restricted likelihood gives the caption {fact('clip.share_of_caption_reml')}"
        ),
    )
    return f"{said}{mixed}."


def plan(dataset: str) -> str | None:
    """How many captions and draws the target half-width takes."""
    if not has_fact(f"clip.captions_needed.{dataset}"):
        return None
    enough = f"clip.draws_enough.{dataset}"
    return (
        f"{estimate(f'clip.captions_needed.{dataset}')} captions with as many draws as in the study, "
        f"{estimate(f'clip.captions_needed_one_draw.{dataset}')} with a single one"
        + given(enough, lambda: f"; {counted(enough, 'draw')} per caption are enough, in the sense given above")
        + "."
    )


def plan_scope() -> str:
    """Of what pictures the variances are from which a study is planned."""
    if not drawn_world():
        return ""
    return (
        "These numbers come from the variances of drawn pictures: a study of photographs computes them from its own, from a "
        "first trial for instance."
    )


FEATURES = {code: words for code, words in FEATURE.items() if code != "length"}


def feature_effect(name: str, p_name: str, captions: str) -> str | None:
    """One feature that tells captions apart, once corrected; nothing for another."""
    if not (has_fact(name) and has_fact(p_name) and fact_value(p_name) <= test_level()):
        return None
    better = "higher" if fact_value(name) > 0 else "lower"
    return f"captions that name {captions} are scored {better} ({score(name)}, {fact(p_name)})"


def length_effect(name: str, p_name: str) -> str | None:
    """What the length does, where it was measured."""
    if not (has_fact(name) and has_fact(p_name)):
        return None
    if fact_value(p_name) > test_level():
        return f"length changes nothing that can be seen (Spearman correlation {estimate(name, 2)}, {fact(p_name)})"
    better = "higher" if fact_value(name) > 0 else "lower"
    return f"long captions are scored {better} (Spearman correlation {estimate(name, 2)}, {fact(p_name)})"


def failing(dataset: str) -> str | None:
    """Which features go with a better or worse score."""
    compared = [words for key, words in FEATURES.items() if has_fact(f"clip.score_by_{key}.{dataset}")]
    told = [
        feature_effect(f"clip.score_by_{key}.{dataset}", f"clip.score_by_{key}_p.{dataset}", words)
        for key, words in FEATURES.items()
    ]
    parts: list[str | None] = [part for part in told if part]
    if compared and not parts:
        either = " or ".join([", ".join(compared[:-1]), compared[-1]] if len(compared) > 1 else compared)
        parts = [f"naming {either} does not go with a score that can be seen to differ"]
    parts.append(length_effect(f"clip.score_by_length.{dataset}", f"clip.score_by_length_p.{dataset}"))
    return "; ".join(part for part in parts if part) + "." if any(parts) else None


def ceiling(dataset: str) -> str | None:
    """What the VQGAN alone costs, and what is left."""
    lost, left = f"clip.gold_minus_reconstructed.{dataset}", f"clip.reconstructed_minus_generated.{dataset}"
    if not (has_fact(lost) and has_fact(left)):
        return None
    judged = verdict(
        lost,
        "the VQGAN alone costs some of the score",
        "the VQGAN gains some score",
        "going through the VQGAN does not visibly change the score",
    )
    remaining = verdict(
        left,
        "the rest of the difference comes from the model that draws the codes",
        "the pictures drawn even exceed this ceiling",
        "the pictures drawn are not told from this ceiling",
    )
    return (
        f"a gold picture through the VQGAN is scored {fact(f'clip.reconstructed.{dataset}', 3, unit=False)}; it loses "
        f"{score(lost)} ({fact(f'clip.gold_minus_reconstructed_p.{dataset}')}): {judged}. There remain {score(left)} to the "
        f"pictures drawn ({fact(f'clip.reconstructed_minus_generated_p.{dataset}')}): {remaining}."
    )
