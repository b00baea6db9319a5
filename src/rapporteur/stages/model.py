"""Model: train the landscape variant. The image encoder and the text encoder stay as they are; the decoder learns.

Reads   artifacts/tokens/tokens.parquet, and the folder `model.start` (configuration, tokenizer, weights).
Writes  artifacts/model/: config.json, tokenizer.json, model.safetensors (float16), log.parquet (vocabulary/log.py)
        and losses.parquet (vocabulary/losses.py): how well single pictures are foreseen; README.md, the model's card;
        curve.csv, for `dvc plots`.
Keeps   a checkpoint in .items/model every `log_every` steps: a stopped training goes on and ends with the same bytes.
Costs   with the sample model, 2.7 s a step of 32 pictures on 2 cores (half of it in float32), 1 GB of memory and
        200 MB of checkpoint.

    python -m rapporteur.stages.model
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import STORE
from rapporteur.core.progress import progress
from rapporteur.core.stage import Plot, Stage
from rapporteur.core.tables import read_table, write_table
from rapporteur.dalle.card import card
from rapporteur.dalle.identity import TOKENS_FILE, training_key
from rapporteur.dalle.landscape import ModelParams, curve, judge, learn, log_table
from rapporteur.vocabulary.log import LOG
from rapporteur.vocabulary.losses import LOSSES
from rapporteur.vocabulary.tokens import TOKENS

CURVE = "curve.csv"
STAGE = Stage(
    "model",
    reads=("artifacts/tokens", "${model.start}"),
    plots=(Plot(f"artifacts/model/{CURVE}", "step", ("train", "held_out")),),
)

OUT = STAGE.out()


def train(tokens: pd.DataFrame, params: ModelParams, out: Path) -> None:
    """Train and write the model folder `out`."""
    from rapporteur.dalle import checkpoint
    from rapporteur.dalle.optimise import saved_step

    folder = STORE / "model" / training_key(params)
    done = saved_step(folder)
    if done:
        print(f"model: goes on from step {done}")
    with progress("model", params.steps - done, "steps") as advance:
        learnt = learn(tokens, params, folder, advance)
    checkpoint.save_model(out, learnt.config, learnt.weights, half=True)
    for name in checkpoint.TEXT_FILES:
        if (Path(params.start) / name).exists():
            shutil.copyfile(Path(params.start) / name, out / name)
    log = log_table(learnt.rows, learnt.first, params.batch)
    write_table(log, out / "log.parquet", LOG)
    (out / CURVE).write_text(curve(log), encoding="utf-8", newline="\n")
    losses = judge(tokens, params, learnt)
    write_table(losses, out / "losses.parquet", LOSSES)
    (out / "README.md").write_text(card(tokens, params, learnt, losses), encoding="utf-8", newline="\n")
    print(f"model: {learnt.told(params.patience is not None)}")


def main() -> None:
    params = STAGE.params(ModelParams)
    tokens = read_table(TOKENS_FILE, TOKENS)
    config = json.loads((Path(params.start) / "config.json").read_text(encoding="utf-8"))
    lengths = set(tokens["tokens"].map(len))
    if lengths != {config["image_length"]}:
        raise BadInput(
            f"pictures have {lengths} tokens, the model {config['image_length']}: `tokens.vqgan` and `model.start` "
            "belong to different models",
            TOKENS_FILE,
        )
    with new_folder(OUT) as folder:
        train(tokens, params, folder)


if __name__ == "__main__":
    run_stage(main)
