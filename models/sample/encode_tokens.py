"""Encode the drawn world with the trained VQGAN.

Reads build/world, build/dalle_world and build/vqgan; writes build/tokens/{shapes,landscapes}-{train,held_out}.npy,
int32 [n, tokens]. About 20 minutes on two cores.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import KINDS, WORLDS, drawn

from rapporteur.dalle.optimise import use_cpu_devices

OUT, BATCH = Path("build/tokens"), 32


def encoder() -> Callable[[np.ndarray], np.ndarray]:
    """A compiled function from uint8 [BATCH, H, W, 3] to tokens [BATCH, tokens]."""
    import jax
    import jax.numpy as jnp

    from rapporteur.dalle import vqgan
    from rapporteur.dalle.checkpoint import load_vqgan
    from rapporteur.dalle.optimise import over_devices

    params, config = load_vqgan(Path("build/vqgan"))
    params = over_devices(params, batched=False)

    @jax.jit
    def encode(params: dict, pixels: jax.Array) -> jax.Array:
        features = vqgan.encode_features(params, config, pixels.astype(jnp.float32) / 255)
        return vqgan.nearest_code(params["quantize"]["embedding"]["embedding"], features).reshape(len(pixels), -1)

    return lambda pixels: np.asarray(encode(params, over_devices(pixels, batched=True)))


def main() -> None:
    """Encode the four sets."""
    use_cpu_devices(2)
    encode = encoder()
    OUT.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        for part, world in WORLDS.items():
            pictures = drawn(kind, part, world)[0]
            parts = np.split(pictures, range(BATCH, len(pictures), BATCH))
            padded = [np.resize(one, (BATCH, *one.shape[1:])) for one in parts]
            tokens = np.concatenate([encode(one)[: len(real)] for one, real in zip(padded, parts, strict=True)])
            np.save(OUT / f"{kind}-{part}.npy", tokens)
            print(f"{kind} {part}: {len(np.unique(tokens))} codes used by {len(tokens)} pictures", flush=True)


if __name__ == "__main__":
    main()
