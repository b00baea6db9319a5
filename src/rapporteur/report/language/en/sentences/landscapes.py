"""The landscape filter and the landscape model."""

from __future__ import annotations

from rapporteur.report.asked import (
    counted_by_reason,
    gained,
    goes_on_from_weights,
    is_own,
    trainings_are_cut,
    what_kinds_do,
    what_training_did,
)
from rapporteur.report.fact import Markdown, fact, fact_value, has_fact
from rapporteur.report.language.en.numbers import enumeration
from rapporteur.report.prose import counted, drawn_world, estimate, given, setting, verdict


def landscape_truth() -> str:
    """The filter's precision and recall, where images are labelled, and by whom."""
    by = given(
        "landscapes.label_raters",
        lambda: f", drawn at random from either side and labelled by {fact('landscapes.label_raters')}",
    )
    return given(
        "landscapes.precision",
        lambda: (
            f"On {counted('landscapes.labelled', 'image whose truth is known', 'images whose truth is known')}{by}, its "
            f"precision is {estimate('landscapes.precision')}"
            + given("landscapes.recall", lambda: f" and its recall {estimate('landscapes.recall')}")
            + "."
            + (" This flatters it: these captions and this filter were written together." if drawn_world() else "")
        ),
        "Its precision is still to be measured on a sample labelled by hand.",
    )


def landscape_sample() -> str:
    """On what the precision rests, and how far those who labelled agree."""
    weighted = given(
        "landscapes.label_raters",
        lambda: (
            f" ({counted('landscapes.labelled_kept', 'one kept', 'kept')}, "
            f"{counted('landscapes.labelled_refused', 'one refused', 'refused')}; "
            f"{counted('landscapes.doubtful', 'doubtful image', 'doubtful images')} left aside)"
        ),
    )
    recall = given(
        "landscapes.label_raters",
        lambda: "; in the recall, each label weighs as many images as it stands for",
    )
    agreement = given(
        "landscapes.label_alpha",
        lambda: f" The agreement on labels, by Krippendorff’s alpha, is {estimate('landscapes.label_alpha')}.",
    )
    reasons = {"absent": "of images that were not examined", "redrawn": "of images replaced since"}
    apart = counted_by_reason("landscapes.labels", "label", "labels", reasons)
    aside = f" Set aside: {enumeration(apart)}." if apart else ""
    return given(
        "landscapes.precision",
        lambda: (
            "Precision and recall rest on "
            f"{counted('landscapes.labelled', 'labelled image', 'labelled images')}{weighted}; the interval of the "
            f"precision is Wilson’s{recall}.{agreement}{aside}"
        ),
        "No image is labelled: precision and recall are missing.",
    )


def uniform_loss() -> str:
    """What a loss is to be compared with."""
    return given(
        "model.loss_uniform",
        lambda: f"A random draw among the codes would give {fact('model.loss_uniform')}.",
    )


def loss_path() -> str:
    """The loss on pictures that no step saw, from the first row of the log to the last."""
    return f"{fact('model.held_out_first', 3, unit=False)} to {fact('model.held_out_last', 3)}"


def learning() -> str:
    """What the landscape model learnt, on pictures that it never saw."""
    did = what_training_did()
    if did == "harms":
        return "It rises: the model learns its pictures by heart."
    if did in ("helps_little", "unclear"):
        known = ", which has seen this world already," if drawn_world() else ""
        return f"It hardly moves: the start model{known} had almost nothing to learn there."
    return ""


def decoder_start() -> str:
    """Where the decoder's weights came from, as its first loss tells: of random ones it is that of a uniform draw."""
    return "from its own weights" if goes_on_from_weights() else "from random weights"


def near_duplicates() -> str:
    """How many pictures held out are no fair test: the training has nearly the same."""
    name = "judgement.near_duplicates"

    def told() -> str:
        if fact_value(name) < 2:
            return f"{'no' if fact_value(name) == 0 else 'one'} held-out image has nearly its double"
        return f"{fact(name)} held-out images have nearly their double"

    return given(name, lambda: f"By their perceptual hash, {told()} among the images learnt from.")


def swept() -> Markdown:
    """What the training gains with other settings: the best of them, and those that learn most by heart."""
    if not has_fact("model.sweep_best"):
        return Markdown("")
    steps, batch = counted("model.sweep_best_steps", "step"), counted("model.sweep_best_batch", "picture")
    best = f"{steps} of {batch} at the learning rate {setting('model.sweep_best_learning_rate')}"
    gain = f"{estimate('model.sweep_best', 3)} on the held-out pictures"
    judged = verdict(
        "model.sweep_best_over_study",
        "those of the study left something to gain",
        "those of the study do better",
        "nothing tells them from those of the study",
    )
    over = f"{estimate('model.sweep_best_over_study', 3, unit=False)} more than those of the study: {judged}"
    by_heart = verdict("model.sweep_learnt_held_out", "", ": they learn their pictures by heart", "")
    cut = f" The table shows the {counted('model.sweep_shown', 'best one', 'best')}."
    return Markdown(
        f"The training was done again with {counted('model.sweep_runs', 'set of settings', 'sets of settings')} "
        f"(@tbl-sweep). The best, {best}, "
        + (f"are those of the study: they gain {gain}" if is_own() else f"gain {gain}, {over}")
        + ". Chosen on the very pictures that measure them, they are flattered. Those that gain most on the pictures "
        f"learnt from, {estimate('model.sweep_learnt', 3)}, give "
        f"{estimate('model.sweep_learnt_held_out', 3, unit=False)} on the others{by_heart}."
        + (cut if trainings_are_cut() else "")
    )


def samples_by_clip() -> str:
    """Whether CLIP finds the landscape model's samples better than those of its start."""
    return gained(
        "judgement.clip_gain",
        "CLIP has nothing to compare",
        "CLIP scores the landscape model’s drawings higher than the start model’s, by {}",
        "CLIP scores the landscape model’s drawings lower than the start model’s (a gain of {})",
        "CLIP does not tell the landscape model’s drawings from the start model’s (a gain of {})",
    )


def samples_by_kid() -> str:
    """Whether these samples lie nearer to real landscapes."""
    return gained(
        "judgement.kid_gain",
        "there are too few pictures to tell",
        "taken together, they lie nearer to real landscapes (KID gain: {})",
        "taken together, they move away from real landscapes (KID gain: {})",
        "nothing says that, taken together, they come nearer to real landscapes (KID gain: {})",
    )


def samples_by_colour() -> str:
    """Whether the landscape model's samples come nearer to the colours of real landscapes of their kind."""
    return gained(
        "judgement.colour_gain",
        "colour has nothing to compare",
        "the mean colour of the drawings comes nearer to that of real landscapes of the same kind (gain: {} ΔE2000)",
        "the mean colour of the drawings moves away from that of real landscapes of the same kind (gain: {} ΔE2000)",
        "the mean colour of the drawings does not demonstrably come nearer to that of real landscapes of the same kind "
        "(gain: {} ΔE2000)",
    )


def kinds_of_landscape() -> Markdown:
    """On which kinds of landscape the training helps, and whether kinds differ at all."""
    if not fact_value("judgement.kinds"):
        return Markdown("There are too few held-out images of each kind to say anything kind by kind.")
    of = f"{counted('judgement.kinds', 'kind')} that have enough images"
    if fact_value("judgement.kinds_helped"):
        helped = f"the gain is established on {fact('judgement.kinds_helped')} of the {of}"
    else:
        helped = f"none of the {of} shows an established gain"
    harmed = f"; the loss rises on {fact('judgement.kinds_harmed')}" if fact_value("judgement.kinds_harmed") else ""
    differ = {"yes": "the gain depends on the kind", "no": "nothing says that the gain depends on the kind"}
    kinds_differ = what_kinds_do()
    test = f" The test gives {fact('judgement.kinds_p')}: {differ[kinds_differ]}." if kinds_differ else ""
    return Markdown(f"Kind by kind (@fig-kinds), {helped}{harmed}.{test}")


def copies() -> str:
    """Whether the landscape model copies what it learnt from."""
    ours, start = "judgement.copies_landscape_model", "judgement.copies_start_model"
    if not has_fact(ours) or not has_fact("judgement.copies_gain"):
        return ""
    judged = verdict(
        "judgement.copies_gain",
        "fewer than the start model",
        "more than the start model: it copies",
        "the difference from the start model is not established",
    )
    return f"So are {estimate(ours)} of the landscape model’s drawings, against {estimate(start)}: {judged}."
