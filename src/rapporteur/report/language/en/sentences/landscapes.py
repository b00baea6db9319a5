"""The landscape filter and the landscape model."""

from __future__ import annotations

from rapporteur.report.asked import counted_by_reason, goes_on_from_weights, loss_course
from rapporteur.report.fact import fact
from rapporteur.report.language.en.numbers import enumeration
from rapporteur.report.prose import counted, drawn_world, estimate, given


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
    course = loss_course()
    if course == "rises":
        return "It rises: the model learns its pictures by heart."
    if course == "stays":
        known = ", which has seen this world already," if drawn_world() else ""
        return f"It hardly moves: the start model{known} had almost nothing to learn there."
    return ""


def decoder_start() -> str:
    """Where the decoder's weights came from, as its first loss tells: of random ones it is that of a uniform draw."""
    return "from its own weights" if goes_on_from_weights() else "from random weights"
