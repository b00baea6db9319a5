"""Where the tensors are in a file that flax has serialised, found without reading their numbers.

flax writes nested maps in MessagePack; an array is an extension of code 1 (a scalar: code 3) whose payload is a
MessagePack array of its shape, the name of its type and its bytes in C order. A leaf above 1 GiB is a map of flat
arrays ("chunks") with its shape. Only what such files hold is understood here; the rest is an error by byte.
Format: msgpack.org's specification; the maps of flax.serialization.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

CHUNKED = "__msgpack_chunked_array__"
_DEEPEST = 32  # maps within maps; a model needs 8
_LONGEST_LIST, _LONGEST_TEXT = 64, 4096  # a damaged length must not fill the memory
_ARRAY, _SCALAR = 1, 3
# First byte: format of the number after it, which is a value or a length.
_NUMBERS = {0xCA: ">f", 0xCB: ">d", 0xCC: "B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q"}
_NUMBERS |= {0xD0: "b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
_TEXTS = {0xD9: "B", 0xDA: ">H", 0xDB: ">I"}
_BYTES = {0xC4: "B", 0xC5: ">H", 0xC6: ">I"}
_LISTS = {0xDC: ">H", 0xDD: ">I"}
_MAPS = {0xDE: ">H", 0xDF: ">I"}
_EXTENSIONS = {0xC7: "B", 0xC8: ">H", 0xC9: ">I"}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


@dataclass(frozen=True)
class Place:
    """A tensor's name, type and shape, and the byte ranges (offset, length) of the file which hold it."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Bytes:
    offset: int
    length: int


@dataclass(frozen=True)
class _Array:
    dtype: str
    shape: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]


def tensors(data: Any) -> Iterator[Place]:
    """Every tensor of a serialised tree, named by its path joined by "."; `data` is anything that can be sliced.

    Raises ValueError where the file ends early, goes on after its end or holds what is no tree of tensors.
    """
    reader = _Reader(data, 0, len(data))
    tree = reader.value(0)
    if reader.at != reader.end:
        raise ValueError(f"{reader.end - reader.at} bytes too many, from byte {reader.at} on")
    if not isinstance(tree, dict):
        raise ValueError("not a tree of tensors")
    yield from _leaves(tree, "")


def _leaves(tree: dict[str, Any], prefix: str) -> Iterator[Place]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        elif isinstance(value, _Array):
            yield Place(prefix + name, value.dtype, value.shape, value.parts)
        else:
            raise ValueError(f"{prefix}{name} is no tensor")


class _Reader:
    """Reads values one after the other from data[at:end]."""

    def __init__(self, data: Any, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def take(self, length: int) -> int:
        """Pass over `length` bytes and return where they start."""
        start = self.at
        if length > self.end - start:
            raise ValueError(f"cut off: {length} bytes wanted at byte {start}, {self.end - start} are left")
        self.at += length
        return start

    def number(self, form: str) -> Any:
        length = struct.calcsize(form)
        start = self.take(length)
        return struct.unpack(form, self.data[start : start + length])[0]

    def value(self, depth: int) -> Any:
        """The next value: a map as a dict, a list as a list, an array as its place, bytes as their place."""
        if depth > _DEEPEST:
            raise ValueError(f"more than {_DEEPEST} maps within maps at byte {self.at}")
        start = self.at
        kind = self.number("B")
        if kind <= 0x7F or kind >= 0xE0:
            return kind if kind <= 0x7F else kind - 0x100
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        return self._sized(kind, depth, start)

    def _sized(self, kind: int, depth: int, start: int) -> Any:
        if 0xA0 <= kind <= 0xBF or kind in _TEXTS:
            return self._text(kind & 0x1F if kind <= 0xBF else self.number(_TEXTS[kind]))
        if kind in _BYTES:
            length = self.number(_BYTES[kind])
            return _Bytes(self.take(length), length)
        if 0x80 <= kind <= 0x8F or kind in _MAPS:
            return self._map(kind & 0x0F if kind <= 0x8F else self.number(_MAPS[kind]), depth)
        if 0x90 <= kind <= 0x9F or kind in _LISTS:
            return self._list(kind & 0x0F if kind <= 0x9F else self.number(_LISTS[kind]), depth)
        if 0xD4 <= kind <= 0xD8 or kind in _EXTENSIONS:
            return self._extension(1 << (kind - 0xD4) if kind >= 0xD4 else self.number(_EXTENSIONS[kind]), depth)
        raise ValueError(f"byte {start} starts nothing that MessagePack knows")

    def _text(self, length: int) -> str:
        start = self.take(_at_most(_LONGEST_TEXT, length, self.at))
        return str(bytes(self.data[start : start + length]), "utf-8")

    def _list(self, length: int, depth: int) -> list[Any]:
        return [self.value(depth + 1) for _ in range(_at_most(_LONGEST_LIST, length, self.at))]

    def _map(self, length: int, depth: int) -> Any:
        found: dict[str, Any] = {}
        for _ in range(length):
            start = self.at
            name = self.value(depth + 1)
            if not isinstance(name, str) or name in found:
                raise ValueError(f"byte {start}: {name!r} is no name, or is there twice")
            found[name] = self.value(depth + 1)
        return _join_chunks(found) if CHUNKED in found else found

    def _extension(self, length: int, depth: int) -> _Array:
        code = self.number("b")
        start = self.take(length)
        if code not in (_ARRAY, _SCALAR):
            raise ValueError(f"byte {start} starts an unknown extension, {code}")
        inner = _Reader(self.data, start, start + length)
        value = inner.value(depth + 1)
        if inner.at != inner.end:
            raise ValueError(f"the array at byte {start} is followed by {inner.end - inner.at} bytes of nothing")
        return _array(value, self.data, start)


def _at_most(limit: int, length: int, start: int) -> int:
    if length > limit:
        raise ValueError(f"a list or name of {length} parts at byte {start}: no tree of tensors has one")
    return length


def _array(value: Any, data: Any, start: int) -> _Array:
    match value:
        case [list(shape), str() | _Bytes() as dtype, _Bytes(offset, length)] if are_sizes(shape):
            name = dtype if isinstance(dtype, str) else _ascii(data, dtype)
            return _Array(name, tuple(shape), ((offset, length),))
    raise ValueError(f"what is at byte {start} is no array")


def _ascii(data: Any, place: _Bytes) -> str:
    return str(bytes(data[place.offset : place.offset + min(place.length, 40)]), "ascii")


def are_sizes(shape: list[Any]) -> bool:
    """Whether a list holds whole numbers from 0 on, and nothing else."""
    return all(type(size) is int and size >= 0 for size in shape)


def _join_chunks(found: dict[str, Any]) -> _Array:
    """A leaf above 1 GiB: {CHUNKED: True, "shape": {"0": n, …}, "chunks": {"0": flat array, …}}."""
    shape, chunks = (_in_order(found.get(name)) for name in ("shape", "chunks"))
    if not are_sizes(shape) or not all(isinstance(chunk, _Array) for chunk in chunks):
        raise ValueError("a chunked array has no proper shape or chunks")
    kinds = {chunk.dtype for chunk in chunks}
    if len(kinds) != 1:
        raise ValueError(f"a chunked array has chunks of the types {sorted(kinds)}")
    return _Array(kinds.pop(), tuple(shape), tuple(part for chunk in chunks for part in chunk.parts))


def _in_order(numbered: Any) -> list[Any]:
    """{"0": a, "1": b} to [a, b]."""
    if not isinstance(numbered, dict) or set(numbered) != {str(place) for place in range(len(numbered))}:
        raise ValueError("a chunked array does not number its parts from 0 on")
    return [numbered[str(place)] for place in range(len(numbered))]
