"""The one error of this package."""

from __future__ import annotations

from pathlib import Path


class BadInput(Exception):
    """Something in a document or its settings can't be used; the message names the file, the place and the mend."""

    def __init__(self, message: str, file: str | Path | None = None, line: int | None = None) -> None:
        place = "" if file is None else f"{file}{'' if line is None else f':{line}'}: "
        super().__init__(f"{place}{message}")
