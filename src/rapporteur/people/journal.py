"""A rater's file: lines are only ever added to it, each whole and on the disk before the page goes on.

A line that a power cut left half-written is taken out and named when the file is next opened; the others stay. One
server at a time holds a file, by a lock that the system frees even when the server is killed. The file may change
while it is held (git pull): what it says is read anew before the next line is added. An answer costs one fsync.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from rapporteur.core.errors import BadInput
from rapporteur.core.files import write_atomic
from rapporteur.vocabulary.ratings import is_time

LOCKS = Path(".items/rating")  # git-ignored; the lock is no data
DIGESTS = ("digest", "left_digest", "right_digest")  # of what was judged: files from before them have none
OPTIONAL = ("time", *DIGESTS)

Row = dict[str, str]


class Journal:
    """The lines of `path`, named after its rater; `columns` are those of a file that is yet to be made."""

    def __init__(self, path: Path, columns: Sequence[str], locks: Path = LOCKS) -> None:
        self.path, self.columns = path, tuple(columns)
        locks.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(locks / f"{path.parent.as_posix().strip('/').replace('/', '-')}-{path.stem}.lock")
        self._size = 0  # of the file as it was last read or written
        self._header = self.columns  # the file's own: one made by hand may have others, in another order

    def __enter__(self) -> Journal:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise BadInput(
                "this rater's page is already open; stop the other `rapporteur rate` first", self.path
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def read(self) -> list[Row]:
        """All lines, the last one mended. Raises BadInput naming the line that is not what it should be."""
        if not self.path.exists():
            self._size = 0
            return []
        self._mend()
        data = self.path.read_bytes()
        self._size = len(data)
        self._header, rows = _rows(_text(data, self.path), self.columns, self.path)
        return rows

    def append(self, cells: Mapping[str, str]) -> None:
        """Add one line, whole or not at all (OSError). Raises BadInput where it would not stay one line."""
        if not self.path.exists() or self.path.stat().st_size != self._size:
            self.read()
        if not self._size:
            self._header = self.columns
            write_atomic(self.path, _line(self._header))
        elif any(cells.get(name) for name in DIGESTS if name not in self._header):
            self._widen()
        self._size = _add(self.path, _line(cells.get(name, "") for name in self._header))

    def _widen(self) -> None:
        """Give a file from before digests the columns that it lacks, empty in the lines that are there."""
        more = [name for name in self.columns if name in DIGESTS and name not in self._header]
        _, rows = _rows(_text(self.path.read_bytes(), self.path), self.columns, self.path)
        timed = self._header[-1:] == ("time",)  # it stays the last, by which a line that was cut is known
        header = (*self._header[:-1], *more, "time") if timed else (*self._header, *more)
        lines = [_line(header), *(_line(row.get(name, "") for name in header) for row in rows)]
        write_atomic(self.path, b"".join(lines))
        self._header, self._size = header, self.path.stat().st_size

    def _mend(self) -> None:
        """End the last line, or take it out where it was cut short."""
        data = self.path.read_bytes()
        whole, newline, last = data.rpartition(b"\n")
        if not last:
            return
        if _is_complete(last, whole.partition(b"\n")[0] if newline else b"", self.columns):
            _add(self.path, b"\n")
            return
        with self.path.open("r+b") as stream:
            stream.truncate(len(whole + newline))
            os.fsync(stream.fileno())
        cut, number = last.decode("utf-8", "replace").replace("\0", ""), data.count(b"\n") + 1
        print(f"{self.path}:{number}: the last line was cut short and is taken out: {cut!r}", file=sys.stderr)


def _is_complete(last: bytes, first: bytes, columns: Sequence[str]) -> bool:
    """Whether a last line without its end lacks nothing else. `first` is the header, if it is another line."""
    try:
        header, cells = (next(csv.reader([line.decode("utf-8-sig")]), []) for line in (first, last))
    except (UnicodeDecodeError, csv.Error):
        return False
    if not first:
        return set(columns) - set(OPTIONAL) <= set(cells)
    timed = header[-1:] == ["time"]
    return len(cells) == len(header) and "\0" not in cells[-1] and (is_time(cells[-1]) if timed else bool(cells[-1]))


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("not UTF-8 text; save the file as CSV in UTF-8", path) from None


def _rows(text: str, columns: Sequence[str], path: Path) -> tuple[tuple[str, ...], list[Row]]:
    """The header and the lines below it."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(next(reader, columns))
        missing = [name for name in columns if name not in (*header, *OPTIONAL)]
        if missing:
            raise BadInput(f"the first line lacks {missing[0]!r}; it must name {','.join(columns)}", path, 1)
        return header, [_row(header, cells, path, reader.line_num) for cells in reader if cells]
    except csv.Error as error:
        raise BadInput(f"not valid CSV ({error}); mend the line", path, reader.line_num) from None


def _row(header: Sequence[str], cells: Sequence[str], path: Path, line: int) -> Row:
    if len(cells) != len(header):
        raise BadInput(f"{len(cells)} values for {len(header)} columns; complete the line or remove it", path, line)
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    if row["rater"] != path.stem:
        raise BadInput(f"the rater is {row['rater']!r} in the file of {path.stem!r}", path, line)
    return row


def _line(cells: Iterable[str]) -> bytes:
    out, values = io.StringIO(), list(cells)
    if any(ord(letter) < 32 for value in values for letter in value):
        raise BadInput(f"an identifier holds a line break or another control character: {values}; rename it")
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue().encode()


def _add(path: Path, data: bytes) -> int:
    """Append and fsync; returns the size. What a full disk cut is taken back."""
    with path.open("ab", buffering=0) as stream:
        start = stream.seek(0, os.SEEK_END)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[stream.write(rest) or 0 :]
            os.fsync(stream.fileno())
        except OSError:
            stream.truncate(start)
            raise
    return start + len(data)
