"""Tokens: encode the landscape pictures that the filter kept with the VQGAN's encoder.

Reads   artifacts/landscapes/landscapes.parquet, artifacts/captions/<dataset>/gold.parquet, the pictures,
        and the folder `tokens.vqgan`.
Writes  artifacts/tokens/tokens.parquet (vocabulary/tokens.py).
Keeps   each picture's tokens in .items/tokens.
Costs   about 4 s to start and 10 ms a picture with the sample VQGAN on 2 cores.

    python -m rapporteur.stages.tokens
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.keep import ItemStore, keep, listed
from rapporteur.core.names import left_out
from rapporteur.core.params import strict
from rapporteur.core.provenance import folder_digest, previous_output
from rapporteur.core.stage import Stage, artifact
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.dalle.coder import Coder, keys_of, token_bytes
from rapporteur.dalle.views import View
from rapporteur.study.pictures import gold_of
from rapporteur.vocabulary.captions import GOLD
from rapporteur.vocabulary.landscapes import LANDSCAPES
from rapporteur.vocabulary.tokens import TOKENS

STAGE = Stage(
    "tokens",
    reads=("artifacts/landscapes", "artifacts/captions/${landscapes.dataset}/gold.parquet", "${tokens.vqgan}"),
    takes=("tokens", "landscapes.dataset"),
)

OUT = STAGE.out()


@strict
class TokensParams:
    vqgan: str  # folder of the VQGAN that encodes
    batch: int = 16  # pictures encoded together
    views: int = 1  # of each picture: its central square, then squares cut at random places


def kept_pictures(landscapes: pd.DataFrame, gold: pd.DataFrame) -> pd.DataFrame:
    """The pictures that the filter kept and that are on the disk, with their captions, file and digest."""
    kept = landscapes[landscapes["kept"]]
    return kept.merge(gold[["dataset", "image_id", "file", "digest"]], on=["dataset", "image_id"], how="inner")


def main() -> None:
    params = STAGE.params(TokensParams)
    if params.views < 1:
        raise BadInput("`tokens.views` starts at 1", "params.yaml")
    vqgan, dataset = Path(params.vqgan), str(STAGE.shared("landscapes.dataset"))
    gold = read_table(artifact("captions", dataset) / "gold.parquet", GOLD)
    landscapes = read_table(artifact("landscapes") / "landscapes.parquet", LANDSCAPES)
    pictures = kept_pictures(landscapes, gold)
    absent = int(landscapes["kept"].sum()) - len(pictures)
    if pictures.empty:
        raise BadInput(
            f"none of the {absent} landscapes is on the disk; check `captions.{dataset}.images`"
            if absent
            else "the filter kept no picture; lower `landscapes.threshold`",
            "params.yaml",
        )
    pictures = pictures.merge(pd.DataFrame({"view": range(params.views)}), how="cross")
    views = [View(*one) for one in zip(gold_of(pictures), pictures["view"].tolist(), strict=True)]
    keys, make, store = keys_of(views, folder_digest(vqgan)), Coder(vqgan).tokens, ItemStore("tokens")
    before = lambda: listed(  # noqa: E731
        previous_output(OUT.as_posix()).get("tokens.parquet"), TOKENS, lambda row: token_bytes(row["tokens"])
    )
    kept = keep(store, keys, views, make, batch=params.batch, label="tokens", earlier=before)
    pictures = pictures.assign(key=keys, tokens=[json.loads(store.get(key)) for key in keys])
    rows = pictures[list(TOKENS.columns)].to_dict("records")
    write_table(table_of(rows, TOKENS), OUT / "tokens.parquet", TOKENS)  # type: ignore[arg-type]
    views_of = f"{len(keys)} views of " if params.views > 1 else ""
    print(
        f"tokens: {views_of}{pictures['image_id'].nunique()} pictures, {kept.made} encoded now, {kept.back} taken from "
        f"the last run{left_out({'landscapes whose picture is not on the disk': absent})}"
    )


if __name__ == "__main__":
    run_stage(main)
