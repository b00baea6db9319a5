"""The official dalle-mini package, importable: the aliases its 2022 code needs, and its word list from a folder.

Its files stay untouched. Import this module before anything of `dalle_mini`; it works in the locked environment
of this folder (one alias) and in `current/` (today's jax: aliases for two types and two changed signatures).
Nothing is fetched and nobody is asked to log in: everything is read from local folders. Runs on the CPU.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", WANDB_MODE="disabled")
os.environ.update(USE_TORCH="0", USE_TF="0", TOKENIZERS_PARALLELISM="false", TRANSFORMERS_VERBOSITY="error")

import inspect

import jax
import jax.experimental
import jax.numpy as jnp
import jax.sharding
import numpy as np

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_threefry_partitionable", False)  # the random numbers of the time; jax 0.5 changed its default
jax.experimental.PartitionSpec = jax.sharding.PartitionSpec
for _place, _name in ((jnp, "DeviceArray"), (jax.random, "KeyArray")):
    if not hasattr(_place, _name):
        setattr(_place, _name, jax.Array)

from dalle_mini import DalleBart, DalleBartProcessor  # noqa: E402
from dalle_mini.model import text  # noqa: E402
from dalle_mini.model.configuration import DalleBartConfig  # noqa: E402
from dalle_mini.model.text import TextNormalizer  # noqa: E402
from dalle_mini.model.tokenizer import DalleBartTokenizer  # noqa: E402

__all__ = ["DalleBart", "DalleBartConfig", "DalleBartProcessor", "DalleBartTokenizer", "TextNormalizer"]
WORD_LIST = "enwiki-words-frequency.txt"


def use_word_list(file: Path) -> None:
    """Let the normaliser read its word frequencies from this file instead of fetching them from the Hub."""
    if not file.exists():
        raise FileNotFoundError(f"{file}: the normaliser's word list is missing; it comes with the checkpoint")
    text.hf_hub_download = lambda *_, **__: str(file)


class OfficialModel(DalleBart):
    """DalleBart itself, or, where transformers is 4.26 or newer, with the old signatures of two of its methods."""

    if "top_k" not in inspect.signature(DalleBart._get_logits_warper).parameters:

        def _get_logits_warper(self, top_k: Any = None, top_p: Any = None, temperature: Any = None) -> Any:
            """What is not given is as transformers 4.25 had it: top_k 50, top_p and temperature 1."""
            top_k, top_p, temperature = _filled((top_k, 50), (top_p, 1.0), (temperature, 1.0))
            return super()._get_logits_warper(SimpleNamespace(top_k=top_k, top_p=top_p, temperature=temperature))

        def _get_logits_processor(self, _ngrams: Any, min_length: Any, _max: Any, eos: Any, *_forced: Any) -> Any:
            """Only min_length is ever used by this model."""
            from transformers.generation.flax_logits_process import (
                FlaxLogitsProcessorList,
                FlaxMinLengthLogitsProcessor,
            )

            return FlaxLogitsProcessorList([FlaxMinLengthLogitsProcessor(min_length, eos)] if min_length else [])


def _filled(*pairs: tuple[Any, Any]) -> tuple[Any, ...]:
    return tuple(default if given is None else given for given, default in pairs)


def generator(model: DalleBart, **settings: Any) -> Any:
    """A compiled `generate`: (params, key, text of the captions and of "") to image tokens [batch, image_length].

    settings: condition_scale, temperature (a float), top_k, top_p as the official `generate` takes them.
    """

    @jax.jit
    def draw(params: Any, key: jax.Array, words: dict[str, jax.Array]) -> jax.Array:
        drawn = model.generate(**words, params=params, prng_key=key, **settings)
        return drawn.sequences[:, 1:]

    return lambda params, key, words: np.asarray(draw(params, jnp.asarray(key, jnp.uint32), words), np.int32)
