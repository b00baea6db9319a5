"""What the sentences of every language ask of the numbers: decisions, without a word of any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from rapporteur.report.fact import Markdown, fact, fact_value, has_fact
from rapporteur.report.language import spoken
from rapporteur.report.prose import counted, datasets, each, estimate, given, label, verdict

ALWAYS, MOSTLY = 0.9, 0.5  # of the pictures, by the lower bound of the interval
ENOUGH = 10  # pictures of a kind of fault, for a sentence; the table has them all
FAMILIAR = 0.9  # of a uniform draw's loss: below, the weights had seen pictures
LITTLE = 0.02  # a change of the loss, as a share of it, that a reader should not take for learning
SAME_TRAINING = 1e-4  # nats of a token: what float32 and float64 make of one training differs by less

_rows: dict[str, int] = {}  # in the order in which a document names them


def score(name: str) -> str:
    """A CLIPScore or a difference of two, all with the same decimals."""
    return estimate(name, digits=3, unit=False)


def test_level() -> float:
    """The level of the tests, as of the intervals."""
    return float(1 - fact_value("study.confidence"))


def each_or(line: Callable[[str], str | None], otherwise: str) -> Markdown:
    """A bullet per dataset, or why there is none."""
    told = each(line)
    return told if str(told) else Markdown(otherwise)


def of_each(name: str, said: Callable[[str], str]) -> str:
    """What is said of the fact `name` of each dataset that has it."""
    told = [f"{said(f'{name}.{key}')} ({label(key)})" for key in datasets() if has_fact(f"{name}.{key}")]
    return spoken().numerals.enumeration(told)


def share_of_each(name: str) -> str:
    """The share `name` of each dataset where it has an interval: that of a few captions alone says nothing."""
    found = [f"{name}.{key}" for key in datasets() if is_firm(f"{name}.{key}")]
    return spoken().numerals.enumeration([f"{fact(one)} ({label(one.rpartition('.')[2])})" for one in found])


def is_firm(name: str) -> bool:
    """Whether a fact has a value with an interval."""
    return has_fact(name) and fact_value(name, "low") is not None


def listed(parts: list[tuple[str, str]], digits: int | None = None) -> str:
    """The facts of these (name, text) that have a value, each where its text has {}."""
    found = [text.format(estimate(name, digits)) for name, text in parts if has_fact(name)]
    return spoken().numerals.enumeration(found)


def told(name: str, text: str) -> str:
    """A sentence's part about a fact, in `text` where "{}" stands; nothing where it has no value."""
    return given(name, lambda: text.format(estimate(name, digits=2)))


def row(name: str) -> str:
    """The number of a row of the table of work done: the place of its name among those that a kernel was asked for.

    It is the same whenever it is asked: of one expression said twice, Quarto prints the last value in both places.
    """
    return str(_rows.setdefault(name, len(_rows) + 1))


def has_gold(dataset: str) -> bool:
    """Whether a dataset has gold pictures: prompts have none."""
    return bool(fact_value(f"captions.images.{dataset}"))


def rated() -> bool:
    """Whether there is any rating, a person's or a program's."""
    return bool(fact_value("ratings.rated"))


def counted_by_reason(prefix: str, one: str, many: str, reasons: Mapping[str, str]) -> list[str]:
    """How many answers each reason sets apart, of the findings `<prefix>_<reason>`; nothing of those that set none."""
    return [
        f"{counted(f'{prefix}_{name}', one, many)} {text}"
        for name, text in reasons.items()
        if fact_value(f"{prefix}_{name}")
    ]


def with_model() -> bool:
    """Whether the study has a landscape model."""
    return has_fact("model.held_out_first") and has_fact("model.held_out_last")


def is_own() -> bool:
    """Whether the best of the settings tried are the study's own, in float32 or in float64."""
    return abs(float(fact_value("model.sweep_best_over_study"))) < SAME_TRAINING


def trainings_are_cut() -> bool:
    """Whether the table of trainings with other settings leaves some out."""
    return bool(fact_value("model.sweep_shown") < fact_value("model.sweep_runs"))


def realism_lags() -> bool:
    """Whether people find that Craiyon's pictures fit their prompts more than they look real, intervals apart."""
    return (fact_value("check.rated_real", "high") or 5) < (fact_value("check.rated_fit", "low") or 0)


def gained(name: str, otherwise: str, better: str, worse: str, unclear: str) -> str:
    """The `verdict` on a gain, in whose words "{}" stands for its value; `otherwise` where it has none."""
    if not has_fact(name):
        return otherwise
    return verdict(name, better, worse, unclear).format(estimate(name, 3, unit=False))


def what_kinds_do() -> Literal["yes", "no", ""]:
    """Whether the gain of the training depends on the kind of landscape, at the study's level; "" where untested."""
    if not has_fact("judgement.kinds_p"):
        return ""
    return "yes" if fact_value("judgement.kinds_p") < test_level() else "no"


Training = Literal["helps", "helps_little", "unclear", "harms", "unknown"]


def what_training_did() -> Training:
    """What it did to the loss of pictures that no step saw: told by the interval of the paired gain."""
    if not is_firm("model.gain"):
        return "unknown"
    if fact_value("model.gain", "high") < 0:
        return "harms"
    if fact_value("model.gain", "low") <= 0:
        return "unclear"
    little = fact_value("model.gain") < LITTLE * fact_value("model.nats_start_model")
    return "helps_little" if little else "helps"


def goes_on_from_weights() -> bool:
    """Whether the decoder began with weights that had seen pictures: of random ones the loss is a uniform draw's."""
    known = has_fact("model.loss_uniform") and has_fact("model.held_out_first")
    return known and fact_value("model.held_out_first") < FAMILIAR * fact_value("model.loss_uniform")
