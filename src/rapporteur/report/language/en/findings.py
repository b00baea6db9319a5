"""What each number of the study is: quantities by their names (findings/), said in a table or a list."""

from __future__ import annotations

from rapporteur.report.language.en.codes import (
    ATTRIBUTE,
    DISTANCE,
    FEATURE,
    JUDGED_BY,
    MEASURE,
    SEEN,
    VARIANT,
)

FINDINGS: dict[str, str] = {
    "p_value": "p-value: {of}",
    "of_simulated": "{of} (simulated ratings)",
    "generator": "sample model: {name}",
    # --- study and captions
    "study.datasets": "datasets",
    "study.resamples": "bootstrap resamples",
    "study.confidence": "level of the intervals",
    "study.dataset": "dataset",
    "study.drawn_world": "world drawn by the program (1: yes)",
    "captions.images": "gold pictures",
    "captions.captions": "captions",
    "captions.drawn": "captions drawn",
    "captions.original": "original captions",
    "captions.alternative": "alternative captions",
    "captions.foil": "foil captions",
    "captions.prompt": "free prompts",
    "captions.train": "gold pictures, train split",
    "captions.val": "gold pictures, val split",
    "captions.test": "gold pictures, test split",
    "captions.no_derivatives": "gold pictures whose licence forbids changes",
    "captions.words": "length of a caption",
    "captions.gold_width": "width of gold pictures",
    # --- pictures drawn
    "images.pictures": "generated pictures",
    "images.captions": "captions drawn",
    "images.per_caption": "pictures per caption",
    "images.engine": "drawing engine",
    "images.model": "generating model",
    "images.model_digest": "digest of the model",
    "images.size": "side of a generated picture",
    "images.condition_scale": "guidance scale",
    "images.temperature": "temperature",
    "images.top_k": "most likely tokens kept (top-k)",
    "images.top_p": "probability mass kept (top-p)",
    "images.steps": "denoising steps",
    "images.parameters": "parameters of the generating model",
    "images.tokens_per_image": "tokens per picture",
    # --- CLIP
    "clip.model": "CLIP model",
    "clip.model_digest": "digest of the CLIP model",
    "clip.context": "length of CLIP's context, in tokens",
    "clip.gold": "CLIP score, gold picture, its caption",
    "clip.generated": "CLIP score, generated picture, its caption",
    "clip.gold_mismatched": "CLIP score, gold picture, another caption",
    "clip.generated_mismatched": "CLIP score, generated picture, another caption",
    "clip.reconstructed": "CLIP score, gold picture through the VQGAN, its caption",
    "clip.superiority_over_mismatch": "probability of superiority of the right caption, generated pictures",
    "clip.gold_superiority_over_mismatch": "probability of superiority of the right caption, gold pictures",
    "clip.first_of_20": "right caption ranked first of at most 20, generated pictures",
    "clip.gold_first_of_20": "right caption ranked first of at most 20, gold pictures",
    "clip.median_rank": "median rank of the right caption, generated pictures",
    "clip.candidates": "candidate captions of the ranking, generated pictures",
    "clip.tokens_cut": "captions cut at CLIP's context",
    "clip.best_of_k": "CLIP score of the best draw",
    "clip.best_of_k_gain": "gain of the best draw over one draw",
    "clip.best_of_k_size": "draws compared per caption",
    "clip.gold_minus_generated": "CLIP score: gold − generated, by caption",
    "clip.generated_minus_mismatch": "CLIP score: right − wrong caption, generated pictures",
    "clip.gold_minus_reconstructed": "CLIP score: gold − gold through the VQGAN, by caption",
    "clip.reconstructed_minus_generated": "CLIP score: gold through the VQGAN − generated, by caption",
    "clip.gold_minus_generated_d": "standardised difference (d), gold − generated, by caption",
    "clip.generated_minus_mismatch_d": "standardised difference (d), right − wrong caption, generated pictures",
    "clip.variance_caption": "share of the score's variance due to the caption",
    "clip.share_of_dataset": "share of the CLIP score's variance, all datasets, due to the dataset",
    "clip.share_of_caption": "share of the CLIP score's variance, all datasets, due to the caption",
    "clip.share_of_draw": "share of the CLIP score's variance, all datasets, due to the draw",
    "clip.share_of_caption_reml": "share of the CLIP score's variance, all datasets, due to the caption, mixed model",
    "clip.planned_half_width": "half-width aimed at",
    "clip.draws_tolerance": "widening tolerated, against endless draws",
    "clip.sd_caption": "standard deviation of the CLIP score between captions",
    "clip.sd_draw": "standard deviation of the CLIP score between draws of a caption",
    "clip.captions_needed": "captions to draw for the half-width aimed at, with the study's draws ({draws})",
    "clip.captions_needed_one_draw": "captions to draw for the half-width aimed at, one draw per caption",
    "clip.draws_enough": "draws per caption beyond which the interval hardly narrows",
    "clip.score_by_length": "Spearman correlation between the caption's length and the CLIP score",
    "clip.gap_by_length": "Spearman correlation between the caption's length and the gap to gold",
    # --- form
    "form.obeyed": "form named is the subject's, generated pictures",
    "form.obeyed_gold": "form named is the subject's, gold pictures",
    "form.obeyed_base": "form named is the subject's: base rate",
    "form.obeyed_minus_base": "form named is the subject's: share − base rate",
    # --- ratings
    "ratings.raters": "raters",
    "ratings.rated": "ratings",
    "ratings.pictures": "pictures rated",
    "ratings.simulated": "simulated ratings",
    "ratings.rated_absent": "ratings set aside: the study does not have the picture",
    "ratings.rated_redrawn": "ratings set aside: the picture was redrawn since",
    "ratings.rated_unverified": "ratings not verified: no digest of the picture",
    "ratings.comparisons": "comparisons",
    "ratings.comparisons_simulated": "simulated comparisons",
    "ratings.comparisons_absent": "comparisons set aside: the study does not have the picture",
    "ratings.comparisons_redrawn": "comparisons set aside: the picture was redrawn since",
    "ratings.comparisons_unverified": "comparisons not verified: no digest of the picture",
    "ratings.comparison_raters": "raters who compared",
    "ratings.gold_preferred": "gold preferred to the generated picture",
    "ratings.gold_strength": "strength of gold − strength of the generated picture",
    "ratings.comparison_equal": "comparisons called equal",
    "ratings.left_preferred": "left picture preferred, ties left out",
    "ratings.comparison_alpha": "Krippendorff's alpha, comparisons",
    "mean_rating": "mean rating, {attribute}, {pictures}",
    "mean_rating_of_prompts": "mean rating, {attribute}, {pictures}, prompts of {prompt}",
    # --- landscapes
    "landscapes.examined": "images examined",
    "landscapes.kept": "images kept",
    "landscapes.refused": "images refused",
    "landscapes.share_kept": "share of images kept",
    "landscapes.captions": "captions of the images kept",
    "landscapes.lowest_kept": "lowest score kept",
    "landscapes.precision": "precision of the filter",
    "landscapes.recall": "recall of the filter",
    "landscapes.labelled": "images whose truth is known",
    "landscapes.labelled_kept": "labelled images among those kept",
    "landscapes.labelled_refused": "labelled images among those refused",
    "landscapes.doubtful": "images labelled doubtful, left aside",
    "landscapes.raters": "people who labelled",
    "landscapes.labelled_twice": "images labelled by several people",
    "landscapes.disagreed": "images whose labels differ",
    "landscapes.labels_absent": "labels set aside: an image that the filter did not examine",
    "landscapes.labels_redrawn": "labels set aside: the image was replaced since",
    "landscapes.labels_unverified": "labels not verified: no digest of the image",
    "landscapes.label_raters": "names of those who labelled",
    "landscapes.label_alpha": "agreement of those who labelled landscapes",
    # --- tokens, landscape model, samples
    "tokens.images": "images as tokens",
    "tokens.train": "images as tokens, train split",
    "tokens.val": "images as tokens, val split",
    "tokens.test": "images as tokens, test split",
    "tokens.codes": "size of the codebook",
    "tokens.per_image": "tokens per image",
    "tokens.codes_used": "distinct codes used",
    "tokens.code_perplexity": "perplexity of code use",
    "model.steps": "training steps",
    "model.images": "images seen, repeats included",
    "model.learning_rate": "largest learning rate",
    "model.parameters": "parameters of the landscape model",
    "model.loss_first": "training loss, first reading",
    "model.loss_last": "training loss, last reading",
    "model.held_out_first": "loss, held-out images, first reading",
    "model.held_out_last": "loss, held-out images, last reading",
    "model.held_out_best": "loss, held-out images, best reading",
    "model.perplexity_first": "perplexity at the start",
    "model.perplexity": "perplexity at the end",
    "model.loss_uniform": "loss of a uniform draw",
    "model.judged": "held-out images, foreseen one by one",
    "model.nats_unigram": "loss, held-out images, codes by their frequency",
    "model.nats_bigram": "loss, held-out images, codes by the one before",
    "model.nats_start_model": "loss, held-out images, start model",
    "model.nats_landscape_model": "loss, held-out images, landscape model",
    "model.gain": "loss gained by the training, held-out images",
    "model.gain_train": "loss gained by the training, images learnt from",
    "model.sweep_runs": "trainings with other settings",
    "model.sweep_shown": "trainings shown, the best ones",
    "model.sweep_set_aside": "trainings with other settings, set apart: they did not begin as the study's did",
    "model.sweep_best": "loss gained by the best of the settings tried, held-out images",
    "model.sweep_best_over_study": "loss gained by the best of the settings tried over the study's, held-out images",
    "model.sweep_best_learning_rate": "learning rate of the best of the settings tried",
    "model.sweep_best_steps": "training steps of the best of the settings tried",
    "model.sweep_best_batch": "images a batch of the best of the settings tried",
    "model.sweep_learnt": "loss gained by the settings that learn most, images learnt from",
    "model.sweep_learnt_held_out": "loss gained by the settings that learn most, held-out images",
    "judgement.real": "real landscapes that drawings are compared with",
    "judgement.near_duplicates": "held-out images with nearly their double among those learnt from",
    "judgement.clip_start_model": "mean CLIPScore, drawings of the start model",
    "judgement.clip_landscape_model": "mean CLIPScore, drawings of the landscape model",
    "judgement.clip_gain": "CLIPScore gained by the training, same prompts and seeds",
    "judgement.best_gain": "CLIPScore gained by the training, best drawing of each prompt",
    "judgement.kid_start_model": "KID to real landscapes, start model",
    "judgement.kid_landscape_model": "KID to real landscapes, landscape model",
    "judgement.kid_gain": "KID gained by the training",
    "judgement.colour_start_model": "distance in colour to real landscapes of the same kind, start model",
    "judgement.colour_landscape_model": "distance in colour to real landscapes of the same kind, landscape model",
    "judgement.colour_gain": "distance in colour gained by the training",
    "judgement.kinds": "kinds of landscape with enough held-out images for an interval",
    "judgement.kinds_helped": "kinds of landscape that the training helps to foresee",
    "judgement.kinds_harmed": "kinds of landscape that the training harms",
    "judgement.kinds_p": "p-value: does the gain depend on the kind of landscape?",
    "judgement.far_share": "share of held-out images that are farther from those learnt from than a copy",
    "judgement.far": "cosine to the nearest image learnt from, above which a drawing passes for a copy",
    "judgement.copies_start_model": "possible copies, drawings of the start model",
    "judgement.copies_landscape_model": "possible copies, drawings of the landscape model",
    "judgement.copies_gain": "possible copies avoided by the training",
    "samples.pictures": "drawings compared",
    "samples.prompts": "prompts",
    "samples.landscape_model": "drawings of the landscape model",
    "samples.start_model": "drawings of the start model",
    "samples.per_prompt": "drawings per prompt and model",
    # --- what the measures are worth
    "check.shapes_pictures": "pictures of shapes asked of DALL·E mini",
    "check.tifa_pictures": "pictures of TIFA, rated by two people",
    "check.shapes_subject": "colour asked for is on the subject",
    "check.shapes_background": "colour asked for is on the background",
    "check.eye_subject": "same colour name as a language model's reading, subject",
    "check.eye_background": "same colour name as a language model's reading, background",
    "check.tifa_kendall": "correlation of CLIPScore with TIFA's ratings (Kendall)",
    "check.tifa_alpha": "Krippendorff's alpha between TIFA's two people",
    "check.rated_pictures": "pictures rated by people in another study",
    "check.rated_prompts": "prompts of these pictures",
    "check.rated_raters": "people who rated them",
    "check.form_gold": "form seen rightly, known forms",
    "check.form_drawn": "form asked for is seen, pictures by DALL·E mini",
    "check.rated_fit": "fit with the prompt, Craiyon (1 to 5)",
    "check.rated_real": "realism, Craiyon (1 to 5)",
    "check.rated_dalle2_fit": "fit with the prompt: DALL·E 2 − Craiyon, by prompt",
    "check.rated_dalle2_real": "realism: DALL·E 2 − Craiyon, by prompt",
    "check.rated_dalle2_wins_fit": "DALL·E 2 preferred to Craiyon, fit with the prompt",
    "check.rated_dalle2_wins_real": "DALL·E 2 preferred to Craiyon, realism",
    "check.rated_dalle2_strength_fit": "strength of DALL·E 2 − strength of Craiyon, fit with the prompt",
    "check.rated_dalle2_strength_real": "strength of DALL·E 2 − strength of Craiyon, realism",
}

for _part, _words in {"": "subject", "background_": "background"}.items():
    _named = f"colour named is on the {_words}"
    FINDINGS |= {
        f"colour.{_part}obeyed": f"{_named}, generated pictures",
        f"colour.{_part}obeyed_bootstrap": f"{_named} (bootstrap)",
        f"colour.{_part}obeyed_gold": f"{_named}, gold pictures",
        f"colour.{_part}obeyed_base": f"{_named}: base rate",
        f"colour.{_part}obeyed_minus_base": f"{_named}: share − base rate",
    }
for _measure, _words in MEASURE.items():
    FINDINGS |= {f"colour.{_measure}_{_kind}": f"{_words}, {SEEN[_kind]}" for _kind in ("gold", "generated")}
    FINDINGS[f"colour.{_measure}_gold_minus_generated"] = f"{_words}: gold − generated, by caption"
for _distance, _words in DISTANCE.items():
    FINDINGS[f"colour.{_distance}"] = f"{_words}, gold and generated, same caption"
    FINDINGS[f"colour.{_distance}_mismatched"] = f"{_words}, gold and generated, other captions"
    FINDINGS[f"colour.{_distance}_mismatched_minus_matched"] = f"{_words}: other captions − same caption"
for _feature, _words in FEATURE.items():
    if _feature != "length":
        _named = f"captions that name {_words} − the others"
        FINDINGS[f"clip.score_by_{_feature}"] = f"CLIP score, {_named}"
        FINDINGS[f"clip.delta_by_{_feature}"] = f"Cliff's delta of the CLIP score, {_named}"
        FINDINGS[f"clip.gap_by_{_feature}"] = f"gap to gold, {_named}"
for _kind in ("gold", "generated"):
    for _variant, _words in VARIANT.items():
        FINDINGS[f"clip.{_kind}_over_{_variant}"] = (
            f"CLIP's preference for the original caption, {SEEN[_kind]}, against: {_words}"
        )
        FINDINGS[f"clip.{_kind}_minus_{_variant}"] = f"CLIP score: original caption − {_words}, {SEEN[_kind]}"
    for _direction, _words in {"image_to_text": "image → caption", "text_to_image": "caption → image"}.items():
        _said = f"{_words}, {SEEN[_kind]}"
        FINDINGS[f"clip.{_kind}_{_direction}_candidates"] = f"candidates per query, {_said}"
        for _k in (1, 5, 10):
            FINDINGS[f"clip.{_kind}_{_direction}_r{_k}"] = f"R@{_k}, {_said}"
            FINDINGS[f"clip.{_kind}_{_direction}_chance{_k}"] = f"chance: R@{_k}, {_said}"
for _attribute, _words in ATTRIBUTE.items():
    FINDINGS[f"ratings.mean.{_attribute}"] = f"mean rating, {_words}"
    FINDINGS[f"ratings.alpha.{_attribute}"] = f"Krippendorff's alpha, {_words}"
    FINDINGS[f"ratings.gold_minus_generated_{_attribute}"] = f"rating, {_words}: gold − generated, by caption"
    for _measure, _said in JUDGED_BY.items():
        _short = {"clipscore": "clip"}.get(_measure, _measure)
        for _name, _author in {"kendall": "Kendall", "spearman": "Spearman"}.items():
            FINDINGS[f"ratings.{_short}_{_name}.{_attribute}"] = f"correlation {_said}–rating ({_author}), {_words}"
