"""The study's questions, each with the answer that its numbers give: for an abstract, and at the end of each part."""

from __future__ import annotations

from collections.abc import Callable

from rapporteur.report.asked import ALWAYS, MOSTLY, is_firm, score, what_training_did, with_model
from rapporteur.report.fact import Markdown, fact, fact_value, has_fact
from rapporteur.report.language.en.numbers import enumeration
from rapporteur.report.language.en.sentences.landscapes import loss_path, samples_by_clip, samples_by_kid
from rapporteur.report.prose import counted, datasets, estimate, given, label, verdict


def how_it_draws() -> str:
    """What the model does with a sentence, and what its visual vocabulary costs."""
    said = given(
        "images.tokens_per_image",
        lambda: (
            f"The model writes {fact('images.tokens_per_image')} image tokens one after another, which the VQGAN paints"
        ),
        "The model writes image tokens one after another, which the VQGAN paints",
    )
    costs = [cost for cost in map(_cost_of_the_vocabulary, datasets()) if cost]
    return f"{said}; {'; '.join(costs)}." if costs else f"{said}."


def _cost_of_the_vocabulary(dataset: str) -> str | None:
    """What gold pictures lose of their score by going through the VQGAN and back."""
    lost = f"clip.gold_minus_reconstructed.{dataset}"
    if not has_fact(lost):
        return None
    judged = verdict(
        lost,
        "costs gold pictures some of their score",
        "gains gold pictures some score",
        "changes nothing that can be seen in gold pictures' scores",
    )
    return f"for *{label(dataset)}*, that passage {judged} ({score(lost)} of CLIPScore lost)"


def does_it_answer(dataset: str) -> str | None:
    """Whether drawn pictures answer their captions: by CLIP's ranking, by form and colour, and against gold pictures."""
    first = f"clip.first_of_20.{dataset}"
    if not has_fact(first):
        return None
    chance = 1 / fact_value(f"clip.candidates.{dataset}")
    among = (
        f"among {counted(f'clip.candidates.{dataset}', 'caption')}, the picture’s own comes first for {estimate(first)} "
        "of the pictures drawn"
    )
    parts = [
        f"*{label(dataset)}*: {_how_often(first, chance)}; {among}",
        _obeyed(f"form.obeyed.{dataset}", f"form.obeyed_minus_base.{dataset}", "the form named"),
        _obeyed(f"colour.obeyed.{dataset}", f"colour.obeyed_minus_base.{dataset}", "the colour named"),
        _against_gold(dataset),
    ]
    return "; ".join(part for part in parts if part) + "."


def _how_often(share: str, chance: float) -> str:
    """The answer that a share and its interval give."""
    low, high = (fact_value(share, bound) for bound in ("low", "high"))
    if low is None:
        return "too few captions to tell"
    if low >= ALWAYS:
        return "yes, nearly always"
    if low >= MOSTLY:
        return "yes, more often than not"
    if low > chance:
        return "in part, more often than by chance"
    return "no, not more often than by chance" if high >= chance else "no, less often than by chance"


def _obeyed(share: str, excess: str, what: str) -> str | None:
    """A form or a colour that is obeyed, or not, against the same word on other captions' pictures; with an interval."""
    if not is_firm(share):
        return None
    if not is_firm(excess):
        return f"{what} is there in {estimate(share)} of the cases where a caption asks for it"
    judged = verdict(excess, "is there", "is there less than elsewhere,", "is not there more than elsewhere,")
    return f"{what} {judged} in {estimate(share)} of the cases where a caption asks for it"


def _against_gold(dataset: str) -> str | None:
    gap = f"clip.gold_minus_generated.{dataset}"
    if not has_fact(gap):
        return None
    return verdict(
        gap,
        f"CLIP still scores gold pictures higher, by {score(gap)}",
        f"CLIP scores the pictures drawn higher than gold ones, by {score(gap)}",
        f"CLIP does not tell them from gold pictures (difference {score(gap)})",
    )


def what_landscapes_gave() -> str:
    """Whether training on landscapes helped: by the loss on pictures that no step saw, and by what it draws."""
    done = what_training_did()
    if done == "unknown":
        loss = f"Too few held-out images to tell whether it helps: their loss goes from {loss_path()}"
    else:
        held, gain = counted("model.judged", "image"), f"{estimate('model.gain', 3, unit=False)} nat"
        on = f"on {held} held out of the training, a token costs"
        loss = {
            "helps": f"It helps: {on} {gain} less",
            "helps_little": f"It helps, but hardly: {on} {gain} less",
            "unclear": f"Whether it helps can’t be told: {on} {gain} less",
            "harms": f"It harms: {on} more (a gain of {gain})",
        }[done]
    judged = has_fact("judgement.clip_gain") and has_fact("judgement.kid_gain")
    drawn = f" {samples_by_clip()}; {samples_by_kid()}." if judged else ""
    return f"{loss}.{drawn}"


def answers() -> Markdown:
    """The questions, each with its answer, one a line."""
    told = [
        ("How does a sentence become a picture?", how_it_draws()),
        ("Does the picture answer the sentence?", _sentences(does_it_answer)),
        ("What does training on landscapes give?", what_landscapes_gave() if with_model() else ""),
    ]
    return Markdown("\n".join(f"- **{question}** {answer}" for question, answer in told if answer))


def _sentences(line: Callable[[str], str | None]) -> str:
    return " ".join(said for said in map(line, datasets()) if said)


def answer_on_pertinence() -> Markdown:
    """The end of the parts that judge pictures."""
    return Markdown(f"**Answer to the second question.** {_sentences(does_it_answer)}")


def answer_on_landscapes() -> Markdown:
    """The end of the part on the landscape model."""
    once = "This is one training: another seed would give another."
    return Markdown(f"**Answer to the third question.** {what_landscapes_gave()} {once}")


def measures_weighed() -> str:
    """Whether CLIP, form and colour agree on what was drawn, with their numbers."""
    return " ".join(part for part in map(_measures_of, datasets()) if part)


def _measures_of(dataset: str) -> str | None:
    """What each measure says of a dataset's drawn pictures, side by side."""
    told = [
        f"{text} {estimate(f'{name}.{dataset}')}"
        for name, text in (
            ("clip.first_of_20", "the caption recognised by CLIP"),
            ("form.obeyed", "the right form"),
            ("colour.obeyed", "the right colour"),
        )
        if is_firm(f"{name}.{dataset}")
    ]
    if not told:
        return None
    foil = f"clip.generated_over_foil.{dataset}"
    seen = given(
        foil,
        lambda: (
            f" Given a caption in which one thing is wrong, CLIP still prefers the true one for {estimate(foil)} of the "
            "pictures drawn."
        ),
    )
    return f"For *{label(dataset)}*, shares of the pictures drawn: {enumeration(told)}.{seen}"
