from __future__ import annotations

import base64
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapporteur.dalle import flax_msgpack
from rapporteur.dalle.flax_msgpack import Place

# flax 0.6.11, with serialization.MAX_CHUNK_SIZE = 16, of {"a": {"plain": float32 [[0, 1], [2, 3]],
# "chunked": float16 0..9 as [2, 5], "brain": bfloat16 [0, 1, 2]}, "scalar": np.float32(3.5), "empty": float32 [0, 3]}
FROM_FLAX = base64.b64decode(
    "g6Fhg6VicmFpbscUAZORA6hiZmxvYXQxNsQGAACAPwBAp2NodW5rZWSDuV9fbXNncGFja19jaHVua2VkX2FycmF5X1/DpXNoYXBlgqEwAqEx"
    "BaZjaHVua3OCoTDHHQGTkQinZmxvYXQxNsQQAAAAPABAAEIARABFAEYAR6ExxxEBk5ECp2Zsb2F0MTbEBABIgEilcGxhaW7HHgGTkgICp2Zs"
    "b2F0MzLEEAAAAAAAAIA/AAAAQAAAQEClZW1wdHnHDgGTkgADp2Zsb2F0MzLEAKZzY2FsYXLYA5OQp2Zsb2F0MzLEBAAAYEA="
)


def packed(array: np.ndarray, code: int = 1) -> msgpack.ExtType:
    """An array as flax serialises it."""
    return msgpack.ExtType(code, msgpack.packb((array.shape, array.dtype.name, array.tobytes())))


def flax_bytes(tree: Any) -> bytes:
    """Nested dicts of arrays as flax serialises them."""

    def pack(value: Any) -> Any:
        return {name: pack(one) for name, one in value.items()} if isinstance(value, dict) else packed(value)

    return msgpack.packb(pack(tree))


def test_what_flax_wrote_is_found_where_it_is() -> None:
    found = {place.name: place for place in flax_msgpack.tensors(FROM_FLAX)}
    assert {name: (one.dtype, one.shape) for name, one in found.items()} == {
        "a.brain": ("bfloat16", (3,)),
        "a.chunked": ("float16", (2, 5)),
        "a.plain": ("float32", (2, 2)),
        "empty": ("float32", (0, 3)),
        "scalar": ("float32", ()),
    }
    ((start, length),) = found["a.plain"].parts
    assert np.frombuffer(FROM_FLAX[start : start + length], np.float32).tolist() == [0, 1, 2, 3]
    chunks = b"".join(FROM_FLAX[start : start + length] for start, length in found["a.chunked"].parts)
    assert np.frombuffer(chunks, np.float16).tolist() == list(range(10))


@pytest.mark.parametrize("cut", range(len(FROM_FLAX)))
def test_a_file_that_ends_early_is_no_tree_of_tensors(cut: int) -> None:
    with pytest.raises(ValueError, match="cut off"):
        list(flax_msgpack.tensors(FROM_FLAX[:cut]))


def test_bytes_after_the_end_are_told() -> None:
    with pytest.raises(ValueError, match="2 bytes too many, from byte 233 on"):
        list(flax_msgpack.tensors(FROM_FLAX + b"\0\0"))


@pytest.mark.parametrize("flip", [0x01, 0x10, 0x7F, 0x80, 0xFF])
def test_a_flipped_byte_is_told_or_leaves_places_within_the_file(flip: int) -> None:
    told = 0
    for place in range(len(FROM_FLAX)):
        damaged = bytearray(FROM_FLAX)
        damaged[place] ^= flip
        try:
            found = list(flax_msgpack.tensors(bytes(damaged)))
        except ValueError:
            told += 1
            continue
        assert all(start + length <= len(damaged) for one in found for start, length in one.parts)
    assert told > 0


@given(st.binary(max_size=60))
def test_no_bytes_whatever_raise_anything_else(data: bytes) -> None:
    try:
        found = list(flax_msgpack.tensors(data))
    except ValueError:
        return
    assert all(isinstance(place, Place) for place in found)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="."), max_size=40)
ARRAYS = st.builds(
    lambda shape, kind: np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(kind),
    st.lists(st.integers(0, 5), max_size=3).map(tuple),
    st.sampled_from(["float32", "float16", "int64", "bool"]),
)


@given(st.recursive(ARRAYS, lambda inner: st.dictionaries(NAMES, inner, max_size=20), max_leaves=20))
def test_any_tree_is_walked_as_msgpack_packs_it(tree: Any) -> None:
    data = flax_bytes({"top": tree})
    wanted: dict[str, np.ndarray] = {}

    def walk(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                walk(one, f"{name}.{key}")
        else:
            wanted[name] = value

    walk(tree, "top")
    found = {place.name: place for place in flax_msgpack.tensors(data)}
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        ((start, length),) = found[name].parts
        assert (found[name].shape, found[name].dtype) == (array.shape, array.dtype.name)
        assert data[start : start + length] == array.tobytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "not a tree of tensors"),
        ({"step": 3}, "step is no tensor"),
        ({"a": {"b": None}}, "a.b is no tensor"),
        ({1: {}}, "1 is no name"),
        ({"a": msgpack.ExtType(2, b"\x90")}, "unknown extension, 2"),
        ({"a": msgpack.ExtType(1, b"\x90")}, "is no array"),
        ({"a": msgpack.ExtType(1, b"\x90\x90")}, "followed by 1 bytes of nothing"),
        ({"a": msgpack.ExtType(1, msgpack.packb(((-1,), "float32", b"")))}, "is no array"),
        ({"a": list(range(65))}, "a list or name of 65 parts"),
        ({"a" * 5000: 1}, "a list or name of 5000 parts"),
        ({flax_msgpack.CHUNKED: True}, "does not number its parts"),
        ({flax_msgpack.CHUNKED: True, "shape": {"1": 2}, "chunks": {}}, "does not number its parts"),
        ({flax_msgpack.CHUNKED: True, "shape": {"0": 2}, "chunks": {"0": 7}}, "no proper shape or chunks"),
        (
            {
                flax_msgpack.CHUNKED: True,
                "shape": {"0": 2},
                "chunks": {"0": packed(np.zeros(1, "f4")), "1": packed(np.zeros(1, "f2"))},
            },
            r"chunks of the types \['float16', 'float32'\]",
        ),
    ],
)
def test_what_is_no_tree_of_tensors_is_told(content: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(flax_msgpack.tensors(msgpack.packb(content)))


def test_maps_within_maps_have_an_end() -> None:
    with pytest.raises(ValueError, match="more than 32 maps within maps"):
        list(flax_msgpack.tensors(b"\x81\xa1a" * 1000))


def test_a_name_that_is_there_twice_is_told() -> None:
    with pytest.raises(ValueError, match="'a' is no name, or is there twice"):
        list(flax_msgpack.tensors(b"\x82\xa1a\x80\xa1a\x80"))
