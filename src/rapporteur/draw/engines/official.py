"""The official dalle-mini package as the engine: `images.engine: dalle-mini`.

It needs packages of 2022, so it runs in the locked environment `reference/`, in one process of its own for a whole
stage. Caption and random key go in, image tokens come out, a line of JSON each (reference/draw.py); the VQGAN, which
that package lacks, is ours. Captions, settings, keys and files are those of the engine `jax`, which with
`images.official_rng` draws the same tokens. Costs minutes a picture where `jax` costs seconds.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from rapporteur.core.errors import BadInput
from rapporteur.draw.engines.dalle_mini import networks_digest
from rapporteur.draw.generator import Picture, Settings

if TYPE_CHECKING:
    from rapporteur.dalle.generator import Vqgan

ENVIRONMENT = Path("reference")
SCRIPT = ENVIRONMENT / "draw.py"
CODE = (SCRIPT, ENVIRONMENT / "official.py", ENVIRONMENT / "uv.lock")  # of what runs outside of this package
LOG = Path(".items/logs/reference-draw.log")
# A cold start imports JAX and reads the weights; the first picture compiles (about 7 minutes at the published size).
SECONDS_TO_START, SECONDS_A_PICTURE, SECONDS_TO_END = 300.0, 3600.0, 3.0


def command(settings: Settings) -> list[str]:
    """How the worker is started. Raises BadInput where it can't be."""
    if not SCRIPT.is_file():
        raise BadInput("the script that runs the official package is missing; get it back from git", SCRIPT)
    own = [ENVIRONMENT / ".venv/bin/python", ENVIRONMENT / ".venv/Scripts/python.exe"]
    python = next(([str(path)] for path in own if path.exists()), None)
    if python is None and shutil.which("uv") is None:
        raise BadInput("the official package's environment is not installed and uv is not there to do it", ENVIRONMENT)
    sampler = {name: getattr(settings, name) for name in ("condition_scale", "temperature", "top_k", "top_p")}
    uv = ["uv", "run", "--frozen", "--project", str(ENVIRONMENT), "python"]
    return [*(python or uv), str(SCRIPT), "--model", str(settings.folder), "--settings", json.dumps(sampler)]


class Worker:
    """The process that runs the official package. Every way in which it can fail is a BadInput naming its log."""

    def __init__(self, arguments: Sequence[str], log: Path = LOG) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("w", encoding="utf-8")
        # A session of its own: Ctrl-C reaches the stage, which then ends the worker.
        self._process = subprocess.Popen(
            list(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            encoding="utf-8", errors="replace", start_new_session=True, env=_environment(),
        )  # fmt: skip
        assert self._process.stdin and self._process.stdout
        self._input = self._process.stdin
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=[self._process.stdout], daemon=True)
        self._reader.start()

    def _read(self, stream: TextIO) -> None:
        with stream, suppress(ValueError):  # closed while reading: the end as well
            for line in stream:
                self._answers.put(line)
        self._answers.put(None)

    def start(self) -> None:
        """Wait until the model is loaded."""
        answer = self._answer(SECONDS_TO_START)
        if not isinstance(answer, dict) or answer.get("ready") is not True:
            raise BadInput(
                f"the official package's process did not say that it is ready but {_short(answer)}", self.log
            )

    def ask(self, text: str, key: Sequence[int]) -> list[int]:
        """The image tokens of a caption under a random key (two 32-bit words)."""
        try:
            self._input.write(json.dumps({"text": text, "key": [int(word) for word in key]}) + "\n")
            self._input.flush()
        except OSError:
            pass  # it has ended: what follows says so, with its status
        answer = self._answer(SECONDS_A_PICTURE)
        if not isinstance(answer, list) or not all(type(token) is int for token in answer):
            raise BadInput(f"the official package's process answered no tokens but {_short(answer)}", self.log)
        return answer

    def _answer(self, seconds: float) -> Any:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise BadInput(f"the official package's process said nothing for {seconds:.0f} s", self.log) from None
        if line is None:
            status = self._process.wait()
            raise BadInput(f"the official package's process ended with status {status}: {self._last_words()}", self.log)
        try:
            answer = json.loads(line)
        except ValueError:
            raise BadInput(f"the official package's process answered no JSON but {_short(line)}", self.log) from None
        if isinstance(answer, dict) and "error" in answer:
            raise BadInput(f"the official package: {answer['error']}", self.log)
        return answer

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "it left no message")

    def close(self) -> None:
        """End the process: politely, then not."""
        with suppress(OSError):
            self._input.close()
        try:
            self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(SECONDS_TO_END)
        self._log.close()


def _environment() -> dict[str, str]:
    """Ours, without what would send the worker's Python to our own packages."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def _short(answer: object) -> str:
    return repr(answer)[:80]


@dataclass(frozen=True)
class OfficialDalleMini:
    """The folders `images.model` and `images.vqgan`, drawn by the official package."""

    settings: Settings
    _running: list[Worker] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.settings.folder.as_posix()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the files of both networks."""
        return networks_digest(self.settings)

    @property
    def batch(self) -> int:
        return 1  # what the package draws for one key depends on the batch; and a picture costs minutes

    @cached_property
    def _vqgan(self) -> Vqgan:
        from rapporteur.dalle.generator import load_vqgan  # imports JAX: seconds, only when drawing

        return load_vqgan(self.settings.vqgan)

    @cached_property
    def _key_digest(self) -> str:
        from rapporteur.dalle.checkpoint import digest

        return digest(self.settings.folder, self.settings.vqgan)

    def _worker(self) -> Worker:
        if not self._running:
            self._running.append(Worker(command(self.settings)))
            self._running[0].start()
        return self._running[0]

    def draw(self, captions: Sequence[str], seeds: Sequence[int]) -> Sequence[Picture]:
        return [self._draw(text, seed) for text, seed in zip(captions, seeds, strict=True)]

    def _draw(self, text: str, seed: int) -> Picture:
        import jax

        from rapporteur.dalle.generator import picture_key

        worker = self._worker()
        words = np.asarray(jax.random.key_data(picture_key(text, seed, self._key_digest)))
        tokens = worker.ask(text, words.tolist())
        config = self._vqgan.config
        if len(tokens) != config.tokens or not all(0 <= token < config.n_embed for token in tokens):
            raise BadInput(
                f"the official package drew {len(tokens)} tokens from {min(tokens, default=0)} to "
                f"{max(tokens, default=0)}, but the VQGAN decodes {config.tokens} below {config.n_embed}: "
                "`images.model` and `images.vqgan` belong to different models",
                self.settings.folder,
            )
        picture: Picture = self._vqgan.decode(np.asarray([tokens], np.int32))[0]
        return picture

    def close(self) -> None:
        while self._running:
            self._running.pop().close()
