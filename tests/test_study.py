"""The whole study at a small size, as a user runs it: `dvc repro` in a copy of the repository.

Costs about five minutes on 2 cores. The copy holds what git tracks, so that a file somebody forgot to add fails here.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from rapporteur.core.params import read_yaml
from rapporteur.core.tables import read_table
from rapporteur.vocabulary.images import IMAGES
from tests.conftest import open_chromium
from tests.rebuild import (
    FRENCH_DOCUMENTS,
    IN_FRENCH,
    copy_repository,
    environment,
    made_documents,
    must,
    ran,
    repro,
    write_params,
)

SMALL: dict[str, Any] = {
    "world": {"landscapes": {"train": 30, "val": 8, "test": 8}},
    "captions": {
        "shapes": {"study": {"draws": 2}},
        "landscapes": {"study": {"pictures": 4, "draws": 2}},
    },
    "model": {"steps": 12, "log_every": 3, "held_out": 0.3},
    "samples": {"draws": 3},
    **IN_FRENCH,  # both languages: tests/study/test_new.py
}
CAPTIONS = 5
OTHER_SETTINGS = {
    # numpy, XLA, PyTorch, oneDNN, OpenBLAS and numba as on a processor with AVX2 at most, and one thread each
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2 --xla_cpu_multi_thread_eigen=false",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NUMBA_CPU_NAME": "haswell",
    "OMP_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
}
OTHER_BATCHES = {"images": {"batch": 3}, "reconstructions": {"batch": 5}, "clip": {"batch": 7}, "tokens": {"batch": 4}}


def _copy(target: Path) -> Path:
    study = copy_repository(target)
    write_params(study, SMALL)
    captions = study / "data/shapes/captions.csv"
    captions.write_text("".join(captions.read_text().splitlines(keepends=True)[: CAPTIONS + 1]))
    return study


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that was built once; tests copy it before they change anything."""
    study = _copy(tmp_path_factory.mktemp("built"))
    must(repro(study))
    return study


@pytest.fixture
def study(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "study", symlinks=True))


def test_the_study_makes_the_documents(built: Path) -> None:
    out = built / "report/_out"
    assert made_documents(out) == FRENCH_DOCUMENTS
    assert (out / "note.pdf").read_bytes().startswith(b"%PDF")
    index = read_table(built / "artifacts/images/shapes/index.parquet", IMAGES)
    assert len(index) == 2 * CAPTIONS


def test_no_slide_holds_more_than_it_shows(built: Path) -> None:
    with open_chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto((built / "report/_out/slides.html").as_uri())
        page.wait_for_function("document.querySelectorAll('.vega-embed svg').length > 2")
        page.wait_for_timeout(1000)  # what is too large is then made smaller
        tall = page.evaluate(
            "[...document.querySelectorAll('section.slide')].filter(one => one.scrollHeight > one.clientHeight + 1"
            " || one.scrollWidth > one.clientWidth + 1).map(one => `${one.id}: ${one.scrollHeight}`)"
        )
    assert tall == []


@pytest.mark.parametrize("name", ["note", "rapport", "slides"])
def test_a_page_is_light_and_axe_finds_nothing_to_mend(built: Path, name: str) -> None:
    page = built / f"report/_out/{name}.html"
    assert page.stat().st_size < {"note": 1, "rapport": 5, "slides": 3}[name] * 1_000_000
    with open_chromium() as browser:
        for scheme in ("light", "dark"):
            for width in (390, 1440):
                tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                tab.goto(page.as_uri())
                tab.wait_for_timeout(800)  # charts take the place of their drawings
                found = Axe().run(tab)
                assert found.violations_count == 0, found.generate_report()
                assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page itself scrolls"
                tab.close()


def test_with_nothing_changed_no_stage_runs(study: Path) -> None:
    output = must(repro(study))
    assert ran(output) == set()
    assert "up to date" in output


def test_one_more_caption_draws_only_its_own_pictures(study: Path) -> None:
    with (study / "data/shapes/captions.csv").open("a") as stream:
        stream.write("900,a pink heart on a black background\n")
    output = must(repro(study, "images"))
    assert f"images shapes: {2 * CAPTIONS + 2} pictures, 2 drawn now" in output
    assert "images@landscapes" not in ran(output)


def test_a_teammate_who_pulled_draws_only_what_is_new(study: Path) -> None:
    shutil.rmtree(study / ".items")
    with (study / "data/shapes/captions.csv").open("a") as stream:
        stream.write("900,a pink heart on a black background\n")
    output = must(repro(study, "images@shapes"))
    assert f"2 drawn now, {2 * CAPTIONS} taken from the last run" in output


def test_an_edited_sentence_only_renders(study: Path) -> None:
    with (study / "report/rapport.qmd").open("a") as stream:
        stream.write("\nUne phrase de plus.\n")
    assert ran(must(repro(study))) == {"render"}


def _outputs(study: Path) -> dict[str, str]:
    """The digest of each output that the lock names."""
    stages = read_yaml(study / "dvc.lock")["stages"].values()
    return {out["path"]: out["md5"] for stage in stages for out in stage["outs"]}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="instruction sets of other processors have other names")
def test_a_rebuild_with_other_instructions_threads_and_batches_gives_the_same_bytes(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OTHER_SETTINGS.items():
        monkeypatch.setenv(name, value)
    for name in ("JAX_COMPILATION_CACHE_DIR", "NUMBA_CACHE_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    again = _copy(tmp_path / "study")
    write_params(again, OTHER_BATCHES)
    must(repro(again, "figures"))  # every number and picture that the documents show; pages: tests/report
    made, before = _outputs(again), _outputs(built)
    assert made == {path: digest for path, digest in before.items() if path in made}
    assert {"artifacts/model", "artifacts/samples", "artifacts/findings", "artifacts/figures"} <= set(made)


def _kill_when(study: Path, stage: str, ready: Callable[[], bool]) -> None:
    """Start `dvc repro` and kill -9 the whole process group as soon as `ready` says so."""
    command = [sys.executable, "-m", "dvc", "repro", stage]
    with (study / "log").open("w") as log:
        run = subprocess.Popen(
            command, cwd=study, env=environment(study), stdout=log, stderr=log, start_new_session=True
        )
        deadline = time.monotonic() + 240
        while not ready() and run.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert run.poll() is None, (study / "log").read_text()
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()


def _items(study: Path, stage: str) -> int:
    folder = study / ".items" / stage
    return sum(path.is_file() and not path.name.endswith(".part") for path in folder.rglob("*"))


@pytest.mark.parametrize(("stage", "target"), [("images", "images@shapes"), ("model", "model")])
def test_after_kill_9_a_stage_goes_on_and_ends_the_same(study: Path, stage: str, target: str) -> None:
    out = study / "artifacts" / target.replace("@", "/")
    whole = {path.name: path.read_bytes() for path in out.iterdir()}
    shutil.rmtree(study / ".items" / stage)
    shutil.rmtree(study / ".dvc/cache")  # else the stage would be restored, not run
    shutil.rmtree(out)
    if stage == "images":
        write_params(study, {"images": {"batch": 2}})
    _kill_when(study, target, lambda: _items(study, stage) > 0)
    before = _items(study, stage)
    assert before > 0
    output = must(repro(study, "--single-item", target))
    assert {path.name: path.read_bytes() for path in out.iterdir()} == whole
    if stage == "images":
        assert f", {2 * CAPTIONS - before} drawn now" in output
    else:
        assert re.search(r"goes on from step [1-9]", output)


@pytest.mark.parametrize(
    ("file", "change", "target", "message"),
    [
        (
            "params.yaml",
            ("condition_scale:", "condition_scal:"),
            "images",
            r"unknown parameter `images.condition_scal`",
        ),
        ("data/shapes/captions.csv", ("a ", "a blurple ", 1), "world", r"data/shapes/captions.csv:2: "),
    ],
)
def test_bad_input_stops_with_one_message_and_keeps_what_was_made(
    study: Path, file: str, change: tuple[Any, ...], target: str, message: str
) -> None:
    path = study / file
    text = path.read_text()
    path.write_text(text.replace(*change))
    assert path.read_text() != text
    items = _items(study, "images")
    run = repro(study, target)
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert re.search(message, output), output
    assert "Traceback" not in output
    assert _items(study, "images") == items
