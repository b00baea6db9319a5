"""Samples: draw landscape prompts with the landscape model and with the model that it started from.

Reads   the prompts (`samples.prompts`, a CSV: id, text, gloss), artifacts/model, the folder `model.start`
        and the VQGAN and the sampler's settings of the block `images`. Both models are drawn with this
        repository's own implementation, whatever draws the study's pictures.
Writes  artifacts/samples/index.parquet (vocabulary/images.py) and shard-NNNN.zip of PNG.
Keeps   each picture in .items/samples.
Costs   about 10 s to start both models and 0.1 s a picture on 2 cores.

    python -m rapporteur.stages.samples
"""

from __future__ import annotations

from pathlib import Path

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import ItemStore, Kept
from rapporteur.core.params import strict
from rapporteur.core.stage import Stage, artifact
from rapporteur.core.text import csv_rows
from rapporteur.draw.packing import draw, write_pictures
from rapporteur.draw.painter import ImagesParams, Painter
from rapporteur.draw.request import Request
from rapporteur.vocabulary.engines import JAX
from rapporteur.vocabulary.images import SAMPLES

STAGE = Stage(
    "samples",
    reads=("${samples.prompts}", "artifacts/model", "${model.start}", "${images.vqgan}"),
    takes=("samples", "images", "model.start"),
)

OUT = STAGE.out()


@strict
class SamplesParams:
    prompts: str  # CSV with the columns id, text, gloss
    draws: int  # pictures of each model for each prompt


def read_prompts(path: Path) -> list[tuple[str, str]]:
    """(id, text) of each prompt. Raises BadInput naming the line of a bad row."""
    absent = "the prompts are missing; check `samples.prompts` in params.yaml"
    found = list(csv_rows(path, ("id", "text"), absent=absent))
    seen: set[str] = set()
    for line, row in found:
        if not row["id"] or not row["text"]:
            raise BadInput("a prompt needs an `id` and a `text`", path, line)
        if row["id"] in seen:
            raise BadInput(f"the prompt {row['id']!r} comes twice; give one of them another id", path, line)
        seen.add(row["id"])
    if not found:
        raise BadInput("there is no prompt; write one a line under `id,text,gloss`", path)
    return [(row["id"], row["text"]) for _, row in found]


def requests(prompts: list[tuple[str, str]], draws: int) -> list[Request]:
    return [Request("samples", name, name, text, seed) for name, text in prompts for seed in range(draws)]


def main() -> None:
    params = STAGE.params(SamplesParams)
    settings = STAGE.params(ImagesParams, block="images")
    start = str(STAGE.shared("model.start"))
    folders = {"landscape_model": artifact("model").as_posix(), "start_model": start}
    models = {source: settings.painter(folder, engine=JAX) for source, folder in folders.items()}
    wanted = requests(read_prompts(Path(params.prompts)), params.draws)
    store, kept = ItemStore("samples"), Kept(0, 0)
    every: list[Request] = []
    keys: list[str] = []
    painters: list[Painter] = []
    sources: list[dict[str, str]] = []
    for source, painter in models.items():
        mine = painter.keys(wanted)
        kept += draw(wanted, mine, painter, store, OUT.as_posix(), f"samples ({source})")
        every, keys, painters = every + wanted, keys + mine, painters + [painter] * len(wanted)
        sources += [{"source": source}] * len(wanted)
    with new_folder(OUT) as folder:
        write_pictures(every, keys, painters, store, folder, SAMPLES, sources)
    print(f"samples: {len(every)} pictures of {len(wanted)} requests and {len(models)} models, {kept.made} drawn now")


if __name__ == "__main__":
    run_stage(main)
