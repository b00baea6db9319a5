"""A JSON file read record by record, so that a caption file of 1 GB costs the memory of what is kept of it.

Costs 2 microseconds a record beyond the decoding of UTF-8; a record, or a member that is no list, must fit in 64 MB.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from rapporteur.core.errors import BadInput

BLANKS = " \t\r\n"
PIECE = 1 << 20  # characters read at a time
LONGEST = 1 << 26  # characters of one record
MEND = "the file is cut or damaged: fetch it again, or mend it there"


def members(path: Path) -> Iterator[tuple[str, int | None, Any]]:
    """The members of the JSON object in a plain or gzipped file, lists element by element.

    Yields (name, place in the list, element) for a list and (name, None, value) otherwise.
    Raises BadInput naming the file, the line and the record where it is no JSON.
    """
    try:
        with _opened(path) as stream:
            yield from _Text(stream, path).members()
    except FileNotFoundError:
        raise BadInput("the caption file is missing; check its name (`annotations` in params.yaml)", path) from None
    except IsADirectoryError:
        raise BadInput("this is a folder; name the caption file in it", path) from None
    except RecursionError:
        raise BadInput("its JSON is nested deeper than any caption file is; fetch it again", path) from None
    except (UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
        raise BadInput(f"not a JSON text in UTF-8 ({error}); fetch it again", path) from None


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt", encoding="utf-8-sig") if zipped else path.open(encoding="utf-8-sig")


class _Text:
    """The text from `place` on, with more of the file behind it."""

    def __init__(self, stream: IO[str], path: Path) -> None:
        self.stream, self.path = stream, path
        self.text, self.place, self.lines, self.ended = "", 0, 1, False
        self.record = ""  # what is being read, for messages
        self.scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # raw_decode without its check

    def members(self) -> Iterator[tuple[str, int | None, Any]]:
        if self.next() != "{":
            raise BadInput("expected a JSON object at the top level", self.path)
        self.place += 1
        first = True
        while self.more("}", first):
            first = False
            name = self.name()
            if self.next() != "[":
                yield name, None, self.value()
                continue
            self.place += 1
            yield from self.elements(name)
        if self.next():
            raise self.bad("there is more text after its end")

    def elements(self, name: str) -> Iterator[tuple[str, int | None, Any]]:
        count = 0
        while self.more("]", not count):
            self.record = f" at {name}[{count}]"
            yield name, count, self.value()
            count += 1
        self.record = f" after {name}"
        if not count:
            yield name, None, []

    def more(self, end: str, first: bool) -> bool:
        """Whether another element follows; steps over the comma before it, or over the end."""
        found = self.next()
        if found == end:
            self.place += 1
            return False
        if first:
            return True
        if found != ",":
            raise self.bad("a comma is missing" if found else "it ends too early")
        self.place += 1
        if self.next() == end:
            raise self.bad("a value is missing after a comma")
        return True

    def name(self) -> str:
        if self.next() != '"':
            raise self.bad("a name in quotes is missing")
        name = str(self.value())
        self.record = f' at "{name}"'
        if self.next() != ":":
            raise self.bad("a colon is missing")
        self.place += 1
        return name

    def value(self) -> Any:
        """The value at `place`; reads on until it is whole."""
        self.next()
        while True:
            try:
                value, end = self.scan(self.text, self.place)
                if len(self.text) - end > 2 or self.ended:  # else a number may go on in the next piece: "1.", "1e+"
                    self.place = end
                    return value
            except (StopIteration, json.JSONDecodeError) as error:
                if self.ended or len(self.text) - self.place > LONGEST:
                    raise self.failed(error) from None
            self.read(max(PIECE, len(self.text) - self.place))

    def next(self) -> str:
        """The next character that is no blank, "" at the end of the file."""
        while True:
            text, place = self.text, self.place
            while place < len(text) and text[place] in BLANKS:
                place += 1
            self.place = place
            if place < len(text):
                return text[place]
            if self.ended:
                return ""
            self.read(PIECE)

    def read(self, most: int) -> None:
        """Append more of the file and forget what is before `place`."""
        self.lines += self.text.count("\n", 0, self.place)
        piece = self.stream.read(most)
        self.ended = not piece
        self.text, self.place = self.text[self.place :] + piece, 0

    def failed(self, error: StopIteration | json.JSONDecodeError) -> BadInput:
        if isinstance(error, json.JSONDecodeError):
            return self.bad(error.msg.lower(), error.pos)
        return self.bad("expecting value", int(error.value))

    def bad(self, what: str, place: int | None = None) -> BadInput:
        line = self.lines + self.text.count("\n", 0, self.place if place is None else place)
        return BadInput(f"not JSON ({what}){self.record}; {MEND}", self.path, line)
