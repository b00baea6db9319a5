"""The pictures that lie under a folder of someone's."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from rapporteur.core.errors import BadInput
from rapporteur.core.files import is_junk
from rapporteur.core.pictures import ENDINGS


def pictures_under(folder: Path) -> tuple[list[str], Counter[str]]:
    """Paths from the folder on, sorted; as text, for a Path each would be most of the memory. And how many files of
    which other endings there are, junk apart. Raises BadInput where there is no picture, or a folder can't be read.
    """
    if not folder.is_dir():
        raise BadInput("not a folder; give one that holds pictures", folder)
    files, others = list[str](), Counter[str]()
    for home, _, names in os.walk(folder, onerror=_refuse):
        for name in names:
            path = Path(os.path.relpath(home, folder), name)
            ending = path.suffix.lower() or "without an ending"
            if is_junk(path) or not (folder / path).is_file():
                continue
            if not name.isprintable() and any(0xD800 <= ord(letter) < 0xE000 for letter in name):
                others["names that are not UTF-8"] += 1
            elif ending in ENDINGS:
                files.append(path.as_posix())
            else:
                others[ending] += 1
    if not files:
        raise BadInput(f"no picture under this folder (looked for {', '.join(sorted(ENDINGS))})", folder)
    return sorted(files), others


def _refuse(error: OSError) -> None:
    raise BadInput(f"can't be read ({error.strerror}); change its permissions", error.filename)
