from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.provenance import bare_code, file_digest, folder_digest, previous_output

CODE = '''"""A module."""

# why
SCALE = 2  # a reason


def double(x: int) -> int:
    """Twice x."""
    text = "# not a comment"
    return SCALE * x
'''


def test_comments_docstrings_and_blank_lines_do_not_count() -> None:
    other = CODE.replace("A module.", "Another text.").replace("  # a reason", "").replace("# why\n", "\n\n")
    assert bare_code(CODE) == bare_code(other)


@pytest.mark.parametrize("change", [("SCALE = 2", "SCALE = 3"), ("not a comment", "other"), ("SCALE * x", "x")])
def test_code_and_strings_count(change: tuple[str, str]) -> None:
    assert bare_code(CODE) != bare_code(CODE.replace(*change))


def test_a_folder_digest_depends_on_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    one = folder_digest(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    two = folder_digest(tmp_path)
    (tmp_path / "b").write_bytes(b"2")
    assert len({one, two, folder_digest(tmp_path)}) == 3


def test_a_missing_folder_says_where_its_path_is_set(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere: the folder is missing or empty; check the path in params.yaml"):
        folder_digest(tmp_path / "nowhere")


def test_a_file_digest_is_sha_256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert file_digest(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def _dvc(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "dvc", *arguments, "-q"], check=True, capture_output=True)


def test_the_last_output_is_found_in_the_cache_after_dvc_deleted_it(work: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    _dvc("init")
    Path("dvc.yaml").write_text('stages: {s: {cmd: "mkdir out && echo hello > out/a", outs: [out]}}')
    _dvc("repro")
    (work / "out/a").unlink()
    found = previous_output("out")
    assert {name: path.read_text() for name, path in found.items()} == {"a": "hello\n"}


def test_without_a_lock_there_is_no_last_output(work: Path) -> None:
    assert previous_output("out") == {}


def test_an_object_of_the_cache_that_was_altered_is_not_there(work: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    _dvc("init")
    Path("dvc.yaml").write_text(
        'stages: {s: {cmd: "mkdir out && echo hello > out/a && echo you > out/b", outs: [out]}}'
    )
    _dvc("repro")
    whole = previous_output("out")
    whole["a"].chmod(0o644)
    whole["a"].write_text("HELLO\n")
    found = previous_output("out")
    assert set(found) == {"b"} and "a" not in found and len(found) == 1
    with pytest.raises(KeyError):
        found["a"]


def test_outside_of_a_repository_there_is_no_last_output(work: Path) -> None:
    Path("dvc.lock").write_text("stages: {s: {outs: [{path: out, md5: 0123456789abcdef0123456789abcdef.dir}]}}")
    assert previous_output("out") == {}
