"""`rapporteur landscapes CAPTIONS.json --out scores.csv`: the filter on any caption file, outside the pipeline.

Reads   a caption file in COCO's layout or Karpathy's, plain or gzipped, and the lexicon.
Writes  a CSV of the columns image_id, score (0 to 1), kept (true or false), reasons; one row an image, in the file's
        order. `image_id` is COCO's, or the file name without its ending in Karpathy's layout.
Costs   about 10 s and 0.4 GB for the 616,767 captions of COCO 2014 on one core, and in proportion for more.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.core.names import left_out
from rapporteur.datasets import Picture, read_coco, read_karpathy
from rapporteur.datasets.stream import members
from rapporteur.landscapes.lexicon import Lexicon, read_lexicon
from rapporteur.landscapes.score import Judge

COLUMNS = ("image_id", "score", "kept", "reasons")
THRESHOLD = 0.28  # as in params.yaml; data/landscapes/README.md tells what other ones keep
LEXICON = Path("data/landscapes/lexicon.csv")  # under the current folder, else under the repository


def score_file(captions: Path, target: Path, threshold: float = THRESHOLD, lexicon: Path | None = None) -> None:
    """Judge every image of a caption file. Raises BadInput naming the file, the record and the mend."""
    if not 0 < threshold <= 1:
        raise BadInput(f"--threshold is {threshold}; give more than 0, at most 1")
    if target.exists() and (target.is_dir() or (captions.exists() and target.samefile(captions))):
        raise BadInput("--out must be a file of its own; name another", target)
    words = read_lexicon(lexicon or default_lexicon())
    pictures = read_captions(captions)
    kept, content = rows_of(pictures, words, threshold)
    write_atomic(target, content.encode())
    said = [[caption.text for caption in picture.captions] for picture in pictures]
    told = left_out(
        {
            "images without a caption": said.count([]),
            "captions without a word that the filter knows, as if they said nothing":
                sum(not words.understands(text) for texts in said for text in texts),
        }
    )  # fmt: skip
    print(f"{kept} of {len(pictures)} images kept from a score of {threshold} on{told}; all are in {target}")


def default_lexicon() -> Path:
    return LEXICON if LEXICON.exists() else Path(__file__).resolve().parents[3] / LEXICON


def read_captions(path: Path) -> list[Picture]:
    """The pictures of a file in either layout."""
    for name, place, entry in members(path):
        if name == "annotations":
            break
        if name == "images" and place is not None:
            if isinstance(entry, dict) and "sentences" in entry:
                return read_karpathy(path)
            break
    return read_coco(path, "val")  # the split is of no account here


def rows_of(pictures: Sequence[Picture], lexicon: Lexicon, threshold: float) -> tuple[int, str]:
    """How many images are kept, and the CSV."""
    judge, kept, out = Judge(lexicon), 0, io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for picture in pictures:
        judged = judge.judge([caption.text for caption in picture.captions])
        keep = judged.score >= threshold
        kept += keep
        writer.writerow((picture.image_id, judged.score, "true" if keep else "false", judged.reasons))
    return kept, out.getvalue()
