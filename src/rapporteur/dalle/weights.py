"""Files of tensors, read in place: safetensors and flax's msgpack, whole or in shards. No pickle is ever read.

A file's structure is walked over a memory map; its numbers stay on the disk until they are asked for and then go
straight to where they are wanted, a mebibyte at a time. Reading 1.75 GB of float32 from a warm disk cache takes
0.3 s on one core, and no memory beside the result.
"""

from __future__ import annotations

import json
import math
import mmap
import struct
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import ml_dtypes
import numpy as np

from rapporteur.core.errors import BadInput
from rapporteur.dalle import flax_msgpack

SAFETENSORS, MSGPACK, INDEX = "model.safetensors", "flax_model.msgpack", ".index.json"
PIECE = 1 << 20  # bytes read at a time: it stays in a core's cache between reading, checking and converting
_ALIGNMENT = 64  # bytes; JAX takes such an array over on a CPU without copying it
_LARGEST_HEADER = 100_000_000  # bytes; safetensors' own limit
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
# The kinds of number which weights may have: the bits beside the sign, and their value at infinity.
FLOATS = {
    np.dtype(np.float16): (0x7FFF, 0x7C00),
    BFLOAT16: (0x7FFF, 0x7F80),
    np.dtype(np.float32): (0x7FFFFFFF, 0x7F800000),
}
# safetensors' names of numpy's types; the ones with most bits are laid down first.
_KINDS: dict[str, np.dtype[Any]] = {
    name: np.dtype(kind)
    for name, kind in {
        "F64": np.float64, "I64": np.int64, "U64": np.uint64, "F32": np.float32, "I32": np.int32, "U32": np.uint32,
        "BF16": BFLOAT16, "F16": np.float16, "I16": np.int16, "U16": np.uint16, "I8": np.int8, "U8": np.uint8,
        "BOOL": np.bool_,
    }.items()
}  # fmt: skip


class TensorFile:
    """An open file of weights: its bytes mapped for looking at, and read for copying.

    Nobody may write over the file as long as views of it are in use (to put another in its place does no harm).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream = path.open("rb", buffering=0)
        weakref.finalize(self, self._stream.close)
        self.size = path.stat().st_size
        self.bytes = mmap.mmap(self._stream.fileno(), self.size, access=mmap.ACCESS_READ) if self.size else b""

    def read_into(self, target: np.ndarray, offset: int) -> None:
        """Fill `target`; read rather than copied from the map, whose pages would count as this program's memory."""
        rest = target.data.cast("B")
        self._stream.seek(offset)
        while rest:
            read = self._stream.readinto(rest)
            if not read:
                raise BadInput("became shorter while it was read; read it again", self.path)
            rest = rest[read:]


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A tensor that is still in its file. `parts`: the byte ranges (offset, length) which hold it, in order."""

    name: str
    file: TensorFile
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]

    def view(self) -> np.ndarray:
        """The tensor in place, not writable; one that is stored in several parts is copied."""
        flat = [np.frombuffer(self.file.bytes, np.uint8, length, offset) for offset, length in self.parts if length]
        joined = flat[0] if len(flat) == 1 else np.concatenate([np.zeros(0, np.uint8), *flat])
        return joined.view(self.dtype).reshape(self.shape)

    def pieces(self, dtype: np.dtype[Any]) -> Iterator[np.ndarray]:
        """The numbers as `dtype`, in order: flat arrays of at most 1 MiB as stored, each valid until the next.

        BadInput names a tensor that holds NaN, infinity or a number beyond `dtype` (float16 ends at 65504).
        """
        scratch, cast = np.empty(PIECE, np.uint8), np.empty(PIECE // self.dtype.itemsize, dtype)
        for offset, length in self.parts:
            for start in range(0, length, PIECE):
                raw = scratch[: min(PIECE, length - start)]
                self.file.read_into(raw, offset + start)
                stored = raw.view(self.dtype)
                yield self._checked(stored, cast[: len(stored)])

    def _checked(self, stored: np.ndarray, cast: np.ndarray) -> np.ndarray:
        if not is_finite(stored):
            raise BadInput(f"tensor {self.name} holds NaN or infinity: the weights are spoiled", self.file.path)
        if cast.dtype == stored.dtype:
            return stored
        with np.errstate(over="ignore"):
            np.copyto(cast, stored, casting="unsafe")
        if not is_finite(cast):
            raise BadInput(f"tensor {self.name} holds numbers too large for {cast.dtype}", self.file.path)
        return cast

    def check(self) -> None:
        """Raise BadInput where a number is NaN or infinite; costs one reading of the file (0.3 s for mini-1)."""
        for _ in self.pieces(self.dtype):
            pass

    def read_into(self, target: np.ndarray) -> None:
        """Fill `target`, contiguous and of this shape, converting to its type."""
        flat, done = target.reshape(-1), 0
        for piece in self.pieces(target.dtype):
            flat[done : done + len(piece)] = piece
            done += len(piece)


def release(arrays: Iterable[np.ndarray]) -> None:
    """Give back the memory that views of mapped files have taken by being looked at; their pages come back if needed.

    Called between tensors it keeps a conversion at the size of its result. Arrays which are no views stay as they are.
    """
    for mapped in {id(mapped): mapped for array in arrays if (mapped := _map_of(array)) is not None}.values():
        if hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)


def _map_of(array: Any) -> mmap.mmap | None:
    while isinstance(array, np.ndarray):
        array = array.base
    owner = array.obj if isinstance(array, memoryview) else array
    return owner if isinstance(owner, mmap.mmap) else None


def is_finite(numbers: np.ndarray) -> bool:
    """Whether none of these float16, bfloat16 or float32 is NaN or infinite. Costs 0.1 s for mini-1."""
    mask, infinity = FLOATS[numbers.dtype]
    bits = numbers.view(np.uint32 if numbers.dtype.itemsize == 4 else np.uint16)
    return not bits.size or int(np.bitwise_and(bits, mask).max()) < infinity


def aligned_empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    """An array that starts at a multiple of 64 bytes, so that `jax.device_put` need not copy it on a CPU."""
    size = math.prod(shape) * dtype.itemsize
    room = np.empty(size + _ALIGNMENT, np.uint8)
    start = -room.ctypes.data % _ALIGNMENT
    return room[start : start + size].view(dtype).reshape(shape)


# ------------------------------------------------------------------------------------------------------ finding


def weight_files(folder: Path) -> list[Path]:
    """The files which hold a folder's weights: one, or an index and its shards. safetensors come first."""
    for name in (SAFETENSORS, MSGPACK):
        if (folder / name).exists():
            return [folder / name]
    for name in (SAFETENSORS, MSGPACK):
        index = folder / f"{name}{INDEX}"
        if index.exists():
            return [index, *(folder / shard for shard in sorted(set(_read_index(index).values())))]
    pickles = [file.name for pattern in ("*.bin", "*.pt", "*.ckpt", "*.pickle") for file in folder.glob(pattern)]
    hint = f" ({pickles[0]} may be a pickle and is never read)" if pickles else "; is it the folder of a model?"
    raise BadInput(f"no {SAFETENSORS} and no {MSGPACK} here{hint}", folder)


def _read_index(file: Path) -> dict[str, str]:
    """Which shard holds which tensor. A shard lies beside the index: a path that leads elsewhere is refused."""
    stored = read_json(file, "an index of shards")
    places = stored.get("weight_map")
    if not isinstance(places, dict) or not places:
        raise BadInput("has no weight_map, which says where each tensor is", file)
    for name, shard in places.items():
        if not isinstance(shard, str) or Path(shard).name != shard or "\\" in shard:
            raise BadInput(f"tensor {name} is said to be in {shard!r}, which is no file name", file)
        if not (file.parent / shard).is_file():
            raise BadInput(f"the shard {shard} is missing; fetch it, or all of them again", file.parent)
    return {str(name).replace("/", "."): str(shard) for name, shard in places.items()}


def read_json(file: Path, what: str) -> dict[str, Any]:
    """A file that holds one JSON object; BadInput says that it is not `what`."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"can't be read as {what} ({error})", file) from error
    if not isinstance(stored, dict):
        raise BadInput("must hold one JSON object", file)
    return stored


# ------------------------------------------------------------------------------------------------------ reading


def open_weights(folder: Path) -> dict[str, StoredTensor]:
    """Every tensor of a folder by dotted name, left in its file."""
    first, *shards = weight_files(folder)
    if not shards:
        return open_file(first)
    places, found = _read_index(first), {}
    for shard in shards:
        for name, tensor in open_file(shard).items():
            if places.get(name) != shard.name:
                raise BadInput(f"tensor {name} is in this shard, but {first.name} says otherwise", shard)
            found[name] = tensor
    for name, place in places.items():
        if name not in found:
            raise BadInput(f"tensor {name} is missing, though {first.name} says that it is here", folder / place)
    return found


def open_file(path: Path) -> dict[str, StoredTensor]:
    """The tensors of one file by dotted name. BadInput where the file is cut, damaged or of another kind."""
    try:
        file = TensorFile(path)
        listed = _list_safetensors(file) if path.suffix == ".safetensors" else flax_msgpack.tensors(file.bytes)
        return _named(file, listed)
    except (ValueError, OSError, RecursionError) as error:
        raise BadInput(f"can't be read as weights ({error}); fetch it again", path) from error


def _named(file: TensorFile, listed: Iterable[flax_msgpack.Place]) -> dict[str, StoredTensor]:
    found: dict[str, StoredTensor] = {}
    for place in listed:
        name = place.name.replace("/", ".")
        dtype, length = np.dtype(_dtype(name, place.dtype)), sum(length for _, length in place.parts)
        if name in found:
            raise ValueError(f"tensor {name} is there twice")
        if length != math.prod(place.shape) * dtype.itemsize or any(part % dtype.itemsize for _, part in place.parts):
            raise ValueError(f"tensor {name} of shape {place.shape}, {dtype}, can't have {length} bytes")
        found[name] = StoredTensor(name, file, dtype, place.shape, place.parts)
    return found


def _dtype(name: str, stored: str) -> np.dtype[Any]:
    by_name: dict[str, np.dtype[Any]] = {kind.name: kind for kind in _KINDS.values()}
    if stored not in by_name:
        raise ValueError(f"tensor {name} is of the unknown type {stored!r}")
    return by_name[stored]


def _list_safetensors(file: TensorFile) -> Iterator[flax_msgpack.Place]:
    """The layout: length of the header (8 bytes, little-endian), a JSON header, then the numbers without gaps."""
    if file.size < 8:
        raise ValueError(f"{file.size} bytes are too few")
    (length,) = struct.unpack("<Q", file.bytes[:8])
    if length > min(file.size - 8, _LARGEST_HEADER):
        raise ValueError(f"its header would take {length} bytes of {file.size}")
    header = json.loads(file.bytes[8 : 8 + length].decode("utf-8"), object_pairs_hook=_without_doubles)
    if not isinstance(header, dict):
        raise ValueError("its header is not a JSON object")
    header.pop("__metadata__", None)
    places = sorted((_place(name, entry) for name, entry in header.items()), key=lambda place: place.parts)
    end = 0
    for place in places:
        ((start, size),) = place.parts
        if start != end:
            raise ValueError(f"tensor {place.name} starts at byte {start}, not {end}")
        end += size
        yield flax_msgpack.Place(place.name, place.dtype, place.shape, ((8 + length + start, size),))
    if 8 + length + end != file.size:
        raise ValueError(f"it has {file.size} bytes; its header speaks of {8 + length + end}")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("its header names something twice")
    return found


def _place(name: str, entry: Any) -> flax_msgpack.Place:
    if not isinstance(entry, dict):
        raise ValueError(f"its header says nothing of tensor {name}")
    kind, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"tensor {name} is of the unknown type {kind!r}")
    match shape, offsets:
        case [list(sizes), [int(start), int(end)]] if 0 <= start <= end and flax_msgpack.are_sizes(sizes):
            return flax_msgpack.Place(name, _KINDS[kind].name, tuple(sizes), ((start, end - start),))
    raise ValueError(f"tensor {name} has no proper shape and place: {shape}, {offsets}")


# ------------------------------------------------------------------------------------------------------ writing


@dataclass(frozen=True)
class Outgoing:
    """A tensor to be written: its type, its shape and its numbers in order, a piece at a time."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    pieces: Iterable[np.ndarray]

    @property
    def length(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


def write_safetensors(stream: BinaryIO, tensors: Mapping[str, Outgoing], aligned: bool = False) -> None:
    """Write tensors as safetensors' own library lays them down: wide types first, then by name.

    With `aligned`, tensors begin at multiples of 64 bytes (ones whose length is none come last), so that JAX can
    compute with the mapped file itself.
    """
    order, end = list(_KINDS.values()), 0
    header: dict[str, Any] = {"__metadata__": {"format": "flax"}}
    names = {kind: name for name, kind in _KINDS.items()}

    def rank(item: tuple[str, Outgoing]) -> tuple[bool, int, str]:
        name, tensor = item
        return aligned and tensor.length % _ALIGNMENT > 0, order.index(tensor.dtype), name

    places = sorted(tensors.items(), key=rank)
    for name, tensor in places:
        start, end = end, end + tensor.length
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % (_ALIGNMENT if aligned else 8))
    stream.write(struct.pack("<Q", len(text)) + text)
    for _, tensor in places:
        for piece in tensor.pieces:
            stream.write(piece.view(np.uint8).data)
