"""`rapporteur clip PAIRS.csv --out F.parquet`: CLIP scores of any pictures with any texts, outside the pipeline.

Reads   a CSV with the columns file (relative to the CSV) and text; other columns are passed on. Every row is checked,
        and every picture decoded, before anything is computed.
Writes  one row a pair, in order: the CSV's columns, cosine, clipscore, tokens, tokens_cut (vocabulary/clip.py scored),
        as a parquet, or as a CSV where --out ends so; whole or not at all.
Costs   3 s to load torch; then as the stage `clip`: on one core about 100 ms a pair with ViT-B/32, 20 ms in bfloat16.
        A picture or a text that comes more than once is encoded once; 4 kB of memory for each.
"""

from __future__ import annotations

import argparse
from pathlib import Path

BATCH = 32


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("clip", help="score any pictures with any texts by CLIP")
    verb.add_argument("pairs", type=Path, metavar="PAIRS.csv", help="columns file and text; file relative to the CSV")
    verb.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .parquet or a .csv, one row a pair")
    verb.add_argument("--model", metavar="FOLDER|NAME", help="default: `clip.model` of the params.yaml found here")
    verb.add_argument("--pretrained", metavar="TAG|FILE", help="weights of a NAME: one of open_clip's tags, or a file")
    verb.add_argument(
        "--precision", choices=("float64", "float32", "bfloat16"), help="default: float64, or that of params.yaml"
    )
    verb.add_argument("--batch", type=_at_least_one, metavar="N", help=f"encoded together; default: {BATCH}")


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def score(given: argparse.Namespace) -> None:
    """Score the pairs of a CSV; pandas and torch are imported only here."""
    from rapporteur.clip.pairs import score_pairs

    score_pairs(given)
