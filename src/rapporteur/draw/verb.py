"""`rapporteur draw "a lake at dusk"`: pictures of any sentence by the study's model, outside the pipeline.

Reads   the block `images` of the params.yaml found here: the model, and how it draws.
Writes  <words>-<seed>.png for each picture and, of several, sheet.png with a row for each sentence.
Keeps   each picture in .items/images, under the key that the study would give it: what the study has drawn is not drawn
        again, nor what was asked for before.
Costs   as the stage `images`: with the sample model about 10 s to start and 0.1 s a picture on 2 cores.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rapporteur.core.errors import BadInput

if TYPE_CHECKING:
    from PIL import Image

    from rapporteur.draw.painter import Painter
    from rapporteur.draw.request import Request

DRAWS, MOST_DRAWS = 4, 1000
OUT = Path("drawings")
GAP = 4  # pixels between the pictures of a sheet
NAME_LENGTH = 40


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("draw", help="draw any sentence with the study's model")
    verb.add_argument("texts", nargs="+", metavar="SENTENCE", help="what to draw; quote each")
    verb.add_argument("--draws", type=_draws, default=DRAWS, metavar="N", help=f"of each; default: {DRAWS}")
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="of the first draw; the next follow; default: 0")
    verb.add_argument(
        "--model", metavar="FOLDER", help="default: `images.model`; artifacts/model is the landscape model"
    )
    verb.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help=f"default: {OUT}")


def _draws(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST_DRAWS:
        raise argparse.ArgumentTypeError(f"give 1 to {MOST_DRAWS}")
    return number


def draw_texts(chosen: argparse.Namespace) -> None:
    """Draw and write. Raises BadInput for an empty sentence, and where no study is here."""
    from rapporteur.core.params import stage_params
    from rapporteur.draw.painter import ImagesParams
    from rapporteur.draw.request import Request

    texts = [" ".join(text.split()) for text in chosen.texts]
    if not all(texts):
        raise BadInput("a sentence is empty; say what to draw")
    painter = stage_params(ImagesParams, "images").painter(chosen.model)
    seeds = range(chosen.seed, chosen.seed + chosen.draws)
    names = names_of(texts)
    wanted = [Request("", name, name, text, seed) for name, text in zip(names, texts, strict=True) for seed in seeds]
    files = write(wanted, painter, chosen.out, chosen.draws)
    print(f"{len(wanted)} pictures by {painter.label}{painter.settled()}: {', '.join(map(str, files[:1]))}", end="")
    print(f" to {files[-1].name}" if len(files) > 1 else "")


def names_of(texts: Sequence[str]) -> list[str]:
    """A file's name for each sentence: its plain words, numbered where two are alike."""
    found: list[str] = []
    for text in texts:
        plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:NAME_LENGTH].strip("-") or "picture"
        alike = sum(name == plain or re.fullmatch(rf"{plain}\.\d+", name) is not None for name in found)
        found.append(f"{plain}.{alike + 1}" if alike else plain)
    return found


def write(wanted: Sequence[Request], painter: Painter, folder: Path, draws: int) -> list[Path]:
    """Draw what was not kept, and write each picture and the sheet of all; the files, the sheet last."""
    from functools import partial

    from rapporteur.core.files import write_atomic
    from rapporteur.core.keep import ItemStore, keep
    from rapporteur.core.pictures import load_picture, png_bytes
    from rapporteur.draw.painter import picture_bytes

    store, keys = ItemStore("images"), painter.keys(wanted)
    try:
        keep(store, keys, wanted, partial(picture_bytes, painter), batch=lambda: painter.batch, label="draw")
    finally:
        painter.close()
    files = [folder / f"{one.caption_id}-{one.seed}.png" for one in wanted]
    folder.mkdir(parents=True, exist_ok=True)
    made = [store.get(key) for key in keys]
    for file, data in zip(files, made, strict=True):
        write_atomic(file, data)
    if len(files) > 1:
        files.append(folder / "sheet.png")
        shown = [load_picture(data, file.name) for data, file in zip(made, files[:-1], strict=True)]
        write_atomic(files[-1], png_bytes(sheet(shown, draws)))
    return files


def sheet(pictures: Sequence[Image.Image], columns: int) -> Image.Image:
    """The pictures in rows of `columns`, each whole, on white."""
    from PIL import Image

    width, height = (max(picture.size[side] for picture in pictures) + GAP for side in (0, 1))
    rows = -(-len(pictures) // columns)
    made = Image.new("RGB", (columns * width + GAP, rows * height + GAP), "white")
    for place, picture in enumerate(pictures):
        made.paste(picture, (GAP + place % columns * width, GAP + place // columns * height))
    return made
