"""The words of codes: what a measure or a colour term is called in a sentence, and on an axis where that is shorter."""

from __future__ import annotations

MEASURES: dict[str, tuple[str, str]] = {  # colour/measures.py: in a sentence, on an axis
    "lightness": ("clarté L*", "Clarté L*"),
    "lightness_std": ("étendue des clartés (écart type)", "Étendue de L*"),
    "chroma": ("chroma C*", "Chroma C*"),
    "chroma_std": ("étendue des chromas (écart type)", "Étendue de C*"),
    "saturation": ("saturation TSV", "Saturation TSV"),
    "colourfulness": ("vivacité (Hasler–Süsstrunk)", "Vivacité"),
    "hue_entropy": ("entropie des teintes", "Entropie, teintes (bits)"),
    "entropy": ("entropie des clartés", "Entropie, clartés (bits)"),
    "sharpness": ("netteté (variance du laplacien)", "Netteté"),
}
COLOUR_TERMS = {
    "black": "noir", "white": "blanc", "grey": "gris", "red": "rouge", "orange": "orange", "yellow": "jaune",
    "green": "vert", "blue": "bleu", "purple": "violet", "pink": "rose", "brown": "brun",
}  # fmt: skip
