"""Any folder of pictures with a CSV or Parquet of captions: one row a caption.

Columns: `file` (relative to the folder of pictures) and `caption`; optional `image_id` (else the file's name without
its ending), `caption_id` (else the picture's id and the caption's number), `split`, `kind` (original or prompt),
`licence`, `licence_url` and `source_url`. Others are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as arrow
from pyarrow import parquet

from rapporteur.core.errors import BadInput
from rapporteur.core.text import Row, csv_rows
from rapporteur.datasets.record import Caption, Picture

NEEDED = ("file", "caption")
SPLITS = ("train", "val", "test")
KINDS = ("original", "prompt")
ABOUT = ("image_id", "split", "kind", "licence", "licence_url", "source_url")  # of the picture, not of the caption

ABSENT = "the caption file is missing; check `annotations` in params.yaml"


def read_folder(path: Path, split: str | None = None) -> list[Picture]:
    """Pictures in the order of their first row, captions in the order of the rows.

    `split` is that of every picture, or None where the column `split` says it.
    Raises BadInput naming file, line and mend.
    """
    rows = _parquet_rows(path) if path.suffix.lower() in (".parquet", ".pq") else csv_rows(path, NEEDED, absent=ABSENT)
    pictures: dict[str, Picture] = {}
    files: dict[str, int] = {}  # by image id, the line that named it first
    captions: dict[str, int] = {}
    for line, row in rows:
        picture = _picture(row, split, path, line)
        known = _agreed(pictures, picture, files, path, line)
        known.captions.append(_caption(row, known, captions, path, line))
    if not pictures:
        raise BadInput(f"there is no caption; write one a line under {','.join(NEEDED)}", path)
    return list(pictures.values())


def _parquet_rows(path: Path) -> Iterator[Row]:
    try:
        table = parquet.read_table(path)
    except FileNotFoundError:
        raise BadInput(ABSENT, path) from None
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError, OSError) as error:
        raise BadInput(f"not a readable parquet ({error}); write it again", path) from None
    heading = [name.lower() for name in table.column_names]
    for name in NEEDED:
        if name not in heading:
            raise BadInput(f"the column `{name}` is missing; the table has {', '.join(heading)[:200]}", path)
    for place, values in enumerate(table.rename_columns(heading).to_pylist(), 1):
        yield place, {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _picture(row: Mapping[str, str], split: str | None, path: Path, line: int) -> Picture:
    file = row["file"].replace("\\", "/")
    if not file:
        raise BadInput("the column `file` is empty; name the picture, or take the line out", path, line)
    parts = PurePosixPath(file)
    if not parts.parts or parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
        raise BadInput(f"the file {file!r} is outside the folder of pictures; move it there and name it so", path, line)
    return Picture(
        row.get("image_id") or parts.stem,
        file,
        _split(row, split, path, line),
        row.get("licence", ""),
        licence_url=row.get("licence_url", ""),
        source_url=row.get("source_url", ""),
        kind=_kind(row, path, line),
    )


def _split(row: Mapping[str, str], split: str | None, path: Path, line: int) -> str:
    said = row.get("split", "")
    if split is not None and said not in ("", split):
        raise BadInput(f"the column `split` says {said!r} and params.yaml {split!r}; set `split: null`", path, line)
    if not (said or split):
        raise BadInput("no split is stated; add the column `split`, or set `split: test` in params.yaml", path, line)
    if (said or split) not in SPLITS:
        raise BadInput(f"unknown split {said or split!r}; known: {', '.join(SPLITS)}", path, line)
    return said or str(split)


def _kind(row: Mapping[str, str], path: Path, line: int) -> str:
    kind = row.get("kind") or KINDS[0]
    if kind not in KINDS:
        raise BadInput(f"unknown kind {kind!r}; known: {', '.join(KINDS)}", path, line)
    return kind


def _agreed(pictures: dict[str, Picture], new: Picture, lines: dict[str, int], path: Path, line: int) -> Picture:
    """The picture that this row is about; every row of a picture must say the same of it."""
    first = lines.setdefault(f"file:{new.file_name}", line)
    lines.setdefault(f"id:{new.image_id}", line)
    known = pictures.get(new.image_id)
    if known is None:
        if first != line:
            raise BadInput(
                f"the picture {new.file_name} has another `image_id` on line {first}; give it one", path, line
            )
        pictures[new.image_id] = new
        return new
    if known.file_name != new.file_name:
        where = lines[f"id:{new.image_id}"]
        raise BadInput(
            f"the image {new.image_id} is the file {known.file_name} on line {where} and {new.file_name} here; "
            "give each picture an `image_id` of its own",
            path,
            line,
        )
    for name in ABOUT:
        if getattr(known, name) != getattr(new, name):
            said = f"{getattr(known, name)!r} before and {getattr(new, name)!r} here"
            raise BadInput(f"the `{name}` of the picture {new.file_name} is {said}; write the same", path, line)
    return known


def _caption(row: Mapping[str, str], picture: Picture, seen: dict[str, int], path: Path, line: int) -> Caption:
    if not row["caption"]:
        raise BadInput(f"the caption of {picture.file_name} is empty; write one, or take the line out", path, line)
    caption_id = row.get("caption_id") or f"{picture.image_id}-{len(picture.captions)}"
    if caption_id in seen:
        raise BadInput(f"the caption_id {caption_id} stands on line {seen[caption_id]} already; change one", path, line)
    seen[caption_id] = line
    return Caption(caption_id, row["caption"])
