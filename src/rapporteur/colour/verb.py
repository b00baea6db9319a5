"""`rapporteur colours FOLDER --out F.parquet`: the colour measures of any pictures, outside the pipeline.

Reads   every picture under a folder, in the order of their paths (core/pictures.py says which endings).
Writes  one row a picture (colour/table.py COLOURS) as a parquet, or as a CSV where --out ends so.
Costs   on two cores about 10 s for 6,000 pictures of 256x256 pixels, a minute for photographs of 640x480; memory does
        not grow with their number.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rapporteur.colour.statistics import colour_statistics
from rapporteur.colour.streaming import write_rows
from rapporteur.colour.table import COLOURS
from rapporteur.core.errors import BadInput
from rapporteur.core.folder import pictures_under
from rapporteur.core.names import kinds
from rapporteur.core.pictures import load_picture, picture_array
from rapporteur.core.progress import progress
from rapporteur.core.spread import processors

PALETTE = 5  # as in params.yaml
AHEAD = 16  # pictures in work per core: what is held at once, whatever the folder holds

Row = dict[str, Any]
Measured = Row | BadInput


def measure_folder(folder: Path, target: Path, palette: int = PALETTE, skip_damaged: bool = False) -> None:
    """Measure every picture under a folder. Raises BadInput naming the file and the mend."""
    if not 1 <= palette <= 16:
        raise BadInput(f"--palette is {palette}; give 1 to 16")
    if target.suffix not in (".parquet", ".csv") or target.is_dir():
        raise BadInput("--out must be a file that ends in .parquet or .csv", target)
    files, others = pictures_under(folder)
    with progress("colours", len(files), "pictures") as advance:
        found = rows_of(folder, files, palette)
        written = write_rows(kept(found, skip_damaged, advance), target, COLOURS)
    left = f", {len(files) - written} damaged ones left out" if written < len(files) else ""
    passed = f"; {others.total()} files of other kinds passed over ({kinds(others)})" if others else ""
    print(f"{written} pictures measured{left}{passed}; the rows are in {target}")


def rows_of(folder: Path, files: Sequence[str], palette: int) -> Iterator[Measured]:
    """A row for each file, in order, or why there is none; a few are in work at a time, on every core."""
    cores = processors()
    with ThreadPoolExecutor(cores) as pool:  # decoding and measuring both let other threads run
        waiting: deque[Future[Measured]] = deque()
        try:
            for file in files:
                waiting.append(pool.submit(row_of, folder, file, palette))
                if len(waiting) > AHEAD * cores:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def row_of(folder: Path, file: str, palette: int) -> Measured:
    """The measures of one picture."""
    try:
        pixels = picture_array(load_picture(folder / file))
    except BadInput as error:
        return error
    size = {"file": file, "width": pixels.shape[1], "height": pixels.shape[0]}
    return size | vars(colour_statistics(pixels, palette))


def kept(found: Iterable[Measured], skip_damaged: bool, advance: Any) -> Iterator[Row]:
    """The rows; a damaged picture stops them, or is named and left out."""
    for row in found:
        advance(1)
        if not isinstance(row, BadInput):
            yield row
        elif skip_damaged:
            print(f"left out: {row}", file=sys.stderr)
        else:
            raise BadInput(f"{row}, or give --skip-damaged to leave such pictures out")
