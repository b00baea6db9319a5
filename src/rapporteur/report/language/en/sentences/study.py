"""What was studied: its scope, its captions, what drew its pictures."""

from __future__ import annotations

from rapporteur.report.asked import has_gold
from rapporteur.report.fact import Markdown, fact
from rapporteur.report.language.en.numbers import enumeration
from rapporteur.report.prose import counted, datasets, drawn_world, given, labels, setting


def scope() -> Markdown:
    """What was run, said wherever results are given."""
    if drawn_world():
        return Markdown(
            "**Scope.** The results given here are those of the trial study that comes with the program: synthetic "
            f"pictures ({labels([key for key in datasets() if drawn_world([key])])}), no photograph, and a small model of "
            "the same architecture, trained on them. They show that the chain measures what it should measure; they say "
            "nothing of DALL·E mini itself. The full-size study (MS-COCO, Flickr30k, DALL·E mini, CLIP ViT-B/32) goes "
            "through the same stages."
        )
    return Markdown(
        f"**Scope.** The results given here are about {labels()}, with pictures drawn by the model "
        f"{fact('images.model')}."
    )


def instruments() -> str:
    """What the study's own model and CLIP are beside those that were published."""
    said = (
        "The study’s model keeps DALL·E mini’s architecture, smaller; its VQGAN was trained without a discriminator. The "
        "CLIP that scores is a small home-made model too, trained on the same synthetic pictures: its scores are not on "
        "the published scale."
    )
    return said if drawn_world() else f"The CLIP that scores is {fact('clip.model')}."


def origin() -> str:
    """Where the gold pictures come from."""
    if drawn_world():
        return (
            "Here the program draws the gold pictures from a seed: coloured and textured shapes, landscapes, and a few "
            "misleading captions put there on purpose."
        )
    return f"Here the gold pictures are those of {labels()}, taken with their licences."


def corpus(dataset: str) -> str:
    """The size of a dataset in one sentence."""
    gold = (
        f"{counted(f'captions.images.{dataset}', 'gold picture')}, " if has_gold(dataset) else "without gold pictures, "
    )
    return (
        f"{gold}{counted(f'captions.captions.{dataset}', 'caption')} of {fact(f'captions.words.{dataset}', unit=False)} words "
        f"on average, of which {counted(f'captions.drawn.{dataset}', 'is drawn', 'are drawn')} in "
        f"{counted(f'images.pictures.{dataset}', 'picture')}."
    )


def sampler() -> str:
    """The settings of the drawing, those that are set and that what drew obeys."""
    parts = [
        given("images.condition_scale", lambda: f"a guidance scale of {setting('images.condition_scale')}"),
        given("images.temperature", lambda: f"a temperature of {setting('images.temperature')}"),
        given("images.steps", lambda: f"{setting('images.steps')} denoising steps"),
    ]
    said = enumeration([part for part in parts if part]) if any(parts) else "settings that the study does not know"
    return said + given("images.top_k", lambda: f", among the {fact('images.top_k')} likeliest codes")


def random_key() -> str:
    """Where a picture's randomness comes from; nothing where the study did not draw the pictures itself."""
    return given(
        "images.condition_scale",
        lambda: (
            "A picture’s random key comes from its caption, its seed and the model: neither order nor batch size changes it."
        ),
    )
