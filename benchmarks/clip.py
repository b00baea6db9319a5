"""CLIP scores of pictures with their captions: this repository's encoder beside a plain loop and two batched peers.

    RAPPORTEUR_DATA=<folder> uv run python -m benchmarks.clip   under 3 minutes on one thread, 3 GB of memory;
    writes benchmarks/results/clip.json

ViT-B/32 with random weights (time does not depend on their values), real COCO pictures as 256-pixel JPEG, each with
one of its captions; decoding, preparing and tokenising are in the time. The ways take turns in one process; a round
gives each its CPU seconds a pair, and the ratios are medians over the rounds. The loop is open_clip's example, pair
by pair in float32; the peers get batches, bfloat16 and the fast image processor and tokenizer of transformers.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import publish

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/clip.json"
DATA = Path(os.environ.get("RAPPORTEUR_DATA", ROOT.parent / "shared/data"))
NAME = "ViT-B-32-quickgelu"  # OpenAI's activation, which transformers has too
PAIRS, BATCH, ROUNDS, SIDE = 96, 32, 5, 256  # whole batches, of the 100 pictures at hand
SLOW = 32  # pairs of a round for what takes 0.1 s a pair
LIBRARIES = ("torch", "open_clip_torch", "transformers", "torchmetrics")
Way = Callable[[], Any]


@dataclass(frozen=True)
class Pairs:
    """Pictures as files, each with its caption."""

    files: list[Path]
    texts: list[str]

    def first(self, count: int) -> Pairs:
        return Pairs(self.files[:count], self.texts[:count])

    def batches(self) -> list[tuple[list[Path], list[str]]]:
        starts = range(0, len(self.files), BATCH)
        return [(self.files[start : start + BATCH], self.texts[start : start + BATCH]) for start in starts]


def write_pairs(home: Path) -> Pairs:
    """The first pictures of val2017, 256 pixels square, with the first caption of each."""
    from PIL import Image

    content = json.loads((DATA / "coco/annotations/captions_val2017.json").read_text(encoding="utf-8"))
    said = {one["image_id"]: one["caption"].strip() for one in reversed(content["annotations"])}
    files, texts = [], []
    for source in _first_pictures(DATA / "coco/val2017"):
        with Image.open(source) as picture:
            picture.convert("RGB").resize((SIDE, SIDE)).save(home / source.name, quality=90)
        files.append(home / source.name)
        texts.append(said[int(source.stem)])
    return Pairs(files, texts)


def _first_pictures(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.jpg"))[:PAIRS]
    if len(found) < PAIRS:
        raise SystemExit(f"error: {folder} holds {len(found)} pictures; the benchmark wants {PAIRS}")
    return found


def loop(pairs: Pairs) -> Way:
    """A picture and a caption at a time, as open_clip's own page shows."""
    import open_clip
    import torch
    from PIL import Image

    network, _, preprocess = open_clip.create_model_and_transforms(NAME)
    tokenizer = open_clip.get_tokenizer(NAME)
    network.eval()

    def score() -> list[float]:
        found = []
        with torch.inference_mode():
            for file, text in zip(pairs.files, pairs.texts, strict=True):
                image = network.encode_image(preprocess(Image.open(file).convert("RGB"))[None], normalize=True)
                found.append(float(image @ network.encode_text(tokenizer([text]), normalize=True).T))
        return found

    return score


def ours(pairs: Pairs, weights: Path, precision: Any) -> Way:
    """The functions that the stage calls; the weights come from a file, as in a study."""
    from rapporteur.clip.model import image_features, load_clip, text_features
    from rapporteur.core.pictures import load_picture

    network, preprocess, tokenizer, _ = load_clip(NAME, str(weights), precision)

    def score() -> tuple[Any, Any]:
        images = image_features(network, preprocess, [load_picture(file) for file in pairs.files], BATCH)
        texts = text_features(network, tokenizer, pairs.texts, BATCH)
        return images, texts

    return score


def processor(home: Path) -> Any:
    """Transformers' processor of CLIP, its words written from those of open_clip, for nothing is downloaded."""
    from open_clip.tokenizer import SimpleTokenizer
    from transformers import CLIPImageProcessorFast, CLIPProcessor, CLIPTokenizerFast

    words = SimpleTokenizer()
    names = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    vocabulary = {names.get(word, word): place for word, place in words.encoder.items()}
    (home / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    merges = ["#version: 0.2", *(" ".join(pair) for pair in words.bpe_ranks)]
    (home / "merges.txt").write_text("\n".join(merges) + "\n", encoding="utf-8")
    tokenizer = CLIPTokenizerFast(str(home / "vocab.json"), str(home / "merges.txt"), model_max_length=77)
    return CLIPProcessor(CLIPImageProcessorFast(), tokenizer)


def transformers_clip() -> Any:
    import torch
    from transformers import CLIPConfig, CLIPModel

    return CLIPModel(CLIPConfig()).eval().to(torch.bfloat16)


def hugging_face(pairs: Pairs, home: Path) -> Way:
    """Transformers' model as its page shows it, batch by batch."""
    import torch
    from PIL import Image

    network, prepare = transformers_clip(), processor(home)

    def score() -> list[Any]:
        found = []
        with torch.inference_mode():
            for files, texts in pairs.batches():
                pictures = [Image.open(file).convert("RGB") for file in files]
                given = prepare(text=texts, images=pictures, return_tensors="pt", padding=True, truncation=True)
                found.append(network(**given).logits_per_image.diagonal())
        return found

    return score


def torch_metrics(pairs: Pairs, home: Path) -> Way:
    """Torchmetrics' CLIPScore around the same model."""
    import torch
    from torchmetrics.multimodal import CLIPScore
    from torchvision.io import read_image

    metric = CLIPScore(model_name_or_path=lambda: (transformers_clip(), processor(home)))

    def score() -> Any:
        metric.reset()
        with torch.inference_mode():
            for files, texts in pairs.batches():
                metric.update([read_image(str(file)) for file in files], texts)
            return metric.compute()

    return score


def take_turns(ways: dict[str, tuple[Way, int]]) -> dict[str, list[float]]:
    """CPU milliseconds a pair of each way, given with its pairs, round by round; one before the first only warms."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, (score, count) in ways.items():
            start = time.process_time()
            score()
            if number:
                found[name].append((time.process_time() - start) / count * 1000)
    return found


def ratio(found: dict[str, list[float]], slow: str, fast: str) -> float:
    pairs = zip(found[slow], found[fast], strict=True)
    return round(statistics.median(left / right for left, right in pairs), 2)


def lowest_cosine(left: tuple[Any, Any], right: tuple[Any, Any]) -> dict[str, float]:
    rounded = [float((a * b[: len(a)]).sum(axis=1).min()) for a, b in zip(left, right, strict=True)]
    return dict(zip(("image", "text"), (round(value, 5) for value in rounded), strict=True))


def write_weights(file: Path) -> Path:
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    save_file(open_clip.create_model(NAME).state_dict(), file)
    return file


def measure(home: Path) -> dict[str, Any]:
    pairs, weights = write_pairs(home), write_weights(home / "weights.safetensors")
    few = pairs.first(SLOW)
    ways = {
        "loop_float32": (loop(few), SLOW),
        "ours_float32": (ours(few, weights, "float32"), SLOW),
        "ours_bfloat16": (ours(pairs, weights, "bfloat16"), PAIRS),
        "transformers_bfloat16": (hugging_face(pairs, home), PAIRS),
        "torchmetrics_bfloat16": (torch_metrics(pairs, home), PAIRS),
    }
    found = take_turns(ways)
    peers = ("loop_float32", "transformers_bfloat16", "torchmetrics_bfloat16")
    ratios = {f"{peer}_over_ours_bfloat16": ratio(found, peer, "ours_bfloat16") for peer in peers}
    ratios["loop_float32_over_ours_float32"] = ratio(found, "loop_float32", "ours_float32")
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread, Python {platform.python_version()}",
        "versions": {name: version(name) for name in LIBRARIES},
        "what": f"{NAME}, random weights, {PAIRS} pairs ({SLOW} in float32), {SIDE}-pixel JPEG, batch {BATCH}",
        "ratios": ratios,
        "cpu_ms_per_pair": {name: round(statistics.median(times), 1) for name, times in found.items()},
        "rounds": {name: [round(one, 1) for one in times] for name, times in found.items()},
        "lowest_cosine_of_bfloat16_with_float32": lowest_cosine(ways["ours_float32"][0](), ways["ours_bfloat16"][0]()),
    }


def main() -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    logging.disable(logging.WARNING)  # open_clip says that the weights are random
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder))
    publish(RESULT, result)


if __name__ == "__main__":
    main()
