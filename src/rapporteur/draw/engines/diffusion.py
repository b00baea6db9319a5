"""Any text-to-image pipeline of the `diffusers` library, from a folder on the disk (`model_index.json`).

`images.condition_scale` is its guidance scale, `images.steps` its number of denoising steps and `images.size` the
pixels of a side, each of the last two the pipeline's own where null. Nothing is fetched, and weights are read from
safetensors alone. Pictures are drawn one at a time, each from a random generator of its own: in a batch their values
change with its size (by 7e-7 of the range, on the tests' pipeline). A pipeline with a safety checker blackens what
that refuses. On a GPU the weights are float16, on a CPU float32.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rapporteur.core.chance import picture_bits
from rapporteur.core.errors import BadInput
from rapporteur.core.provenance import folder_digest
from rapporteur.draw.generator import Picture, Settings

INDEX = "model_index.json"
INSTALL = "uv sync --extra diffusers"


@dataclass(frozen=True)
class Diffusion:
    """The pipeline of a folder; loaded at the first picture."""

    settings: Settings

    @property
    def name(self) -> str:
        return self.settings.folder.as_posix()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the folder's files."""
        return folder_digest(self.settings.folder)

    @property
    def batch(self) -> int:
        return 1  # each costs seconds and is kept as soon as it is drawn

    @cached_property
    def _pipeline(self) -> Any:
        return load_pipeline(self.settings)

    @cached_property
    def _options(self) -> dict[str, Any]:
        return options(self._pipeline, self.settings)

    def draw(self, captions: Sequence[str], seeds: Sequence[int]) -> Sequence[Picture]:
        return [self._draw(text, seed) for text, seed in zip(captions, seeds, strict=True)]

    def _draw(self, caption: str, seed: int) -> Picture:
        import torch

        random = torch.Generator("cpu").manual_seed(picture_seed(caption, seed, self.digest))
        drawn = self._pipeline(prompt=[caption], generator=[random], output_type="np", **self._options)
        picture: Picture = np.round(np.nan_to_num(np.clip(drawn.images[0], 0, 1)) * 255).astype(np.uint8)
        return picture


def picture_seed(caption: str, seed: int, digest: str) -> int:
    """The picture's own random seed: 63 of its `picture_bits`."""
    return int.from_bytes(picture_bits(caption, seed, digest), "big") >> 1


def load_pipeline(settings: Settings) -> Any:
    """The folder's pipeline. Raises BadInput where it, or the library, is not there or not whole."""
    import torch

    diffusers = _library(settings)
    gpu = torch.cuda.is_available()
    try:
        pipeline = diffusers.DiffusionPipeline.from_pretrained(
            str(settings.folder),
            local_files_only=True,
            use_safetensors=True,
            torch_dtype=torch.float16 if gpu else torch.float32,
        )
    except (OSError, ValueError, AttributeError, KeyError, TypeError, ImportError) as error:
        raise BadInput(f"can't be loaded as a pipeline of diffusers: {_one_line(error)}", settings.folder) from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to("cuda") if gpu else pipeline


def _library(settings: Settings) -> Any:
    try:
        library = importlib.import_module("diffusers")
        importlib.import_module("transformers")
    except ImportError as error:
        raise BadInput(
            f"a pipeline of diffusers, which is not installed ({error}); run `{INSTALL}`", settings.folder / INDEX
        ) from None
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()
    return library


def options(pipeline: Any, settings: Settings) -> dict[str, Any]:
    """The settings in the pipeline's own words. Raises BadInput for one that it does not know."""
    known = inspect.signature(type(pipeline).__call__).parameters
    kind = type(pipeline).__name__
    if "prompt" not in known:
        raise BadInput(f"the pipeline {kind} does not draw from a text", settings.folder / INDEX)
    given = {
        "num_inference_steps": ("steps", settings.steps),
        "height": ("size", settings.size),
        "width": ("size", settings.size),
    }
    for name, (param, value) in given.items():
        if value is not None and name not in known:
            raise BadInput(f"the pipeline {kind} takes no {name}: leave `images.{param}` null", settings.folder / INDEX)
    found = {name: value for name, (_, value) in given.items() if value is not None}
    return found | ({"guidance_scale": settings.condition_scale} if "guidance_scale" in known else {})


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
