"""Draw the pictures and captions which the sample weights are trained and measured on.

Reads params.yaml; writes build/world/{shapes,landscapes}-{train,held_out}.npz: pictures uint8 [n, size, size, 3],
captions [n, captions of a picture]. Held-out shapes are descriptions that the training set lacks; held-out
landscapes are other draws. About 3 minutes on two cores.
"""

from __future__ import annotations

from multiprocessing import Pool
from pathlib import Path

import numpy as np
from common import params

from rapporteur.world import sample_world
from rapporteur.world.sample import Kind

FOLDER = Path("build/world")
PARTS = 16


def part(arguments: tuple[int, int, int, Kind, bool]) -> list[tuple[np.ndarray, tuple[str, ...]]]:
    """One part of a set, drawn by one process."""
    return list(sample_world(*arguments))


def draw(pool: Pool, *, seed: int, count: int, size: int, kind: Kind, held_out: bool) -> None:
    """Draw a set of `count` pictures in `PARTS` parts, each with its own seed, and write it."""
    parts = [(PARTS * seed + i, count // PARTS, size, kind, held_out and kind == "shapes") for i in range(PARTS)]
    pairs = [pair for drawn in pool.map(part, parts, chunksize=1) for pair in drawn]
    name = f"{kind}-{'held_out' if held_out else 'train'}.npz"
    np.savez(
        FOLDER / name, pictures=np.stack([pair[0] for pair in pairs]), captions=np.array([pair[1] for pair in pairs])
    )
    print(f"{name}: {len(pairs)} pictures", flush=True)


def main() -> None:
    """Draw the four sets."""
    wanted = params("world")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Pool() as pool:
        for kind in ("shapes", "landscapes"):
            draw(pool, seed=wanted["seed"] + 1, count=wanted["held_out"], size=wanted["size"], kind=kind, held_out=True)
            draw(pool, seed=wanted["seed"], count=wanted[kind], size=wanted["size"], kind=kind, held_out=False)


if __name__ == "__main__":
    main()
