"""Measure the sample weights on pictures and descriptions that no training saw.

Reads build/world, build/vqgan, build/dalle and build/clip; writes build/measure.json and build/measure/*.png
(contact sheets to look at). About 4 minutes on two cores.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from common import KINDS, drawn, params
from PIL import Image

from rapporteur.clip.model import image_features, load_clip, text_features
from rapporteur.colour import obedience
from rapporteur.dalle.generator import DalleMini, load_vqgan
from rapporteur.dalle.sampling import SamplerSettings
from rapporteur.dalle.vqgan_training import psnr
from rapporteur.form.overlap import form_of

BUILD = Path("build")


def sheet(name: str, pictures: np.ndarray, columns: int) -> None:
    """Write pictures [n, H, W, 3] as a grid."""
    rows = [np.concatenate(list(pictures[i : i + columns]), axis=1) for i in range(0, len(pictures), columns)]
    (BUILD / "measure").mkdir(exist_ok=True)
    Image.fromarray(np.concatenate([row for row in rows if row.shape == rows[0].shape])).save(
        BUILD / f"measure/{name}.png"
    )


def reconstruction(count: int) -> dict[str, float]:
    """Mean PSNR (dB) of held-out pictures through tokens and back."""
    network, found = load_vqgan(BUILD / "vqgan"), {}
    for kind in KINDS:
        pictures = drawn(kind, "held_out")[0][:count]
        back = network.decode(network.encode(list(pictures)))
        found[f"{kind}_psnr_db"] = float(psnr(back / 255.0, pictures / 255.0).mean())
        sheet(f"reconstructed-{kind}", np.stack([pictures[:32:2], back[:32:2]], axis=1).reshape(-1, *back.shape[1:]), 8)
    return found


def first_of_20(pictures: np.ndarray, captions: list[str], folder: Path) -> float:
    """Share of pictures for which CLIP puts the right caption first among it and the 19 different ones that follow."""
    network, preprocess, tokenizer, _ = load_clip(str(folder))
    images = image_features(network, preprocess, [Image.fromarray(one) for one in pictures], 64)
    texts = dict(zip(sorted(set(captions)), text_features(network, tokenizer, sorted(set(captions)), 64), strict=True))
    right = 0
    for place, image in enumerate(images):
        others = list(dict.fromkeys(captions[place:] + captions[:place]))[:20]
        right += int(np.argmax([image @ texts[text] for text in others]) == 0)
    return right / len(images)


def gold_first(kind: str, captions: list[str]) -> float:
    """The share of `first_of_20` for the world's own pictures of the captions."""
    return first_of_20(drawn(kind, "held_out")[0][: len(captions)], captions, BUILD / "clip")


def forms_obeyed(pictures: np.ndarray, captions: list[str]) -> float:
    """Share of pictures [n, H, W, 3] whose subject overlaps the named form more than any other."""
    return float(np.mean([bool(form_of(*pair).obeyed) for pair in zip(pictures, captions, strict=True)]))


def drawings(model: DalleMini, captions: list[str], kind: str, columns: int) -> np.ndarray:
    """One picture per caption, seed 0, with their contact sheet."""
    pictures = model.draw(captions, [0] * len(captions))
    sheet(f"drawn-{kind}", pictures[: columns * columns], columns)
    return pictures


def main() -> None:
    """Measure everything and write measure.json."""
    wanted: dict[str, Any] = params("measure")
    settings = SamplerSettings(**wanted["sampler"])
    model = DalleMini.load(BUILD / "dalle", BUILD / "vqgan", settings, batch=16)
    shapes = drawn("shapes", "held_out")[1][: wanted["drawn"], 0].tolist()
    lands = drawn("landscapes", "held_out")[1][: wanted["drawn"], 0].tolist()
    shape_pictures, land_pictures = drawings(model, shapes, "shapes", 10), drawings(model, lands, "landscapes", 8)
    obeyed = [obedience(picture, text) for picture, text in zip(shape_pictures, shapes, strict=True)]
    grounds = [one.background_obeyed for one in obeyed if one.background_obeyed is not None]
    found = reconstruction(wanted["reconstructed"]) | {
        "drawn": len(shapes),
        "form_obeyed": forms_obeyed(shape_pictures, shapes),
        "gold_form_obeyed": forms_obeyed(drawn("shapes", "held_out")[0][: wanted["drawn"]], shapes),
        "colour_obeyed": float(np.mean([bool(one.obeyed) for one in obeyed])),
        "background_obeyed": float(np.mean(grounds)),
        "shapes_clip_first_of_20": first_of_20(shape_pictures, shapes, BUILD / "clip"),
        "landscapes_clip_first_of_20": first_of_20(land_pictures, lands, BUILD / "clip"),
        "gold_shapes_clip_first_of_20": gold_first("shapes", shapes),
        "gold_landscapes_clip_first_of_20": gold_first("landscapes", lands),
    }
    (BUILD / "measure.json").write_text(json.dumps(found | {"sampler": wanted["sampler"]}, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
