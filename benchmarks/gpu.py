"""What one GPU does: drawing at DALL·E mini's published size, its first call, and training steps.

    python -m benchmarks.gpu            7 minutes on one H100 or H200; writes benchmarks/results/gpu.json
    python -m benchmarks.gpu --tiny     the same in a minute on a CPU, at toy sizes: it runs, and measures nothing

From a bare checkout with jax (CUDA), numpy, optax, safetensors and tokenizers, and the pure-Python ftfy, wcwidth, emoji
and Unidecode, with `src` on PYTHONPATH; no data, random weights. Each part is a process of its own. Drawn are 6,000
pictures, six of each of 1,000 captions, condition scale 10, from captions to arrays of bytes, the VQGAN included.
Floating-point operations of a training step are counted from the sizes (products and attention, three times the forward
pass), not read from a profiler. Beside each figure stands what the card's memory and products gave in the same run.

How near bfloat16 comes is measured on the sample weights of this repository, which were trained: the share of tokens
that fall the same with the same random numbers, each after the tokens that float32 drew.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import publish

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/gpu.json"
PRECISIONS = ("float32", "bfloat16")
PICTURES, CAPTIONS = 6000, 1000
TRAINED = [  # precision, batch, and whether layers are computed again for their gradients
    ("float32", 64, False), ("bfloat16", 64, False), ("bfloat16", 128, False), ("bfloat16", 256, True),
]  # fmt: skip
STEPS = 12
PLACES = ("a lake", "a beach", "a street", "a forest", "a bridge", "a field of wheat", "a harbour", "a mountain")


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def best_of(function: Callable[..., Any], *given: Any) -> float:
    """Seconds of the quickest of ten calls, after one that compiles."""
    import jax

    jax.block_until_ready(function(*given))
    return min(seconds(lambda: jax.block_until_ready(function(*given))) for _ in range(10))


# -------------------------------------------------------------------------------------------------- the machine


def machine(tiny: bool) -> dict[str, Any]:
    """Bytes copied and operations multiplied a second, and what device this is."""
    import jax
    import jax.numpy as jnp

    side, numbers = (256, 2**16) if tiny else (8192, 2**30)
    rates = {}
    for kind in PRECISIONS:
        matrix = jax.random.normal(jax.random.key(0), (side, side), kind)
        rates[f"product_{kind}_flop_per_s"] = 2 * side**3 / best_of(jax.jit(jnp.dot), matrix, matrix)
    array = jnp.zeros(numbers, jnp.float32)
    best = best_of(jax.jit(lambda x: x + 1), array)
    device = jax.devices()[0].device_kind
    return {"device": device, "jax": jax.__version__, "copy_bytes_per_s": 2 * array.nbytes / best} | rates


# -------------------------------------------------------------------------------------------------- drawing


def model_sizes(tiny: bool) -> tuple[Any, Any]:
    from rapporteur.dalle.dalle import DalleConfig
    from rapporteur.dalle.vqgan import VqganConfig

    if not tiny:
        return DalleConfig(normalize_text=False), VqganConfig()
    dalle = DalleConfig(
        d_model=32, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=42, decoder_ffn_dim=42,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_vocab_size=400, image_vocab_size=512,
        image_length=64, decoder_start_token_id=512, normalize_text=False,
    )  # fmt: skip
    return dalle, VqganConfig(
        ch=32, ch_mult=(1, 2), num_res_blocks=1, attn_resolutions=(), resolution=16, z_channels=32, embed_dim=16,
        n_embed=512,
    )  # fmt: skip


def write_models(home: Path, tiny: bool) -> None:
    """Both networks, random, and a tokenizer."""
    from rapporteur.dalle import checkpoint, dalle, vqgan
    from rapporteur.dalle.tokenizer import CaptionTokenizer

    random = np.random.default_rng(0)

    def drawn(name: str, shape: tuple[int, ...]) -> np.ndarray:
        if name.endswith(("scale", "bias")):
            return np.full(shape, 1.0 if name.endswith("scale") else 0.0, np.float32)
        fan_in = int(np.prod(shape[-4:-1])) if len(shape) > 1 else 1
        return random.standard_normal(shape, np.float32) * np.float32(fan_in**-0.5)

    for folder, config, shapes in zip(
        ("dalle", "vqgan"), model_sizes(tiny), (dalle.parameter_shapes, vqgan.parameter_shapes), strict=True
    ):
        flat = checkpoint.flatten(shapes(config))  # type: ignore[operator]
        tensors = {name: drawn(name, shape) for name, shape in flat.items()}
        checkpoint.save_model(home / folder, config, checkpoint.unflatten(tensors))
    CaptionTokenizer.train(list(PLACES), 400, 64).save(home / "dalle")


def requests(pictures: int, captions: int) -> tuple[list[str], list[int]]:
    """Captions and seeds of a study's size: as many draws of each caption, the first ones' one more."""
    texts = [f"{PLACES[place % len(PLACES)]} at dusk, number {place}" for place in range(captions)]
    each = [pictures // captions + (place < pictures % captions) for place in range(captions)]
    pairs = [(text, seed) for text, count in zip(texts, each, strict=True) for seed in range(count)]
    return [text for text, _ in pairs], [seed for _, seed in pairs]


def draw(home: str, precision: str, pictures: str) -> dict[str, Any]:
    """Load, draw for the first time, then all pictures; tokens and pixels apart."""
    import jax

    from rapporteur.dalle.generator import DalleMini
    from rapporteur.dalle.sampling import SamplerSettings

    jax.block_until_ready(jax.device_put(np.zeros(1)))
    folders, count = (Path(home) / "dalle", Path(home) / "vqgan"), int(pictures)
    start = time.perf_counter()
    model = DalleMini.load(*folders, SamplerSettings(10.0), precision=precision)
    loaded = time.perf_counter()
    texts, seeds = requests(max(count, model.batch), min(CAPTIONS, max(count, model.batch)))
    model.draw(texts[:1], seeds[:1])
    found = {"load_s": loaded - start, "first_draw_s": time.perf_counter() - loaded, "batch": model.batch}
    if count:
        found["pictures"], found["seconds"] = count, seconds(lambda: model.draw(texts[:count], seeds[:count]))
        found["milliseconds_a_picture"] = 1000 * found["seconds"] / count
        replica, batch = model.replicas[0], model.batch
        tokens = jax.numpy.zeros((batch, model.config.image_length), jax.numpy.int32)
        decoding = seconds(lambda: replica.vqgan.decode(tokens))
        encoding = seconds(lambda: jax.block_until_ready(replica.encode_together(texts[:batch])))
        found["decoding_ms_a_picture"], found["encoding_ms_a_caption"] = (
            1000 * decoding / batch,
            1000 * encoding / batch,
        )
    return found | {"peak_bytes": peak()}


def peak() -> int:
    import jax

    return int((jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use", 0))


def fidelity(pictures: str) -> dict[str, float]:
    """Share of tokens that bfloat16 draws as float32, each after float32's own tokens; of the sample weights."""
    import jax
    import jax.numpy as jnp

    from rapporteur.dalle import decoding, sampling
    from rapporteur.dalle.generator import DalleMini

    folders = ROOT / "models/sample/dalle", ROOT / "models/sample/vqgan"
    settings, count = sampling.SamplerSettings(2.0, 0.7), int(pictures)
    texts, seeds = requests(count, count)
    exact, half = (DalleMini.load(*folders, settings, count, precision) for precision in PRECISIONS)
    replicas = exact.replicas[0], half.replicas[0]
    encoded, blank = replicas[0].encode_together(texts), replicas[0]._blank
    keys = jax.vmap(jax.random.key)(jnp.asarray(seeds) + jnp.arange(count))
    wanted, _ = exact.sample(replicas[0].decoder, text=encoded, blank=blank, keys=keys)
    codes, length = exact.vqgan.config.n_embed, exact.config.image_length

    @jax.jit
    def taught(decoder: decoding.Decoder) -> jax.Array:
        def step(carry: tuple[decoding.Cache, jax.Array], position: jax.Array) -> tuple[Any, jax.Array]:
            cache, token = carry
            scores, cache = sampling._next_scores(decoder, settings, (cache, token, position))
            drawn, _ = sampling._draw(keys, position, scores[:, :codes], settings)
            return (cache, wanted[:, position]), drawn

        start = jnp.full(count, exact.config.decoder_start_token_id, jnp.int32)
        cache = decoding.start(decoder, exact.config, encoded, length, blank)
        _, drawn = jax.lax.scan(step, (cache, start), jnp.arange(length))
        return drawn.T

    same = np.asarray(taught(replicas[1].decoder) == wanted)
    freely, _ = half.sample(replicas[1].decoder, text=encoded, blank=blank, keys=keys)
    pixels = [replica.vqgan.decode(wanted).astype(np.int16) for replica in replicas]
    return {
        "tokens_equal_after_equal_tokens": float(same.mean()),
        "float32_taught_equal": float(np.asarray(taught(replicas[0].decoder) == wanted).mean()),
        "tokens_equal_drawn_freely": float(np.mean(np.asarray(freely) == np.asarray(wanted))),
        "pixel_difference_of_equal_tokens_levels": float(np.abs(pixels[0] - pixels[1]).mean()),
    }


# -------------------------------------------------------------------------------------------------- training


def step_flop(config: Any, batch: int) -> float:
    """Floating-point operations of a training step: products and attention, three times the forward pass."""
    width, text, image = config.d_model, config.max_text_length, config.image_length
    encoder = config.encoder_layers * (4 * width**2 + 3 * width * config.encoder_ffn_dim + 2 * text * width)
    layer = 4 * width**2 + 2 * width**2 + 3 * width * config.decoder_ffn_dim + 2 * (image + text) * width
    decoder = config.decoder_layers * layer + width * (config.image_vocab_size + 1)
    of_text = encoder + config.decoder_layers * 2 * width**2
    return 3.0 * 2 * batch * (text * of_text + image * decoder)


def train(precision: str, batch: str, remat: str, tiny: bool) -> dict[str, Any]:
    """Steps of a training from random weights on random tokens, batches made on the host as a training makes them."""
    import jax

    from rapporteur.dalle.optimise import Schedule
    from rapporteur.dalle.tokenizer import CaptionTokenizer
    from rapporteur.dalle.training import DalleTraining, Examples, initial_parameters, make_step, split_frozen

    config, size, again = model_sizes(tiny)[0], int(batch), remat == "True"
    training = DalleTraining(Schedule(1000, 1e-4), batch=size, precision=precision, remat=again)  # type: ignore[arg-type]
    tokens = np.random.default_rng(0).integers(0, config.image_vocab_size, (1000, config.image_length))
    tokenizer = CaptionTokenizer.train(list(PLACES), 400, config.max_text_length)
    examples = Examples.of(tokens, [[PLACES[place % len(PLACES)]] for place in range(1000)], tokenizer)
    weights, _ = split_frozen(initial_parameters(config, 0), False)
    arrays = jax.device_put({"weights": weights, "moments": training.schedule.optimiser().init(weights)})
    step, losses = make_step(config, training), []

    def run(first: int, last: int) -> None:
        nonlocal arrays
        for number in range(first, last):
            arrays, figures = step(arrays, {}, examples.batch(0, number, size, 0.1), np.int32(number))
            losses.append(figures["loss"])
        jax.block_until_ready(arrays)

    first = seconds(lambda: run(0, 2))
    each = seconds(lambda: run(2, 2 + STEPS)) / STEPS
    return {
        "precision": precision, "batch": size, "remat": again, "first_two_steps_s": first, "step_s": each,
        "image_tokens_per_s": size * config.image_length / each,
        "flop_per_s": step_flop(config, size) / each, "peak_bytes": peak(), "loss": float(losses[-1]),
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------- all


def program(*arguments: str, **environment: str) -> dict[str, Any]:
    """One part in a process of its own; what failed is told and kept in the result, the others go on."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.gpu", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | environment, check=False)
    took = time.perf_counter() - start
    print(f"{' '.join(arguments)}: {took:.0f} s", file=sys.stderr, flush=True)
    if run.returncode:
        print(run.stderr[-3000:], file=sys.stderr, flush=True)
        return {"failed": run.stderr.strip().splitlines()[-1][:300]}
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def measure(tiny: bool, home: Path) -> dict[str, Any]:
    size = ("--tiny",) if tiny else ()
    write_models(home, tiny)
    compiled = {"JAX_COMPILATION_CACHE_DIR": str(home / "compiled")}
    found: dict[str, Any] = {"machine": platform.machine()} | program("--machine", *size)
    for precision in PRECISIONS:
        pictures = "8" if tiny else str(PICTURES)
        cold = program("--draw", str(home), precision, pictures, *size, **compiled)
        again = program("--draw", str(home), precision, "0", *size, **compiled)
        found[f"drawing_{precision}"] = cold | {"first_draw_kept_s": again.get("first_draw_s")}
    found["fidelity_bfloat16"] = program("--fidelity", "8" if tiny else "256", *size)
    trained = [(precision, 4, False) for precision in PRECISIONS] if tiny else TRAINED
    found["training"] = [program("--train", *map(str, one), *size) for one in trained]
    return found


def main() -> None:
    arguments = [one for one in sys.argv[1:] if one != "--tiny"]
    tiny = "--tiny" in sys.argv
    parts: dict[str, Callable[..., dict[str, Any]]] = {
        "--machine": lambda: machine(tiny),
        "--draw": draw,
        "--fidelity": fidelity,
        "--train": lambda *given: train(*given, tiny=tiny),
    }
    if arguments:
        print(json.dumps(parts[arguments[0]](*arguments[1:])))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = measure(tiny, Path(folder))
    if tiny:
        print(json.dumps(found, indent=2))
    else:
        publish(RESULT, found)


if __name__ == "__main__":
    main()
