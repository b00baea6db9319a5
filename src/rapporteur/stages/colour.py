"""Colour: what colours each picture of a dataset's study has, and whether they are those of its caption.

Reads   artifacts/captions/<dataset> and its gold pictures, artifacts/images/<dataset>.
Writes  artifacts/colour/<dataset>/colour.parquet (colour/table.py), one row a picture, gold first.
Costs   about 10 ms per 256x256 picture of a shape and 30 ms per photograph on one core, nearly all of it to find the
        subject; a picture measured before, or a new caption for it, costs nothing. Rows are written a thousand at
        a time.

    python -m rapporteur.stages.colour shapes
"""

from __future__ import annotations

from rapporteur.colour.asked import asked_colours
from rapporteur.colour.streaming import write_rows
from rapporteur.colour.table import COLOUR
from rapporteur.core.errors import BadInput, run_stage
from rapporteur.core.files import new_folder
from rapporteur.core.keep import ItemStore, keep, listed
from rapporteur.core.params import strict
from rapporteur.core.provenance import previous_output
from rapporteur.core.stage import Stage
from rapporteur.form.asked import asked_forms
from rapporteur.form.items import item_of, keys_of, measure, rows_of
from rapporteur.study.pictures import read_corpus

STAGE = Stage("colour", reads=("artifacts/captions/{dataset}", "artifacts/images/{dataset}"), each=True)

TABLE = "colour.parquet"


@strict
class ColourParams:
    palette: int = 5  # colours in a palette


def main() -> None:
    dataset = STAGE.dataset()
    params = STAGE.params(ColourParams)
    if not 1 <= params.palette <= 16:
        raise BadInput(f"`colour.palette` is {params.palette}; give 1 to 16", "params.yaml")
    study = read_corpus(dataset)
    forms = asked_forms(study.captions)
    measured = any(forms.values())
    store, keys = ItemStore("colour"), keys_of(study.pictures, params.palette, measured)
    out = STAGE.out(dataset)
    make = lambda batch: [measure(picture, params.palette, measured) for picture in batch]  # noqa: E731
    before = lambda: listed(previous_output(out.as_posix()).get(TABLE), COLOUR, item_of)  # noqa: E731
    kept = keep(store, keys, study.pictures, make, batch=16, label=f"colour {dataset}", earlier=before)
    with new_folder(out) as folder:
        write_rows(rows_of(study.pictures, keys, store, asked_colours(study.captions), forms), folder / TABLE, COLOUR)
    print(f"colour {dataset}: {len(keys)} pictures, {kept.made} measured now, {kept.back} taken from the last run")


if __name__ == "__main__":
    run_stage(main)
