"""The words of codes that tables and charts hold, by vocabulary. A short one is for an axis, a legend or a cell."""

from __future__ import annotations

from rapporteur.vocabulary.colour_terms import BASIC_TERMS

MEASURE = {  # colour/measures.py
    "lightness": "lightness L*",
    "lightness_std": "spread of lightness (standard deviation)",
    "chroma": "chroma C*",
    "chroma_std": "spread of chroma (standard deviation)",
    "saturation": "HSV saturation",
    "colourfulness": "colourfulness (Hasler–Süsstrunk)",
    "hue_entropy": "entropy of hues",
    "entropy": "entropy of lightness",
    "sharpness": "sharpness (variance of the Laplacian)",
}
AXIS = {  # the same on an axis
    "lightness": "Lightness L*",
    "lightness_std": "Spread of L*",
    "chroma": "Chroma C*",
    "chroma_std": "Spread of C*",
    "saturation": "HSV saturation",
    "colourfulness": "Colourfulness",
    "hue_entropy": "Entropy, hues (bits)",
    "entropy": "Entropy, lightness (bits)",
    "sharpness": "Sharpness",
    "delta_e": "ΔE2000 of means",
    "emd_lab": "Transport, CIELAB",
    "emd_palette": "Transport, palettes",
}
COLOUR_TERM = {term: term for term in BASIC_TERMS}
DISTANCE = {
    "delta_e": "ΔE2000 between mean colours",
    "emd_lab": "transport distance between CIELAB histograms",
    "emd_palette": "transport distance between palettes",
}
FEATURE = {  # what a caption names
    "number": "a number",
    "colour": "a colour",
    "person": "a person",
    "animal": "an animal",
    "texture": "a texture or a material",
    "nature": "a landscape",
    "indoor": "an interior",
    "length": "(length, in words)",
}
VARIANT = {
    "alternative": "another right caption",
    "foil": "wrong caption, all kinds",
    "foil_colour": "wrong caption: colour",
    "foil_object": "wrong caption: object",
    "foil_number": "wrong caption: number",
    "foil_place": "wrong caption: place",
    "foil_other": "wrong caption: something else",
}
WORDING = {  # the same on an axis
    "alternative": "another right caption",
    "foil": "wrong caption",
    "foil_colour": "– wrong colour",
    "foil_object": "– wrong object",
    "foil_number": "– wrong number",
    "foil_place": "– wrong place",
    "foil_other": "– something else",
}
SEEN = {"gold": "gold pictures", "generated": "generated pictures"}
ATTRIBUTE = {"shape": "shape", "texture": "texture", "colour": "colour", "overall": "overall impression"}
JUDGED_BY = {
    "clipscore": "CLIP score",
    "obeyed": "colour named is on the subject",
    "subject_share": "share of the subject in the colour named",
}

VOCABULARIES: dict[str, dict[str, str]] = {
    "measure": MEASURE,
    "axis": AXIS,
    "colour_term": COLOUR_TERM,
    "distance": DISTANCE,
    "feature": FEATURE,
    "variant": VARIANT,
    "wording": WORDING,
    "seen": SEEN,
    "attribute": ATTRIBUTE,
    "judged_by": JUDGED_BY,
    "pictures": {"gold": "gold", "generated": "generated"},
    "rated_model": {
        "craiyon": "Craiyon (once DALL·E mini)",
        "dall-e": "DALL·E 2",
        "glide": "GLIDE",
        "midjourney": "Midjourney",
        "stable_diffusion": "Stable Diffusion",
        "own": "Photographs",
    },
    "question": {"prompt_match": "Fit with the prompt", "realism": "Realism", "appeal": "Appeal"},
    "instrument": {
        "picture_side": "Side of the picture, in pixels",
        "image_tokens": "Tokens per picture",
        "codes": "Codes of the visual vocabulary",
        "text_tokens": "Caption tokens, at most",
        "encoder_layers": "Layers of the text encoder",
        "decoder_layers": "Layers of the decoder",
        "parameters": "Parameters",
        "training_pairs": "Training pairs",
        "clip_parameters": "Parameters of the CLIP that ranks or scores",
    },
    "legend": {
        "gold": "Gold",
        "generated": "Generated",
        "generated_mismatched": "Generated, another caption",
        "reconstructed": "Gold through the VQGAN",
        "mismatched": "Generated, another caption",
        "matched": "Generated",
    },
    "kind": {"gold": "Gold", "generated": "Generated"},
    "pair": {
        "gold": "gold picture, its caption",
        "generated": "generated picture, its caption",
        "gold_mismatched": "gold picture, another caption",
        "generated_mismatched": "generated picture, another caption",
    },
    "direction": {"image_to_text": "image → caption", "text_to_image": "caption → image"},
    "end": {"best": "best", "worst": "worst"},
    "origin": {"dataset": "Dataset", "caption": "Caption", "draw": "Draw"},
    "part": {"subject": "subject", "background": "background"},
    "hints": {
        "for": "for, nothing against",
        "both": "for and against",
        "against": "against only",
        "none": "none",
    },
    "outcome": {"kept": "Kept", "refused": "Refused"},
    "licence": {"": "not stated"},
    "prompt": {
        "": "all",
        "shape": "shape",
        "texture": "texture",
        "colour": "colour",
        "composition": "composition",
    },
    "assumption": {
        "exchangeable_pairs": (
            "the two members of a pair are exchangeable under the null hypothesis; independent clusters"
        ),
    },
    "model": {
        "uniform": "Uniform draw",
        "unigram": "Frequency of codes (unigram)",
        "bigram": "Code before (bigram)",
        "start_model": "Start model",
        "landscape_model": "Landscape model",
    },
    "judged": {
        "clip": "Mean CLIPScore",
        "kid": "KID to real landscapes",
        "colour": "ΔE2000 to real landscapes of the same kind",
        "copies": "Share of possible copies",
    },
    "landscape": {  # data/landscapes/kinds.csv; a kind without a word here is called as it is there
        "mountain": "mountain",
        "forest": "forest",
        "plain": "plain",
        "water": "fresh water",
        "desert": "desert",
        "beach": "beach",
        "sea": "sea",
        "other": "other",
    },
    "gained": {
        "loss": "Loss (nats per token)",
        "colour": "Colour (ΔE2000)",
        "kid": "KID",
    },
    "split": {"train": "Training", "held_out": "Held-out images"},
    "criterion": {"shape": "Shape", "texture": "Texture", "colour": "Colour", "overall": "Overall"},
    "engine": {  # what drew, as it follows "drawn by"
        "jax": "this repository's implementation in JAX",
        "dalle-mini": "the official dalle-mini package, in an environment of its own",
        "diffusers": "a pipeline of the diffusers library",
        "pictures": "another generator, whose pictures were given as they are",
        "own": "a generator of this study's own",
    },
    "joint": {"codes": " and by "},  # between engines
    "truth": {"yes": "yes", "no": "no"},
    "hue": {
        "40": "red",
        "95": "yellow",
        "145": "green",
        "200": "cyan",
        "270": "blue",
        "325": "purple",
    },
    "unit_after_a_number": {"nats/token": "nats per token", "words": "words", "seconds": "s"},
    "unit": {
        "count": "",
        "1": "",
        "share": "share (0 to 1)",
        "p": "probability",
        "name": "",
        "codes": "",
        "words": "words",
        "nats/token": "nats per token",
        "score": "rating, 1 to 5",
    },
}
