from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save, save_file

from rapporteur.core.errors import BadInput
from rapporteur.dalle import weights
from rapporteur.dalle.weights import Outgoing, open_file, open_weights, write_safetensors
from tests.dalle.test_flax_msgpack import FROM_FLAX, flax_bytes


def tensors() -> dict[str, np.ndarray]:
    """Some of each type, none of a length that others would be aligned after."""
    random = np.random.default_rng(0)
    return {
        "wide": random.normal(size=(3, 5)).astype(np.float32),
        "half": random.normal(size=(7,)).astype(np.float16),
        "brain": random.normal(size=(2, 3)).astype(ml_dtypes.bfloat16),
        "another/wide one": random.normal(size=(64,)).astype(np.float32),
        "number": np.array(2.5, np.float32),
        "nothing": np.zeros((0, 4), np.float32),
    }


def written(flat: dict[str, np.ndarray], aligned: bool = False) -> bytes:
    stream = io.BytesIO()
    outgoing = {name: Outgoing(one.dtype, one.shape, [one.reshape(-1)]) for name, one in flat.items()}
    write_safetensors(stream, outgoing, aligned)
    return stream.getvalue()


def same(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> bool:
    return found.keys() == wanted.keys() and all(
        (found[name].dtype, found[name].shape, found[name].tobytes()) == (one.dtype, one.shape, one.tobytes())
        for name, one in wanted.items()
    )


def views(file: Path) -> dict[str, np.ndarray]:
    return {name: tensor.view() for name, tensor in open_file(file).items()}


# ------------------------------------------------------------------------------------------- formats


def test_what_is_written_is_byte_for_byte_what_safetensors_own_library_writes() -> None:
    flat = tensors()
    assert written(flat) == save(flat, metadata={"format": "flax"})


def test_what_safetensors_library_writes_is_read(tmp_path: Path) -> None:
    save_file(tensors(), tmp_path / "a.safetensors")
    assert same(views(tmp_path / "a.safetensors"), {n.replace("/", "."): one for n, one in tensors().items()})


def test_aligned_tensors_begin_at_multiples_of_64_bytes_and_the_library_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    flat = tensors() | {"long": np.ones(3200, np.float16), "longer": np.ones((5, 64), np.float32)}
    file.write_bytes(written(flat, aligned=True))
    assert same(load_file(file), flat)
    for name, tensor in open_file(file).items():
        ((start, length),) = tensor.parts
        assert start % 64 == 0 or length % 64 > 0, name


def test_flax_s_arrays_chunks_and_scalars_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.msgpack").write_bytes(FROM_FLAX)
    found = views(tmp_path / "a.msgpack")
    assert found["a.chunked"].tolist() == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert found["a.brain"].astype(np.float32).tolist() == [0, 1, 2]
    assert found["a.plain"].tolist() == [[0, 1], [2, 3]]
    assert found["scalar"].shape == () and found["scalar"] == 3.5
    assert found["empty"].shape == (0, 3)


def test_tensors_stay_in_the_mapped_file(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    save_file({"a": np.zeros(100, np.float32)}, file)
    found = views(file)["a"]
    with file.open("r+b") as stream:
        stream.seek(-4, 2)
        stream.write(np.float32(7).tobytes())
    assert found[-1] == 7
    assert not found.flags.writeable


# ------------------------------------------------------------------------------------------- damage


def flax_file() -> bytes:
    return flax_bytes({"a": {"b": np.ones((2, 3), np.float32), "c": np.ones(2, np.float16)}})


@pytest.mark.parametrize(("name", "make"), [("a.safetensors", lambda: written(tensors())), ("a.msgpack", flax_file)])
def test_a_file_cut_at_any_byte_is_bad_input(tmp_path: Path, name: str, make: Callable[[], bytes]) -> None:
    file, whole = tmp_path / name, make()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(BadInput, match=rf"{name}: can't be read as weights \(.*\); fetch it again"):
            open_file(file)


@pytest.mark.parametrize(("name", "make"), [("a.safetensors", lambda: written(tensors())), ("a.msgpack", flax_file)])
def test_a_flipped_byte_is_bad_input_or_another_number(tmp_path: Path, name: str, make: Callable[[], bytes]) -> None:
    file, whole = tmp_path / name, make()
    told = 0
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x11
        file.write_bytes(damaged)
        try:
            views(file)
        except BadInput:
            told += 1
    assert told > 10


def headed(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


PLACE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 bytes are too few"),
        (struct.pack("<Q", 2**60) + b"{}", "its header would take"),
        (headed([1]), "not a JSON object"),
        (headed(b"[" * 100_000), "can't be read as weights"),
        (headed(b'{"a": %b, "a": %b}' % ((json.dumps(PLACE).encode(),) * 2), b"1234"), "names something twice"),
        (headed({"a": 1}), "says nothing of tensor a"),
        (headed({"a": PLACE | {"dtype": "F3"}}, b"1234"), "tensor a is of the unknown type 'F3'"),
        (headed({"a": PLACE | {"shape": [-1]}}, b"1234"), "tensor a has no proper shape"),
        (headed({"a": PLACE | {"shape": "1"}}, b"1234"), "tensor a has no proper shape"),
        (headed({"a": PLACE | {"data_offsets": [4, 0]}}, b"1234"), "tensor a has no proper shape"),
        (headed({"a": PLACE | {"shape": [2]}}, b"1234"), r"tensor a of shape \(2,\), float32, can't have 4 bytes"),
        (headed({"a": PLACE | {"data_offsets": [4, 8]}}, b"12345678"), "tensor a starts at byte 4, not 0"),
        (headed({"a": PLACE}, b"12345678"), "its header speaks of"),
        (headed({"a/b": PLACE, "a.b": PLACE | {"data_offsets": [4, 8]}}, b"12345678"), "tensor a.b is there twice"),
    ],
)
def test_a_header_that_is_wrong_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        open_file(tmp_path / "a.safetensors")


def test_an_unknown_type_in_a_msgpack_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.msgpack").write_bytes(flax_bytes({"a": np.ones(2, np.complex64)}))
    with pytest.raises(BadInput, match="tensor a is of the unknown type 'complex64'"):
        open_file(tmp_path / "a.msgpack")


def test_a_file_that_shrinks_under_the_reader_is_told(tmp_path: Path) -> None:
    save_file({"a": np.zeros(100, np.float32)}, tmp_path / "a.safetensors")
    tensor = open_file(tmp_path / "a.safetensors")["a"]
    (tmp_path / "a.safetensors").write_bytes(b"")
    with pytest.raises(BadInput, match="became shorter while it was read"):
        tensor.check()


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_no_bytes_whatever_raise_anything_but_bad_input(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.safetensors", "a.msgpack"):
            (Path(folder) / name).write_bytes(data)
            try:
                found = open_file(Path(folder) / name)
            except BadInput:
                continue
            assert all(tensor.view().shape == tensor.shape for tensor in found.values())


# ------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("stored", [np.float16, ml_dtypes.bfloat16, np.float32])
@pytest.mark.parametrize("wanted", [np.float16, ml_dtypes.bfloat16, np.float32])
def test_numbers_of_several_pieces_are_converted(tmp_path: Path, stored: type, wanted: type) -> None:
    array = np.random.default_rng(0).normal(size=(3, weights.PIECE // 8 + 11)).astype(stored)
    (tmp_path / "a.msgpack").write_bytes(flax_bytes({"a": array}))
    found = np.empty(array.shape, wanted)
    open_file(tmp_path / "a.msgpack")["a"].read_into(found)
    assert found.tobytes() == array.astype(wanted).tobytes()


@pytest.mark.parametrize("kind", [np.float16, ml_dtypes.bfloat16, np.float32])
@pytest.mark.parametrize("number", [np.nan, -np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_told_with_its_tensor(tmp_path: Path, kind: type, number: float) -> None:
    array = np.full(weights.PIECE, np.finfo(np.float16).max, kind)
    array[-2] = number
    (tmp_path / "a.msgpack").write_bytes(flax_bytes({"a": {"b": array}}))
    with pytest.raises(BadInput, match=r"a\.msgpack: tensor a\.b holds NaN or infinity"):
        open_file(tmp_path / "a.msgpack")["a.b"].check()


def test_a_number_beyond_float16_is_told_with_its_tensor(tmp_path: Path) -> None:
    (tmp_path / "a.msgpack").write_bytes(flax_bytes({"a": np.array([1, -7e4], np.float32)}))
    with pytest.raises(BadInput, match="tensor a holds numbers too large for float16"):
        open_file(tmp_path / "a.msgpack")["a"].read_into(np.empty(2, np.float16))


def test_an_empty_array_starts_where_jax_takes_it_over() -> None:
    import jax

    array = weights.aligned_empty((1000, 3), np.dtype(np.float32))
    array[:] = 1
    assert array.ctypes.data % 64 == 0
    assert jax.device_put(array, jax.devices("cpu")[0]).unsafe_buffer_pointer() == array.ctypes.data


# ------------------------------------------------------------------------------------------- shards


def shard(folder: Path, suffix: str) -> None:
    """Two shards and their index, as huggingface's libraries write them."""
    first, second = {"a": {"b": np.ones(2, np.float32)}}, {"a": {"c": np.full(3, 2, np.float16)}}
    stem, extension, join = ("model", "safetensors", ".") if suffix == "safetensors" else ("flax_model", suffix, "/")
    places = {}
    for number, tree in enumerate((first, second), 1):
        file = folder / f"{stem}-0000{number}-of-00002.{extension}"
        flat = {f"a.{name}": value for name, value in tree["a"].items()}
        file.write_bytes(written(flat) if suffix == "safetensors" else flax_bytes(tree))
        places |= {name.replace(".", join): file.name for name in flat}
    index = {"metadata": {"total_size": 14}, "weight_map": places}
    (folder / f"{stem}.{extension}.index.json").write_text(json.dumps(index))


def change_index(folder: Path, change: Callable[[dict], object]) -> None:
    file = next(folder.glob("*.index.json"))
    stored = json.loads(file.read_text())
    change(stored)
    file.write_text(json.dumps(stored))


@pytest.mark.parametrize("suffix", ["safetensors", "msgpack"])
def test_shards_are_read_as_one(tmp_path: Path, suffix: str) -> None:
    shard(tmp_path, suffix)
    found = {name: tensor.view().tolist() for name, tensor in open_weights(tmp_path).items()}
    assert found == {"a.b": [1, 1], "a.c": [2, 2, 2]}
    assert len(weights.weight_files(tmp_path)) == 3


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    shard(tmp_path, "msgpack")
    (tmp_path / "flax_model-00002-of-00002.msgpack").unlink()
    with pytest.raises(BadInput, match=r"the shard flax_model-00002-of-00002\.msgpack is missing"):
        open_weights(tmp_path)


@pytest.mark.parametrize("place", ["../flax_model-00001-of-00002.msgpack", "/etc/passwd", "..", "", 7, "a\\b"])
def test_an_index_that_leads_elsewhere_is_refused(tmp_path: Path, place: object) -> None:
    shard(tmp_path, "msgpack")
    change_index(tmp_path, lambda stored: stored["weight_map"].update({"a/b": place}))
    with pytest.raises(BadInput, match="which is no file name|is missing"):
        open_weights(tmp_path)


def test_an_index_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text("{}")
    with pytest.raises(BadInput, match="has no weight_map"):
        open_weights(tmp_path)


def test_a_tensor_that_its_shard_lacks_is_named(tmp_path: Path) -> None:
    shard(tmp_path, "safetensors")
    change_index(tmp_path, lambda stored: stored["weight_map"].update({"a.d": "model-00001-of-00002.safetensors"}))
    with pytest.raises(BadInput, match=r"model-00001-of-00002\.safetensors: tensor a\.d is missing"):
        open_weights(tmp_path)


def test_a_tensor_of_which_the_index_knows_nothing_is_named(tmp_path: Path) -> None:
    shard(tmp_path, "safetensors")
    change_index(tmp_path, lambda stored: stored["weight_map"].pop("a.b") and stored["weight_map"].update(x="y"))
    (tmp_path / "y").write_bytes(b"")
    change_index(tmp_path, lambda stored: stored["weight_map"].update(x="model-00001-of-00002.safetensors"))
    with pytest.raises(BadInput, match=r"tensor a\.b is in this shard, but .*\.index\.json says otherwise"):
        open_weights(tmp_path)


def test_a_folder_of_pickles_is_told_that_they_are_never_read(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(BadInput, match=r"\(pytorch_model\.bin may be a pickle and is never read\)"):
        open_weights(tmp_path)


def test_released_tensors_are_there_again_when_they_are_looked_at(tmp_path: Path) -> None:
    save_file({"a": np.arange(10_000, dtype=np.float32)}, tmp_path / "a.safetensors")
    found = views(tmp_path / "a.safetensors")["a"]
    own = np.ones(3)
    weights.release([found[5:].reshape(5, -1), found, own, own[1:], np.zeros(())])
    assert found.tolist() == list(range(10_000)) and own.tolist() == [1, 1, 1]


# ------------------------------------------------------------------------------------------- memory

MEASURE = """
import re, sys
from pathlib import Path
import numpy as np
from rapporteur.dalle import weights

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

before = peak()
found = {}
for name, tensor in weights.open_file(Path(sys.argv[1])).items():
    if sys.argv[2] == "look":
        tensor.check()
        found[name] = tensor.view()
    elif sys.argv[2] == "released":
        found[name] = tensor.view() + np.float32(1)
        weights.release([tensor.view()])
    else:
        found[name] = weights.aligned_empty(tensor.shape, np.dtype(sys.argv[2]))
        tensor.read_into(found[name])
print((peak() - before) / sum(one.nbytes for one in found.values()))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize(("way", "most"), [("look", 0.05), ("released", 1.6), ("float32", 1.1), ("float16", 1.1)])
def test_reading_takes_no_memory_beside_the_result(tmp_path: Path, way: str, most: float) -> None:
    file = tmp_path / "a.msgpack"
    file.write_bytes(flax_bytes({name: np.zeros(20_000_000, np.float32) for name in "ab"}))
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file), way], capture_output=True, text=True, check=True, timeout=120
    )
    assert float(run.stdout) <= most, "peak memory over the size of the result"
