"""The one reader of CSV that people write: by hand, by a program, by Excel in any country.

Commas, semicolons or tabs; with or without a byte order mark; UTF-8 or Excel's "Unicode text" (UTF-16); headings in any
case, with blanks around them; blank rows, and `sep=;` before the heading. All else is an error with file and line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from rapporteur.core.errors import BadInput

Row = tuple[int, Mapping[str, str]]  # line, and cells by heading, without blanks around
SEPARATORS = ",;\t"
_SEP = re.compile(r'"?sep=(?P<sign>.)"?\r?\n')  # what Excel is told by, and understands alone


def csv_rows(
    path: Path,
    needed: Sequence[str],
    *,
    known: Sequence[str] = (),
    absent: str = "the file is missing; check its name",
    own: bool = False,
    comments: bool = False,
) -> Iterator[Row]:
    """The rows that hold something, each with the line that it begins on. Headings are in lower case; with `own`, those
    alone that are needed, others as they are written. With `comments`, a row that begins with # says nothing.

    `absent` is said of a missing file. Raises BadInput for what is no such CSV, lacks one of the `needed` columns, has
    one beside those that are `known` (where they are given), has a column twice, or has a row of another length.
    """
    text = read_text(path, absent)
    told = _SEP.match(text)
    separator = told["sign"] if told else _separator(text)
    skipped = 1 if told else 0
    # A TSV's quotes are part of its texts.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    content = io.StringIO(text[told.end() :] if told else text, newline="")
    lines = csv.reader(content, delimiter=separator, quoting=quoting, strict=True)
    line = 1 + skipped
    try:
        heading = _heading(next(lines, []), needed, own, path, line)
        if unknown := next((name for name in heading if known and name and name not in known), ""):
            raise BadInput(f"the column {unknown[:80]!r} is unknown; known: {', '.join(known)}", path, line)
        line = lines.line_num + 1 + skipped
        blank = 0
        for values in lines:
            if not any(value.strip() for value in values):
                blank += bool(values)  # a row of separators; an empty line is no row
            elif not (comments and values[0].lstrip().startswith("#")):
                yield line, _cells(heading, values, path, line)
            line = lines.line_num + 1 + skipped
        if blank:
            print(f"{path}: {blank} blank rows passed over", file=sys.stderr)
    except csv.Error as error:
        raise BadInput(f"not a CSV ({error}); close the quotes, and double those inside a text", path, line) from None


def read_text(path: Path, absent: str) -> str:
    """A text file in UTF-8, or in UTF-16 where its first bytes say so. Raises BadInput for any other."""
    try:
        data = path.read_bytes()
        encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
        text = data.decode(encoding)
    except FileNotFoundError:
        raise BadInput(absent, path) from None
    except IsADirectoryError:
        raise BadInput("this is a folder; name the file in it", path) from None
    except PermissionError:
        raise BadInput("can't be read; change its permissions", path) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadInput("not a text in UTF-8; save the file as “CSV UTF-8”", path, line) from None
    if "\0" in text:
        raise BadInput("not a text: it has zero bytes; save it as CSV in UTF-8", path)
    return text


def _separator(text: str) -> str:
    """The sign between the columns: the commonest of the heading."""
    heading = text.split("\n", 1)[0]
    return max(SEPARATORS, key=heading.count)


def _heading(given: Sequence[str], needed: Sequence[str], own: bool, path: Path, line: int) -> list[str]:
    plain = [name.strip() for name in given]
    heading = [name.lower() if not own or name.lower() in needed else name for name in plain]
    for name in needed:
        if name not in heading:
            found = ", ".join(plain)[:200] or "nothing"
            raise BadInput(f"the column `{name}` is missing; the first line names {found}", path, line)
    for name in heading:
        if name and heading.count(name) > 1:
            raise BadInput(f"the column `{name[:80]}` comes twice; rename one", path, line)
    return heading


def _cells(heading: Sequence[str], values: Sequence[str], path: Path, line: int) -> dict[str, str]:
    if len(values) > len(heading) and not any(value.strip() for value in values[len(heading) :]):
        values = values[: len(heading)]
    if len(values) != len(heading):
        raise BadInput(
            f"{len(values)} values for {len(heading)} columns; complete the line, or quote a text with a separator",
            path,
            line,
        )
    return {name: value.strip() for name, value in zip(heading, values, strict=True) if name}
