"""Train the small VQGAN on the drawn world.

Reads build/world; writes build/vqgan: config.json, model.safetensors (float16) and log.csv. About 25 minutes on
two cores at the sizes of params.yaml.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from common import KINDS, drawn, params, write_log

from rapporteur.dalle.checkpoint import save_model
from rapporteur.dalle.vqgan import VqganConfig
from rapporteur.dalle.vqgan_training import VqganTraining, train_vqgan

OUT = Path("build/vqgan")


def main() -> None:
    """Train, writing the folder again every `log_every` steps: a run that is cut short leaves usable weights."""
    wanted = params("vqgan")
    sizes = {name: tuple(value) if isinstance(value, list) else value for name, value in wanted["config"].items()}
    config, training = VqganConfig(**sizes), VqganTraining(**wanted["training"])
    pictures = np.concatenate([drawn(kind, "train")[0] for kind in KINDS])

    def keep(weights: dict, log: list) -> None:
        save_model(OUT, config, weights, half=True)
        write_log(OUT / "log.csv", log)
        print(log[-1], flush=True)

    train_vqgan(config, training, pictures, keep=keep)


if __name__ == "__main__":
    main()
