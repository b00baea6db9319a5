"""The sentences that depend on the results, as documents ask for them: each is chosen by the numbers."""

from __future__ import annotations

from rapporteur.report.asked import each_or, has_gold, rated, row, score
from rapporteur.report.language.en.sentences.abstract import (
    answer_on_landscapes,
    answer_on_pertinence,
    answers,
    how_it_draws,
    measures_weighed,
)
from rapporteur.report.language.en.sentences.checks import clip_check, colour_check
from rapporteur.report.language.en.sentences.clip import clip_result, clip_spread, reads_captions
from rapporteur.report.language.en.sentences.clip_questions import (
    ceiling,
    effect_sizes,
    failing,
    found_first,
    plan,
    variance_shares,
    wordings,
)
from rapporteur.report.language.en.sentences.colour import colour_distances, colour_gap, detail_kept, forms, obeyed
from rapporteur.report.language.en.sentences.landscapes import (
    decoder_start,
    landscape_sample,
    landscape_truth,
    learning,
    loss_path,
    uniform_loss,
)
from rapporteur.report.language.en.sentences.people import (
    compared,
    comparisons_table,
    rating_status,
    ratings_caption,
    ratings_pointers,
    ratings_results,
)
from rapporteur.report.language.en.sentences.slides import shown_of_clip, shown_of_colour, shown_of_form
from rapporteur.report.language.en.sentences.study import (
    corpus,
    instruments,
    origin,
    random_key,
    sampler,
    scope,
)
from rapporteur.report.language.en.sentences.summary import score_and_colour
from rapporteur.report.language.en.sentences.work import (
    result_of_clip,
    result_of_data,
    result_of_drawing,
    result_of_filter,
    result_of_form_and_colour,
    result_of_landscapes,
    result_of_ratings,
    state_of_full_size,
    state_of_ratings,
)

__all__ = [
    "answer_on_landscapes",
    "answer_on_pertinence",
    "answers",
    "ceiling",
    "clip_check",
    "clip_result",
    "clip_spread",
    "colour_check",
    "colour_distances",
    "colour_gap",
    "compared",
    "comparisons_table",
    "corpus",
    "decoder_start",
    "detail_kept",
    "each_or",
    "effect_sizes",
    "failing",
    "forms",
    "found_first",
    "has_gold",
    "how_it_draws",
    "instruments",
    "landscape_sample",
    "landscape_truth",
    "learning",
    "loss_path",
    "measures_weighed",
    "obeyed",
    "origin",
    "plan",
    "random_key",
    "rated",
    "rating_status",
    "ratings_caption",
    "ratings_pointers",
    "ratings_results",
    "reads_captions",
    "result_of_clip",
    "result_of_data",
    "result_of_drawing",
    "result_of_filter",
    "result_of_form_and_colour",
    "result_of_landscapes",
    "result_of_ratings",
    "row",
    "sampler",
    "scope",
    "score",
    "score_and_colour",
    "shown_of_clip",
    "shown_of_colour",
    "shown_of_form",
    "state_of_full_size",
    "state_of_ratings",
    "uniform_loss",
    "variance_shares",
    "wordings",
]
