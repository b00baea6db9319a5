"""Train the small CLIP on the drawn world with open_clip's own model and loss.

Reads build/world; writes build/clip: open_clip_config.json, open_clip_model.safetensors, merges.txt.gz (its own
byte-pair merges, so that the token embeddings stay light) and log.csv. About 4 minutes on two cores.
Pictures are blurred and shifted at random, for the model will judge pictures that a VQGAN decoded.
"""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from common import KINDS, drawn, params, write_log
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch.nn import functional

OUT = Path("build/clip")
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)


def small_pictures(pictures: np.ndarray, size: int) -> torch.Tensor:
    """uint8 [n, H, W, 3] to uint8 [n, 3, size, size], bicubic as open_clip's preprocessing."""
    small = [np.asarray(Image.fromarray(one).resize((size, size), Image.Resampling.BICUBIC)) for one in pictures]
    return torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2).contiguous()


def write_merges(captions: list[str], count: int, path: Path) -> None:
    """Learn byte-pair merges of the captions, in the file format that open_clip's SimpleTokenizer reads."""
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer = normalizers.Lowercase()
    bpe.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    bpe.train_from_iterator(captions, trainers.BpeTrainer(vocab_size=count + 200, end_of_word_suffix="</w>"))
    pairs = json.loads(bpe.to_str())["model"]["merges"][:count]
    text = "\n".join(["#version: 1", *(" ".join(pair) for pair in pairs)])
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream:
        stream.write(text.encode())
    path.write_bytes(packed.getvalue())


def configuration(wanted: dict[str, Any], words: int) -> dict[str, Any]:
    """open_clip_config.json."""
    vision = {"image_size": wanted["image_size"], "patch_size": 8, "width": 128, "layers": 4, "head_width": 32}
    text = {"context_length": wanted["context_length"], "vocab_size": words, "width": 128, "heads": 4, "layers": 2}
    return {
        "model_cfg": {"embed_dim": 128, "vision_cfg": vision, "text_cfg": text},
        "preprocess_cfg": {"mean": list(MEAN), "std": list(STD), "interpolation": "bicubic", "resize_mode": "squash"},
    }


def disturbed(pictures: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Normalised pictures, shifted by up to 3 pixels, half of them blurred, with a little noise."""
    x = pictures.float() / 255
    dx, dy = (int(step) for step in random.integers(0, 7, 2))
    size = x.shape[-1]
    x = functional.pad(x, (3, 3, 3, 3), mode="replicate")[:, :, dy : dy + size, dx : dx + size]
    half = len(x) // 2
    x = torch.cat([functional.avg_pool2d(functional.pad(x[:half], (1, 1, 1, 1), mode="replicate"), 3, 1), x[half:]])
    x = x + 0.02 * torch.from_numpy(random.standard_normal(x.shape, dtype=np.float32))
    return (x - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def rate(step: int, wanted: dict[str, Any]) -> float:
    """Linear warm-up, then a cosine to zero."""
    done = max(step - wanted["warmup"], 0) / (wanted["steps"] - wanted["warmup"])
    return float(wanted["learning_rate"] * min((step + 1) / wanted["warmup"], 1) * 0.5 * (1 + np.cos(np.pi * done)))


def first_of_20(images: torch.Tensor, texts: torch.Tensor) -> float:
    """Share of pictures whose own caption comes first among it and the 19 that follow: unit vectors [n, d] twice."""
    n = len(images)
    places = (torch.arange(n)[:, None] + torch.arange(20)[None]) % n
    return float((torch.einsum("nd,nkd->nk", images, texts[places]).argmax(1) == 0).float().mean())


def train(model: Any, tokens: torch.Tensor, pictures: torch.Tensor, wanted: dict[str, Any]) -> list[dict[str, float]]:
    """Train in place; tokens [n, captions, context], pictures uint8 [n, 3, size, size]. Returns the log."""
    random, loss_of, log = np.random.default_rng(wanted["seed"]), open_clip.ClipLoss(), []
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.02)
    for step in range(wanted["steps"]):
        places = random.integers(0, len(pictures), wanted["batch"])
        texts = tokens[places, random.integers(0, tokens.shape[1], len(places))]
        with torch.autocast("cpu", torch.bfloat16):
            images, words, scale = model(disturbed(pictures[places], random), texts)
        loss = loss_of(images.float(), words.float(), scale)
        optimiser.zero_grad()
        loss.backward()
        optimiser.param_groups[0]["lr"] = rate(step, wanted)
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, np.log(100))
        if (step + 1) % 50 == 0:
            log.append({"step": step + 1, "loss": float(loss.detach())})
            print(log[-1], flush=True)
    return log


def measured(model: Any, tokenizer: Any, size: int) -> dict[str, float]:
    """Share of held-out pictures whose own first caption comes first among 20, each kind."""
    found = {}
    for kind in KINDS:
        pictures, captions = drawn(kind, "held_out")
        pixels = (small_pictures(pictures, size).float() / 255 - 0.5) / 0.25
        with torch.inference_mode():
            images, texts = (
                model.encode_image(pixels, normalize=True),
                model.encode_text(tokenizer(captions[:, 0]), True),
            )
        found[f"{kind}_first_of_20"] = first_of_20(images, texts)
    return found


def main() -> None:
    """Train and write the folder."""
    wanted = params("clip")
    torch.manual_seed(wanted["seed"])
    OUT.mkdir(parents=True, exist_ok=True)
    sets = {kind: drawn(kind, "train") for kind in KINDS}
    write_merges(
        [text for _, texts in sets.values() for text in texts.ravel()], wanted["merges"], OUT / "merges.txt.gz"
    )
    tokenizer = open_clip.SimpleTokenizer(str(OUT / "merges.txt.gz"), context_length=wanted["context_length"])
    config = configuration(wanted, tokenizer.vocab_size)
    model = open_clip.CLIP(**config["model_cfg"])
    pictures = torch.cat([small_pictures(one, wanted["image_size"]) for one, _ in sets.values()])
    # A shape has fewer captions than a landscape: its own are repeated, so that one array holds them all.
    captions = np.concatenate([texts[:, np.arange(5) % texts.shape[1]] for _, texts in sets.values()])
    tokens = tokenizer(captions.ravel().tolist()).reshape(*captions.shape, -1)
    log = train(model.train(), tokens, pictures, wanted)
    log.append({"step": wanted["steps"]} | measured(model.eval(), tokenizer, wanted["image_size"]))
    print(log[-1])
    write_log(OUT / "log.csv", log)
    (OUT / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n")
    weights = {name: value.half() if value.is_floating_point() else value for name, value in model.state_dict().items()}
    save_file(weights, OUT / "open_clip_model.safetensors")


if __name__ == "__main__":
    main()
