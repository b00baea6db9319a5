"""The `rapporteur` command: the few verbs that `dvc` and `quarto` don't have.

rapporteur draw "a lake at dusk"          pictures of any sentence by the study's model
rapporteur ahead images@coco --part 1/8   a part of a stage's long work, by several processes or machines
rapporteur browse shapes --to pictures/   a folder of plain PNG, named by caption and seed
rapporteur new FOLDER --from coco         another study, in a folder of its own
rapporteur flow                           write dvc.yaml again, after a block of params.yaml came or went
rapporteur stale                          which stages would run
rapporteur why NAME                       where a number comes from
rapporteur diff main~1                    what changed since: numbers, sentences, figures before and after
rapporteur export --to crate ...          the study as an RO-Crate, for an archive
rapporteur verify                         whether a rebuild gave what was committed: a page, JSON and an exit code
rapporteur convert mini-1 --to mini       a published model folder to model.safetensors, with its digest
rapporteur vqgan FOLDER --to models/mine  an image tokenizer trained on your own pictures
rapporteur landscapes c.json --out s.csv  the landscape filter's score of every image of a caption file
rapporteur colours FOLDER --out c.csv     the colour measures of any pictures
rapporteur clip pairs.csv --out s.parquet CLIP scores of any pictures with any texts
rapporteur fetch coco                     published data and weights; also flickr30k, dalle-mini, clip
rapporteur rate --rater amel              judge pictures in a page on this machine
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rapporteur.archive.verb import add_verb as add_export
from rapporteur.archive.verb import export
from rapporteur.clip.verb import add_verb as add_clip
from rapporteur.clip.verb import score as score_pairs
from rapporteur.core.errors import run_stage
from rapporteur.dalle.own_vqgan import add_verb as add_vqgan
from rapporteur.dalle.own_vqgan import train_own
from rapporteur.draw.ahead import add_verb as add_ahead
from rapporteur.draw.ahead import ahead
from rapporteur.draw.verb import add_verb as add_draw
from rapporteur.draw.verb import draw_texts
from rapporteur.fetching.verb import add_verb, fetch
from rapporteur.people.verb import add_verb as add_rate
from rapporteur.people.verb import rate
from rapporteur.verify.verb import add_diff, diff, verify
from rapporteur.verify.verb import add_verb as add_verify


def browse(dataset: str, target: Path) -> None:
    """Unpack a dataset's drawn pictures (or `samples`) as PNG files with their index as CSV."""
    from rapporteur.core.pictures import safe_join
    from rapporteur.core.shards import ShardReader
    from rapporteur.core.tables import read_table
    from rapporteur.vocabulary.images import IMAGES, SAMPLES

    home = Path("artifacts/samples") if dataset == "samples" else Path("artifacts/images") / dataset
    index = read_table(home / "index.parquet", SAMPLES if dataset == "samples" else IMAGES)
    target.mkdir(parents=True, exist_ok=True)
    with ShardReader(home) as shards:
        for row in index.itertuples():
            safe_join(target, str(row.member)).write_bytes(shards.read(str(row.shard), str(row.member)))
    index.drop(columns=["shard"]).to_csv(target / "index.csv", index=False)
    print(f"{len(index)} pictures and index.csv in {target}")


def new(folder: Path, source: str) -> None:
    """Make a study; the stages are imported only here, to write its dvc.yaml."""
    from rapporteur.study.new import new_study

    new_study(folder, source)


def flow() -> None:
    """Write the dvc.yaml of the study in the current folder."""
    from rapporteur.study.new import write_flow

    write_flow(Path())


def stale() -> None:
    """Print the stages that `dvc repro` would run, and why."""
    from rapporteur.report.guard import would_run

    found = would_run(Path())
    for name, reason in found:
        print(f"{name}: {reason}")
    print("and what follows from it" if found else "every artifact is up to date")


def why(name: str) -> None:
    """Print where a number comes from, back to the tracked inputs."""
    from rapporteur.report.why import why as chain

    print(chain(name))


def convert(source: Path, target: Path, dtype: str | None, force: bool) -> None:
    """Write a model folder anew; JAX is imported only here."""
    from rapporteur.dalle.convert import main as run

    run(source, target, dtype, force)


def landscapes(captions: Path, target: Path, threshold: float | None, lexicon: Path | None) -> None:
    """Score the images of any caption file, outside the pipeline."""
    from rapporteur.landscapes.verb import THRESHOLD, score_file

    score_file(captions, target, THRESHOLD if threshold is None else threshold, lexicon)


def colours(folder: Path, target: Path, palette: int | None, skip_damaged: bool) -> None:
    """Measure the colours of any pictures, outside the pipeline."""
    from rapporteur.colour.verb import PALETTE, measure_folder

    measure_folder(folder, target, PALETTE if palette is None else palette, skip_damaged)


def sweep(settings: Sequence[str], precision: str | None) -> None:
    """Train the landscape model with other settings."""
    from rapporteur.core.params import stage_params
    from rapporteur.dalle.landscape import ModelParams
    from rapporteur.dalle.sweep import sweep as train_each

    train_each(stage_params(ModelParams, "model"), settings, precision)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="rapporteur", description="What `dvc` and `quarto` don't do for the study.")
    verbs = top.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("browse", help="unpack drawn pictures as plain PNG files")
    verb.add_argument("dataset", help="a dataset of params.yaml, or `samples`")
    verb.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    verb = verbs.add_parser("new", help="make another study, in a folder of its own")
    verb.add_argument("folder", type=Path, metavar="FOLDER", help="one that is not there yet, or empty")
    known = "default, coco, paper or prompts"
    verb.add_argument("--from", dest="source", default="default", metavar="STUDY", help=known)
    verbs.add_parser("flow", help="write dvc.yaml: the stages whose blocks params.yaml has, and what they need")
    verbs.add_parser("stale", help="say which stages would run")
    verb = verbs.add_parser("why", help="say where a number of the documents comes from")
    verb.add_argument("name", help="its name in artifacts/findings/findings.json, as fact() takes it")
    _add_convert(verbs.add_parser("convert", help="write a published model folder as model.safetensors"))
    _add_landscapes(verbs.add_parser("landscapes", help="score the images of a caption file by the landscape filter"))
    _add_colours(verbs.add_parser("colours", help="measure the colours of the pictures under a folder"))
    _add_sweep(verbs.add_parser("sweep", help="train the landscape model with other settings, for the report's table"))
    add_clip(verbs)
    add_verb(verbs)
    add_rate(verbs)
    add_draw(verbs)
    add_ahead(verbs)
    add_vqgan(verbs)
    add_verify(verbs)
    add_export(verbs)
    add_diff(verbs)
    return top


def _add_convert(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("source", type=Path, metavar="FOLDER", help="config.json with weights, of DALL·E mini or a VQGAN")
    verb.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="the folder to write")
    kind = verb.add_mutually_exclusive_group()
    kind.add_argument("--dtype", choices=("float16", "bfloat16", "float32"), help="default: as stored")
    kind.add_argument("--half", dest="dtype", action="store_const", const="float16", help="the same as --dtype float16")
    verb.add_argument("--force", action="store_true", help="replace a model that was converted before")


def _add_landscapes(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("captions", type=Path, metavar="CAPTIONS", help="COCO's layout or Karpathy's, plain or gzipped")
    verb.add_argument("--out", type=Path, required=True, metavar="CSV", help="columns image_id, score, kept, reasons")
    verb.add_argument("--threshold", type=float, help="0 to 1: an image is kept from this score on; default 0.28")
    verb.add_argument("--lexicon", type=Path, metavar="CSV", help="default: data/landscapes/lexicon.csv")


def _add_sweep(verb: argparse.ArgumentParser) -> None:
    known = "learning_rate, steps or batch, and the values to try: steps=60,120"
    verb.add_argument("settings", nargs="+", metavar="NAME=VALUE,VALUE", help=known)
    help_ = "float32 is twice as fast as the study's float64; the same for a whole sweep"
    verb.add_argument("--precision", choices=("float32", "bfloat16"), help=help_)


def _add_colours(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("folder", type=Path, metavar="FOLDER", help="its .jpg, .png and .webp, at any depth")
    verb.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .parquet or a .csv, one row a picture")
    verb.add_argument("--palette", type=int, metavar="COLOURS", help="colours of a palette, 1 to 16; default 5")
    verb.add_argument("--skip-damaged", action="store_true", help="name unreadable pictures and leave them out")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script."""
    chosen = parser().parse_args(arguments)
    verbs = {
        "browse": lambda: browse(chosen.dataset, chosen.to),
        "new": lambda: new(chosen.folder, chosen.source),
        "flow": flow,
        "stale": stale,
        "why": lambda: why(chosen.name),
        "convert": lambda: convert(chosen.source, chosen.to, chosen.dtype, chosen.force),
        "landscapes": lambda: landscapes(chosen.captions, chosen.out, chosen.threshold, chosen.lexicon),
        "colours": lambda: colours(chosen.folder, chosen.out, chosen.palette, chosen.skip_damaged),
        "sweep": lambda: sweep(chosen.settings, chosen.precision),
        "clip": lambda: score_pairs(chosen),
        "fetch": lambda: fetch(chosen),
        "rate": lambda: rate(chosen),
        "draw": lambda: draw_texts(chosen),
        "ahead": lambda: ahead(chosen),
        "vqgan": lambda: train_own(chosen),
        "verify": lambda: verify(chosen),
        "diff": lambda: diff(chosen),
        "export": lambda: export(chosen),
    }
    run_stage(verbs[chosen.verb])
