"""The one error that a user's input may raise, and the one place where it becomes a message.

A user sees which file, which line or record, and what to do; never a traceback.
"""

from __future__ import annotations

import errno
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path


class BadInput(Exception):
    """Something that the user gave can't be used; the message names the file, the place and the mend."""

    def __init__(self, message: str, file: str | Path | None = None, line: int | None = None) -> None:
        place = "" if file is None else f"{file}{'' if line is None else f':{line}'}: "
        super().__init__(printable(f"{place}{shortened(message)}"))


def printable(text: str) -> str:
    """The text for a terminal: control signs, with which what a file holds could move its cursor or colour it, and
    halves of characters are written out; ends of lines and tabs stay.
    """
    return "".join(
        sign if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Cf") else ascii(sign)[1:-1]
        for sign in text
    )


def shortened(message: str, longest: int = 600) -> str:
    """The message without the middle of lines that would fill a screen: what a file holds may be of any length."""
    lines = (
        line if len(line) <= longest else f"{line[: longest // 2]} … {line[-longest // 2 :]}"
        for line in message.split("\n")
    )
    return "\n".join(lines)


# What a disk refuses, as against a fault of this program.
REFUSALS = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOENT,
    errno.ELOOP, errno.ENXIO,
)  # fmt: skip


def run_stage(main: Callable[[], None]) -> None:
    """Run a stage's `main`, turning bad input, what the disk refuses and Ctrl-C into one line and an exit status.

    Status 1 for bad input and for the disk's refusals, 130 for an interruption. Any other exception is a fault
    of this program and keeps its traceback.
    """
    try:
        main()
    except BadInput as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("interrupted: what was made is kept; `dvc repro` goes on from here", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        if error.errno in REFUSALS and error.filename:
            sys.exit(f"error: {error.filename}: can't be read or written ({error.strerror})")
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        where = f" while writing {error.filename}" if error.filename else ""
        sys.exit(
            f"error: the disk is full{where}. Free some space and run `dvc repro` again: "
            "what was made is kept, and nothing half-written is believed."
        )
