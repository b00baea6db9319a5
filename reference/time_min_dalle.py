"""Time min-dalle with random weights of a published size, through its own code; prints one JSON object.

    uv run --project reference/pytorch python reference/time_min_dalle.py --grid 2     # 2 x 2 pictures a batch

Its class fetches weights and vocabulary when it is built; here it gets random ones instead and is otherwise used as
it is. Token drawing and detokenizing (its VQGAN decoder) are timed apart. It draws square numbers of pictures only.
On two CPU cores: 63 (grid 1) to 32 seconds (grid 2) a picture at the mini size; 3 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
import warnings
from importlib import metadata
from types import SimpleNamespace
from typing import Any

import torch
from min_dalle import MinDalle
from min_dalle.models import DalleBartDecoder, DalleBartEncoder, VQGanDetokenizer

SIZES = {
    "mini": {"layers": 12, "heads": 16, "width": 1024, "glu": 2730, "words": 50264, "codes": 16384},
    "mega": {"layers": 24, "heads": 32, "width": 2048, "glu": 4096, "words": 50272, "codes": 16415},
}
KINDS = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def build(size: str, device: str, kind: torch.dtype) -> MinDalle:
    """A MinDalle whose constructor, which downloads, has not run."""
    model, one = MinDalle.__new__(MinDalle), SIZES[size]
    common = {
        "attention_head_count": one["heads"], "embed_count": one["width"], "glu_embed_count": one["glu"],
        "layer_count": one["layers"], "device": device,
    }  # fmt: skip
    model.device, model.dtype, model.is_reusable, model.is_verbose = device, kind, True, False
    model.text_token_count, model.layer_count, model.embed_count = 64, one["layers"], one["width"]
    model.tokenizer = SimpleNamespace(tokenize=lambda text, is_verbose: [0, *range(5, 19), 2])  # 16 tokens
    encoder = DalleBartEncoder(text_token_count=64, text_vocab_count=one["words"], **common)
    decoder = DalleBartDecoder(image_vocab_count=one["codes"], **common)
    model.encoder, model.decoder = (part.to(kind).eval().to(device) for part in (encoder, decoder))
    model.detokenizer = VQGanDetokenizer().eval().to(device)
    return model


def timed_batch(model: MinDalle, grid: int, scale: float, top_k: int) -> tuple[float, float]:
    """Seconds of drawing tokens and of detokenizing, for grid x grid pictures."""
    marks: list[float] = []
    original, model.detokenizer.forward = model.detokenizer.forward, marking(model, marks)
    start = now(model.device)
    (pixels,) = model.generate_raw_image_stream("", 1, grid, supercondition_factor=scale, top_k=top_k)
    end = now(model.device)
    model.detokenizer.forward = original
    assert pixels.shape == (256 * grid, 256 * grid, 3) and bool(torch.isfinite(pixels).all())
    return marks[0] - start, end - marks[0]


def marking(model: MinDalle, marks: list[float]) -> Any:
    """The detokenizer's forward, noting when it begins."""
    forward = model.detokenizer.forward

    def noted(*arguments: Any) -> Any:
        marks.append(now(model.device))
        return forward(*arguments)

    return noted


def now(device: str) -> float:
    """Seconds, once the device has done all that was asked."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return time.perf_counter()


def main() -> None:
    """Build, time, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="mini")
    parser.add_argument("--grid", type=int, default=1, help="pictures a side: the batch is its square")
    parser.add_argument("--condition-scale", type=float, default=10.0)
    parser.add_argument("--top-k", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=1, help="timed batches")
    parser.add_argument("--warm-up", action="store_true", help="one batch before, not timed")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=KINDS, default="float32")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    model = build(given.size, given.device, KINDS[given.dtype])
    runs = [
        timed_batch(model, given.grid, given.condition_scale, given.top_k) for _ in range(given.repeats + given.warm_up)
    ][given.warm_up :]
    batch = given.grid**2
    report = {
        "program": "min-dalle",
        "versions": {name: metadata.version(name) for name in ("min-dalle", "torch")},
        "size": given.size,
        "device": torch.cuda.get_device_name() if given.device.startswith("cuda") else given.device,
        "dtype": given.dtype,
        "batch": batch,
        "condition_scale": given.condition_scale,
        "draw_seconds": [round(drawing, 3) for drawing, _ in runs],
        "detokenize_seconds": [round(decoding, 3) for _, decoding in runs],
        "draw_seconds_per_picture": round(min(drawing for drawing, _ in runs) / batch, 3),
        "detokenize_seconds_per_picture": round(min(decoding for _, decoding in runs) / batch, 3),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
