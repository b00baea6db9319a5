"""Train the small text-to-image model on the tokens and captions of the drawn world.

Reads build/world, build/dalle_world and build/tokens; writes build/dalle: config.json, model.safetensors (float16),
tokenizer.json (of the captions of build/world) and log.csv. 6 minutes on one H200, about a day on two CPU cores; a run
that was killed goes on from build/dalle-checkpoint.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from common import KINDS, WORLDS, drawn, params, write_log

from rapporteur.dalle.optimise import use_cpu_devices

OUT, CHECKPOINTS = Path("build/dalle"), Path("build/dalle-checkpoint")


def captioned(part: str) -> tuple[np.ndarray, list[list[str]]]:
    """Tokens and captions of every drawn picture of a part."""
    tokens = np.concatenate([np.load(f"build/tokens/{kind}-{part}.npy") for kind in KINDS])
    return tokens, [texts.tolist() for kind in KINDS for texts in drawn(kind, part, WORLDS[part])[1]]


def configuration(wanted: dict[str, Any], words: int) -> Any:
    """The model's sizes; those of its ends come from the tokenizer and the VQGAN."""
    from rapporteur.dalle.dalle import DalleConfig

    codes, pixels, levels = (params("vqgan")["config"][name] for name in ("n_embed", "resolution", "ch_mult"))
    return DalleConfig(
        encoder_vocab_size=words,
        max_text_length=params("tokenizer")["max_text_length"],
        image_vocab_size=codes,
        image_length=(pixels // 2 ** (len(levels) - 1)) ** 2,
        decoder_start_token_id=codes,
        **wanted,
    )


def main() -> None:
    """Train a tokenizer, then the model."""
    use_cpu_devices(2)
    from rapporteur.dalle.checkpoint import save_model
    from rapporteur.dalle.optimise import Schedule
    from rapporteur.dalle.tokenizer import CaptionTokenizer
    from rapporteur.dalle.training import DalleTraining, Examples, initial_parameters, train_text_to_image

    wanted, words = params("dalle"), params("tokenizer")
    (tokens, captions), (held_tokens, held_captions) = captioned("train"), captioned("held_out")
    every = (text for kind in KINDS for texts in drawn(kind, "train")[1] for text in texts.tolist())
    tokenizer = CaptionTokenizer.train(every, words["words"], words["max_text_length"])
    config = configuration(wanted.pop("config"), tokenizer.words)
    training = DalleTraining(Schedule(**wanted.pop("schedule")), **wanted)
    weights, log = train_text_to_image(
        config, training, initial_parameters(config, training.seed),
        Examples.of(tokens, captions, tokenizer), Examples.of(held_tokens, held_captions, tokenizer),
        checkpoints=CHECKPOINTS, advance=Ticker(training.schedule.steps),
    )  # fmt: skip
    save_model(OUT, config, weights, half=True)
    tokenizer.save(OUT)
    write_log(OUT / "log.csv", log)


class Ticker:
    """One line in the console every 50 steps."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, steps: int) -> None:
        self.done += steps
        if self.done % 50 == 0:
            print(f"{self.done} more of {self.total} steps", flush=True)


if __name__ == "__main__":
    main()
