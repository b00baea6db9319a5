from pathlib import Path

import jax
import numpy as np
import pytest

from rapporteur.dalle import decoding, memory
from rapporteur.dalle.dalle import DalleConfig
from tests.dalle.test_dalle import CONFIG, random_params

GIBIBYTE = 2**30


def test_the_published_sizes_have_their_known_number_of_parameters() -> None:
    mega = DalleConfig(
        d_model=2048, encoder_layers=24, decoder_layers=24, encoder_ffn_dim=4096, decoder_ffn_dim=4096,
        encoder_vocab_size=50272, image_vocab_size=16415,
    )  # fmt: skip
    assert memory.weight_bytes(DalleConfig()) == 4 * 437_833_712
    assert memory.weight_bytes(mega) == 4 * 2_587_521_024


def test_what_a_picture_adds_is_what_the_cache_takes_and_the_logits() -> None:
    weights = decoding.prepare(random_params())
    encoded, mask = np.zeros((CONFIG.max_text_length, CONFIG.d_model), np.float32), np.ones(CONFIG.max_text_length)
    cache = decoding.start(weights, CONFIG, (encoded[None], mask[None]), CONFIG.image_length, (encoded, mask))
    held = sum(array.nbytes for array in jax.tree.leaves((cache.own, cache.text)))
    logits = 2 * memory.LOGIT_ROWS * 4 * (CONFIG.image_vocab_size + 1)
    assert memory.picture_bytes(CONFIG) == held + logits


def test_the_batch_follows_the_memory() -> None:
    mini = DalleConfig()
    batches = [memory.fitting_batch(mini, size * GIBIBYTE) for size in (2, 5, 6, 24)]
    assert batches == sorted(batches)
    assert batches[0] == 1 and batches[-1] == memory.MOST_ON_CPU
    assert all(batch & (batch - 1) == 0 for batch in batches)
    used = memory.weight_bytes(mini) + batches[2] * memory.picture_bytes(mini) + memory.DECODING
    assert batches[2] > 1 and used <= memory.SHARE * 6 * GIBIBYTE


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    limit, none = tmp_path / "memory.max", tmp_path / "unlimited"
    limit.write_text("1073741824\n")
    none.write_text("max\n")
    whole = memory.machine_memory(())
    assert memory.machine_memory((str(limit),)) == GIBIBYTE
    assert memory.machine_memory((str(none), str(tmp_path / "absent"))) == whole


def test_the_smallest_device_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    class Device:
        def __init__(self, size: int | None) -> None:
            self.size = size

        def memory_stats(self) -> dict[str, int] | None:
            return None if self.size is None else {"bytes_limit": self.size}

    monkeypatch.setattr(jax, "devices", lambda: [Device(3 * GIBIBYTE), Device(2 * GIBIBYTE)])
    assert memory.device_memory() == 2 * GIBIBYTE
    monkeypatch.setattr(jax, "devices", lambda: [Device(None)])
    assert memory.device_memory() == memory.machine_memory()
