"""Draw the pictures and captions which the sample weights are trained and measured on.

    python world.py world          of the VQGAN, CLIP and the tokenizer, with the held-out sets: 3 minutes on two cores
    python world.py dalle_world    of the text-to-image model: half an hour on two cores

Reads params.yaml; writes build/<world>/{shapes,landscapes}-{train,held_out}.npz: pictures uint8 [n, size, size, 3],
captions [n, captions of a picture]. Held-out shapes are descriptions that no training set has; held-out landscapes are
other draws.
"""

from __future__ import annotations

import sys
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from common import params

from drawn_world import sample_world
from drawn_world.sample import Kind

PARTS = 16


def part(arguments: tuple[int, int, int, Kind, bool]) -> list[tuple[np.ndarray, tuple[str, ...]]]:
    """One part of a set, drawn by one process."""
    return list(sample_world(*arguments))


def draw(pool: Pool, folder: Path, *, seed: int, count: int, size: int, kind: Kind, held_out: bool) -> None:
    """Draw a set of `count` pictures in `PARTS` parts, each with its own seed, and write it."""
    parts = [(PARTS * seed + i, count // PARTS, size, kind, held_out and kind == "shapes") for i in range(PARTS)]
    pairs = [pair for drawn in pool.map(part, parts, chunksize=1) for pair in drawn]
    name = f"{kind}-{'held_out' if held_out else 'train'}.npz"
    np.savez(
        folder / name, pictures=np.stack([pair[0] for pair in pairs]), captions=np.array([pair[1] for pair in pairs])
    )
    print(f"{name}: {len(pairs)} pictures", flush=True)


def main() -> None:
    """Draw the sets of the world that is named."""
    name = sys.argv[1]
    wanted, folder = params(name), Path("build") / name
    folder.mkdir(parents=True, exist_ok=True)
    seed, size = wanted["seed"], wanted["size"]
    with Pool() as pool:
        for kind in ("shapes", "landscapes"):
            if "held_out" in wanted:
                draw(pool, folder, seed=seed + 1, count=wanted["held_out"], size=size, kind=kind, held_out=True)
            draw(pool, folder, seed=seed, count=wanted[kind], size=size, kind=kind, held_out=False)


if __name__ == "__main__":
    main()
