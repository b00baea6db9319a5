"""A team's own generator: one file, `generator.py`, in the folder that `images.model` names.

It defines `load(settings)`, which gives an object with `name`, `digest` and `draw` (and `batch`, if it cares):

    def load(settings): ...                # draw/generator.py says what `settings` holds

`load` is called each time the stage runs, also when nothing is to be drawn: read weights at the first `draw`. Every
file of the folder decides the pictures; `digest` adds what lies outside of it (the version of a remote model). The
file is run as it is: use one that you trust.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.core.keep import item_key
from rapporteur.core.provenance import folder_digest
from rapporteur.draw.generator import Picture, Settings, checked

FILE = "generator.py"
USUAL_BATCH = 16  # pictures, where neither the generator nor params.yaml says


@dataclass(frozen=True)
class Own:
    """A generator of `generator.py`, once it was seen to have all that it needs."""

    own: Any
    file: Path
    name: str
    digest: str
    batch: int

    def draw(self, captions: Sequence[str], seeds: Sequence[int]) -> Sequence[Picture]:
        return checked(self.own.draw(captions, seeds), len(captions), self.file)

    def close(self) -> None:
        if callable(getattr(self.own, "close", None)):
            self.own.close()


def open_own(settings: Settings) -> Own:
    """The generator of the folder's `generator.py`. Raises BadInput naming the file and what it lacks."""
    file = settings.folder / FILE
    module = _run(file)
    load = getattr(module, "load", None)
    if not callable(load):
        raise BadInput("defines no `load(settings)`; it must give the generator", file)
    own = _guarded(lambda: load(settings), file, "`load(settings)`")
    _check(own, file)
    digest = item_key({"folder": folder_digest(settings.folder), "digest": own.digest})
    return Own(own, file, own.name, digest, getattr(own, "batch", settings.batch or USUAL_BATCH))


def _run(file: Path) -> ModuleType:
    # Not imported: that would leave a __pycache__ in the folder, which its digest and DVC would take for a change.
    module = ModuleType("own_generator")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        code = compile(file.read_text(encoding="utf-8"), str(file), "exec")
    except (SyntaxError, ValueError) as error:
        raise BadInput(f"not Python that can be read ({error})", file, getattr(error, "lineno", None)) from None
    _guarded(lambda: exec(code, module.__dict__), file, "the file")
    return module


def _guarded(run: Any, file: Path, what: str) -> Any:
    """What `run()` gives; whatever it raises becomes a BadInput at the file's own line."""
    try:
        return run()
    except BadInput:
        raise
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        said = f"{what} stopped with {type(error).__name__}: {error}"
        raise BadInput(said, file, lines[-1] if lines else None) from error


def _check(own: Any, file: Path) -> None:
    kind = type(own).__name__
    if not callable(getattr(own, "draw", None)):
        raise BadInput(f"`load` gave a {kind} without `draw(captions, seeds)`", file)
    try:
        inspect.signature(own.draw).bind(["a caption"], [0])
    except TypeError as error:
        raise BadInput(f"`{kind}.draw` can't be called as `draw(captions, seeds)`: {error}", file) from None
    for part, why in (("name", "what tables call it"), ("digest", "changed whenever its pictures change")):
        value = getattr(own, part, None)
        if not isinstance(value, str) or not value.strip():
            raise BadInput(f"`{kind}.{part}` must be a text ({why}), not {value!r}", file)
    batch = getattr(own, "batch", 1)
    if type(batch) is not int or batch < 1:
        raise BadInput(f"`{kind}.batch` must be a number of pictures, 1 or more, not {batch!r}", file)
