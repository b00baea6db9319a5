"""Which generator a folder is: told by the file that it holds.

config.json, weights   DALL·E mini or a model of its shape    (engine jax, or dalle-mini if images.engine says so)
model_index.json       a pipeline of diffusers                (engine diffusers)
pictures.csv           pictures that you already have         (engine pictures)
generator.py           your own generator                     (engine own)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rapporteur.core.code import code_version
from rapporteur.core.errors import BadInput
from rapporteur.core.provenance import file_digest
from rapporteur.draw.engines.custom import FILE, open_own
from rapporteur.draw.engines.dalle_mini import JaxDalleMini
from rapporteur.draw.engines.diffusion import INDEX, Diffusion
from rapporteur.draw.engines.official import CODE as OFFICIAL_FILES
from rapporteur.draw.engines.official import OfficialDalleMini
from rapporteur.draw.engines.pictures import TABLE, Pictures
from rapporteur.draw.generator import Generator, Settings
from rapporteur.vocabulary.engines import DIFFUSERS, JAX, OFFICIAL, OWN, PICTURES

CONFIG, WEIGHTS = "config.json", ("model*.safetensors*", "flax_model*.msgpack*")  # whole or in shards
MARKS = {INDEX: DIFFUSERS, TABLE: PICTURES, FILE: OWN}
KINDS: dict[str, Callable[[Settings], Generator]] = {
    JAX: JaxDalleMini,
    OFFICIAL: OfficialDalleMini,
    DIFFUSERS: Diffusion,
    PICTURES: Pictures,
    OWN: open_own,
}


def engine_of(folder: Path, wanted: str = JAX) -> str:
    """The engine that draws from this folder; `wanted` chooses between the two that draw from DALL·E mini.

    Raises BadInput for a folder of no kind or of several, and for an engine that can't draw from it.
    """
    engines = _engines(folder)
    if len(engines) > 1:
        raise BadInput(f"holds {' and '.join(engines)}: it must be of one kind; move one elsewhere", folder)
    engine = next(iter(engines.values()))
    if JAX not in (engine, wanted):
        raise BadInput(f"`images.engine: {wanted}` draws from DALL·E mini; this is {next(iter(engines))}", folder)
    return wanted if engine == JAX else engine


def _engines(folder: Path) -> dict[str, str]:
    if folder.is_file():
        raise BadInput("a generator is a folder; give the one that this file is in", folder)
    if not folder.is_dir():
        raise BadInput("the folder is missing; check the path in params.yaml", folder)
    found = {mark: engine for mark, engine in MARKS.items() if (folder / mark).is_file()}
    if (folder / CONFIG).is_file() and (not found or any(any(folder.glob(name)) for name in WEIGHTS)):
        found[CONFIG] = JAX
    if not found:
        known = ", ".join([f"{CONFIG} with weights", *MARKS])
        raise BadInput(f"no generator that is known here; its folder must hold {known}", folder)
    return found


def open_generator(settings: Settings, engine: str) -> Generator:
    """The generator of `settings.folder`; no weights are read before its first `draw`."""
    return KINDS[engine](settings)


def drawing_code(engine: str, *makers: Callable[..., Any]) -> str:
    """The version of the code that draws with this engine: its generator's and the makers' own.

    What runs outside of this package, for the official engine, counts by its files.
    """
    code = code_version(KINDS[engine], *makers)
    if engine != OFFICIAL:
        return code
    return "".join([code, *(file_digest(path) for path in OFFICIAL_FILES if path.is_file())])
