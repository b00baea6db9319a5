"""What charts and contact sheets say: captions, texts for who can't see them, titles of axes, and what documents print
around results. {said} lists the figure's own numbers.
"""

from __future__ import annotations

_INTERVAL = "95% interval"

CHARTS: dict[str, str] = {
    # --- everywhere
    "not_measured": "not measured",
    "in_dataset": "{dataset}: {said}",
    "in_group": "{dataset}, {group}: {said}",
    "in_two_groups": "{dataset}, {group}, {other}: {said}",
    "axis.score": "CLIPScore",
    "axis.captions": "Captions",
    "axis.caption": "Caption",
    "axis.draws": "Draws",
    "axis.image": "Picture",
    "axis.images": "Pictures",
    "axis.pairs": "Pairs",
    "axis.mean": "Mean",
    "axis.share": "Share",
    "axis.share_of_images": "Share of pictures",
    "axis.share_of_queries": "Share of queries",
    "axis.chance": "Chance",
    "axis.queries": "Queries",
    "axis.against": "Against",
    "axis.preference": "Preference",
    "axis.preference_for_own": "Preference for the original",
    "axis.comparisons": "Comparisons",
    "axis.drawn_per_caption": "Pictures drawn per caption",
    "axis.best_score": "CLIPScore of the best",
    "axis.gold_score": "CLIPScore, gold picture",
    "axis.generated_score": "CLIPScore, generated pictures",
    "axis.mean_score": "Mean CLIPScore",
    "axis.gold": "Gold",
    "axis.generated": "Generated",
    "axis.half_width": "Half-width",
    "axis.effect": "Effect",
    "axis.effect_size": "Effect size (right: better scored)",
    "axis.captions_that_name": "Captions that name",
    "axis.with": "With",
    "axis.without": "Without",
    "axis.p_holm": "p (Holm)",
    "axis.words": "Words",
    "axis.words_of_the_caption": "Words of the caption",
    "axis.a": "a* (green to red)",
    "axis.b": "b* (blue to yellow)",
    "axis.colour": "Colour",
    "axis.base_rate": "Base rate",
    "axis.hue": "Hue",
    "axis.share_of_chroma": "Share of chroma",
    "axis.from_degrees": "From (degrees)",
    "axis.filter_score": "Score of the filter",
    "axis.loss": "Loss (nats per token)",
    "axis.loss_short": "Loss",
    "axis.steps": "Training steps",
    "axis.step": "Step",
    "axis.rating": "Rating (1 to 5)",
    "axis.kendall_tau": "Kendall’s tau",
    "axis.row": "Row",
    "axis.value": "Value",
    "axis.low": "Lower bound",
    "axis.high": "Upper bound",
    "axis.n": "Number",
    # --- CLIP
    "clip_distributions.alt": "Distributions of CLIP scores. {said}",
    "clip_distributions.said": "{dataset}: {means}.",
    "clip_distributions.caption": (
        "CLIP scores of gold pictures, of generated pictures, and of generated pictures with another caption; the line "
        f"below each curve gives the mean and its {_INTERVAL}."
    ),
    "clip_best_of_k.alt": "CLIP score of the best of k pictures, k from 1 to {most}. {said}.",
    "clip_best_of_k.said": "{dataset}: gain {gain}",
    "clip_best_of_k.caption": f"CLIP score of the best of k pictures drawn for a caption; band: {_INTERVAL}.",
    "clip_captions.alt": (
        "Mean CLIP score of the generated pictures against the gold picture's score, a point per caption. Generated "
        "pictures are above gold for: {said}."
    ),
    "clip_captions.said": "{dataset}: {above} captions of {all}",
    "clip_captions.caption": (
        "CLIP scores of the generated pictures (mean by caption) and of the gold picture; on the diagonal, equality."
    ),
    "clip_foils.alt": (
        "Share of pictures that CLIP matches better with their caption than with another, with interval, by kind of "
        "other caption. {said}."
    ),
    "clip_foils.caption": (
        f"CLIP's preference for the original caption, within the same picture, with {_INTERVAL}; dashes: chance."
    ),
    "clip_retrieval.alt": "Share of queries with a right answer among the first k, with interval. R@1: {said}.",
    "clip_retrieval.said": "{dataset}, {direction}, {pictures}: {recall} (chance {chance})",
    "clip_retrieval.caption": (
        "Search by CLIP in the whole study: share of queries with a right answer among the first k, with "
        f"{_INTERVAL}; grey lines: random order."
    ),
    "clip_planning.alt": (
        "Half-width of the interval of the mean score by the number of captions, for one draw, those of the study and "
        "endless draws. The study: {said}."
    ),
    "clip_planning.said": "{dataset}: ± {width} with {captions} captions of {draws} draws",
    "clip_planning.caption": (
        "Expected half-width of the 95% interval of the mean CLIP score by the number of captions and of draws per "
        "caption; cross: the study. Logarithmic scales."
    ),
    "clip_planning.endless": "endless",
    "clip_planning.legend": "Draws:",
    "clip_failures.alt": (
        "Effect size of what the caption names on the CLIP score of drawn pictures, with interval. {said}."
    ),
    "clip_failures.length": "length, in words",
    "clip_failures.caption": (
        "CLIP score of captions that name a thing, against the others: Cliff's delta, and Spearman's rho for the "
        f"length, with {_INTERVAL}."
    ),
    "clip_lengths.alt": (
        "Mean CLIP score of drawn pictures by the caption's length, a point per caption. Spearman correlation: {said}."
    ),
    "clip_lengths.caption": "CLIP score of generated pictures (mean by caption) by the caption's length.",
    "clip_ceiling.alt": (
        "Mean CLIP score, with interval: gold pictures, the same through the VQGAN, drawn pictures. {said}."
    ),
    "clip_ceiling.caption": f"What the VQGAN lets through: mean CLIP score with {_INTERVAL}.",
    # --- colour
    "colour_ab.alt": (
        "Mean colour of pictures in the a*, b* plane of CIELAB, gold as diamonds, generated as circles. {said}."
    ),
    "colour_ab.said": "{dataset}: mean ΔE2000 of {own} by caption, {others} between different captions",
    "colour_ab.caption": "Mean colour of pictures in the a*, b* plane of CIELAB, each point painted in that colour.",
    "colour_differences.alt": "Paired differences of colour, gold less generated pictures: {said}.",
    "colour_differences.caption": (
        "Colour measures, gold less generated pictures: differences paired by caption, "
        "with intervals; right of zero, gold pictures have more."
    ),
    "colour_measures.alt": (
        "Means of the colour measures of gold and generated pictures; gold less generated, {said}."
    ),
    "colour_measures.said": "{measure}, {dataset}: difference {difference}",
    "colour_measures.caption": "Colour measures of gold and generated pictures: means and 95% intervals.",
    "colour_obedience.alt": (
        "Share of generated pictures that show the colour named, colour by colour, with interval. In all, {said}."
    ),
    "colour_obedience.title": "Colour of the {part}",
    "colour_obedience.title_of_several": "Colour of the {part}, {dataset}",
    "colour_obedience.caption": (
        f"Share of generated pictures that show the colour that their caption names, with {_INTERVAL}; dashes: base "
        "rate, the same word sought on the pictures of other captions; grey bars: this rate, word by word."
    ),
    "palettes.alt": "Palettes of five colours of the gold picture and of a drawn one, for the captions: {captions}.",
    "palettes.gold": "R",
    "palettes.generated": "G",
    "palettes.caption": (
        "Weighted palettes of five colours, for captions chosen at random: above, the gold picture (R, reference); "
        "below, the first generated picture (G)."
    ),
    "colour_hues.alt": "Distribution of chroma over hues, by ten degrees of CIELAB; {said}.",
    "colour_hues.said": "{dataset}: mostly {gold} for gold, {generated} for generated pictures",
    "colour_hues.degrees": "{start} to {end} degrees",
    "colour_hues.caption": (
        "Share of chroma that each hue carries, in degrees of CIELAB: bars for generated pictures, line for gold."
    ),
    "colour_distances.alt": (
        "Distances of colour to the gold picture, pictures of the same caption against those of others. {said}."
    ),
    "colour_distances.said": "{distance}, {dataset}: {own} against {others}",
    "colour_distances.caption": (
        "Distances of colour between a gold picture and the pictures generated for its caption or for others: means "
        "and 95% intervals."
    ),
    # --- landscapes
    "landscape_scores.alt": (
        "Histogram of the landscape filter's score: {kept} images kept, {refused} refused; precision {precision}, "
        "recall {recall}."
    ),
    "landscape_scores.caption": "Score of the landscape filter, images kept and refused.",
    "loss.alt": (
        "Loss of the landscape model over training: {train} on training batches, {held_out} on held-out images, in "
        "nats per token."
    ),
    "loss.ends": "from {first} to {last}",
    "loss.not_measured": "not measured",
    "loss.caption": (
        "Loss per token over the landscape model's training (moving mean of batches; faint, each batch); dashes: "
        "uniform draw of codes."
    ),
    "samples_clip.alt": (
        "Mean CLIPScore of the drawings of each prompt, by both models: {start} for the start model, {landscape} for "
        "the landscape model, a gain of {gain}."
    ),
    "samples_clip.caption": (
        "Mean CLIPScore of each prompt, same seeds: start model and landscape model, the largest gain at the top."
    ),
    "axis.gain": "Gain of the training",
    "landscape_kinds.said": "{kind} {gain}",
    "landscape_kinds.alt": (
        "Gain of the training by kind of landscape, in loss, in colour and in KID, with intervals; in loss: {said}."
    ),
    "landscape_kinds.caption": (
        "What the training gains by kind of landscape (positive: the landscape model does better), with an interval "
        "from five images or prompts on; intervals not corrected for their number."
    ),
    # --- ratings
    "ratings.mark": " SIMULATED ratings.",
    "ratings.title": "Simulated ratings",
    "ratings.alt": "Mean rating of generated pictures by criterion: {said}.",
    "ratings.caption": "People's ratings of generated pictures: means and 95% intervals.",
    "ratings.plan": "No rating yet: {pictures} pictures to rate",
    "ratings.plan.alt": (
        "Plan of the rating: four criteria rated from 1 to 5; nobody rated yet, {pictures} pictures are left to rate."
    ),
    "ratings.plan.caption": "Plan of the rating: criteria and scale; nobody rated yet.",
    "ratings_groups.alt": (
        "Mean ratings, a panel per criterion, a line per dataset or kind of prompt. The lowest and the highest: {said}."
    ),
    "ratings_groups.caption": "Mean ratings and 95% intervals, by dataset and kind of prompt.",
    "ratings_groups.group": "{dataset}: {prompt}",
    "ratings_groups.extremes": "{kind}, {ends}",
    "ratings_groups.end": "{mean} ({group}, {attribute})",
    "ratings_correlations.alt": "Rank correlation (Kendall) between automatic measures and people's ratings: {said}.",
    "ratings_correlations.said": "{attribute}, {measure} {tau}",
    "ratings_correlations.caption": "Automatic measures and people's ratings: Kendall's tau and 95% intervals.",
    "check_rated.alt": "Mean ratings from 1 to 5 that people gave each model. {said}.",
    "check_rated.said": "{question}: {models}",
    "check_rated.caption": "What people say of published pictures: means and 95% intervals.",
    # --- contact sheets
    "sheet.model": "the model {name}",
    "sheet.caption_head": "Caption",
    "sheet.gold_head": "Gold",
    "sheet.generated_head": "Generated pictures",
    "sheet.prompt_head": "Prompt",
    "sheet.start_model": "Start model",
    "sheet.landscape_model": "Landscape model",
    "sheet.compact.alt": "Pictures generated by {model} for the captions: {captions}.",
    "sheet.compact_gold.alt": "Gold picture and pictures generated by {model} for the captions: {captions}.",
    "sheet.compact.caption": "Generated pictures ({dataset}) for captions chosen at random.",
    "sheet.compact_gold.caption": (
        "Generated pictures ({dataset}) for captions chosen at random; framed, the gold picture."
    ),
    "sheet.full.alt": "{most} pictures generated by {model} for each of the captions: {captions}.",
    "sheet.full_gold.alt": (
        "Gold picture and {most} pictures generated by {model} for each of the captions: {captions}."
    ),
    "sheet.full.caption": "Generated pictures ({dataset}), captions chosen at random.",
    "sheet.gold.alt": "Gold pictures with one of their captions: {captions}.",
    "sheet.gold.caption": "Gold pictures ({dataset}) and one of their captions, chosen at random.",
    "sheet.extremes.best": "Scored highest by CLIP",
    "sheet.extremes.worst": "Scored lowest",
    "sheet.extremes.alt": (
        "Pictures generated by {model} with the highest CLIP score, for: {best}; and with the lowest, for: {worst}."
    ),
    "sheet.extremes.caption": "Generated pictures ({dataset}) of the highest and lowest CLIP scores, one per caption.",
    "sheet.extremes_gold.caption": (
        "Generated pictures ({dataset}) of the highest and lowest CLIP scores, one per caption, to the right of their "
        "gold picture (framed)."
    ),
    "sheet.landscapes.kept": "Kept (at random)",
    "sheet.landscapes.refused": "Refused (closest to the threshold)",
    "sheet.landscapes.reason": "{score}: {reasons}",
    "sheet.landscapes.alt": "Images kept by the landscape filter: {kept}; refused: {refused}.",
    "sheet.landscapes.caption": (
        "Images kept and refused by the landscape filter, with their score, the rule and a caption."
    ),
    "sheet.samples.alt": (
        "Pictures drawn by the start model (left) and the landscape model (right) for the prompts: {captions}."
    ),
    "sheet.samples.caption": "Same prompts, same seeds: start model and landscape model.",
    "sheet.nearest.drawn": "Drawing",
    "sheet.nearest.real": "Nearest image learnt from",
    "sheet.nearest.alt": (
        "Drawings of the landscape model that lie nearest to an image it learnt from, above that image, for the "
        "prompts: {captions}."
    ),
    "sheet.nearest.caption": (
        "Drawings of the landscape model that lie nearest to an image it learnt from, one per prompt, above that "
        "image; cosine of CLIP."
    ),
    # --- around results
    "numbers_attached": "Every number of the study, with its interval, its unit, its method and its source",
    # --- where a number of a page comes from
    "cited.value": "Value",
    "cited.n": "Observations",
    "cited.method": "Method",
    "cited.test": "Test",
    "cited.source": "Source",
    "cited.stage": "Stage",
    "cited.settings": "settings: the block of that name in {params}",
    "cited.again": "Compute again",
    "cited.chain": "The whole chain",
    "cited.file": "File",
    "cited.title": "Where this number comes from",
    "cited.figure": "Where this figure comes from",
    "cited.table": "Where this table comes from",
    "cited.close": "Close",
    # --- around results
    "whole_study": "The whole study",
    "no_gold_picture_shown": "No gold picture is shown.",
    "gold_licences": "Licences of the gold pictures: {list}; their sources are in the report's annex.",
    "gold_pictures_shown_one": "gold picture shown",
    "gold_pictures_shown_many": "gold pictures shown",
    "pictures_by_the_program": "**{dataset}**: {pictures}, drawn by the program ({licences}).",
    "pictures_of_a_dataset": "**{dataset}**: {pictures}.",
    "pictures_of_a_licence": "- {licence}: {pictures}.",
    "licence_not_stated": "licence not stated",
}
