"""What was studied: its scope, its captions, what drew its pictures."""

from __future__ import annotations

from rapporteur.report.asked import has_gold
from rapporteur.report.fact import Markdown, fact
from rapporteur.report.language.fr.numbers import enumeration
from rapporteur.report.prose import counted, datasets, drawn_world, given, labels, setting


def scope() -> Markdown:
    """What was run, said wherever results are given."""
    if drawn_world():
        return Markdown(
            "**Portée.** Les résultats donnés ici sont ceux de l’étude d’essai livrée avec le programme : des images de "
            f"synthèse ({labels([key for key in datasets() if drawn_world([key])])}), sans photographie, et un petit modèle de même architecture, entraîné sur elles. Ils montrent que la chaîne mesure ce "
            "qu’elle doit mesurer ; ils ne disent rien de DALL·E mini lui-même. L’étude en vraie grandeur (MS-COCO, "
            "Flickr30k, DALL·E mini, CLIP ViT-B/32) passe par les mêmes étapes."
        )
    return Markdown(
        f"**Portée.** Les résultats donnés ici portent sur {labels()}, avec des images tirées par le modèle "
        f"{fact('images.model')}."
    )


def instruments() -> str:
    """What the study's own model and CLIP are beside those that were published."""
    said = (
        "Le modèle de l’étude garde l’architecture de DALL·E mini, en plus petit ; son VQGAN a été entraîné sans "
        "discriminateur. Le CLIP qui note est lui aussi un petit modèle, entraîné sur les mêmes images de synthèse : "
        "ses scores n’ont pas l’échelle des scores publiés."
    )
    return said if drawn_world() else f"Le CLIP qui note est {fact('clip.model')}."


def origin() -> str:
    """Where the gold pictures come from."""
    if drawn_world():
        return (
            "Ici, le programme dessine les images de référence à partir d’un germe : formes colorées et texturées, "
            "paysages, et quelques légendes trompeuses mises exprès."
        )
    return f"Ici, les images de référence sont celles de {labels()}, prises avec leur licence."


def corpus(dataset: str) -> str:
    """The size of a dataset in one sentence."""
    gold = (
        f"{counted(f'captions.images.{dataset}', 'image de référence', 'images de référence')}, "
        if has_gold(dataset)
        else "sans image de référence, "
    )
    return (
        f"{gold}{counted(f'captions.captions.{dataset}', 'légende')} de {fact(f'captions.words.{dataset}', unit=False)} mots en "
        f"moyenne, dont {counted(f'captions.drawn.{dataset}', 'illustrée', 'illustrées')} par "
        f"{counted(f'images.pictures.{dataset}', 'image tirée', 'images tirées')}."
    )


def sampler() -> str:
    """The settings of the drawing, those that are set and that what drew obeys."""
    parts = [
        given("images.condition_scale", lambda: f"une échelle de guidage de {setting('images.condition_scale')}"),
        given("images.temperature", lambda: f"une température de {setting('images.temperature')}"),
        given("images.steps", lambda: f"{setting('images.steps')} étapes de débruitage"),
    ]
    said = enumeration([part for part in parts if part]) if any(parts) else "des réglages que l’étude ne connaît pas"
    return said + given("images.top_k", lambda: f", parmi les {fact('images.top_k')} codes les plus probables")


def random_key() -> str:
    """Where a picture's randomness comes from; nothing where the study did not draw the pictures itself."""
    return given(
        "images.condition_scale",
        lambda: (
            "La clé aléatoire d’une image vient de sa légende, de son germe et du modèle : ni l’ordre ni la taille des "
            "lots n’y changent rien."
        ),
    )
