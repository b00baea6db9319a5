"""The words of codes that tables and charts hold, by vocabulary. A short one is for an axis, a legend or a cell."""

from __future__ import annotations

MEASURE = {  # colour/measures.py
    "lightness": "clarté L*",
    "lightness_std": "étendue des clartés (écart type)",
    "chroma": "chroma C*",
    "chroma_std": "étendue des chromas (écart type)",
    "saturation": "saturation TSV",
    "colourfulness": "vivacité (Hasler–Süsstrunk)",
    "hue_entropy": "entropie des teintes",
    "entropy": "entropie des clartés",
    "sharpness": "netteté (variance du laplacien)",
}
AXIS = {  # the same on an axis
    "lightness": "Clarté L*",
    "lightness_std": "Étendue de L*",
    "chroma": "Chroma C*",
    "chroma_std": "Étendue de C*",
    "saturation": "Saturation TSV",
    "colourfulness": "Vivacité",
    "hue_entropy": "Entropie, teintes (bits)",
    "entropy": "Entropie, clartés (bits)",
    "sharpness": "Netteté",
    "delta_e": "ΔE2000 des moyennes",
    "emd_lab": "Transport, CIELAB",
    "emd_palette": "Transport, palettes",
}
COLOUR_TERM = {
    "black": "noir", "white": "blanc", "grey": "gris", "red": "rouge", "orange": "orange", "yellow": "jaune",
    "green": "vert", "blue": "bleu", "purple": "violet", "pink": "rose", "brown": "brun",
}  # fmt: skip
DISTANCE = {
    "delta_e": "ΔE2000 entre couleurs moyennes",
    "emd_lab": "distance de transport entre histogrammes CIELAB",
    "emd_palette": "distance de transport entre palettes",
}
FEATURE = {  # what a caption names
    "number": "un nombre",
    "colour": "une couleur",
    "person": "une personne",
    "animal": "un animal",
    "texture": "une texture ou une matière",
    "nature": "un paysage",
    "indoor": "un intérieur",
    "length": "(longueur, en mots)",
}
VARIANT = {
    "alternative": "autre légende juste",
    "foil": "légende fausse, toutes sortes",
    "foil_colour": "légende fausse : couleur",
    "foil_object": "légende fausse : objet",
    "foil_number": "légende fausse : nombre",
    "foil_place": "légende fausse : lieu",
    "foil_other": "légende fausse : autre chose",
}
WORDING = {  # the same on an axis
    "alternative": "autre légende juste",
    "foil": "légende fausse",
    "foil_colour": "– couleur fausse",
    "foil_object": "– objet faux",
    "foil_number": "– nombre faux",
    "foil_place": "– lieu faux",
    "foil_other": "– autre chose",
}
SEEN = {"gold": "images de référence", "generated": "images générées"}
ATTRIBUTE = {"shape": "forme", "texture": "texture", "colour": "couleur", "overall": "impression d'ensemble"}
JUDGED_BY = {
    "clipscore": "score CLIP",
    "obeyed": "couleur nommée présente sur le sujet",
    "subject_share": "part du sujet dans la couleur nommée",
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
    "pictures": {"gold": "référence", "generated": "générée"},
    "rated_model": {
        "craiyon": "Craiyon (ex-DALL·E mini)",
        "dall-e": "DALL·E 2",
        "glide": "GLIDE",
        "midjourney": "Midjourney",
        "stable_diffusion": "Stable Diffusion",
        "own": "Photographies",
    },
    "question": {"prompt_match": "Accord avec la demande", "realism": "Réalisme", "appeal": "Agrément"},
    "instrument": {
        "picture_side": "Côté de l’image, en pixels",
        "image_tokens": "Jetons par image",
        "codes": "Codes du vocabulaire visuel",
        "text_tokens": "Jetons de légende, au plus",
        "encoder_layers": "Couches de l’encodeur de texte",
        "decoder_layers": "Couches du décodeur",
        "parameters": "Paramètres",
        "training_pairs": "Paires d’entraînement",
        "clip_parameters": "Paramètres du CLIP qui classe ou note",
    },
    "legend": {
        "gold": "Référence",
        "generated": "Générée",
        "generated_mismatched": "Générée, autre légende",
        "reconstructed": "Référence passée par le VQGAN",
        "mismatched": "Générée, autre légende",
        "matched": "Générée",
    },
    "kind": {"gold": "Référence", "generated": "Générées"},
    "pair": {
        "gold": "image de référence, sa légende",
        "generated": "image générée, sa légende",
        "gold_mismatched": "image de référence, autre légende",
        "generated_mismatched": "image générée, autre légende",
    },
    "direction": {"image_to_text": "image → légende", "text_to_image": "légende → image"},
    "end": {"best": "meilleures", "worst": "pires"},
    "origin": {"dataset": "Jeu de données", "caption": "Légende", "draw": "Tirage"},
    "part": {"subject": "sujet", "background": "fond"},
    "hints": {
        "for": "pour, sans rien contre",
        "both": "pour et contre",
        "against": "contre seulement",
        "none": "aucun",
    },
    "outcome": {"kept": "Retenues", "refused": "Refusées"},
    "licence": {"": "non précisée"},
    "prompt": {
        "": "toutes",
        "shape": "forme",
        "texture": "texture",
        "colour": "couleur",
        "composition": "composition",
    },
    "assumption": {
        "exchangeable_pairs": (
            "échangeabilité des deux membres d'une paire sous l'hypothèse nulle ; grappes indépendantes"
        ),
    },
    "model": {
        "uniform": "Tirage uniforme",
        "unigram": "Fréquence des codes (unigramme)",
        "bigram": "Code précédent (bigramme)",
        "start_model": "Modèle de départ",
        "landscape_model": "Modèle de paysages",
    },
    "judged": {
        "clip": "CLIPScore moyen",
        "kid": "KID aux vrais paysages",
        "colour": "ΔE2000 aux vrais paysages du même genre",
        "copies": "Part de copies possibles",
    },
    "landscape": {  # data/landscapes/kinds.csv; a kind without a word here is called as it is there
        "mountain": "montagne",
        "forest": "forêt",
        "plain": "plaine",
        "water": "eau douce",
        "desert": "désert",
        "beach": "plage",
        "sea": "mer",
        "other": "autre",
    },
    "gained": {
        "loss": "Perte (nats par jeton)",
        "colour": "Couleur (ΔE2000)",
        "kid": "KID",
    },
    "split": {"train": "Apprentissage", "held_out": "Images à l’écart"},
    "criterion": {"shape": "Forme", "texture": "Texture", "colour": "Couleur", "overall": "Ensemble"},
    "engine": {  # what drew, as it follows "tirées par"
        "jax": "l’implémentation en JAX de ce dépôt",
        "dalle-mini": "le paquet officiel dalle-mini, dans son propre environnement verrouillé",
        "diffusers": "un pipeline de la bibliothèque diffusers",
        "pictures": "un autre générateur, dont les images ont été fournies telles quelles",
        "own": "un générateur propre à cette étude",
    },
    "joint": {"codes": " et par "},  # between engines
    "truth": {"yes": "oui", "no": "non"},
    "hue": {
        "40": "rouge",
        "95": "jaune",
        "145": "vert",
        "200": "cyan",
        "270": "bleu",
        "325": "violet",
    },
    "unit_after_a_number": {"nats/token": "nats par jeton", "words": "mots", "seconds": "s"},
    "unit": {
        "count": "",
        "1": "",
        "share": "part (0 à 1)",
        "p": "probabilité",
        "name": "",
        "codes": "",
        "words": "mots",
        "nats/token": "nats par jeton",
        "score": "note de 1 à 5",
    },
}
