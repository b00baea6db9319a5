"""`rapporteur vqgan FOLDER --to models/mine/vqgan`: an image tokenizer trained on one's own pictures.

Reads   the pictures under a folder (their central squares, as DALL·E mini's VQGAN was given them), and the sizes of the
        VQGAN to train from a config.json: `tokens.vqgan` of the params.yaml found here, or --like.
Writes  config.json, model.safetensors (float16), log.csv, README.md (what was measured on held-out pictures) and
        reconstructions.png (these pictures, and below each what its tokens give back).
Keeps   the squares and a checkpoint in .items/vqgan: a training that was killed goes on.
Costs   for the sample's sizes 0.4 to 0.9 s a step on two cores, half an hour in all; a CUDA device is used where there
        is one. Memory: a few batches; the squares lie on the disk, 3 bytes a pixel.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rapporteur.core.errors import BadInput

if TYPE_CHECKING:
    from PIL import Image

    from rapporteur.dalle.vqgan import VqganConfig
    from rapporteur.dalle.vqgan_training import VqganTraining

Squares = npt.NDArray[np.uint8]

STEPS, BATCH = 3600, 16
HELD_OUT = 0.05  # of the pictures, by the hash of their paths
FEWEST = 20  # pictures, of which one is held out at least
WARM, CROPPED = 0.2, 0.8  # shares of the steps: without a codebook, and on crops of half the side
RATE, RATE_CHANNELS = 1.5e-3, 16  # the sample's; wider networks take it smaller, in proportion
ENOUGH = 0.9  # of the codes in use
COUNTED = 2048  # pictures of whose tokens the codes in use are counted
SHOWN = 8  # reconstructions of the sheet


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("vqgan", help="train a VQGAN, whose tokens pictures become, on your own pictures")
    verb.add_argument("folder", type=Path, metavar="FOLDER", help="its pictures, at any depth")
    verb.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="the model to write")
    verb.add_argument("--like", type=Path, metavar="FOLDER", help="whose config.json gives the sizes; `tokens.vqgan`")
    verb.add_argument("--steps", type=int, default=STEPS, metavar="N", help=f"default: {STEPS}")
    verb.add_argument("--batch", type=int, default=BATCH, metavar="N", help=f"pictures a step; default: {BATCH}")
    verb.add_argument(
        "--learning-rate", type=float, metavar="RATE", help="default: 0.0015 for 16 channels, less for more"
    )
    verb.add_argument("--perceptual", type=Path, metavar="FILE", help="torchvision's weights of VGG-16: finer texture")
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    verb.add_argument("--skip-damaged", action="store_true", help="name unreadable pictures and leave them out")


def train_own(chosen: argparse.Namespace) -> None:
    """Train and write. Raises BadInput for settings that have no meaning, too few pictures and a loss that is none."""
    from rapporteur.core.keep import STORE, item_key
    from rapporteur.core.progress import progress
    from rapporteur.core.provenance import file_digest
    from rapporteur.dalle.checkpoint import load_vqgan, save_model
    from rapporteur.dalle.optimise import saved_step
    from rapporteur.dalle.vqgan_training import Perceptual, train_vqgan

    config = _sizes(chosen.like)
    training = settings(chosen, config)
    perceptual = Perceptual(chosen.perceptual) if chosen.perceptual else None
    pictures = squares(chosen.folder, config.resolution, chosen.skip_damaged, STORE / "vqgan")
    identity = {
        "pictures": pictures.key,
        "sizes": asdict(config),
        "perceptual": file_digest(chosen.perceptual) if chosen.perceptual else "",
        "training": asdict(training),
    }
    folder = STORE / "vqgan" / item_key(identity)
    done = saved_step(folder)
    if done:
        print(f"vqgan: goes on from step {done}")
    with progress("vqgan", training.steps - done, "steps") as advance:
        weights, log = train_vqgan(
            config, training, pictures.learnt, advance=advance, device=_device(), perceptual=perceptual,
            checkpoints=folder, identity=identity,
        )  # fmt: skip
    save_model(chosen.to, config, weights, half=True)
    (chosen.to / "log.csv").write_text(_csv(log), encoding="utf-8", newline="\n")
    found = measured(load_vqgan(chosen.to)[0], config, pictures)  # as they are kept, in float16
    found.sheet.save(chosen.to / "reconstructions.png")
    (chosen.to / "README.md").write_text(_card(config, training, pictures, found, bool(perceptual)), encoding="utf-8")
    print(f"vqgan: {found.told()}; {pictures.left}{chosen.to / 'reconstructions.png'} shows what its tokens keep")
    if found.used < ENOUGH:
        print(f"vqgan: fewer than {ENOUGH:.0%} of the codes are used: train longer, or ask for fewer of them (n_embed)")


def settings(chosen: argparse.Namespace, config: VqganConfig) -> VqganTraining:
    """The sample's recipe at other sizes. Raises BadInput for numbers that have no meaning."""
    from rapporteur.dalle.vqgan_training import VqganTraining

    for name, least in (("steps", 10), ("batch", 2)):
        if getattr(chosen, name) < least:
            raise BadInput(f"--{name} is {getattr(chosen, name)}; give {least} or more")
    rate = RATE * RATE_CHANNELS / config.ch if chosen.learning_rate is None else chosen.learning_rate
    if not 0 < rate < 1:
        raise BadInput(f"--learning-rate is {rate}; give a number between 0 and 1")
    token = config.resolution // config.grid  # pixels of its side
    crop = max(token, config.resolution // 2 // token * token)
    return VqganTraining(
        steps=chosen.steps, warm_steps=int(WARM * chosen.steps), learning_rate=rate, batch=chosen.batch,
        seed=chosen.seed, crop=crop, crop_steps=int(CROPPED * chosen.steps), log_every=max(1, chosen.steps // 72),
        perceptual=1.0 if chosen.perceptual else 0.0,
    )  # fmt: skip


def _sizes(like: Path | None) -> VqganConfig:
    from rapporteur.core.params import shared_param
    from rapporteur.dalle.model_config import read_vqgan_config

    return read_vqgan_config(like or Path(shared_param("tokens.vqgan", "tokens")))


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


# ------------------------------------------------------------------------------------------------------ pictures


@dataclass(frozen=True)
class Pictures:
    """Squares uint8 [n, side, side, 3], mapped from the disk: those to learn from, and those held out.

    key: of the files and their contents; left: what was left out, for a message.
    """

    learnt: Squares
    held_out: Squares
    key: str
    left: str


def squares(folder: Path, side: int, skip_damaged: bool, store: Path) -> Pictures:
    """The central squares of the pictures under a folder, kept in `store`; one in twenty is held out.

    Raises BadInput for too few pictures and, unless `skip_damaged`, for the first that can't be read.
    """
    from rapporteur.core.files import write_atomic
    from rapporteur.core.folder import pictures_under
    from rapporteur.core.keep import item_key
    from rapporteur.core.names import left_out
    from rapporteur.core.provenance import file_digest

    files, others = pictures_under(folder)
    if len(files) < FEWEST:
        raise BadInput(f"{len(files)} pictures are too few to train on; give {FEWEST} at least", folder)
    key = item_key({"side": side, "files": {name: file_digest(folder / name) for name in files}})
    pixels, told = store / f"{key}.npy", store / f"{key}.json"
    store.mkdir(parents=True, exist_ok=True)
    if not told.exists() or (json.loads(told.read_text())["damaged"] and not skip_damaged):
        counts = _write(folder, _in_parts(files), side, skip_damaged, pixels)
        write_atomic(told, json.dumps(counts).encode())  # last: where it is there, the squares are whole
    counts = json.loads(told.read_text())
    held = np.load(pixels, mmap_mode="r")
    end = counts["learnt"] + counts["held_out"]
    left = left_out({"damaged pictures": counts["damaged"], "files of other kinds": others.total()})
    return Pictures(held[: counts["learnt"]], held[counts["learnt"] : end], key, f"{left[2:]}; " if left else "")


def _in_parts(files: Sequence[str]) -> dict[str, list[str]]:
    """The files to learn from, and one in twenty to measure on: those whose paths have the smallest hashes."""
    order = sorted(files, key=lambda name: hashlib.sha256(name.encode()).digest())
    most = math.ceil(HELD_OUT * len(files))
    return {"learnt": sorted(order[most:]), "held_out": sorted(order[:most])}


def _write(folder: Path, parts: dict[str, list[str]], side: int, skip_damaged: bool, target: Path) -> dict[str, int]:
    """Write the squares of all parts, one after the other; how many of each were written, and how many are damaged."""
    from rapporteur.core.pictures import load_picture, square_array
    from rapporteur.core.progress import progress

    total, counts, damaged = sum(map(len, parts.values())), dict[str, int](), 0
    rows = np.lib.format.open_memmap(target, mode="w+", dtype=np.uint8, shape=(total, side, side, 3))
    with progress("squares", total, "pictures") as advance:
        for part, names in parts.items():
            counts[part] = 0
            for name in names:
                advance(1)
                try:
                    square = square_array(load_picture(folder / name), side)
                except BadInput as error:
                    if not skip_damaged:
                        raise BadInput(f"{error}, or give --skip-damaged to leave such pictures out") from None
                    print(f"left out: {error}", file=sys.stderr)
                    damaged += 1
                    continue
                rows[sum(counts.values())] = square
                counts[part] += 1
    rows.flush()
    if not all(counts.values()):
        raise BadInput("no picture is left to learn from, or none to measure on", folder)
    return counts | {"damaged": damaged}


# --------------------------------------------------------------------------------------------------- what it gives


@dataclass(frozen=True)
class Measured:
    """psnr: mean over the held-out pictures, dB; sheet: some of them and what their tokens give back.

    used: share of the codes that one of `counted` pictures uses; perplexity: of the frequencies of codes.
    """

    psnr: float
    held_out: int
    used: float
    perplexity: float
    counted: int
    sheet: Image.Image

    def told(self) -> str:
        return (
            f"{self.psnr:.1f} dB (PSNR) on {self.held_out} held-out pictures; {self.used:.1%} of the codes used by "
            f"{self.counted} pictures, as evenly as {self.perplexity:.0f} codes would be"
        )


def measured(weights: Any, config: VqganConfig, pictures: Pictures) -> Measured:
    """What the tokens of held-out pictures give back, by the program that draws, and how many codes pictures use."""
    import jax

    from rapporteur.dalle import vqgan
    from rapporteur.dalle.vqgan_training import psnr

    encode = jax.jit(lambda pixels: vqgan.encode(weights, config, pixels))
    decode = jax.jit(lambda ids: vqgan.decode(weights, config, ids))
    uses = np.zeros(config.n_embed, np.int64)
    found, back = list[float](), list[Squares]()
    for part in _batches(pictures.held_out):
        ids = np.asarray(encode(part))
        uses += np.bincount(ids.ravel(), minlength=config.n_embed)
        drawn = np.asarray(decode(ids))
        found += psnr(drawn, part).tolist()
        back += list((drawn[: max(0, SHOWN - len(back))] * 255).round().astype(np.uint8))
    more = pictures.learnt[:COUNTED]
    for part in _batches(more):
        uses += np.bincount(np.asarray(encode(part)).ravel(), minlength=config.n_embed)
    shares = uses[uses > 0] / uses.sum()
    perplexity = float(np.exp(-(shares * np.log(shares)).sum()))
    counted = len(pictures.held_out) + len(more)
    sheet = _sheet(pictures.held_out[: len(back)], back)
    return Measured(float(np.mean(found)), len(found), float((uses > 0).mean()), perplexity, counted, sheet)


def _batches(pixels: Squares, size: int = 16) -> Iterator[npt.NDArray[np.float32]]:
    for start in range(0, len(pixels), size):
        yield np.asarray(pixels[start : start + size], np.float32) / np.float32(255)


def _sheet(originals: Squares, back: Sequence[Squares], gap: int = 4) -> Image.Image:
    """Two rows: the pictures, and below each what its tokens give back."""
    from PIL import Image

    side = originals.shape[1]
    sheet = Image.new("RGB", ((side + gap) * len(back) - gap, 2 * side + gap), "white")
    for place, pair in enumerate(zip(originals, back, strict=True)):
        for row, pixels in enumerate(pair):
            sheet.paste(Image.fromarray(np.asarray(pixels)), (place * (side + gap), row * (side + gap)))
    return sheet


def _csv(log: Sequence[dict[str, float]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(log[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: f"{value:.6g}" for name, value in row.items()} for row in log)
    return out.getvalue()


def _card(config: VqganConfig, training: VqganTraining, pictures: Pictures, found: Measured, perceptual: bool) -> str:
    loss = "pixels, edges and VGG-16's features" if perceptual else "pixels and edges; no perceptual network"
    kept = {name: value for name, value in asdict(training).items() if value}
    lines = [
        "# A VQGAN of one's own: model card", "",
        f"Pictures of {config.resolution} × {config.resolution} pixels ↔ {config.grid} × {config.grid} tokens of "
        f"{config.n_embed} codes.", "",
        f"- **Trained on** {len(pictures.learnt)} pictures ({pictures.left or 'none left out; '}"
        f"{len(pictures.held_out)} held out by the hashes of their paths), their central squares.",
        f"- **Loss**: {loss}; no adversary, so fine texture comes out soft.",
        f"- **Measured**: {found.told()}.",
        "- **Settings**: " + ", ".join(f"{name} {value:g}" for name, value in kept.items()) + ".", "",
        "Its tokens are its own: a DALL·E mini that was trained on another VQGAN's can't use it. Name this folder in",
        "`tokens.vqgan` and `images.vqgan`, and train with `model.fresh_decoder: true`.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
