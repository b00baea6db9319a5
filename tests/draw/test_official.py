from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table
from rapporteur.draw.engines import official
from rapporteur.draw.engines.official import OfficialDalleMini, Worker
from rapporteur.stages import images as stage
from rapporteur.vocabulary.images import IMAGES
from tests.draw.given import settings, write_captions
from tests.stages.study import declare
from tests.stages.test_images import PARAMS

FAKE = Path(__file__).with_name("fake_worker.py")


class TinyVqgan:
    """Paints four tokens of eight as four pixels."""

    class config:  # noqa: N801
        tokens, n_embed = 4, 8

    def decode(self, ids: np.ndarray) -> np.ndarray:
        grey = ids.reshape(-1, 2, 2, 1).astype(np.uint8)
        return np.repeat(grey, 3, axis=-1)


@pytest.fixture
def fake(work: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Opens the engine on a model folder of the given name; ends its process."""
    (work / "reference/.venv/bin").mkdir(parents=True)
    shutil.copy(FAKE, work / "reference/draw.py")
    (work / "reference/.venv/bin/python").symlink_to(sys.executable)
    monkeypatch.setattr(OfficialDalleMini, "_vqgan", TinyVqgan())
    monkeypatch.setattr("rapporteur.dalle.checkpoint.digest", lambda *folders: "d" * 64)
    opened: list[OfficialDalleMini] = []

    def open_on(name: str, **changes: Any) -> OfficialDalleMini:
        opened.append(OfficialDalleMini(settings(Path(name), **changes)))
        return opened[-1]

    yield open_on
    for one in opened:
        one.close()


def test_the_worker_draws_each_picture_from_its_own_key(fake: Any) -> None:
    engine = fake("dalle")
    together = engine.draw(["a lake", "a dune"], [0, 1])
    alone = engine.draw(["a dune"], [1])
    assert [picture.shape for picture in together] == [(2, 2, 3)] * 2
    assert np.array_equal(together[1], alone[0])
    assert len({picture.tobytes() for picture in engine.draw(["a lake"] * 8, range(8))}) > 1


def test_the_key_is_the_one_of_the_engine_jax(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import jax

    from rapporteur.dalle.generator import picture_key

    asked: list[tuple[str, list[int]]] = []
    monkeypatch.setattr(Worker, "ask", lambda self, text, key: asked.append((text, list(key))) or [0, 1, 2, 3])
    fake("dalle").draw(["a lake"], [3])
    assert asked == [("a lake", jax.random.key_data(picture_key("a lake", 3, "d" * 64)).tolist())]


def test_one_process_serves_a_whole_stage_and_ends_with_it(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    plain = official.command
    monkeypatch.setattr(official, "command", lambda given: started.append(plain(given)) or started[-1])
    engine = fake("dalle", top_k=7)
    engine.draw(["a", "b"], [0, 0])
    engine.draw(["c"], [0])
    process = engine._running[0]._process
    engine.close()
    assert len(started) == 1 and process.poll() == 0
    assert started[0][-1] == '{"condition_scale": 3.0, "temperature": 1.0, "top_k": 7, "top_p": null}'


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("dies", r"ended with status 1: no flax_model.msgpack in the folder"),
        ("falls", r"ended with status 3: loading the weights"),
        ("chatters", r"answered no JSON but 'Welcome to dalle-mini!"),
        ("lacks", r"the official package: the word list is missing"),
        ("early", r"did not say that it is ready but \[1, 2\]"),
        ("refuses", r"the official package: can't draw a lake"),
        ("hangs", r"said nothing for 1 s"),
    ],
)
def test_a_worker_that_fails_is_named_with_its_log(
    fake: Any, folder: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(official, "SECONDS_TO_START", 1.0 if folder == "hangs" else 60.0)
    with pytest.raises(BadInput, match=rf"^\.items/logs/reference-draw\.log: .*{message}"):
        fake(folder).draw(["a lake"], [0])
    assert Path(".items/logs/reference-draw.log").read_text() == (
        "loading the weights\n" + "no flax_model.msgpack in the folder\n" * (folder == "dies")
    )


def test_a_study_is_drawn_by_the_official_package_once(
    fake: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("dalle", "vqgan"):
        Path(folder).mkdir()
        Path(folder, "config.json").write_text("{}")
    write_captions(["a red star", "a calm lake"])
    workers: list[Worker] = []
    plain = Worker.start
    monkeypatch.setattr(Worker, "start", lambda self: workers.append(self) or plain(self))
    monkeypatch.setattr("sys.argv", ["images", "shapes"])
    for said in ("4 pictures, 4 drawn now", "4 pictures, 0 drawn now"):
        declare("images", {"images": PARAMS | {"engine": "dalle-mini"}}, ["images"])
        stage.main()
        assert said in capsys.readouterr().out
    assert [worker._process.poll() for worker in workers] == [0]
    assert set(read_table(Path("artifacts/images/shapes/index.parquet"), IMAGES)["engine"]) == {"dalle-mini"}
    Path("reference/draw.py").write_text(FAKE.read_text() + "# another version\n")
    stage.main()
    assert "4 drawn now" in capsys.readouterr().out


def test_tokens_of_another_model_are_refused(fake: Any) -> None:
    with pytest.raises(BadInput, match=r"short: the official package drew 3 tokens .* the VQGAN decodes 4 below 8"):
        fake("short").draw(["a lake"], [0])


def test_without_its_script_or_environment_it_says_what_is_missing(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("reference/.venv/bin/python").unlink()
    given = settings(Path("dalle"))
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/uv")
    assert official.command(given)[:6] == ["uv", "run", "--frozen", "--project", "reference", "python"]
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BadInput, match="reference: the official package's environment is not installed"):
        official.command(given)
    Path("reference/draw.py").unlink()
    with pytest.raises(BadInput, match="reference/draw.py: the script that runs the official package is missing"):
        official.command(given)


def test_the_official_package_and_ours_draw_the_same_picture(repository: Path, work: Path) -> None:
    """Costs 20 s and more: the official package starts and compiles."""
    if not (repository / "reference/.venv/bin/python").exists():
        pytest.skip("the official package is not installed: `uv sync --project reference`")
    from rapporteur.draw.engines.dalle_mini import JaxDalleMini

    Path("reference").symlink_to(repository / "reference")
    sample = repository / "models/sample"
    given = settings(sample / "dalle", vqgan=sample / "vqgan", official_rng=True, batch=1)
    theirs = OfficialDalleMini(given)
    try:
        drawn = theirs.draw(["a red star"], [0])
    finally:
        theirs.close()
    assert np.array_equal(drawn[0], JaxDalleMini(given).draw(["a red star"], [0])[0])
