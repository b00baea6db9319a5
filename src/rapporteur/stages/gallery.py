"""Gallery: every drawn and gold picture on a page, to be searched, filtered, sorted and looked at, offline.

Reads   artifacts/captions, images, clip, colour, ratings and findings (what datasets are called); the gold pictures;
        artifacts/samples and judgement.
Writes  artifacts/gallery/galerie.html and gallery.html (one a language), data.js, sprites/NNNN.jpg (36 a file).
Costs   about 5 ms a picture, 30 s for 6,000; no model is loaded.

    python -m rapporteur.stages.gallery
"""

from __future__ import annotations

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.params import PARAMS_FILE, strict
from rapporteur.core.progress import progress
from rapporteur.core.stage import Stage, artifact
from rapporteur.figures.numbers import Numbers
from rapporteur.gallery.cards import cards, sample_cards
from rapporteur.gallery.page import data_script, page
from rapporteur.gallery.sprites import Sprites, Thumbnail
from rapporteur.report.language import language, languages
from rapporteur.study.tables import Study

STAGE = Stage(
    "gallery",
    reads=(
        "artifacts/captions",
        "artifacts/images",
        "artifacts/clip",
        "artifacts/colour",
        "artifacts/ratings",
        "artifacts/findings",
        "artifacts/samples",
        "artifacts/judgement",
    ),
)
SIDES = (64, 512)


@strict
class GalleryParams:
    """The block `gallery` of params.yaml."""

    side: int = 192  # pixels of a thumbnail's longer side, at most


def main() -> None:
    params = STAGE.params(GalleryParams)
    if not SIDES[0] <= params.side <= SIDES[1]:
        raise BadInput(f"`gallery.side` is {params.side}; give {SIDES[0]} to {SIDES[1]} pixels", PARAMS_FILE)
    told = {name: Numbers.read(artifact("findings"), name).labels() for name in languages()}
    study = Study(list(next(iter(told.values()))))
    shown = [*cards(study), *sample_cards(study)]
    count = sum(len(card.pictures) for card in shown)
    with new_folder(STAGE.out()) as folder, progress("gallery", count, "pictures") as advance:
        (folder / "sprites").mkdir()
        sprites, places = Sprites(folder / "sprites", params.side), dict[str, Thumbnail]()
        for card in shown:
            for picture in card.pictures:
                places[picture.digest] = sprites.place(picture.digest, picture.load)
                advance(1)
        sheets = sprites.finish()
        (folder / "data.js").write_text(data_script(shown, places, params.side), encoding="utf-8")
        for name, labels in told.items():
            words = language(name)
            text = page(words, labels, words.numerals.enumeration(list(labels.values())))
            (folder / words.gallery["file"]).write_text(text, encoding="utf-8")
    print(f"gallery: {count} pictures of {len(shown)} captions, {sheets} files of thumbnails")


if __name__ == "__main__":
    run_stage(main)
